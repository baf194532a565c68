"""How far a hit stands out from the library's own background.

A similarity means nothing by itself: the best hit of one query may score below the noise of another,
and scores of two models share no scale. What does mean something is how many standard deviations a
photo lies above what *this query* scores on a sample of *this library* (a standard score). The sample
is taken at random, so nearly all of it is background for any one query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.core.search import Band, SearchHit

STRONG_DEVIATIONS = 3.0
MAYBE_DEVIATIONS = 2.0

_FEWEST = 24
"""Below this many photos a background cannot be told from the hits, and every hit is a maybe."""


@dataclass(frozen=True, slots=True)
class Background:
    """Mean and standard deviation of one query's cosine similarity to a sample of the library."""

    mean: float
    deviation: float
    size: int

    @classmethod
    def of(cls, scores: npt.NDArray[np.float32]) -> Background:
        """Estimated robustly (median, and median absolute deviation × 1.4826), so that the hits that
        are in the sample do not raise the bar for themselves."""
        if not len(scores):
            return cls(0.0, 0.0, 0)
        median = float(np.median(scores))
        spread = float(np.median(np.abs(scores - median))) * 1.4826
        return cls(median, spread, len(scores))

    def band(self, score: float) -> Band:
        if self.size < _FEWEST or self.deviation <= 1e-6:
            return Band.MAYBE
        deviations = (score - self.mean) / self.deviation
        if deviations >= STRONG_DEVIATIONS:
            return Band.STRONG
        return Band.MAYBE if deviations >= MAYBE_DEVIATIONS else Band.REST


def banded(scored: Sequence[tuple[int, float]], background: Background) -> tuple[SearchHit, ...]:
    """Hits with their bands, in the order given."""
    return tuple(SearchHit(photo_id, score, background.band(score)) for photo_id, score in scored)
