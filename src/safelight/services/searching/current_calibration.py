"""Keeps the calibration for the model in use, and improves it while no search runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from safelight.core.encoder import Encoder, Vectors
from safelight.core.errors import SafelightError
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.embedding.word_classifiers import WordClassifier, load_word_classifiers
from safelight.services.models.neutral import encoded_prompts
from safelight.services.models.references import Descriptions, ReferenceEncoding, References
from safelight.services.searching.calibration import Calibration
from safelight.services.searching.query_encoding import Encode
from safelight.store import photos
from safelight.store.library import LibraryStore


def not_compared() -> SafelightError:
    """The error for the user while a calibration has no references or cannot estimate."""
    return SafelightError("Photos have to be compared with descriptions first: run safelight index.")


class CurrentCalibration:
    """The calibration of the library for one model at a time. For one thread at a time."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._current: tuple[int, Calibration] | None = None
        """The calibration for the model of an id."""
        self._encodings: dict[str, ReferenceEncoding] = {}
        """By key, for the model that answers and the one that will."""
        self._prompts: tuple[str, Vectors] | None = None
        """The vectors of the neutral texts by the model of a key."""
        self._classifiers: tuple[str, Mapping[str, WordClassifier]] | None = None
        """The classifiers of single words that come with the model of a key."""

    def prompts(self, encoder: Encoder) -> Vectors:
        """The vectors of the neutral texts (n, dim), read only once for a model. Raises ModelError."""
        if self._prompts is None or self._prompts[0] != encoder.info.key:
            self._prompts = encoder.info.key, encoded_prompts(encoder, self._store.directory)
        return self._prompts[1]

    def direction(self, encode: Encode, encoder: Encoder, text: str) -> Vectors:
        """The direction (dim,) along which photos match a text, of unit length: that of its classifier, or
        its vector by ``encode`` less what all texts have in common. Raises ModelError."""
        classifier = self.descriptions.classifier_of(text, self._classifiers_of(encoder))
        if classifier is not None:
            own = classifier.weights
        else:
            own = encode(encoder, text) - self.prompts(encoder).mean(0)
        return np.asarray(own / max(float(np.linalg.norm(own)), 1e-6), np.float32)

    @cached_property
    def descriptions(self) -> Descriptions:
        """The reference descriptions, read at first use."""
        return Descriptions.load()

    def get(self, encoder: Encoder, model_id: int, embedded: int) -> Calibration:
        """The calibration for a model by which ``embedded`` photos have a vector. The library is measured
        again if it has changed much. Raises ModelError."""
        if self._current is None or self._current[0] != model_id:
            prompts, references = self.prompts(encoder), self._references(encoder)
            self._current = model_id, Calibration(self._store, model_id, prompts, references)
        self._current[1].refresh(embedded)
        return self._current[1]

    def encode_references(self, encoder: Encoder) -> bool:
        """Encode some of the reference descriptions. Returns whether there are more. Raises ModelError."""
        key = encoder.info.key
        if key not in self._encodings:
            self._encodings[key] = ReferenceEncoding(self.descriptions, encoder.info, self._store.directory)
        return self._encodings[key].advance(encoder)

    @property
    def preparation(self) -> Progress | None:
        """How many of the reference descriptions a model has encoded that :meth:`encode_references` works
        for; None where there is none left."""
        for encoding in self._encodings.values():
            if encoding.done < encoding.total:
                done, total = encoding.done, encoding.total
                return Progress(Phase.PROCESSING, done, total, activity=Message("Preparing searches"))
        return None

    def compare_some(self, encoder: Encoder, model_id: int) -> bool:
        """Compare some photos with the reference descriptions. Returns whether there is more to do. Raises
        ModelError."""
        with self._store.read() as db:
            embedded = photos.counts(db, model_id).embedded
        calibration = self.get(encoder, model_id, embedded)
        if not calibration.has_references:
            # It was created before the descriptions were encoded, so the next call creates another.
            self._current = None
            return self._references(encoder) is not None
        return calibration.compare_some()

    def _references(self, encoder: Encoder) -> References | None:
        classifiers = self._classifiers_of(encoder)
        return References.load(self.descriptions, encoder.info, self._store.directory, classifiers)

    def _classifiers_of(self, encoder: Encoder) -> Mapping[str, WordClassifier]:
        """The classifiers of a model, read only once."""
        if self._classifiers is None or self._classifiers[0] != encoder.info.key:
            self._classifiers = encoder.info.key, load_word_classifiers(encoder.info)
        return self._classifiers[1]
