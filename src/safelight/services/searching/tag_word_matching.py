"""Matches the words for tags with photos, by the probabilities of searches for them (docs/concepts.md).

The lowest probability at which a word is suggested depends on the library. It is the lowest one for which
the photos of a sample with this or a higher probability have a mean probability of :data:`PRECISION`, but at
least :data:`MIN_PROBABILITY`. A word with few good matches is thus suggested only if it is nearly certain.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from safelight.core import relevance
from safelight.core.encoder import Encoder, Vectors
from safelight.core.tag_words import Suggestion, TagWord
from safelight.services.models import stored_text_vectors
from safelight.services.searching.calibration import Calibration
from safelight.services.searching.library_growth import has_changed_much
from safelight.services.searching.query_encoding import Encode
from safelight.store import tag_words
from safelight.store.vectors import Ids

PRECISION = 0.7
MIN_PROBABILITY = 0.55
"""Both were chosen on half of the photos; packaging/bench/suggested_tags.py measures the other half."""

MAX_SUGGESTIONS = 8
"""Suggestions for one photo, the most likely ones."""

_BATCH_SIZE = 16
"""Words that are encoded in one call, which takes a fraction of a second."""

TAG_WORDS = "tag-words"
"""The kind of the vectors of the built-in words where they are kept."""
_USER_TAG_WORDS = "own-tag-words"


def threshold(likely: relevance.Numbers) -> float:
    """The lowest probability at which a word is suggested, computed from the probabilities of a sample of the
    library (n,). Above 1 if it is never suggested."""
    ordered = np.sort(likely)[::-1]
    means = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    enough = np.flatnonzero(means >= PRECISION)
    return max(MIN_PROBABILITY, float(ordered[enough[-1]])) if len(enough) else 2.0


class TagWordMatcher:
    """The words with their vectors and thresholds. For one thread at a time."""

    def __init__(self, directory: Path, encode: Encode) -> None:
        """``encode`` gives the unit vector of a text."""
        self._directory = directory
        self._encode = encode
        self._key = ""
        self._stored_vectors_read = False
        """Whether the vectors stored on disk were read."""
        self._vectors: dict[str, Vectors] = {}
        self._thresholds: dict[str, float] = {}
        self._measured: tuple[weakref.ref[Calibration], int] | None = None
        """The calibration and number of photos with which the thresholds were measured."""

    def advance(self, encoder: Encoder, words: Sequence[TagWord]) -> bool:
        """Encode some more of the words. Returns whether there are more to do. Raises ModelError."""
        names = tuple(dict.fromkeys(word.name for word in words))
        self._switch_to(encoder)
        missing = [name for name in names if name not in self._vectors]
        if not missing:
            return False
        sets = self._names_by_kind(names)
        if not self._stored_vectors_read:
            self._stored_vectors_read = True
            for kind, of_kind in sets.items():
                kept = stored_text_vectors.load(encoder.info, self._directory, kind, of_kind)
                if kept is not None:
                    self._vectors |= dict(zip(of_kind, kept, strict=True))
            missing = [name for name in names if name not in self._vectors]
        for name in missing[:_BATCH_SIZE]:
            self._vectors[name] = self._encode(encoder, name)
        if len(missing) > _BATCH_SIZE:
            return True
        for kind, of_kind in sets.items():
            if not missing or set(missing).isdisjoint(of_kind):
                continue
            rows = np.stack([self._vectors[name] for name in of_kind])
            stored_text_vectors.save(
                encoder.info, self._directory, kind, of_kind, rows, shared=kind == TAG_WORDS
            )
        return False

    def threshold_of(self, calibration: Calibration, encoder: Encoder, word: TagWord, photos: int) -> float:
        """The lowest probability at which a word is suggested, in a library of ``photos`` with a vector."""
        self._switch_to(encoder)
        if word.name not in self._vectors:
            self._vectors[word.name] = self._encode(encoder, word.name)
        return self._thresholds_of(calibration, [word], photos)[0]

    def suggest(
        self, calibration: Calibration, words: Sequence[TagWord], ids: Ids, photos: int
    ) -> list[list[Suggestion]]:
        """The suggestions for each of some photos of the library, the most likely first. ``photos`` is how
        many have a vector. Call :meth:`advance` first, until it returns False."""
        if not len(ids) or not words:
            return [[] for _ in ids]
        least = np.array(self._thresholds_of(calibration, words, photos), np.float32)
        texts = [(word.name, self._vectors[word.name]) for word in words]
        likely = relevance.probability(calibration.log_odds_of(ids, texts))
        made = []
        for column in likely.T:
            fits: list[int] = np.flatnonzero(column >= least).tolist()
            above = {tag for place in fits for tag in words[place].above}
            fits = [place for place in fits if words[place].tag not in above]
            found = sorted(fits, key=lambda place: -float(column[place]))[:MAX_SUGGESTIONS]
            made.append([Suggestion(words[place].tag, float(column[place])) for place in found])
        return made

    def _switch_to(self, encoder: Encoder) -> None:
        """Discard the vectors and thresholds of another model."""
        if self._key != encoder.info.key:
            self._key, self._vectors, self._thresholds = encoder.info.key, {}, {}
            self._stored_vectors_read = False

    def _names_by_kind(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The names by the kind under which their vectors are kept. Those of the built-in list are the same
        in every library. The others are the user's and stay in the folder of the library."""
        built_in = tag_words.built_in_names()
        if not set(built_in).issubset(names):  # the user's list is in use
            return {_USER_TAG_WORDS: tuple(names)}
        own = tuple(name for name in names if name not in set(built_in))
        return {TAG_WORDS: built_in, _USER_TAG_WORDS: own} if own else {TAG_WORDS: built_in}

    def _thresholds_of(self, calibration: Calibration, words: Sequence[TagWord], photos: int) -> list[float]:
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
