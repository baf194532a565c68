"""Clusters of unit vectors."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from safelight.core import clustering
from safelight.core.encoder import Vectors
from safelight.core.errors import CancelledError


def unit(rows: np.ndarray) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def blobs(sizes: tuple[int, ...], seed: int = 1, dim: int = 16) -> tuple[Vectors, np.ndarray]:
    """Well separated groups, mixed, and which group each row belongs to."""
    draw = np.random.default_rng(seed)
    middles = unit(draw.standard_normal((len(sizes), dim)))
    truth = np.repeat(np.arange(len(sizes)), sizes)
    rows = unit(middles[truth] + 0.1 * draw.standard_normal((len(truth), dim)))
    order = draw.permutation(len(truth))
    return rows[order], truth[order]


def same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


def ward_by_definition(rows: Vectors, clusters: int) -> np.ndarray:
    """Merges the two clusters whose union adds least to the squares of the distances to the means."""
    groups = [[number] for number in range(len(rows))]

    def spread(members: list[int]) -> float:
        own = rows[members].astype(np.float64)
        return float(((own - own.mean(0)) ** 2).sum())

    while len(groups) > clusters:
        one, other = min(
            combinations(range(len(groups)), 2),
            key=lambda pair: (
                spread(groups[pair[0]] + groups[pair[1]]) - spread(groups[pair[0]]) - spread(groups[pair[1]])
            ),
        )
        groups[one] += groups.pop(other)
    labels = np.empty(len(rows), np.int64)
    for number, members in enumerate(groups):
        labels[members] = number
    return labels


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("clusters", [1, 2, 5, 11])
def test_ward_merges_what_adds_least_variance(seed: int, clusters: int) -> None:
    rows = unit(np.random.default_rng(seed).standard_normal((16, 6)))
    found = clustering.ward(rows, np.ones(len(rows)), clusters)
    assert same_partition(found, ward_by_definition(rows, clusters))


def test_a_weight_counts_like_that_many_equal_rows() -> None:
    rows = unit(np.random.default_rng(3).standard_normal((9, 4)))
    weights = np.array([1, 5, 2, 1, 3, 1, 1, 4, 2])
    found = clustering.ward(rows, weights.astype(np.float64), 3)
    repeated = clustering.ward(np.repeat(rows, weights, axis=0), np.ones(weights.sum()), 3)
    assert same_partition(np.repeat(found, weights), repeated)


def test_equal_vectors_form_one_cluster() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0)
    found = clustering.ward(rows, np.ones(12), 3)
    assert same_partition(found, np.repeat(np.arange(3), 4))


def found_in(rows: Vectors, clusters: int, smallest: int = 2) -> np.ndarray:
    start = clustering.ward(rows, np.ones(len(rows)), clusters)
    centres = clustering.centres(rows, start, clusters)
    return clustering.spherical_k_means(rows, centres, smallest, lambda *_: None)[1]


def test_groups_are_found_whatever_the_order_of_the_rows() -> None:
    rows, truth = blobs((40, 25, 10, 5))
    found = found_in(rows, 4)
    assert same_partition(found, truth)
    order = np.random.default_rng(9).permutation(len(rows))
    assert same_partition(found_in(rows[order], 4), truth[order])


def test_small_clusters_are_given_up_and_their_members_join_others() -> None:
    rows, truth = blobs((40, 25, 3))
    found = found_in(rows, 3, smallest=4)
    assert same_partition(found[truth < 2], truth[truth < 2])
    assert set(found.tolist()) == {0, 1}


def test_each_centre_is_the_mean_direction_of_its_members() -> None:
    rows, _ = blobs((30, 20))
    start = clustering.centres(rows, clustering.ward(rows, np.ones(50), 2), 2)
    centres, labels = clustering.spherical_k_means(rows, start, 2, lambda *_: None)
    for cluster in (0, 1):
        mean = rows[labels == cluster].mean(0)
        assert np.allclose(centres[cluster], mean / np.linalg.norm(mean), atol=1e-5)


def test_it_stops_on_request() -> None:
    rows, _ = blobs((30, 20))

    def stop(turn: int, most: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        clustering.spherical_k_means(rows, rows[:2], 2, stop)


@pytest.mark.parametrize("kind", ["equal", "few", "axes", "grid"])
@pytest.mark.parametrize("empty", [0, 1, 2, 7])
@pytest.mark.timeout(60)
def test_ward_ends_for_equal_rows_and_rows_without_weight(kind: str, empty: int) -> None:
    """Two rows without weight cost 0 / 0 to merge, and the search for the nearest never ended."""
    draw = np.random.default_rng(empty)
    rows = {
        "equal": np.ones((24, 4)),
        "few": draw.standard_normal((3, 4))[draw.integers(0, 3, 24)],
        "axes": np.eye(24),
        "grid": draw.integers(-1, 2, (24, 3)) + np.array([0.0, 0.0, 3.0]),
    }[kind]
    weights = draw.integers(1, 9, len(rows)).astype(np.float64)
    weights[:empty] = 0
    found = clustering.ward(unit(rows), weights, 5)
    assert sorted(set(found.tolist())) == list(range(5))
