"""Near neighbours in cells against all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core.neighbours import Half, near_neighbours


def clustered(count: int, dim: int = 64) -> Half:
    """Unit vectors, each second one near to the one before it."""
    rng = np.random.default_rng(0)
    themes = rng.normal(size=(200, dim))
    rows = themes[rng.integers(0, 200, count)] + rng.normal(size=(count, dim)) * 0.9
    rows[1::2] = rows[: count // 2 * 2 : 2] + rng.normal(size=(count // 2, dim)) * 0.25
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float16)


def found(vectors: Half, rows: list[int], least: float, most: int) -> dict[tuple[int, int], float]:
    answered: list[int] = []
    pairs: dict[tuple[int, int], float] = {}
    for part, (some, others, cosines) in near_neighbours(vectors, np.array(rows, np.int64), least, most):
        answered += part.tolist()
        pairs.update(zip(zip(some.tolist(), others.tolist(), strict=True), cosines.tolist(), strict=True))
    assert sorted(answered) == sorted(rows)
    return pairs


def test_few_are_compared_with_all() -> None:
    vectors = clustered(5000)
    full = vectors.astype(np.float32)
    pairs = found(vectors, [7, 4000], 0.2, 5)
    for row in (7, 4000):
        cosines = full @ full[row]
        cosines[row] = -2
        nearest = np.argsort(-cosines)[:5]
        expected = {(row, int(other)) for other in nearest if cosines[other] >= 0.2}
        assert {pair for pair in pairs if pair[0] == row} == expected


@pytest.mark.slow
def test_cells_miss_few_of_the_near() -> None:
    vectors = clustered(12_000)
    pairs = found(vectors, list(range(12_000)), 0.8, 8)
    full = vectors.astype(np.float32)
    cosines = full @ full.T
    np.fill_diagonal(cosines, -2)
    truth = {(int(a), int(b)) for a, b in zip(*np.nonzero(cosines >= 0.8), strict=True)}
    assert len(truth) > 10_000
    assert len(truth & set(pairs)) / len(truth) > 0.99
    assert not set(pairs) - truth


def test_no_vector_is_its_own_neighbour_and_no_queries_give_no_pairs() -> None:
    vectors = np.ones((3, 4), np.float16) / np.float16(2)
    assert set(found(vectors, [0], 0.5, 8)) == {(0, 1), (0, 2)}
    assert found(vectors, [], 0.5, 8) == {}
    assert list(near_neighbours(np.empty((0, 4), np.float16), np.empty(0, np.int64), 0.5, 8)) == []


def test_where_all_are_near_the_nearest_are_kept() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(6000, 16)) * 0.1 + 1
    vectors = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float16)
    pairs = found(vectors, [5, 5999], 0.5, 6)
    full = vectors.astype(np.float32)
    for row in (5, 5999):
        cosines = full @ full[row]
        cosines[row] = -2
        mine = [cosine for (asking, _), cosine in pairs.items() if asking == row]
        np.testing.assert_allclose(sorted(mine), np.sort(cosines)[-6:], atol=1e-6)
