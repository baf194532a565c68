"""Matches the words for tags with photos, by the probabilities of searches for them (docs/concepts.md).

A word is suggested from a probability that the library itself decides: the lowest one from which the
probabilities of a sample have a mean of :data:`PRECISION`, and at least :data:`LEAST`. So a word of which the
library has few good matches is suggested only where it is nearly sure.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from safelight.core import relevance
from safelight.core.encoder import Encoder, Vectors
from safelight.core.tag_words import Suggestion, TagWord
from safelight.services.models import kept_vectors
from safelight.services.searching.calibration import Calibration
from safelight.services.searching.library_growth import has_changed_much
from safelight.services.searching.query_encoding import Encode
from safelight.store import tag_words
from safelight.store.vectors import Ids

PRECISION = 0.8
LEAST = 0.65
"""Both were chosen on half of the photos; packaging/bench/suggested_tags.py measures the other half."""

MOST = 8
"""Suggestions for one photo, the most likely ones."""

_AT_ONCE = 16
"""Words that are encoded in one go: a fraction of a second."""

TAG_WORDS = "tag-words"
"""The kind of the vectors of the built-in words where they are kept."""
_OWN = "own-tag-words"


def threshold(likely: relevance.Numbers) -> float:
    """The probability from which a word is suggested, from the probabilities of a sample of the library (n,).
    Above 1 where it is never suggested."""
    ordered = np.sort(likely)[::-1]
    means = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    enough = np.flatnonzero(means >= PRECISION)
    return max(LEAST, float(ordered[enough[-1]])) if len(enough) else 2.0


class TagWordMatcher:
    """The words with their vectors and thresholds. For one thread at a time."""

    def __init__(self, directory: Path, encode: Encode) -> None:
        """``encode`` gives the unit vector of a text."""
        self._directory = directory
        self._encode = encode
        self._key = ""
        self._has_looked = False
        """Whether the vectors that are kept were read."""
        self._vectors: dict[str, Vectors] = {}
        self._thresholds: dict[str, float] = {}
        self._measured: tuple[weakref.ref[Calibration], int] | None = None
        """What the thresholds were measured with, and among how many photos."""

    def advance(self, encoder: Encoder, words: Sequence[TagWord]) -> bool:
        """Encode some more of the words. Returns whether there are more to do. Raises ModelError."""
        names = tuple(dict.fromkeys(word.name for word in words))
        self._use(encoder)
        missing = [name for name in names if name not in self._vectors]
        if not missing:
            return False
        sets = self._sets(names)
        if not self._has_looked:
            self._has_looked = True
            for kind, of_kind in sets.items():
                kept = kept_vectors.load(encoder.info, self._directory, kind, of_kind)
                if kept is not None:
                    self._vectors |= dict(zip(of_kind, kept, strict=True))
            missing = [name for name in names if name not in self._vectors]
        for name in missing[:_AT_ONCE]:
            self._vectors[name] = self._encode(encoder, name)
        if len(missing) > _AT_ONCE:
            return True
        for kind, of_kind in sets.items():
            if not missing or set(missing).isdisjoint(of_kind):
                continue
            rows = np.stack([self._vectors[name] for name in of_kind])
            kept_vectors.save(encoder.info, self._directory, kind, of_kind, rows, shared=kind == TAG_WORDS)
        return False

    def threshold_of(self, calibration: Calibration, encoder: Encoder, word: TagWord, photos: int) -> float:
        """The probability from which a word is suggested, among this many photos with a vector."""
        self._use(encoder)
        if word.name not in self._vectors:
            self._vectors[word.name] = self._encode(encoder, word.name)
        return self._measure(calibration, [word], photos)[0]

    def suggest(
        self, calibration: Calibration, words: Sequence[TagWord], ids: Ids, photos: int
    ) -> list[list[Suggestion]]:
        """The suggestions for each of some photos of the library, the most likely first. :meth:`advance` is
        done. ``photos`` is how many have a vector."""
        if not len(ids) or not words:
            return [[] for _ in ids]
        least = np.array(self._measure(calibration, words, photos), np.float32)
        texts = [(word.name, self._vectors[word.name]) for word in words]
        likely = relevance.probability(calibration.log_odds_of(ids, texts))
        made = []
        for column in likely.T:
            fits: list[int] = np.flatnonzero(column >= least).tolist()
            above = {tag for place in fits for tag in words[place].above}
            fits = [place for place in fits if words[place].tag not in above]
            found = sorted(fits, key=lambda place: -float(column[place]))[:MOST]
            made.append([Suggestion(words[place].tag, float(column[place])) for place in found])
        return made

    def _use(self, encoder: Encoder) -> None:
        """Forget what belongs to another model."""
        if self._key != encoder.info.key:
            self._key, self._vectors, self._thresholds = encoder.info.key, {}, {}
            self._has_looked = False

    def _sets(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The names by the kind under which their vectors are kept. Those of the built-in list are the same
        in every library. The others are the user's and stay in the folder of the library."""
        built_in = tag_words.built_in_names()
        if not set(built_in).issubset(names):  # the user's list is in use
            return {_OWN: tuple(names)}
        own = tuple(name for name in names if name not in set(built_in))
        return {TAG_WORDS: built_in, _OWN: own} if own else {TAG_WORDS: built_in}

    def _measure(self, calibration: Calibration, words: Sequence[TagWord], photos: int) -> list[float]:
        """The thresholds of words, measured again when the library has grown or shrunk by a tenth."""
        held = self._measured
        if held is None or held[0]() is not calibration or has_changed_much(held[1], photos):
            self._measured, self._thresholds = (weakref.ref(calibration), photos), {}
        missing = [word.name for word in words if word.name not in self._thresholds]
        if missing:
            sample = calibration.sample_ids
            likely = relevance.probability(
                calibration.log_odds_of(sample, [(name, self._vectors[name]) for name in missing])
            )
            for name, row in zip(missing, likely, strict=True):
                self._thresholds[name] = threshold(row)
        return [self._thresholds[word.name] for word in words]
