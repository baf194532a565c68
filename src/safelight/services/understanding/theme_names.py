"""Chooses names of themes: words whose search finds the theme's photos and few others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from safelight.core import bands
from safelight.core.encoder import Encoder, Vectors
from safelight.embedding.prompts import encode_queries
from safelight.services.models import stored_text_vectors
from safelight.services.models.references import Descriptions

WORDS = "words"
"""The kind of these vectors in :mod:`safelight.services.models.stored_text_vectors`."""
_BATCH_SIZE = 16
"""Words that are encoded in one call. A search never waits longer than for one call."""

_PEOPLE = "person"
_ALLOWED_PEOPLE = ("athlete", "group of people", "family", "friends", "child", "baby", "dancer", "musician")
"""Words for people that may name a theme. Other words describe a person's age, sex, origin or work, and are
no names for a theme."""

_RARE_BELOW = 8
_RARE_MIN_SHARE = 0.7
"""A word that fewer everyday descriptions imply must find at least this share of a theme to name it.
Otherwise a theme of small animals would be "Dinosaur"."""

_MAX_FAMILIARITY_BONUS = 0.3
_FULLY_FAMILIAR_FROM = 50
"""The score of a word is raised by up to this share, if this many everyday descriptions imply it. This
decides between words that find a theme about equally well: "car" rather than "police car"."""

_MIN_SINGLE_WORD_SHARE = 0.55
"""A word that finds at least this share of a theme names it alone."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ThemeWords:
    """Words that may name themes, with their vectors."""

    names: tuple[str, ...]
    vectors: Vectors
    """(w, dim)."""
    familiarity: Numbers
    """(w,), factors by which the scores of the words are multiplied."""
    rare: npt.NDArray[np.bool_]
    """(w,)."""
    implied: tuple[frozenset[str], ...]
    """The words that each word implies, with itself."""


class WordList:
    """The words of the vocabulary that may name themes."""

    def __init__(self, descriptions: Descriptions) -> None:
        self._descriptions = descriptions

    @cached_property
    def _numbers(self) -> list[int]:
        vocabulary = self._descriptions.vocabulary
        people = vocabulary.number(_PEOPLE)
        allowed = {vocabulary.number(name) for name in _ALLOWED_PEOPLE}
        return [
            number
            for number in vocabulary.things
            if people not in vocabulary.implied(number) or vocabulary.implied(number) & allowed
        ]

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._descriptions.vocabulary.names[number] for number in self._numbers)

    def encoded(self, encoder: Encoder, directory: Path, each_batch: Callable[[int], None]) -> ThemeWords:
        """The words with their vectors by a model, stored or computed.

        ``directory`` is the folder of the library. ``each_batch`` is called with the number of encoded words,
        and may raise to stop. Raises ModelError.
        """
        vocabulary = self._descriptions.vocabulary
        names = self.names
        rows = stored_text_vectors.load(encoder.info, directory, WORDS, names)
        if rows is None:
            parts = []
            for start in range(0, len(names), _BATCH_SIZE):
                each_batch(start)
                parts.append(encode_queries(encoder, names[start : start + _BATCH_SIZE]))
            rows = np.concatenate(parts)
            stored_text_vectors.save(encoder.info, directory, WORDS, names, rows)
        used = self._descriptions.frequencies()[self._numbers]
        familiarity = 1 + _MAX_FAMILIARITY_BONUS * np.minimum(
            1, np.log1p(used) / np.log1p(_FULLY_FAMILIAR_FROM)
        )
        implied = tuple(
            frozenset(vocabulary.names[each] for each in vocabulary.implied(number))
            for number in self._numbers
        )
        return ThemeWords(names, rows, familiarity, used < _RARE_BELOW, implied)


class ThemeNamer:
    """Names groups of photos so that no two groups have the same name. For one thread."""

    def __init__(self, words: ThemeWords, photos: Vectors, prompts: Vectors) -> None:
        """``photos`` (n, dim) represent the library; ``prompts`` (m, dim) are the neutral texts."""
        self._words = words
        mean, spread = bands.photo_background(photos, prompts)
        # (n, w): as searches rank photos, so that a name finds its theme.
        levels = photos @ words.vectors.T - (mean + np.float32(bands.LEVEL_SPREADS) * spread)[:, None]
        self._ranked = np.argsort(-levels, axis=0, kind="stable").astype(np.int32)
        """(n, w): photos by how well they match each word, best first."""
        self._taken: set[int] = set()

    def names(self, members: Sequence[npt.NDArray[np.bool_]]) -> list[str]:
        """A name for each group. A group is a mask (n,) of the photos that belong to it.

        The groups with the clearest names are named first, and each word is used only once.
        """
        shares = np.stack([self._shares(group) for group in members])
        scores = self._scores(shares)
        scores[:, list(self._taken)] = -1
        found: dict[int, str] = {}
        while len(found) < len(members):
            group, word = np.unravel_index(int(np.argmax(scores)), scores.shape)
            found[int(group)] = self._name(int(word), members[int(group)], float(shares[group, word]))
            self._taken.add(int(word))
            scores[group, :] = -2
            scores[:, int(word)] = np.minimum(scores[:, int(word)], -1)
        return [found[group] for group in range(len(members))]

    def _shares(self, group: npt.NDArray[np.bool_]) -> Numbers:
        """The precision of each word (w,): of its best matches, as many as the group has photos, the share
        that belongs to the group."""
        size = int(np.count_nonzero(group))
        if not size:
            return np.zeros(len(self._words.names))
        return np.asarray(group[self._ranked[:size]].mean(0), np.float64)

    def _scores(self, shares: Numbers) -> Numbers:
        """The score of each word from its precision, both (w,) or (groups, w)."""
        return np.where(self._words.rare & (shares < _RARE_MIN_SHARE), 0.0, shares * self._words.familiarity)

    def _name(self, word: int, group: npt.NDArray[np.bool_], share: float) -> str:
        """The word as a name, with a second word if the first one misses many photos of the group."""
        first = self._words.names[word]
        rest = group.copy()
        rest[self._ranked[: np.count_nonzero(group), word]] = False
        if share >= _MIN_SINGLE_WORD_SHARE or not rest.any():
            return capitalise(first)
        scores = self._scores(self._shares(rest))
        for number, implied in enumerate(self._words.implied):
            if first in implied or self._words.names[number] in self._words.implied[word]:
                scores[number] = -1
        scores[list(self._taken)] = -1
        return capitalise(f"{first} and {self._words.names[int(np.argmax(scores))]}")


def capitalise(name: str) -> str:
    return name[:1].upper() + name[1:]
