"""Compares two models over the same photos of a library."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError as FutureCancelled
from dataclasses import dataclass

import numpy as np

from safelight.core.encoder import Encoder
from safelight.core.errors import CancelledError, ImageError, UsageError
from safelight.core.jobs import JobControl
from safelight.embedding.prompts import encode_query
from safelight.services.indexing.decoding import DecodePool
from safelight.services.models.model import ModelService
from safelight.store import photo_paths, photos, vectors
from safelight.store.library import LibraryStore

SAMPLE = 500
"""Default number of photos compared."""

_CHUNK = 32


@dataclass(frozen=True, slots=True)
class PreparationProgress:
    """How many photos both models have encoded, and the total."""

    done: int
    total: int


class ModelComparison:
    """Answers queries from a sample of the library with two models, by similarity alone.

    The vectors are stored like any others, so that these photos are not encoded again if the user chooses the
    model. For one thread at a time.
    """

    def __init__(
        self,
        store: LibraryStore,
        pool: DecodePool,
        models: tuple[ModelService, ModelService],
        *,
        sample: int = SAMPLE,
        seed: int = 0,
    ) -> None:
        """Photos are sampled from the whole library; the same ``seed`` gives the same sample."""
        self._store = store
        self._pool = pool
        self._models = models
        with store.read() as db:
            known = sorted(place[0] for place in photo_paths.located(db, photos.ids(db)))
        random.Random(seed).shuffle(known)  # noqa: S311 - not a secret
        self._ids = known[:sample]

    def prepare(self, control: JobControl) -> Iterator[PreparationProgress]:
        """Encode the sample with both models, a few photos at a time, and yield the progress. Searches cover
        the photos that are encoded so far. Raises CancelledError, ModelError, NoSpaceError."""
        encoders = [model.wait() for model in self._models]
        with self._store.write() as db:
            model_ids = [vectors.register(db, encoder.info, time.time()) for encoder in encoders]
        yield PreparationProgress(0, len(self._ids))
        for start in range(0, len(self._ids), _CHUNK):
            chunk = self._ids[start : start + _CHUNK]
            for encoder, model_id in zip(encoders, model_ids, strict=True):
                control.checkpoint()
                self._read(encoder, model_id, chunk)
            yield PreparationProgress(start + len(chunk), len(self._ids))

    def search(self, text: str, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The best matches of the sample for each model, best first, among the photos that both have read.
        Raises UsageError for an empty description, ModelError."""
        if not text.strip():
            raise UsageError("The query is empty. Describe a photo, for example: dog on a beach.")
        encoders = [model.wait() for model in self._models]
        with self._store.read() as db:
            found = []
            for encoder in encoders:
                model_id = vectors.model_id(db, encoder.info.key)
                found.append(None if model_id is None else vectors.of_visible(db, model_id, self._ids))
        left, right = found
        if left is None or right is None:
            return (), ()
        both = np.intersect1d(left[0], right[0])
        answers = []
        for encoder, (ids, rows) in zip(encoders, (left, right), strict=True):
            in_both = np.isin(ids, both)
            scores = rows[in_both] @ encode_query(encoder, text)
            best = np.argsort(-scores, kind="stable")[:count]
            answers.append(tuple(int(photo) for photo in ids[in_both][best]))
        return answers[0], answers[1]

    def _read(self, encoder: Encoder, model_id: int, chunk: Sequence[int]) -> None:
        with self._store.read() as db:
            known = set(vectors.of_visible(db, model_id, chunk)[0].tolist())
            places = photo_paths.located(db, [photo for photo in chunk if photo not in known])
        decoding = [
            (photo, content, self._pool.decode(os.fsdecode(path), encoder.input_spec))
            for photo, content, path in places
        ]
        ids, pixels = [], []
        for photo, content, future in decoding:
            try:
                decoded = future.result()
            except ImageError:
                continue  # indexing reports the problem
            except FutureCancelled:
                raise CancelledError from None
            if decoded.content_hash == content and decoded.model_input is not None:
                ids.append(photo)
                pixels.append(decoded.model_input)
        if ids:
            rows = encoder.encode_images(np.stack(pixels))
            with self._store.write() as db:
                vectors.put(db, model_id, ids, rows)
