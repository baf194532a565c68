"""Probabilities from levels and nearest descriptions."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core import relevance
from safelight.core.bands import BAND_ORDER, Cuts
from safelight.core.search import Band


def unit(rows: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


@pytest.fixture
def descriptions() -> np.ndarray:
    return unit(np.random.default_rng(1).normal(size=(300, 16)))


def test_the_nearest_descriptions_are_those_with_the_highest_similarity(descriptions: np.ndarray) -> None:
    photos = unit(np.random.default_rng(2).normal(size=(1100, 16)))
    spread = np.full(len(photos), 0.25, np.float32)
    ids, weights = relevance.nearest_descriptions(photos, descriptions, spread)
    expected = np.argsort(-(photos @ descriptions.T), axis=1)[:, : relevance.DESCRIPTIONS_PER_PHOTO]
    assert all(set(found) == set(best) for found, best in zip(ids.tolist(), expected.tolist(), strict=True))
    np.testing.assert_allclose(weights.astype(np.float64).sum(1), 1, atol=0.01)
    scores = np.take_along_axis(photos @ descriptions.T, ids.astype(np.int64), 1)
    assert (weights[np.arange(1100), scores.argmax(1)] == weights.max(1)).all()


def test_few_descriptions_are_all_near(descriptions: np.ndarray) -> None:
    ids, weights = relevance.nearest_descriptions(descriptions[:5], descriptions[:3], np.ones(5, np.float32))
    assert sorted(ids[0].tolist()) == [0, 1, 2]
    assert weights.shape == (5, 3)


def test_a_photo_without_spread_is_measured(descriptions: np.ndarray) -> None:
    _, weights = relevance.nearest_descriptions(descriptions[:2], descriptions, np.zeros(2, np.float32))
    assert np.isfinite(weights.astype(np.float64)).all()


def test_agreement_is_the_weighted_share(descriptions: np.ndarray) -> None:
    ids, weights = relevance.nearest_descriptions(descriptions, descriptions, np.ones(300, np.float32))
    half = (np.arange(300) % 2).astype(np.float32)
    implied = [np.ones(300, np.float32), np.zeros(300, np.float32), half, 1 - half]
    every, none, odd, even = relevance.agreements(ids, weights, implied)
    assert every == pytest.approx(1, abs=0.01)
    assert none == pytest.approx(0)
    assert odd + even == pytest.approx(1, abs=0.01)
    plain = (half[ids] * weights.astype(np.float32)).sum(1)
    assert odd == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize("known", [0, 3, 30, 300, 1600])
def test_more_evidence_never_makes_a_match_less_likely(known: float) -> None:
    grid = np.linspace(0, 1, 20, dtype=np.float32)
    level = np.full(20, 2, np.float32)
    assert (np.diff(relevance.word_log_odds(level, grid, known)) > 0).all()
    assert (np.diff(relevance.word_log_odds(grid * 6, np.full(20, 0.3, np.float32), known)) >= 0).all()


def test_what_is_excluded_lowers_the_odds() -> None:
    wanted, unwanted = np.array([2.0, 2.0], np.float32), np.array([-4.0, 3.0], np.float32)
    found = relevance.probability(relevance.log_odds_excluding(wanted, [unwanted]))
    sure = relevance.probability(wanted)
    assert found[0] == pytest.approx(sure[0], rel=0.03)
    assert found[1] < 0.1
    assert relevance.log_odds_excluding(wanted, []) == pytest.approx(wanted, abs=1e-4)


def test_bands_are_cut_at_fixed_probabilities() -> None:
    log_odds = np.array([relevance.log_odds(each) for each in (0.85, 0.75, 0.41, 0.39)], np.float32)
    cuts = Cuts.for_log_odds(log_odds)
    assert [BAND_ORDER[place] for place in cuts.places(log_odds)] == [
        Band.STRONG,
        Band.MAYBE,
        Band.MAYBE,
        Band.REST,
    ]
    assert not cuts.nothing_strong
    assert Cuts.for_log_odds(log_odds[1:]).nothing_strong
