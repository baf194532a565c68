"""The reference descriptions, and their vectors by a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from safelight import paths
from safelight.core import relevance
from safelight.core.encoder import Encoder, ModelInfo, Vectors
from safelight.core.relevance import Numbers
from safelight.core.vocabulary import Reading, Vocabulary
from safelight.embedding.word_classifiers import WordClassifier
from safelight.services.models import stored_text_vectors

_KIND = "references"
_BATCH_SIZE = 16
"""Descriptions that are encoded in one call. A search never waits longer than for one call."""
_TEXTS_PER_FILE = 32 * _BATCH_SIZE
"""Descriptions whose vectors are stored in one file. With a large model they take a minute. If the program
ends earlier, it encodes only the unfinished file again."""

_SIMILAR_FROM, _SIMILAR_SLOPE = 3.0, 0.4
"""The logistic function by which a text is similar to a description: its centre, in standard deviations above
the text's mean similarity to all descriptions, and its width."""


class Descriptions:
    """The texts of the reference descriptions, and the concepts that each of them implies."""

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

    def classifier_of(
        self, text: str | Reading, classifiers: Mapping[str, WordClassifier]
    ) -> WordClassifier | None:
        """The classifier of a text that names one thing, by a word with one meaning."""
        reading = self.vocabulary.read(text) if isinstance(text, str) else text
        if reading.unknown or len(reading.mentions) != 1 or len(reading.mentions[0]) != 1:
            return None
        (concept,) = reading.mentions[0]
        return classifiers.get(self.vocabulary.names[concept])

    def count_descriptive_words(self, text: str) -> int:
        """The number of words or phrases of a text that describe a picture."""
        reading = self.vocabulary.read(text)
        return len(reading.mentions) + len(reading.unknown)


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """A text compared with the reference descriptions."""

    parts: tuple[Numbers, ...]
    """For each thing that it names, which descriptions imply it (m,). A photo must show all of them."""
    descriptive_words: int
    """The number of its words that describe a picture."""
    classifier: WordClassifier | None = None
    """For a text that names one thing which the model has a classifier of."""

    @property
    def is_sentence(self) -> bool:
        return self.descriptive_words >= relevance.SENTENCE_MIN_WORDS

    @property
    def known(self) -> float:
        """The number of descriptions that imply its rarest thing."""
        return min((float(part.sum()) for part in self.parts), default=0.0)

    def score(self, products: Numbers, mean: Numbers, spread: Numbers) -> Numbers:
        """The classifier's log odds, from the products of photos' vectors with its weights. Without a
        classifier, the level: from the products with the text's vector, and the mean and spread of the
        photos' similarities to the neutral texts."""
        if self.classifier is not None:
            return products + np.float32(self.classifier.bias)
        return np.asarray((products - mean) / np.maximum(spread, np.float32(1e-6)), np.float32)

    def log_odds(
        self, score: Numbers, ids: relevance.DescriptionIds, weights: npt.NDArray[np.float16]
    ) -> Numbers:
        """Log odds of a match, for photos with these scores and nearest descriptions."""
        has_classifier = self.classifier is not None
        coefficients = relevance.CLASSIFIER_COEFFICIENTS if has_classifier else relevance.WORD_COEFFICIENTS
        return relevance.word_log_odds(score, self.agreement(ids, weights), self.known, coefficients)

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
    classifiers: Mapping[str, WordClassifier] = field(default_factory=dict)
    """The classifiers of single words that come with the model, by concept."""

    @classmethod
    def load(
        cls,
        descriptions: Descriptions,
        info: ModelInfo,
        directory: Path,
        classifiers: Mapping[str, WordClassifier],
    ) -> References | None:
        """The references of a model, if all their vectors are stored; else None. ``directory`` is the folder
        of the library, and ``classifiers`` come with the model."""
        found = []
        for kind, texts in parts_of(descriptions.texts):
            rows = stored_text_vectors.load(info, directory, kind, texts)
            if rows is None:
                return None
            found.append(rows)
        return cls(descriptions, np.concatenate(found), classifiers)

    def evidence_for(self, text: str, vector: Vectors) -> WordEvidence:
        """A text with this vector (dim,), compared with the descriptions."""
        reading = self.descriptions.vocabulary.read(text)
        parts = [self.descriptions.implying(sorted(concepts)) for concepts in reading.mentions]
        parts = [part for part in parts if part.any()]
        if reading.unknown or not parts:
            parts.append(self._similarities(vector))
        words = len(reading.mentions) + len(reading.unknown)
        return WordEvidence(tuple(parts), words, self.descriptions.classifier_of(reading, self.classifiers))

    def _similarities(self, vector: Vectors) -> Numbers:
        """How similar each description is to a text whose words are not in the vocabulary."""
        nearness = np.vecdot(self.vectors, vector)
        spread = max(float(nearness.std()), 1e-6)
        above = (nearness - nearness.mean()) / spread
        return np.asarray(1 / (1 + np.exp(-(above - _SIMILAR_FROM) / _SIMILAR_SLOPE)), np.float32)


class ReferenceEncoding:
    """Encodes the descriptions with one model, a few at a time, and stores the vectors."""

    def __init__(self, descriptions: Descriptions, info: ModelInfo, directory: Path) -> None:
        """``directory`` is that of the library."""
        self.key = info.key
        self._directory = directory
        self._waiting = [
            (kind, texts)
            for kind, texts in parts_of(descriptions.texts)
            if stored_text_vectors.load(info, directory, kind, texts) is None
        ]
        self._rows: list[Vectors] = []
        self.total = len(descriptions.texts)

    @property
    def done(self) -> int:
        """How many of the descriptions are encoded."""
        return self.total - sum(len(texts) for _, texts in self._waiting) + sum(map(len, self._rows))

    def advance(self, encoder: Encoder) -> bool:
        """Encode some more. Returns whether there is more to do. Raises ModelError."""
        if not self._waiting:
            return False
        kind, texts = self._waiting[0]
        start = sum(map(len, self._rows))
        self._rows.append(encoder.encode_texts(texts[start : start + _BATCH_SIZE]))
        if start + _BATCH_SIZE >= len(texts):
            stored_text_vectors.save(encoder.info, self._directory, kind, texts, np.concatenate(self._rows))
            self._rows.clear()
            del self._waiting[0]
        return bool(self._waiting)


def parts_of(texts: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The texts in parts whose vectors are stored in one file each, with their kinds."""
    return [
        (f"{_KIND}-{number}", tuple(texts[start : start + _TEXTS_PER_FILE]))
        for number, start in enumerate(range(0, len(texts), _TEXTS_PER_FILE))
    ]
