"""Encodes the words and pictures of a query with the model in use."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Encoder
from safelight.core.errors import ImageError, SafelightError
from safelight.core.plain_text import without_surrogates
from safelight.core.query import Like, Query
from safelight.core.region import Region
from safelight.embedding.prompts import EncodedQueries
from safelight.services.indexing.decoding import DecodePool
from safelight.services.searching import query_plan
from safelight.services.searching.query_vectors import QueryPart, QueryVectors
from safelight.store import photo_paths, vectors
from safelight.store.library import LibraryStore

Vector = npt.NDArray[np.float32]

Example = int | str | bytes
"""A picture to search with: a photo of the library (its id), a file (a path) or an encoded picture."""

_CACHED_REGIONS = 64
"""Regions of pictures whose vectors are cached."""


Encode = Callable[[Encoder, str], Vector]
"""The unit vector of a text (dim,)."""


class QueryEncoder:
    """Vectors of texts, photos and pictures. For one thread at a time."""

    def __init__(self, store: LibraryStore, pool: DecodePool) -> None:
        self._store = store
        self._pool = pool
        self._texts = EncodedQueries()
        self._regions: dict[tuple[str, str, int, Region], Vector] = {}

    def vectors(self, encoder: Encoder, query: Query, like: Example | None) -> QueryVectors | None:
        """The vectors of a plain query; None where it has none, or they cancel out.

        Raises ImageError for an example that cannot be read, SafelightError for a picture that the query
        names and that cannot be used.
        """
        return query_plan.query_vectors(
            query,
            partial(self.words, encoder),
            partial(self._named_picture, encoder),
            more=self._more(encoder, like),
        )

    def parts(self, encoder: Encoder, query: Query, like: Example | None) -> list[QueryPart]:
        """The parts by which a plain query ranks, each by itself. Raises as :meth:`vectors`."""
        return query_plan.query_parts(
            query,
            partial(self.words, encoder),
            partial(self._named_picture, encoder),
            self._more(encoder, like),
        )

    def photo(self, encoder: Encoder, photo_id: int) -> Vector:
        """The vector of a photo. Raises SafelightError if it is gone, ImageError."""
        with self._store.read() as db:
            model_id = vectors.model_id(db, encoder.info.key)
            vector = vectors.get(db, model_id, photo_id) if model_id is not None else None
            places = photo_paths.of_photo(db, photo_id) if vector is None else []
        if vector is None:
            if not places:
                raise SafelightError("That photo is no longer in the library.")
            vector = self.picture(encoder, os.fsdecode(places[0]))
        return vector

    def picture(self, encoder: Encoder, source: str | bytes) -> Vector:
        """The vector of a file (a path) or an encoded picture (bytes). Raises ImageError."""
        pixels = self._pool.prepare(source, encoder.input_spec).result()
        vector: Vector = encoder.encode_images(pixels[np.newaxis])[0]
        return vector

    def _more(self, encoder: Encoder, like: Example | None) -> tuple[Vector, ...]:
        if like is None:
            return ()
        return (self.photo(encoder, like) if isinstance(like, int) else self.picture(encoder, like),)

    def words(self, encoder: Encoder, words: str) -> Vector:
        """The unit vector of a text (dim,)."""
        return self._texts.encode(encoder, without_surrogates(words))

    def _named_picture(self, encoder: Encoder, like: Like) -> Vector:
        """The vector of a picture, or of a region of it, that a query names; from the library if it is
        there.
        """
        try:
            place = os.path.realpath(os.path.expanduser(like.path))
            known = None if like.region else self._stored(encoder, os.fsencode(place))
            if known is not None:
                return known
            if not os.path.exists(place):
                raise FileNotFoundError
            return self._region(encoder, place, like.region) if like.region else self.picture(encoder, place)
        except ImageError as error:
            raise SafelightError("{path}: {error}", path=like.path, error=error) from error
        except (FileNotFoundError, ValueError) as error:  # ValueError: no path of this system
            raise SafelightError(
                "There is no picture {path}. Check the name after like:", path=like.path
            ) from error

    def _region(self, encoder: Encoder, path: str, region: Region) -> Vector:
        """The vector of a region of a picture; cached, since it is needed again with every letter typed."""
        key = encoder.info.key, path, os.stat(path).st_mtime_ns, region
        known = self._regions.get(key)
        if known is None:
            pixels = self._pool.prepare_regions(path, encoder.input_spec, [region]).result()
            known = self._regions[key] = encoder.encode_images(pixels)[0]
            while len(self._regions) > _CACHED_REGIONS:
                self._regions.pop(next(iter(self._regions)))
        return known

    def _stored(self, encoder: Encoder, path: bytes) -> Vector | None:
        """The vector of the photo at a path."""
        with self._store.read() as db:
            model_id = vectors.model_id(db, encoder.info.key)
            photo_id = photo_paths.photo_at(db, path)
            if model_id is None or photo_id is None:
                return None
            return vectors.get(db, model_id, photo_id)
