"""Learning a concept from a few examples: a linear function of a photo's vector, and its probability.

Two directions are mixed:

1. *The examples*: linear discriminant analysis, that is the difference between the mean of the examples and
   that of the library, multiplied by the inverse of a regularised covariance. With the vectors of CLIP it is
   the baseline of Wang et al. 2024, "A Hard-to-Beat Baseline for Training-Free CLIP-Based Adaptation".
2. *The words*: the direction of the concept's name or description.

How much the words count is decided by the examples, as in LP++ (Huang et al. 2024, "LP++: A Surprisingly
Strong Linear Probe for Few-Shot CLIP"). Here leave-one-out decides: each example is scored by a function
learned from the others, and the mixture is used under which the examples stand out most from the library. So
words that the model does not know, such as the name of a dog, do no harm.

The leave-one-out scores also calibrate. Two normal distributions of equal width, one for photos that show the
concept and one for the others, are fitted to them and to the scores of a sample of the library, by
expectation-maximisation. Their ratio is a logistic function of the score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors

Numbers = npt.NDArray[np.float32]
_Float = npt.NDArray[np.float64]

REGULARISATION = 10.0
"""Added to the covariance, in mean eigenvalues. Chosen on half of the concepts of docs/concepts.md."""

COUNTER_EXAMPLE_WEIGHT = 0.1
"""How far the mean of the counter-examples is subtracted from that of the examples."""

WORD_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the words that are tried."""

_ONE_EXAMPLE = 0.5
"""The share of the words where a single example leaves nothing to learn from."""

_ROUNDS = 40
_PSEUDO_PHOTOS = 10.0
"""Photos without the concept that are added to the sample, so that a few scores do not make it common."""
_MOST_SHARE = 0.9
_LEAST_SHARE = 1e-4
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class ConceptHead:
    """The score of a photo is ``vector @ direction``, and its log odds are linear in the score."""

    direction: Vectors
    """(dim,), of unit length."""
    slope: float
    intercept: float
    words: float
    """The share of the words, 0 to 1."""

    def log_odds(self, scores: Numbers) -> Numbers:
        """Log odds that photos with these scores (n,) show the concept."""
        return np.asarray(self.slope * scores + self.intercept, np.float32)


class Background:
    """A sample of the library, which every concept is compared with."""

    def __init__(self, sample: Vectors) -> None:
        """``sample``: unit vectors (n, dim) of at least one photo."""
        rows = sample.astype(np.float64)
        self._mean = rows.mean(0)
        self._rows = rows - self._mean
        covariance = self._rows.T @ self._rows / len(rows)
        added = REGULARISATION * float(np.trace(covariance)) / len(covariance)
        covariance[np.diag_indices_from(covariance)] += max(added, _TINY)
        self._inverse = np.linalg.inv(covariance)

    def fit(self, shown: Vectors, not_shown: Vectors, words: Vectors) -> ConceptHead:
        """Learn a concept from unit vectors of photos that show it (at least one) and that do not, both
        (n, dim). ``words`` (dim,) is the direction of its words, less what all texts have in common.
        """
        examples = shown.astype(np.float64) - self._mean
        others = not_shown.astype(np.float64) - self._mean
        against = COUNTER_EXAMPLE_WEIGHT * others.mean(0) if len(others) else np.zeros(len(self._mean))
        learned = self._scaled((examples.mean(0) - against) @ self._inverse)
        named = self._scaled(words.astype(np.float64))
        own, by_words = self._left_out(examples, against, learned), examples @ named
        share = self._share(own, by_words, learned, named)
        direction = (1 - share) * learned + share * named
        slope, intercept = _calibrated(
            (1 - share) * own + share * by_words, others @ direction, self._rows @ direction
        )
        length = max(float(np.linalg.norm(direction)), _TINY)
        offset = float(self._mean @ direction)
        return ConceptHead(
            np.asarray(direction / length, np.float32), slope * length, intercept - slope * offset, share
        )

    def _scaled(self, direction: _Float) -> _Float:
        """A direction scaled to a standard deviation of 1 on the sample."""
        return direction / max(float((self._rows @ direction).std()), _TINY)

    def _left_out(self, examples: _Float, against: _Float, learned: _Float) -> _Float:
        """The score of each example (n,) by the function that is learned from the other ones."""
        if len(examples) == 1:
            return examples @ learned
        means = (examples.sum(0) - examples) / (len(examples) - 1) - against
        directions = means @ self._inverse
        widths = (directions @ self._rows.T).std(1)
        return np.asarray(np.vecdot(directions, examples) / np.maximum(widths, _TINY), np.float64)

    def _share(self, own: _Float, by_words: _Float, learned: _Float, named: _Float) -> float:
        """The share of the words under which the examples stand out most, of equal ones the smallest."""
        if len(own) == 1:
            return _ONE_EXAMPLE
        sample, sample_by_words = self._rows @ learned, self._rows @ named

        def standing(share: float) -> float:
            width = float(((1 - share) * sample + share * sample_by_words).std())
            return float(((1 - share) * own + share * by_words).mean()) / max(width, _TINY)

        return max(WORD_SHARES, key=lambda share: (standing(share), -share))


def _calibrated(shown: _Float, not_shown: _Float, sample: _Float) -> tuple[float, float]:
    """Slope and intercept of the log odds, from leave-one-out scores and those of a sample."""
    above, below = float(shown.mean()), float(np.median(sample))
    width = max(float(sample.std()), _TINY)
    share = 0.05
    slope = intercept = 0.0
    for _ in range(_ROUNDS):
        slope = max(above - below, 1e-6 * width) / width**2
        intercept = float(np.log(share / (1 - share))) - slope * (above + below) / 2
        likely = 1 / (1 + np.exp(-np.clip(slope * sample + intercept, -30, 30)))
        rest, found = 1 - likely, float(likely.sum())
        share = min(max(found / (len(sample) + _PSEUDO_PHOTOS), _LEAST_SHARE), _MOST_SHARE)
        above = (float(shown.sum()) + float(likely @ sample)) / (len(shown) + found)
        below = (float(not_shown.sum()) + float(rest @ sample)) / max(
            len(not_shown) + len(sample) - found, _TINY
        )
        squares = (
            float(((shown - above) ** 2).sum())
            + float(((not_shown - below) ** 2).sum())
            + float(likely @ (sample - above) ** 2)
            + float(rest @ (sample - below) ** 2)
        )
        width = max(float(np.sqrt(squares / (len(shown) + len(not_shown) + len(sample)))), _TINY)
    return slope, intercept
