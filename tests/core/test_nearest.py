from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core import nearest
from safelight.core.encoder import Vectors
from safelight.core.nearest import SEGMENT, Ids, Scores, VectorMatrix

WITHIN = 1e-5


def clustered(count: int, dim: int, seed: int = 0) -> Vectors:
    """Rows that crowd together, as photos do: many nearly equal scores."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(20, dim))
    rows = centres[rng.integers(0, 20, count)] + 0.7 * rng.normal(size=(count, dim))
    rows[:, 0] *= 6  # as in CLIP, a few dimensions are far larger than the others
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def truth(ids: Ids, rows: Vectors, query: Vectors) -> dict[int, float]:
    scores: npt.NDArray[np.float64] = rows.astype(np.float64) @ query.astype(np.float64)
    return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def check(found: tuple[Ids, Scores], true: dict[int, float], k: int, within: float = WITHIN) -> None:
    """The best k, best first, each with its score; what is nearly equal may stand in either order."""
    ids, scores = found
    best = sorted(true.items(), key=lambda hit: (-hit[1], hit[0]))[:k]
    assert len(set(ids.tolist())) == len(ids) == len(best)
    np.testing.assert_allclose(scores, [score for _, score in best], atol=within)
    np.testing.assert_allclose(scores, [true[photo] for photo in ids.tolist()], atol=within)
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize("dim", [384, 512, 768, 1024])
def test_the_nearest_are_those_of_comparing_all(dim: int, coded: bool) -> None:
    count = SEGMENT + 1500  # a full segment and one that is being filled
    rows = clustered(count, dim)
    ids = np.random.default_rng(1).permutation(np.arange(5, 5 + count))
    with ThreadPoolExecutor(2) as pool:
        matrix = VectorMatrix(dim, coded=coded, spread=pool.map)
        matrix.put(ids, rows)
        assert len(matrix) == count
        query = clustered(1, dim, seed=7)[0]
        true = truth(ids, rows, query)
        for k in (1, 100, 2000, count, count + 1):
            check(matrix.nearest(query, k), true, k)
        for share in (0.001, 0.1, 0.9):
            allowed = np.random.default_rng(2).choice(ids, int(share * count), replace=False)
            asked = np.concatenate([allowed, [1, 2, 10**9, allowed[0]]])  # unknown ones, and one twice
            among = {photo: true[photo] for photo in allowed.tolist()}
            check(matrix.nearest(query, 100, asked), among, 100)
            check(matrix.nearest(query, count, asked), among, count)
        every_id, (every_score, mirrored) = matrix.scores(np.stack([query, -query]))
        np.testing.assert_allclose(mirrored, -every_score, atol=1e-5)
        assert set(every_id.tolist()) == set(true)
        worst = max(
            abs(score - true[photo])
            for photo, score in zip(every_id.tolist(), every_score.tolist(), strict=True)
        )
        assert worst < (2e-3 if coded else WITHIN)


def test_equal_ones_come_by_id_wherever_they_lie() -> None:
    rows = clustered(2 * SEGMENT, 16)
    twins = [3, SEGMENT - 1, SEGMENT + 5, 2 * SEGMENT - 2]
    rows[twins] = rows[3]
    ids = np.arange(2 * SEGMENT, 0, -1)
    matrix = VectorMatrix(16, coded=False)
    for start in range(0, len(ids), 3000):
        matrix.put(ids[start : start + 3000], rows[start : start + 3000])
    found, scores = matrix.nearest(rows[3], 4)
    assert found.tolist() == sorted(ids[twins].tolist())
    assert len(set(scores.tolist())) == 1
    for k in (1, 2, 3):
        assert matrix.nearest(rows[3], k)[0].tolist() == sorted(ids[twins].tolist())[:k]


def test_rows_that_are_not_quite_of_unit_length_are_compared_by_cosine() -> None:
    matrix = VectorMatrix(4, coded=False)
    matrix.put(np.array([1]), np.array([[0.9991, 0, 0, 0]], np.float32))
    assert matrix.nearest(np.array([1, 0, 0, 0], np.float32), 1)[1][0] == pytest.approx(1, abs=1e-6)


def test_nothing_is_nearest_in_an_empty_matrix() -> None:
    matrix = VectorMatrix(4, coded=True)
    query = np.array([1, 0, 0, 0], np.float32)
    none = np.zeros(0, np.int64)
    for allowed in (None, none, np.array([1, 2])):
        assert len(matrix.nearest(query, 5, allowed)[0]) == 0
    matrix.put(none, np.zeros((0, 4), np.float32))
    matrix.put(np.array([7]), query[np.newaxis])
    assert matrix.nearest(query, 0)[0].tolist() == []
    assert matrix.nearest(query, 5, none)[0].tolist() == []
    assert matrix.nearest(query, 5)[0].tolist() == [7]
    matrix.remove(np.array([7]))
    assert len(matrix) == 0
    assert matrix.nearest(query, 5)[0].tolist() == []
    assert matrix.scores(query[np.newaxis])[0].tolist() == []


@pytest.mark.parametrize("coded", [False, True])
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_changes_in_any_order_leave_what_a_dictionary_would_hold(coded: bool, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "SEGMENT", 16)
        matrix = VectorMatrix(8, coded=coded)
        held: dict[int, Vectors] = {}
        seed = data.draw(st.integers(0, 1000))
        for step in range(data.draw(st.integers(1, 12))):
            ids = np.array(sorted(data.draw(st.sets(st.integers(1, 60), min_size=1, max_size=40))), np.int64)
            if data.draw(st.booleans()):
                rows = clustered(len(ids), 8, seed + step)
                matrix.put(ids, rows)
                held.update(zip(ids.tolist(), rows, strict=True))
            else:
                matrix.remove(ids)
                for photo in ids.tolist():
                    held.pop(photo, None)
            assert len(matrix) == len(held)
            query = clustered(1, 8, seed + 100 + step)[0]
            known = np.array(sorted(held), np.int64)
            rows = np.array([held[photo] for photo in known.tolist()], np.float32).reshape(-1, 8)
            true = truth(known, rows, query)
            within = (
                1e-4 if coded else WITHIN
            )  # numbers of so short a vector are large, and so are their steps
            check(matrix.nearest(query, 10), true, 10, within)
            some = np.array(sorted(data.draw(st.sets(st.integers(1, 70)))), np.int64)
            among = {photo: true[photo] for photo in some.tolist() if photo in true}
            check(matrix.nearest(query, 10, some), among, 10, within)
