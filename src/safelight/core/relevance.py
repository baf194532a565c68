"""The probability that a photo matches words, however large the share of the library that matches.

A model gives a similarity between a text and a photo. By itself it does not tell whether the photo matches:
general words such as "person" have a low similarity to every photo. So there are two kinds of evidence:

1. The *level*: the similarity, less the mean of the photo's similarities to a few hundred neutral texts, in
   standard deviations of those. It says how well the words suit the photo, compared with other texts.
2. The *agreement*: the photo is compared with some thousands of reference descriptions of which it is known
   what they imply. Of the descriptions nearest to the photo, it is the share that implies the words. A photo
   near "a boy on a swing" shows a person, although its similarity to "person" is low.

A model may come with *classifiers* of single words (:mod:`safelight.embedding.word_classifiers`). For such
a word, the classifier's log odds replace the level.

A logistic function turns both into log odds. How much each of them counts depends on how many descriptions
imply the words: for something general the agreement is the better evidence, for something special the level.

Nothing here depends on the library. So the same photo and the same words always have the same probability,
whatever else the library holds. The coefficients are the same for every model and every word. They were
fitted and tested by ``packaging/bench/relevance_shares.py``; docs/relevance-evaluation.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors

Numbers = npt.NDArray[np.float32]
"""Float32, one number for each photo."""

DescriptionIds = npt.NDArray[np.uint16]
"""Rows of the reference descriptions, (n, DESCRIPTIONS_PER_PHOTO)."""

DESCRIPTIONS_PER_PHOTO = 64
"""Descriptions that are kept for each photo."""

STRONG_PROBABILITY = 0.8
MAYBE_PROBABILITY = 0.4
"""Probabilities from which a photo is a strong match, and a possible one."""

_AT_ONCE = 1024
AGREEMENT_OFFSET = 0.02
"""Added to an agreement before its logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """The coefficients of the logistic function. Each ``*_general`` is multiplied by :func:`generality`."""

    score: float
    """Of the level, or of a classifier's log odds."""
    score_general: float
    agreement: float
    agreement_general: float
    general: float
    constant: float


WORD_COEFFICIENTS = Coefficients(1.38, -0.45, 0.17, 0.46, 5.19, -7.16)
"""For texts of fewer than :data:`SENTENCE_MIN_WORDS` telling words."""

CLASSIFIER_COEFFICIENTS = Coefficients(1.17, -0.38, -0.82, 0.74, 3.49, -5.09)
"""For single words that the model has a classifier of."""

SENTENCE_COEFFICIENTS = (1.85, -10.5)
"""Slope and constant for longer texts, which are judged by their similarity alone: the photo that a caption
describes is first more often by plain similarity than by any correction of it. The slope was fitted. Captions
do not tell which other photos match as well, so the constant is a judgement."""

SENTENCE_MIN_WORDS = 4
"""From this number of telling words a text is a sentence."""


def nearest_descriptions(
    photos: Vectors, descriptions: Vectors, spread: Numbers
) -> tuple[DescriptionIds, npt.NDArray[np.float16]]:
    """The descriptions nearest to each photo, and the weight of each; the weights of a photo add up to 1.

    ``photos`` is (n, dim) and ``descriptions`` (m, dim), both of unit rows; ``spread`` (n,) is the standard
    deviation of each photo's similarities to the neutral texts. Returns two arrays (n, k) in no order, with k
    the smaller of :data:`DESCRIPTIONS_PER_PHOTO` and m.
    """
    kept = min(DESCRIPTIONS_PER_PHOTO, len(descriptions))
    ids = np.empty((len(photos), kept), np.uint16)
    weights = np.empty((len(photos), kept), np.float16)
    for start in range(0, len(photos), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        scores = photos[rows] @ descriptions.T
        best = np.argpartition(-scores, kept - 1, axis=1)[:, :kept]
        near = np.take_along_axis(scores, best, axis=1)
        scale = np.maximum(spread[rows, np.newaxis], np.float32(1e-4))
        weight = np.exp((near - near.max(1, keepdims=True)) / scale)
        ids[rows] = best
        weights[rows] = weight / weight.sum(1, keepdims=True)
    return ids, weights


def agreements(
    ids: DescriptionIds, weights: npt.NDArray[np.float16], implied: Sequence[Numbers]
) -> list[Numbers]:
    """For each of several things, the share of each photo's nearest descriptions that imply it, 0 to 1.

    Each of ``implied`` (m,) tells for each description how far it does, 0 to 1.
    """
    found = [np.empty(len(ids), np.float32) for _ in implied]
    for start in range(0, len(ids), _AT_ONCE):  # so that intermediate results fit into the processor's cache
        rows = slice(start, start + _AT_ONCE)
        near, weight = ids[rows], _single(weights[rows])
        for each, part in zip(found, implied, strict=True):
            each[rows] = np.vecdot(np.take(part, near), weight)
    return found


def _single(halves: npt.NDArray[np.float16]) -> Numbers:
    """The same numbers, none of them negative or infinite, in float32.

    NumPy converts half precision number by number. Moving the bits of fraction and exponent into place gives
    the number times 2^-112, exactly, for a whole array at once.
    """
    bits = halves.view(np.uint16).astype(np.uint32) << np.uint32(13)
    return np.multiply(bits.view(np.float32), np.float32(2.0**112))


def generality(known: float) -> float:
    """How general words are, from the number of descriptions that imply them: about 0 to 2."""
    return math.log1p(known) / 4


def word_log_odds(
    score: Numbers, agreement: Numbers, known: float, coefficients: Coefficients = WORD_COEFFICIENTS
) -> Numbers:
    """Log odds of a match for photos (n,) with these agreements and scores: levels, or the log odds of a
    classifier with :data:`CLASSIFIER_COEFFICIENTS`. ``known`` is the number of descriptions that imply the
    words."""
    general = generality(known)
    return np.asarray(
        (coefficients.score + coefficients.score_general * general) * score
        + (coefficients.agreement + coefficients.agreement_general * general)
        * np.log(agreement + AGREEMENT_OFFSET)
        + (coefficients.general * general + coefficients.constant),
        np.float32,
    )


def sentence_log_odds(standardised: Numbers) -> Numbers:
    """Log odds of a match of a long text from its similarities, in standard deviations above the mean of what
    photos have with neutral texts."""
    return np.asarray(SENTENCE_COEFFICIENTS[0] * standardised + SENTENCE_COEFFICIENTS[1], np.float32)


def probability(log_odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), np.float32)


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def log_odds_excluding(wanted: Numbers, unwanted: Sequence[Numbers]) -> Numbers:
    """Log odds that a photo matches what is wanted and nothing that is not."""
    matches = probability(wanted).astype(np.float64)
    for each in unwanted:
        matches = matches * (1 - probability(each))
    matches = np.clip(matches, 1e-12, 1 - 1e-7)
    return np.asarray(np.log(matches / (1 - matches)), np.float32)
