"""Names of themes: words of the vocabulary whose search finds the theme's photos and few others."""

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
from safelight.services.models import kept_vectors
from safelight.services.models.references import Descriptions

WORDS = "words"
"""The kind of these vectors where they are kept."""
_BATCH = 16
"""Words that are encoded together. A search waits for no more than that."""

_PEOPLE = "person"
_ALLOWED_PEOPLE = ("athlete", "group of people", "family", "friends", "child", "baby", "dancer", "musician")
"""Kinds of people that a theme may be named by. Words on a person's traits, as age, sex, origin or work, name
nothing by themselves."""

_RARE = 8
_RARE_NEEDS = 0.7
"""A word that fewer everyday descriptions imply has to find this share of a theme to name it: otherwise a
theme of small animals would be "Dinosaur"."""

_FAMILIAR = 0.3
_FAMILIAR_AT = 50
"""A word counts up to this much more if this many everyday descriptions use it, or a word that implies it. It
decides between words that find a theme about as well: "car" rather than "police car"."""

_ENOUGH = 0.55
"""A word that finds at least this share of a theme names it alone."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Words:
    """Words that themes may be named by, with their vectors."""

    names: tuple[str, ...]
    vectors: Vectors
    """(w, dim)."""
    familiarity: Numbers
    """(w,): the factor by which a word counts more."""
    rare: npt.NDArray[np.bool_]
    """(w,)."""
    implied: tuple[frozenset[str], ...]
    """What each word implies, itself included."""


class WordList:
    """The vocabulary's words for things."""

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

    def encoded(self, encoder: Encoder, directory: Path, each_batch: Callable[[int], None]) -> Words:
        """The words with their vectors by a model, from where they are kept.

        ``directory`` is that of the library. ``each_batch`` gets the number of words that are done; it may
        raise to stop. Raises ModelError.
        """
        vocabulary = self._descriptions.vocabulary
        names = self.names
        rows = kept_vectors.load(encoder.info, directory, WORDS, names)
        if rows is None:
            parts = []
            for start in range(0, len(names), _BATCH):
                each_batch(start)
                parts.append(encode_queries(encoder, names[start : start + _BATCH]))
            rows = np.concatenate(parts)
            kept_vectors.save(encoder.info, directory, WORDS, names, rows)
        used = self._descriptions.frequencies()[self._numbers]
        familiarity = 1 + _FAMILIAR * np.minimum(1, np.log1p(used) / np.log1p(_FAMILIAR_AT))
        implied = tuple(
            frozenset(vocabulary.names[each] for each in vocabulary.implied(number))
            for number in self._numbers
        )
        return Words(names, rows, familiarity, used < _RARE, implied)


class Namer:
    """Names groups of photos so that no two groups have the same name. For one thread."""

    def __init__(self, words: Words, photos: Vectors, prompts: Vectors) -> None:
        """``photos`` (n, dim) represent the library; ``prompts`` (m, dim) are the neutral texts."""
        self._words = words
        mean, spread = bands.photo_background(photos, prompts)
        # (n, w): as searches rank photos, so that a name finds its theme.
        levels = photos @ words.vectors.T - (mean + np.float32(bands.LEVEL_SPREADS) * spread)[:, None]
        self._ranked = np.argsort(-levels, axis=0, kind="stable").astype(np.int32)
        """(n, w): photos by how well they match each word, best first."""
        self._taken: set[int] = set()

    def names(self, members: Sequence[npt.NDArray[np.bool_]]) -> list[str]:
        """A name for each group, given as (n,) which photos belong to it.

        The clearest name is given first, and its word to no other group.
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
        """Of as many best matches of each word as the group has photos, how many belong to it (w,)."""
        size = int(np.count_nonzero(group))
        if not size:
            return np.zeros(len(self._words.names))
        return np.asarray(group[self._ranked[:size]].mean(0), np.float64)

    def _scores(self, shares: Numbers) -> Numbers:
        """How well words suit, from the shares that they find, (w,) or (groups, w)."""
        return np.where(self._words.rare & (shares < _RARE_NEEDS), 0.0, shares * self._words.familiarity)

    def _name(self, word: int, group: npt.NDArray[np.bool_], share: float) -> str:
        """A word, and a second one for the photos that it misses where these are many."""
        first = self._words.names[word]
        rest = group.copy()
        rest[self._ranked[: np.count_nonzero(group), word]] = False
        if share >= _ENOUGH or not rest.any():
            return capitalised(first)
        scores = self._scores(self._shares(rest))
        for number, implied in enumerate(self._words.implied):
            if first in implied or self._words.names[number] in self._words.implied[word]:
                scores[number] = -1
        scores[list(self._taken)] = -1
        return capitalised(f"{first} and {self._words.names[int(np.argmax(scores))]}")


def capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]
