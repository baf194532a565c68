"""Bands of photos, and how far a photo deviates from the library's own background.

Photos that are judged by words have a probability (:mod:`safelight.core.relevance`), which is cut at fixed
values. Photos like a picture, and queries that mix pictures and words, have none. Their similarities are
compared with two backgrounds, because a similarity alone means little: the best hit of one query may score
below the noise of another.

1. *The photo's background*: the mean and spread of its similarities to a few hundred neutral texts. Some
   photos are similar to every text ("hubness", Radovanović et al. 2010). The *level* of a hit is its
   similarity, less the mean and 1½ spreads.
2. *The query's background*: the median and spread of its levels on a sample of the library. The *deviation*
   of a hit is its level less the median, in spreads.

Bands are then cut at shares of the query's *peak*, the mean of its three highest deviations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.core import relevance
from safelight.core.encoder import Vectors
from safelight.core.search import Band

Numbers = npt.NDArray[np.float32]
"""Float32, one number for each photo."""

BAND_ORDER = (Band.STRONG, Band.MAYBE, Band.REST)

MIN_BACKGROUND_PHOTOS = 24
"""Below this many photos a background cannot be told from the hits, and every hit is a maybe."""

STRONG_SHARE = 0.8
MAYBE_SHARE = 0.65
"""Shares of the peak from which a hit is strong, and maybe."""

LEVEL_SPREADS = 1.5
"""Spreads above its mean from which a prompt suits a photo fairly well."""

SAME_PICTURE_COSINE = 0.98
"""From this cosine on, two pictures count as the same: such hits do not raise the bar for similar ones."""

_PEAK_OF = 3
_ONE_DEVIATION_BELOW = 0.1587
"""Where the normal distribution is one standard deviation below its mean."""

_LEAST_PEAK = 4.1
_MEASURED_AT = 1000
_PER_NATURAL_LOG = 0.5
_SMALLEST, _LARGEST = 50, 20_000


def photo_background(photos: Vectors, prompts: Vectors) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation of each photo's cosine similarity to the prompts.

    ``photos`` is (n, dim), ``prompts`` (m, dim), both of unit rows; returns two arrays of n.
    """
    scores = photos @ prompts.T
    return scores.mean(1), scores.std(1)


def levels(cosines: Numbers, mean: Numbers, spread: Numbers) -> Numbers:
    """How far each photo's similarity to a query is above its own background."""
    return cosines - mean - np.float32(LEVEL_SPREADS) * spread


@dataclass(frozen=True, slots=True)
class QueryBackground:
    """Median and spread of one query's levels on the library, whether or not they are hits."""

    middle: float
    spread: float

    @classmethod
    def of(cls, sample: Numbers) -> QueryBackground:
        """The background from the query's levels on a sample of the library.

        The spread is taken on the lower side alone (median less the 15.87th percentile). Matching photos are
        above the median, and must not raise the bar for themselves, however many they are.
        """
        if not len(sample):
            return cls(0.0, 0.0)
        low, middle = np.quantile(sample, (_ONE_DEVIATION_BELOW, 0.5))
        return cls(float(middle), float(middle - low))

    def deviations(self, levels: Numbers) -> Numbers:
        """Levels in spreads above the median; all 0 where the sample has no spread."""
        if self.spread <= 1e-6:
            return np.zeros_like(levels)
        return (levels - np.float32(self.middle)) / np.float32(self.spread)


def peak(deviations: Numbers) -> float:
    """The mean of the three highest deviations (of fewer, where there are fewer); 0 of none.

    Steadier than the highest alone, which any library reaches with any words by chance.
    """
    if len(deviations) <= _PEAK_OF:
        return float(deviations.mean()) if len(deviations) else 0.0
    return float(np.partition(deviations, -_PEAK_OF)[-_PEAK_OF:].mean())


def min_peak(photos: int) -> float:
    """The least peak of a query that the library answers, for a search among this many photos.

    Below it *nothing is strong*. The best of many photos deviates even for something that none of them
    shows, and the more photos, the further. For words absent from the libraries measured, the tail of the
    deviations is exponential, with the same slope from 100 photos to a pooled 30,000, so the bar rises with
    the logarithm of their number. It is constant beyond 20,000 photos, where nothing was measured and where
    most things that people search for exist.
    """
    size = min(max(photos, _SMALLEST), _LARGEST)
    return _LEAST_PEAK + _PER_NATURAL_LOG * math.log(size / _MEASURED_AT)


@dataclass(frozen=True, slots=True)
class Cuts:
    """The deviations from which a query's hits are strong and maybe."""

    strong: float
    maybe: float
    are_absolute: bool = False
    """They are log odds and do not depend on the library."""

    @classmethod
    def for_log_odds(cls, best: Numbers) -> Cuts:
        """The cuts for log odds, of which the highest are given."""
        strong, maybe = (
            relevance.log_odds(relevance.STRONG_PROBABILITY),
            relevance.log_odds(relevance.MAYBE_PROBABILITY),
        )
        is_answered = bool((best >= strong).any())
        return cls(strong if is_answered else math.inf, maybe, are_absolute=True)

    @classmethod
    def for_words(cls, peak: float, photos: int, wanted: float | None = None) -> Cuts:
        """The cuts for a query of that peak in a search among this many photos; where the peak is below
        :func:`min_peak` nothing is strong, and ``strong`` is infinite.

        ``wanted`` is the peak of the query without its exclusions, and is compared instead of the peak: with
        an exclusion, a query deviates less on a library that answers it.
        """
        least = min_peak(photos)
        if (peak if wanted is None else wanted) < least:
            return cls(math.inf, MAYBE_SHARE * least)
        return cls(STRONG_SHARE * peak, MAYBE_SHARE * peak)

    @classmethod
    def for_picture(cls, peak: float, photos: int) -> Cuts:
        """The same for photos like a picture. Hits that deviate far enough are strong even if no others are:
        unlike words, a picture has no evidence of being absent from the library.
        """
        bar = max(peak, min_peak(photos))
        return cls(STRONG_SHARE * bar, MAYBE_SHARE * bar)

    @property
    def nothing_strong(self) -> bool:
        return math.isinf(self.strong)

    def places(self, deviations: Numbers) -> npt.NDArray[np.int64]:
        """The band of each photo, as its position in :data:`BAND_ORDER`."""
        below_strong = np.where(deviations >= self.maybe, 1, 2)
        return np.where(deviations >= self.strong, 0, below_strong)
