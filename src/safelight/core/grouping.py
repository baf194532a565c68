"""Groups in which every two members are linked, from links between pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

Link = tuple[int, int]
"""Two members, the smaller first."""

MAX_GROUP_SIZE = 64
"""Members of one group: more than a user can review at once."""


def link(first: int, second: int) -> Link:
    return (first, second) if first < second else (second, first)


def complete_groups(links: Mapping[Link, float], largest: int = MAX_GROUP_SIZE) -> list[list[int]]:
    """Groups of two and more in which every two are linked, each member in one group at most.

    Complete linkage, so that no chain of similar members joins different ones. The strongest links come
    first; two groups become one where every member of one is linked to every member of the other and the
    result has no more than ``largest`` members. Does not depend on the order of ``links``. Groups are sorted.
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


def missing_links(links: Mapping[Link, float], most: int = MAX_GROUP_SIZE) -> list[Link]:
    """Pairs that are linked to a common third member, but not to each other. Only the ``most`` strongest
    links of a third member count. Sorted."""
    found: set[Link] = set()
    for others in _neighbours(links).values():
        strongest = others[:most]
        for place, one in enumerate(strongest):
            found.update(pair for other in strongest[place + 1 :] if (pair := link(one, other)) not in links)
    return sorted(found)


def star_groups(links: Mapping[Link, float], largest: int = MAX_GROUP_SIZE) -> list[list[int]]:
    """Groups of a centre, which comes first, and the members linked to it, each in one group at most.

    For parts of a whole, which need not be similar to each other. Members with the most links become centres
    first.
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


def missing_star_links(links: Mapping[Link, float]) -> list[Link]:
    """Pairs of a centre of :func:`star_groups` and a member that is linked to one of its parts, but not to
    the centre. Sorted."""
    near = _neighbours(links)
    found: set[Link] = set()
    for middle, *parts in star_groups(links):
        beyond = {other for part in parts for other in near[part]} - {middle}
        found.update(pair for other in beyond if (pair := link(middle, other)) not in links)
    return sorted(found)


def links_connected_to(links: Mapping[Link, float], members: Collection[int]) -> dict[Link, float]:
    """The links of everything connected to any of these members."""
    near = _neighbours(links)
    reached = {member for member in members if member in near}
    waiting = list(reached)
    while waiting:
        for other in near[waiting.pop()]:
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return {pair: strength for pair, strength in links.items() if pair[0] in reached}


def links_between_representatives(links: Mapping[Link, float], by: Callable[[int], int]) -> dict[Link, float]:
    """The links between the representatives of the members; the strongest where there are several."""
    found: dict[Link, float] = {}
    for (first, second), strength in links.items():
        one, two = by(first), by(second)
        if one != two:
            pair = link(one, two)
            found[pair] = max(found.get(pair, 0.0), strength)
    return found


def _neighbours(links: Mapping[Link, float]) -> dict[int, list[int]]:
    """The members that each member is linked to, the strongest link first."""
    near: defaultdict[int, list[int]] = defaultdict(list)
    for first, second in sorted(links, key=lambda pair: (-links[pair], pair)):
        near[first].append(second)
        near[second].append(first)
    return dict(near)
