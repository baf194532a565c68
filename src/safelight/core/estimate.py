"""Estimates of how many photos match."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safelight.core.relevance import Numbers

_CALIBRATION = 0.3
"""How far the sum of the probabilities may be wrong, as a share of it: on half of the queries measured in
docs/relevance-evaluation.md it was closer."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many of some photos match."""

    count: float
    low: float
    high: float
    photos: int
    """How many were searched."""


def estimate_matches(judged: Numbers, sample: Numbers, others: int) -> Estimate:
    """From the log odds of photos that were judged one by one and those of a random sample of the ``others``.

    Without a sample the others count as not matching.
    """
    from safelight.core import relevance  # NumPy is not for the window's first paint

    known = relevance.probability(judged).astype(float)
    drawn = relevance.probability(sample).astype(float)
    count, variance = float(known.sum()), float((known * (1 - known)).sum())
    if len(drawn) and others:
        count += others * float(drawn.mean())
        variance += others * float((drawn * (1 - drawn)).mean())
        variance += others**2 * float(drawn.var()) / len(drawn)
    margin = 2 * math.sqrt(variance) + _CALIBRATION * count
    photos = len(known) + others
    return Estimate(count, max(0.0, count - margin), min(float(photos), count + margin), photos)


def rounded(number: float) -> int:
    """The number with two significant digits: 6,362 becomes 6,400."""
    if number < 100:
        return round(number)
    unit: int = 10 ** (int(math.log10(number)) - 1)
    return round(number / unit) * unit
