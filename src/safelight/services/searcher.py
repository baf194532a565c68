"""Photos by description, and photos like a photo."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.core.bands import Background, banded
from safelight.core.encoder import Encoder
from safelight.core.errors import SafelightError, UsageError
from safelight.core.search import SearchHit
from safelight.embedding.prompts import encode_query
from safelight.services.decoding import DecodePool
from safelight.services.model import ModelService
from safelight.store import photos, vectors
from safelight.store.library import LibraryStore

BACKGROUND_SAMPLE = 1024
"""Photos that stand for the library when a query's background is estimated."""

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """Hits best first, and one line for the person where there is something to say."""

    hits: tuple[SearchHit, ...]
    notice: str = ""


class Searcher:
    """Answers from the vectors of the model in use. Safe to call from one thread at a time."""

    def __init__(self, store: LibraryStore, pool: DecodePool, model: ModelService) -> None:
        self._store = store
        self._pool = pool
        self._model = model
        self._sample: Vector | None = None
        self._sampled_at = -1

    def search(self, text: str, limit: int, *, like: str | bytes | None = None) -> Found:
        """Photos that fit a description, a picture (as for :meth:`similar_to_picture`), or both together.

        Raises UsageError where there is neither, ImageError, ModelError.
        """
        if not text.strip() and like is None:
            raise UsageError(
                "The query is empty. Describe what is in the photo, for example: dog on a beach."
            )
        encoder = self._model.wait()
        parts = [encode_query(encoder, text)] if text.strip() else []
        if like is not None:
            parts.append(self._picture(encoder, like))
        query = np.sum(parts, axis=0)
        return self._nearest(encoder, query / np.linalg.norm(query), limit)

    def similar_to_photo(self, photo_id: int, limit: int) -> Found:
        """Photos like one of the library, itself first."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        with self._store.read() as db:
            vector = vectors.get(db, model_id, photo_id) if model_id is not None else None
            places = photos.existing_path(db, photo_id) if vector is None else []
        if vector is None:
            if not places:
                raise SafelightError("That photo is no longer in the library.")
            vector = self._picture(encoder, os.fsdecode(places[0]))
        return self._nearest(encoder, vector, limit)

    def similar_to_picture(self, source: str | bytes, limit: int) -> Found:
        """Photos like a file (a path) or an encoded picture (bytes), of the library or not.

        Raises ImageError where it cannot be read.
        """
        encoder = self._model.wait()
        return self._nearest(encoder, self._picture(encoder, source), limit)

    def _picture(self, encoder: Encoder, source: str | bytes) -> Vector:
        pixels = self._pool.prepare(source, encoder.input_spec).result()
        vector: Vector = encoder.encode_images(pixels[np.newaxis])[0]
        return vector

    def _model_id(self, encoder: Encoder) -> int | None:
        with self._store.read() as db:
            return vectors.model_id(db, encoder.info.key)

    def _nearest(self, encoder: Encoder, query: Vector, limit: int) -> Found:
        model_id = self._model_id(encoder)
        if model_id is None:
            return Found((), "Nothing is indexed with this model yet.")
        with self._store.read() as db:
            scored = vectors.nearest(db, model_id, query, limit)
            coverage = photos.counts(db, model_id)
        background = Background.of(self._background_sample(model_id, coverage.embedded) @ query)
        notice = ""
        if coverage.embedded < coverage.photos:
            notice = (
                f"Searching {coverage.embedded:,} of {coverage.photos:,} photos; the rest are being read."
            )
        return Found(banded(scored, background), notice)

    def _background_sample(self, model_id: int, embedded: int) -> Vector:
        """A random sample of vectors, drawn again when the library has grown or shrunk by a tenth."""
        if self._sample is None or abs(embedded - self._sampled_at) > max(16, self._sampled_at // 10):
            with self._store.read() as db:
                self._sample = vectors.sample(db, model_id, BACKGROUND_SAMPLE)
            self._sampled_at = embedded
        return self._sample
