"""The reference descriptions, and their vectors by a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from safelight import paths
from safelight.core import relevance
from safelight.core.encoder import Encoder, ModelInfo, Vectors
from safelight.core.relevance import Numbers
from safelight.core.vocabulary import Vocabulary
from safelight.services.models import kept_vectors

_KIND = "references"
_BATCH = 64

_LIKE, _SLOPE = 3.0, 0.4
"""A text is similar to a description from this many standard deviations of its similarities to all
descriptions."""


class Descriptions:
    """The texts, and what each of them implies."""

    def __init__(self, vocabulary: Vocabulary, texts: Sequence[str]) -> None:
        self.vocabulary = vocabulary
        self.texts = tuple(texts)

    @classmethod
    def load(cls) -> Descriptions:
        folder = paths.resources_dir() / "descriptions"
        vocabulary = Vocabulary.parse((folder / "vocabulary.txt").read_text(encoding="utf-8"))
        return cls(vocabulary, (folder / "descriptions.txt").read_text(encoding="utf-8").splitlines())

    @cached_property
    def _implied(self) -> npt.NDArray[np.bool_]:
        """(m, concepts)."""
        found = np.zeros((len(self.texts), len(self.vocabulary)), np.bool_)
        for row, text in enumerate(self.texts):
            found[row, list(self.vocabulary.implied_by(self.vocabulary.read(text).mentions))] = True
        return found

    def implying(self, concepts: Sequence[int]) -> Numbers:
        """For each description, whether it implies one of these concepts, as (m,) of 0 and 1."""
        return np.asarray(self._implied[:, list(concepts)].any(1), np.float32)

    def frequencies(self) -> npt.NDArray[np.int64]:
        """For each concept, how many descriptions imply it."""
        return np.asarray(self._implied.sum(0), np.int64)

    def telling_words(self, text: str) -> int:
        """The number of words or phrases of a text that describe a picture."""
        reading = self.vocabulary.read(text)
        return len(reading.mentions) + len(reading.unknown)


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """A text compared with the reference descriptions."""

    parts: tuple[Numbers, ...]
    """For each thing that it names, which descriptions imply it (m,). A photo must show all of them."""
    telling: int
    """The number of its words that describe a picture."""

    @property
    def is_sentence(self) -> bool:
        return self.telling >= relevance.LONG

    @property
    def known(self) -> float:
        """The number of descriptions that imply its rarest thing."""
        return min((float(part.sum()) for part in self.parts), default=0.0)

    def log_odds(
        self, level: Numbers, ids: relevance.DescriptionIds, weights: npt.NDArray[np.float16]
    ) -> Numbers:
        """Log odds of a match, for photos with these levels and nearest descriptions."""
        return relevance.word_log_odds(level, self.agreement(ids, weights), self.known)

    def agreement(self, ids: relevance.DescriptionIds, weights: npt.NDArray[np.float16]) -> Numbers:
        """The agreement with all parts, 0 to 1, of photos with these nearest descriptions."""
        found = relevance.agreements(ids, weights, self.parts)
        return np.asarray(np.min(found, axis=0), np.float32) if found else np.zeros(len(ids), np.float32)


@dataclass(frozen=True, slots=True)
class References:
    """Descriptions with their vectors by one model."""

    descriptions: Descriptions
    vectors: Vectors
    """(m, dim), unit rows."""

    @classmethod
    def kept(cls, descriptions: Descriptions, key: str, dim: int, folder: Path) -> References | None:
        """The references from vectors kept in ``folder`` for the model of this key; None without any."""
        rows = kept_vectors.load(folder, _KIND, key, descriptions.texts, dim)
        return None if rows is None else cls(descriptions, rows)

    def evidence_for(self, text: str, vector: Vectors) -> WordEvidence:
        """A text with this vector (dim,), compared with the descriptions."""
        reading = self.descriptions.vocabulary.read(text)
        parts = [self.descriptions.implying(sorted(concepts)) for concepts in reading.mentions]
        parts = [part for part in parts if part.any()]
        if reading.unknown or not parts:
            parts.append(self._like(vector))
        return WordEvidence(tuple(parts), len(reading.mentions) + len(reading.unknown))

    def _like(self, vector: Vectors) -> Numbers:
        """How similar each description is to a text whose words are not in the vocabulary."""
        nearness = np.vecdot(self.vectors, vector)
        spread = max(float(nearness.std()), 1e-6)
        above = (nearness - nearness.mean()) / spread
        return np.asarray(1 / (1 + np.exp(-(above - _LIKE) / _SLOPE)), np.float32)


class ReferenceEncoding:
    """Encodes the descriptions with one model, a few at a time, and keeps the vectors in ``folder``."""

    def __init__(self, descriptions: Descriptions, info: ModelInfo, folder: Path) -> None:
        self.key = info.key
        self._texts = descriptions.texts
        self._folder = folder
        self._parts: list[Vectors] = []
        self._is_done = kept_vectors.load(folder, _KIND, info.key, self._texts, info.dim) is not None

    def advance(self, encoder: Encoder) -> bool:
        """Encode some more. Returns whether there is more to do. Raises ModelError."""
        if self._is_done:
            return False
        start = sum(map(len, self._parts))
        self._parts.append(encoder.encode_texts(self._texts[start : start + _BATCH]))
        if start + _BATCH < len(self._texts):
            return True
        kept_vectors.save(self._folder, _KIND, self.key, self._texts, np.concatenate(self._parts))
        self._parts.clear()
        self._is_done = True
        return False
