"""Photos by description, and photos like a photo."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from safelight.core.bands import Background, banded
from safelight.core.encoder import Encoder
from safelight.core.errors import ImageError, SafelightError, UsageError
from safelight.core.query import parse
from safelight.core.search import SearchHit
from safelight.embedding.prompts import encode_query
from safelight.services import query_plan
from safelight.services.decoding import DecodePool
from safelight.services.model import ModelService
from safelight.store import filters, photos, vectors
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
        """Photos that fit a query of the search language, a picture (as for :meth:`similar_to_picture`),
        or both together. A query of filters alone gives the newest first, and needs no model.

        Raises UsageError where nothing is asked, ImageError, ModelError, SafelightError for a picture that
        the query names and that cannot be used.
        """
        query = parse(text)
        if not query and like is None:
            raise UsageError(
                "The query is empty. Describe what is in the photo, for example: dog on a beach."
            )
        allowed: list[int] | None = None
        if query.filters or query.phrases:
            with self._store.read() as db:
                allowed = filters.allowed(db, query.filters, query.phrases)
            if not allowed or not (query.ranks or like is not None):
                return Found(query_plan.by_date(allowed, limit), query_plan.remark(query))
        encoder = self._model.wait()
        aim = query_plan.aim(
            query,
            lambda words: encode_query(encoder, words.encode("utf-8", "replace").decode()),
            lambda path: self._named_picture(encoder, path),
            more=() if like is None else (self._picture(encoder, like),),
        )
        if aim is None:  # what is wanted cancels out
            return Found(())
        if aim.only_away:
            return self._without(encoder, aim.vector, limit, allowed)
        return self._nearest(encoder, aim.vector, limit, allowed)

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

    def _named_picture(self, encoder: Encoder, path: str) -> Vector:
        """The vector of a picture that a query names, from the library where it is in there."""
        try:
            place = os.path.realpath(os.path.expanduser(path))
            known = self._stored(encoder, os.fsencode(place))
            if known is not None:
                return known
            if not os.path.exists(place):
                raise FileNotFoundError
            return self._picture(encoder, place)
        except ImageError as error:
            raise SafelightError(f"{path}: {error}") from error
        except (FileNotFoundError, ValueError) as error:  # ValueError: no path of this system
            raise SafelightError(f"There is no picture {path}. Check the name after like:") from error

    def _stored(self, encoder: Encoder, path: bytes) -> Vector | None:
        """The vector of the photo that lies at a path."""
        model_id = self._model_id(encoder)
        with self._store.read() as db:
            photo_id = photos.by_path(db, path)
            if model_id is None or photo_id is None:
                return None
            return vectors.get(db, model_id, photo_id)

    def _without(self, encoder: Encoder, unwanted: Vector, limit: int, allowed: list[int] | None) -> Found:
        """What shows the unwanted least comes first."""
        with self._store.read() as db:
            everything = photos.counts(db).photos if allowed is None else len(allowed)
        found = self._nearest(encoder, unwanted, everything, allowed)
        return replace(found, hits=query_plan.without(found.hits, limit))

    def _nearest(
        self, encoder: Encoder, query: Vector, limit: int, allowed: Collection[int] | None = None
    ) -> Found:
        model_id = self._model_id(encoder)
        if model_id is None:
            return Found((), "Nothing is indexed with this model yet.")
        with self._store.read() as db:
            scored = vectors.nearest(db, model_id, query, limit, allowed)
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
