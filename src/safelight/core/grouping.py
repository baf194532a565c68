"""From pairs that belong together to groups in which everyone belongs with everyone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

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
    near: defaultdict[int, list[int]] = defaultdict(list)
    for first, second in sorted(links, key=lambda pair: (-links[pair], pair)):
        near[first].append(second)
        near[second].append(first)
    found: set[Link] = set()
    for others in near.values():
        strongest = others[:most]
        for place, one in enumerate(strongest):
            found.update(
                pair for other in strongest[place + 1 :] if (pair := link(one, other)) not in links
            )
    return sorted(found)


def represented(links: Mapping[Link, float], by: Callable[[int], int]) -> dict[Link, float]:
    """The links of whoever stands for each member; of several between two, the strongest."""
    found: dict[Link, float] = {}
    for (first, second), strength in links.items():
        one, two = by(first), by(second)
        if one != two:
            pair = link(one, two)
            found[pair] = max(found.get(pair, 0.0), strength)
    return found


def without(links: Mapping[Link, float], groups: Sequence[Sequence[int]]) -> dict[Link, float]:
    """The links that do not lie within one of these groups."""
    of = {member: number for number, group in enumerate(groups) for member in group}
    return {
        pair: strength
        for pair, strength in links.items()
        if of.get(pair[0], -1) != of.get(pair[1], -2)
    }
