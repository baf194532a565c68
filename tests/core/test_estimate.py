"""Estimates of how many photos match."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core import relevance
from safelight.core.estimate import estimate_matches, rounded


def odds(*probabilities: float) -> np.ndarray:
    return np.array([relevance.log_odds(each) for each in probabilities], np.float32)


def test_judged_photos_count_with_their_probability() -> None:
    found = estimate_matches(odds(0.9, 0.9, 0.2), odds(), 0)
    assert found.count == pytest.approx(2.0, abs=0.01)
    assert 0 <= found.low < found.count < found.high <= found.photos == 3


def test_the_others_count_as_the_sample_does() -> None:
    found = estimate_matches(odds(0.99), odds(*[0.99] * 50, *[0.01] * 50), 1000)
    assert found.count == pytest.approx(501, abs=2)
    assert found.low < 450
    assert found.high > 550


def test_a_larger_sample_makes_the_range_smaller() -> None:
    small = estimate_matches(odds(), odds(0.9, 0.1, 0.1, 0.1), 1000)
    large = estimate_matches(odds(), odds(*[0.9, 0.1, 0.1, 0.1] * 100), 1000)
    assert large.high - large.low < small.high - small.low


def test_nothing_searched() -> None:
    assert estimate_matches(odds(), odds(), 0).high == 0


@pytest.mark.parametrize(
    ("number", "expected"), [(0, 0), (7.6, 8), (99, 99), (6362, 6400), (123456, 120000), (999, 1000)]
)
def test_rounded(number: float, expected: int) -> None:
    assert rounded(number) == expected
