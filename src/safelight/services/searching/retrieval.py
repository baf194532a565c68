"""Retrieves the photos that may be results: by their vectors, their names and their texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from safelight.core import relevance
from safelight.core.encoder import Encoder
from safelight.core.name_evidence import NameMatch
from safelight.core.photo import LibraryCounts
from safelight.core.query import Query
from safelight.core.stopwatch import RecordStep, record_nothing
from safelight.services.searching import name_matching
from safelight.services.searching.current_calibration import CurrentCalibration
from safelight.services.searching.matched_units import MatchedUnits
from safelight.services.searching.query_encoding import Encode, Vector
from safelight.services.searching.query_vectors import QueryVectors
from safelight.services.searching.ranked_search import RankedSearch
from safelight.services.searching.read_cache import ReadCache
from safelight.services.searching.targets import Ranked
from safelight.services.searching.text_evidence import TextEvidence, merge_evidence
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import filter_ids, photos, spaces, vectors
from safelight.store.filters import Restriction
from safelight.store.library import Connection, LibraryStore
from safelight.store.vectors import Ids

_CACHED_FILTERS = 2
"""Filters whose photos are cached: 8 MB each where a million photos pass."""


class Retrieval:
    """Looks up photos and their evidence in one library. For one thread at a time."""

    def __init__(
        self,
        store: LibraryStore,
        cache: VectorCache | None,
        encode: Encode,
        calibration: CurrentCalibration,
        text_evidence: TextEvidence,
        units: MatchedUnits,
    ) -> None:
        """``cache`` is used where its vectors are up to date; otherwise sqlite-vec answers. ``encode`` gives
        the unit vector of a text. ``units`` receives the part of each photo that matched best."""
        self._store = store
        self._cache = cache
        self._encode = encode
        self._calibration = calibration
        self._text_evidence = text_evidence
        self._units = units
        self._passed: ReadCache[tuple[Restriction, ...], Ids] = ReadCache(_CACHED_FILTERS)
        self._covered: ReadCache[int, LibraryCounts] = ReadCache(1)

    def coverage(self, db: Connection, model_id: int) -> LibraryCounts:
        """How many photos the library has, and how many of them have a vector by a model."""
        return self._covered.get(db, model_id, lambda: photos.counts(db, model_id))

    def allowed(self, db: Connection, query: Query) -> Ids:
        """The photos that pass the filters of a query that the store decides."""
        restrictions = query.restrictions
        return self._passed.get(db, restrictions, lambda: filter_ids.matching_ids(db, restrictions))

    def search(
        self,
        encoder: Encoder,
        model_id: int,
        query_vectors: QueryVectors,
        allowed: Ids | None,
        *,
        words: str = "",
        record_step: RecordStep = record_nothing,
    ) -> RankedSearch:
        """A search for the vectors of a query among the photos ``allowed``, all without them. Photos whose
        names or texts match ``words`` rank higher. Raises ModelError."""
        with self._store.read() as db:
            coverage = self.coverage(db, model_id)
            names = self.names(db, encoder, model_id, words, coverage.photos, allowed)
        record_step("names")
        calibration = self._calibration.get(encoder, model_id, coverage.embedded)
        target = calibration.target(query_vectors)
        record_step("measure")
        # An exclusion must hold for the photo as a whole.
        nearest = partial(self.nearest, model_id, whole=query_vectors.only_excludes)
        return RankedSearch(nearest, calibration, target, allowed, coverage, names, record_step)

    def rank_words(self, encoder: Encoder, model_id: int, words: str) -> Ranked:
        """All photos that match words strongly or maybe, and some more. Raises ModelError."""
        query_vectors = QueryVectors.for_words(self._encode(encoder, words), words)
        ranked = self.search(encoder, model_id, query_vectors, None).best(None)
        self._units.forget()
        return ranked

    def nearest(
        self,
        model_id: int,
        query: Vector,
        count: int,
        allowed: Ids | Sequence[int] | None,
        *,
        whole: bool = False,
    ) -> list[tuple[int, float]]:
        """The (photo id, similarity) of the ``count`` photos nearest to a vector (dim,), of those
        ``allowed``: each by the part of it that is nearest, or as a ``whole``."""
        nearest = vectors.nearest if self._cache is None else self._cache.nearest
        by_unit = spaces.nearest if self._cache is None else self._cache.nearest_by_unit
        with self._store.read() as db:
            found = nearest(db, model_id, query, count, allowed)
            others = [
                by_unit(db, space, query, count, allowed)
                for space in ([] if whole else spaces.of_model(db, model_id))
                if space.kind.is_picture
            ]
        return self._units.merge(found, others, count) if others else found

    def names(
        self,
        db: Connection,
        encoder: Encoder,
        model_id: int,
        words: str,
        library_size: int,
        allowed: Ids | Sequence[int] | None,
    ) -> dict[int, NameMatch]:
        """The evidence of names and texts for ``words``, by photo id, in a library of ``library_size``
        photos. Raises ModelError."""
        names = name_matching.matches(db, words, library_size, allowed)
        if not words or not self._text_evidence.any(db, model_id):
            return names
        if self._calibration.descriptions.count_descriptive_words(words) >= relevance.SENTENCE_MIN_WORDS:
            return names  # one tag says little about a whole sentence, and its words are found in captions
        query = self._encode(encoder, words)
        texts = self._text_evidence.matches(db, encoder, model_id, query)
        return merge_evidence(names, name_matching.keep_allowed(texts, allowed))
