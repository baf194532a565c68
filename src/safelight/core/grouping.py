"""From pairs that belong together to groups in which everyone belongs with everyone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

Link = tuple[int, int]
"""Two members, the smaller first."""

LARGEST = 64
"""Members of one group: more than a person can look through at once."""


def link(first: int, second: int) -> Link:
    return (first, second) if first < second else (second, first)


def complete_groups(links: Mapping[Link, float], largest: int = LARGEST) -> list[list[int]]:
    """Groups of two and more in which every two are linked, each member in one group at most.

    Complete linkage, so that no chain of likenesses joins what is not alike: the strongest links are taken
    first, and two groups become one where all of one are linked to all of the other and the whole has no
    more than ``largest`` members. Does not depend on the order of ``links``. Groups are sorted.
    """
    of: dict[int, list[int]] = {}
    for first, second in sorted(links, key=lambda pair: (-links[pair], pair)):
        one, two = of.setdefault(first, [first]), of.setdefault(second, [second])
        if one is two or len(one) + len(two) > largest:
            continue
        if all(link(a, b) in links for a in one for b in two):
            one += two
            for member in two:
                of[member] = one
    found = {id(group): group for group in of.values() if len(group) > 1}
    return sorted(sorted(group) for group in found.values())


def missing_links(links: Mapping[Link, float], most: int = LARGEST) -> list[Link]:
    """Pairs that would complete what hangs together: two that are linked to a common third, but not to each
    other. Of one third, its ``most`` strongest links count. Sorted."""
    found: set[Link] = set()
    for others in _neighbours(links).values():
        strongest = others[:most]
        for place, one in enumerate(strongest):
            found.update(pair for other in strongest[place + 1 :] if (pair := link(one, other)) not in links)
    return sorted(found)


def star_groups(links: Mapping[Link, float], largest: int = LARGEST) -> list[list[int]]:
    """Groups of a middle, which comes first, and those that are linked to it, each in one group at most.

    For parts of a whole, which need not be alike among themselves. Who has the most links is a middle first.
    """
    near = _neighbours(links)
    groups: list[list[int]] = []
    taken: set[int] = set()
    for middle in sorted(near, key=lambda member: (-len(near[member]), member)):
        parts = [other for other in near[middle] if other not in taken]
        if middle not in taken and parts:
            groups.append([middle, *sorted(parts[: largest - 1])])
            taken.update(groups[-1])
    return groups


def missing_rays(links: Mapping[Link, float]) -> list[Link]:
    """Pairs of a middle, as :func:`star_groups` would take them, and who is linked to one of its parts but
    not to itself. Sorted."""
    near = _neighbours(links)
    found: set[Link] = set()
    for middle, *parts in star_groups(links):
        beyond = {other for part in parts for other in near[part]} - {middle}
        found.update(pair for other in beyond if (pair := link(middle, other)) not in links)
    return sorted(found)


def touching(links: Mapping[Link, float], members: Collection[int]) -> dict[Link, float]:
    """The links of all that hangs together with any of these members."""
    near = _neighbours(links)
    reached = {member for member in members if member in near}
    waiting = list(reached)
    while waiting:
        for other in near[waiting.pop()]:
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return {pair: strength for pair, strength in links.items() if pair[0] in reached}


def represented(links: Mapping[Link, float], by: Callable[[int], int]) -> dict[Link, float]:
    """The links of whoever stands for each member; of several between two, the strongest."""
    found: dict[Link, float] = {}
    for (first, second), strength in links.items():
        one, two = by(first), by(second)
        if one != two:
            pair = link(one, two)
            found[pair] = max(found.get(pair, 0.0), strength)
    return found


def _neighbours(links: Mapping[Link, float]) -> dict[int, list[int]]:
    """Whom each member is linked to, the strongest link first."""
    near: defaultdict[int, list[int]] = defaultdict(list)
    for first, second in sorted(links, key=lambda pair: (-links[pair], pair)):
        near[first].append(second)
        near[second].append(first)
    return dict(near)
