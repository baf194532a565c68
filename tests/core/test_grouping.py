"""From links to groups: everyone with everyone, or everyone with a middle."""

from __future__ import annotations

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from safelight.core.grouping import (
    Link,
    complete_groups,
    links_between_representatives,
    links_connected_to,
    missing_links,
    missing_star_links,
    star_groups,
)


def all_of(*members: int, strength: float = 1.0) -> dict[Link, float]:
    return dict.fromkeys(combinations(members, 2), strength)


def test_a_chain_is_not_a_group() -> None:
    assert complete_groups({(1, 2): 0.9, (2, 3): 0.8}) == [[1, 2]]


def test_the_strongest_links_decide_whom_one_goes_with() -> None:
    assert complete_groups({(1, 2): 0.8, (2, 3): 0.9}) == [[2, 3]]


def test_groups_stop_at_the_largest_size_and_no_member_is_lost() -> None:
    groups = complete_groups(all_of(*range(10)), largest=4)
    assert max(map(len, groups)) <= 4
    assert sorted(member for group in groups for member in group) == list(range(10))


LINKS = st.dictionaries(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0, 1),
    max_size=40,
)


@given(LINKS, st.randoms(use_true_random=False))
def test_every_two_of_a_group_are_linked_whatever_the_order(
    links: dict[Link, float], order: random.Random
) -> None:
    groups = complete_groups(links)
    assert all(pair in links for group in groups for pair in combinations(group, 2))
    members = [member for group in groups for member in group]
    assert len(members) == len(set(members))
    shuffled = list(links.items())
    order.shuffle(shuffled)
    assert complete_groups(dict(shuffled)) == groups
    # The strongest link there is always holds.
    if links:
        best = min(links, key=lambda pair: (-links[pair], pair))
        assert any(set(best) <= set(group) for group in groups)


@given(LINKS)
def test_every_part_is_linked_to_its_middle_and_is_in_one_star(links: dict[Link, float]) -> None:
    stars = star_groups(links)
    for middle, *parts in stars:
        assert all((min(middle, part), max(middle, part)) in links for part in parts)
    members = [member for star in stars for member in star]
    assert len(members) == len(set(members))


def test_crops_that_share_nothing_are_grouped_around_their_picture() -> None:
    assert star_groups({(1, 5): 0.9, (2, 5): 0.9, (3, 5): 0.8}) == [[5, 1, 2, 3]]


def test_what_a_third_speaks_for_is_missing() -> None:
    assert missing_links({(1, 2): 1.0, (2, 3): 1.0, (7, 8): 1.0}) == [(1, 3)]
    assert missing_links(all_of(1, 2, 3)) == []


def test_of_stars_only_links_to_the_middle_are_missing() -> None:
    links = {(1, 5): 1.0, (2, 5): 1.0, (3, 5): 1.0, (3, 9): 1.0}
    assert missing_star_links(links) == [(5, 9)]


def test_links_between_representatives_are_the_strongest() -> None:
    links = {(1, 3): 0.5, (2, 3): 0.7, (1, 2): 1.0}
    assert links_between_representatives(links, lambda member: {2: 1}.get(member, member)) == {(1, 3): 0.7}


def test_only_what_hangs_together_with_a_change_is_touched() -> None:
    links = {(1, 2): 1.0, (2, 3): 1.0, (7, 8): 1.0}
    assert links_connected_to(links, [3]) == {(1, 2): 1.0, (2, 3): 1.0}
    assert links_connected_to(links, [99]) == {}
