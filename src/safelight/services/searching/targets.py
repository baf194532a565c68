"""What a query is compared by in one library, and how well photos match it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from safelight.core import bands, relevance
from safelight.core.encoder import Vectors
from safelight.core.search import SearchHit
from safelight.services.models.references import WordEvidence
from safelight.store.vectors import Ids


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hits by descending deviation."""

    hits: tuple[SearchHit, ...]
    nothing_strong: bool = False
    evidence: tuple[float, ...] = ()
    """How well each hit matches, comparable between queries: log odds, or spreads of the background."""


class Measured(NamedTuple):
    """How well photos match one query, a row for each."""

    ids: Ids
    cosines: bands.Numbers
    deviations: bands.Numbers
    """Log odds where the target has :attr:`Target.words`, else spreads above the query's background."""


@dataclass(frozen=True, slots=True)
class WordTarget:
    """Words, and what is needed to judge photos by them."""

    vector: Vectors
    """Unit vector (dim,)."""
    evidence: WordEvidence
    typical: tuple[float, float] = (0.0, 1.0)
    """Mean and spread that photos of this library typically have with neutral texts, for sentences."""

    @property
    def direction(self) -> Vectors:
        """What the vectors of photos are multiplied by (dim,): the weights of a classifier, or ``vector``."""
        return self.vector if self.evidence.classifier is None else self.evidence.classifier.weights

    def log_odds(
        self,
        products: bands.Numbers,
        mean: bands.Numbers,
        spread: bands.Numbers,
        nearest: tuple[relevance.DescriptionIds, npt.NDArray[np.float16]],
    ) -> bands.Numbers:
        """Log odds of a match, for photos (n,) with these products with the ``direction`` and their own
        backgrounds.
        """
        if self.evidence.is_sentence:
            return relevance.sentence_log_odds((products - self.typical[0]) / max(self.typical[1], 1e-6))
        return self.evidence.log_odds(self.evidence.score(products, mean, spread), *nearest)


@dataclass(frozen=True, slots=True)
class Target:
    """What a query ranks by in one library: the product of a photo's vector with the ``direction``, less
    ``suited`` times the correction of :func:`safelight.core.bands.levels`.
    """

    direction: Vectors
    """(dim,), of any length: the direction in which the nearest photos are searched."""
    suited: float
    by_words: bool
    is_centred: bool
    """The direction is that of one text less the centre of the prompts, so that the cosine to the text is
    higher than the product by the photo's mean."""
    background: bands.QueryBackground
    wanted: Target | None = None
    """The target of :attr:`QueryVectors.wanted`."""
    words: WordTarget | None = None
    """Where photos are judged by words alone and the reference descriptions are known."""
    excluded: tuple[WordTarget, ...] = ()
    """Words that must not match."""

    def log_odds(
        self,
        rows: Vectors,
        mean: bands.Numbers,
        spread: bands.Numbers,
        nearest: tuple[relevance.DescriptionIds, npt.NDArray[np.float16]],
    ) -> bands.Numbers:
        """Log odds that photos with these vectors (n, dim) and their own backgrounds match the words and none
        of the excluded ones. Needs :attr:`words`."""
        assert self.words is not None
        wanted, *unwanted = (
            each.log_odds(np.vecdot(rows, each.direction), mean, spread, nearest)
            for each in (self.words, *self.excluded)
        )
        return relevance.log_odds_excluding(wanted, unwanted)

    def deviations(self, reached: bands.Numbers, spread: bands.Numbers) -> bands.Numbers:
        """Deviations from products with the direction and the photos' own spreads."""
        return self.background.deviations(reached - np.float32(self.suited * bands.LEVEL_SPREADS) * spread)
