"""Searches for photos by description, and for photos similar to a photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from safelight.core.concepts import Concept, Proposal
from safelight.core.encoder import Encoder
from safelight.core.errors import SafelightError, UsageError
from safelight.core.estimate import Estimate
from safelight.core.jobs import Progress
from safelight.core.message import Message
from safelight.core.photo import LibraryCounts
from safelight.core.query import Query, alternatives, parse
from safelight.core.stopwatch import RecordStep, record_nothing
from safelight.core.tag_words import Suggestion
from safelight.services.indexing.decoding import DecodePool
from safelight.services.models.model import SearchModel
from safelight.services.searching import combined_search, query_plan
from safelight.services.searching.combined_search import Alternative
from safelight.services.searching.current_calibration import CurrentCalibration, not_compared
from safelight.services.searching.judging import JudgedFilters, PassingPhotos
from safelight.services.searching.matched_units import MatchedUnits
from safelight.services.searching.photo_explanations import Explained, PhotoExplanations
from safelight.services.searching.query_encoding import Example, QueryEncoder, Vector
from safelight.services.searching.query_vectors import QueryVectors
from safelight.services.searching.results import FoundPhotos as FoundPhotos
from safelight.services.searching.retrieval import Retrieval
from safelight.services.searching.tag_suggestions import TagSuggester
from safelight.services.searching.text_evidence import TextEvidence
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import concepts, filter_ids, pairs, photos, vectors
from safelight.store.library import LibraryStore
from safelight.store.vectors import Ids


@dataclass(frozen=True, slots=True)
class _Filtered:
    """The photos that pass the filters of a query."""

    allowed: Ids | None
    """None if there are no filters, so that all photos are allowed."""
    notices: tuple[Message, ...] = ()
    """Notices for the user."""
    passing: PassingPhotos | None = None
    """The same photos with their evidence, where the model decides one of the filters."""


class Searcher:
    """Answers from the vectors of the model in use. Safe to call from one thread at a time."""

    def __init__(
        self, store: LibraryStore, pool: DecodePool, model: SearchModel, cache: VectorCache | None = None
    ) -> None:
        """``cache`` is used where its vectors are up to date; otherwise sqlite-vec answers."""
        self._store = store
        self._model = model
        self._cache = cache
        self._encode = QueryEncoder(store, pool)
        self._units = MatchedUnits(store)
        self._calibration = CurrentCalibration(store)
        self._text_evidence = TextEvidence(store, self._calibration.prompts)
        words = self._encode.words
        self._retrieval = Retrieval(store, cache, words, self._calibration, self._text_evidence, self._units)
        self._tags = TagSuggester(store, words, self._retrieval, self._calibration)
        self._judged = JudgedFilters(
            store,
            cache,
            partial(self._calibration.direction, words),
            self._retrieval.rank_words,
            self._tags.word_choice,
        )
        self._explanations = PhotoExplanations(
            store, pool, self._encode, self._retrieval, self._calibration, self._units, self._judged
        )

    def prepare(self) -> None:
        """Wait for the model and measure the library's background, so that the first search is as fast as
        any; vectors are read into memory in the background. Raises ModelError."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:  # nothing to measure yet, but the prompts are cached for later
            self._calibration.prompts(encoder)
            return
        if self._cache is not None:
            self._cache.warm(model_id)
        with self._store.read() as db:
            embedded = photos.counts(db, model_id).embedded
        self._calibration.get(encoder, model_id, embedded)

    def improve(self) -> bool:
        """Make searches and suggestions better or faster, for a fraction of a second: encode reference
        descriptions and words for tags, and compare photos with descriptions.

        Call it while no search runs. Returns whether there is more to do. Raises ModelError. The descriptions
        are also encoded for a model that will soon be in use, because its first searches would otherwise have
        less accurate bands than those of the present model.
        """
        encoder = self._model.wait()
        if self._calibration.encode_references(encoder):
            return True
        upcoming = self._model.upcoming()
        if upcoming is not None and self._calibration.encode_references(upcoming):
            return True
        model_id = self._model_id(encoder)
        if model_id is None:
            return False
        if self._text_evidence.encode_some(encoder, model_id):
            return True
        return self._calibration.compare_some(encoder, model_id) or self._tags.encode_some(encoder)

    @property
    def preparation(self) -> Progress | None:
        """How far :meth:`improve` has come with encoding, which takes minutes with a large model that is new
        on this computer; None while nothing is left."""
        return self._calibration.preparation

    def search(
        self,
        text: str,
        limit: int | None,
        *,
        like: Example | None = None,
        record_step: RecordStep = record_nothing,
    ) -> FoundPhotos:
        """Photos that match a query of the search language, a picture (a photo's id, or as for
        :meth:`similar_to_picture`), or both together. A query of filters alone gives the newest first, and
        needs no model. Without a ``limit`` every photo can be reached, see :class:`FoundPhotos`.
        ``record_step`` is called at the end of the steps parse, filter, encode, names, measure, search and
        rank.

        Raises UsageError for an empty query, ImageError, ModelError, SafelightError for a picture that
        the query names and that cannot be used.
        """
        query = parse(text)
        record_step("parse")
        if not query and like is None:
            raise UsageError(
                "The query is empty. Describe what is in the photo, for example: dog on a beach."
            )
        query = self._shown(query)
        if not query.ranks and like is None:
            with self._store.read() as db:
                found = filter_ids.matching_ids_newest_first(db, query.restrictions)
            record_step("filter")
            return query_plan.by_date(query, found.tolist(), limit)
        plain = alternatives(query)
        if len(plain) > 1:
            return self._with_unknown_words(self._any_of(plain, limit, like, record_step), plain)
        query = plain[0]
        filtered = self._filtered(query)
        if filtered.passing is not None and not query.is_aimed and like is None:
            return combined_search.results_of_filters(filtered.passing, limit, filtered.notices)
        if filtered.allowed is not None:
            record_step("filter")
            if not len(filtered.allowed):
                return query_plan.by_date(query, (), limit, filtered.notices)
        encoder = self._model.wait()
        query_vectors = self._encode.vectors(encoder, query, like)
        record_step("encode")
        if query_vectors is None:  # the wanted parts cancel out
            return FoundPhotos(())
        words = query_plan.words_for_names(query) if query_vectors.by_words else ""
        nearest = self._nearest(
            encoder, query_vectors, limit, filtered.allowed, words=words, record_step=record_step
        )
        return self._with_unknown_words(nearest, [query])

    def count(self, text: str) -> Estimate:
        """About how many photos match a query. Raises UsageError where that cannot be estimated, else as
        :meth:`search`.
        """
        query = parse(text)
        if not query:
            raise UsageError("The query is empty. Describe what to count, for example: dog on a beach.")
        query = self._shown(query)
        if not query.ranks:
            with self._store.read() as db:
                exact = len(filter_ids.matching_ids_newest_first(db, query.restrictions))
            return Estimate(exact, exact, exact, exact)
        plain = alternatives(query)
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        query_vectors = self._encode.vectors(encoder, plain[0], None)
        if (
            len(plain) > 1
            or query_vectors is None
            or query_vectors.only_excludes
            or not query_vectors.by_words
        ):
            raise UsageError("Only a description, with or without filters and exclusions, can be counted.")
        if model_id is None:
            raise _nothing_indexed()
        allowed = self._filtered(plain[0]).allowed
        found = self._retrieval.search(encoder, model_id, query_vectors, allowed).estimate()
        if found is None:
            raise not_compared()
        return found

    def similar_to_photo(self, photo_id: int, limit: int | None) -> FoundPhotos:
        """Photos similar to one of the library, which comes first."""
        encoder = self._model.wait()
        return self._like(encoder, self._encode.photo(encoder, photo_id), limit)

    def similar_to_picture(self, source: str | bytes, limit: int | None) -> FoundPhotos:
        """Photos similar to a file (a path) or an encoded picture (bytes), in the library or not.

        Raises ImageError where it cannot be read.
        """
        encoder = self._model.wait()
        return self._like(encoder, self._encode.picture(encoder, source), limit)

    def explain(self, photo_id: int, text: str, *, like: Example | None = None) -> Explained:
        """Why a photo is among the results of a search. Raises as :meth:`search`, and SafelightError where
        the photo has no vector yet or is gone.
        """
        query = parse(text)
        encoder = self._model.wait()
        return self._explanations.explain(encoder, self._model_id(encoder), photo_id, query, like)

    def suggest(self, photo_ids: Sequence[int]) -> dict[int, tuple[Suggestion, ...]] | None:
        """The tags that suit photos, the most likely first, without those that they have or that were
        refused. None while the words are being encoded: call it again. Raises ModelError, and SafelightError
        where the library's list of words cannot be read or photos cannot be judged yet."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:
            return {}
        return self._tags.suggest(encoder, model_id, photo_ids, self._judged.concepts_of)

    def proposals(self, concept: Concept, count: int) -> list[Proposal]:
        """Photos about which to ask whether they show a concept. Raises ModelError."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:
            return []
        with self._store.read() as db:
            embedded = self._retrieval.coverage(db, model_id).embedded
        return self._judged.proposals(encoder, model_id, concept, embedded, count)

    def proposals_for(self, name: str, count: int) -> list[Proposal]:
        """The same as :meth:`proposals` for the concept of a name; empty if there is no such concept."""
        with self._store.read() as db:
            concept = concepts.find(db, name)
        return [] if concept is None else self.proposals(concept, count)

    def _any_of(
        self, plain: Sequence[Query], limit: int | None, like: Example | None, record_step: RecordStep
    ) -> FoundPhotos:
        """Photos that match one of several queries, each with the best of its evidence."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:
            return FoundPhotos((), (_nothing_indexed().message,))
        found: list[Alternative] = []
        notices: list[Message] = []
        for query in plain:
            if not query.ranks and like is None:
                with self._store.read() as db:
                    found.append(
                        Alternative(None, filter_ids.matching_ids_newest_first(db, query.restrictions))
                    )
                continue
            filtered = self._filtered(query)
            allowed, passing = filtered.allowed, filtered.passing
            notices += (each for each in filtered.notices if each not in notices)
            if passing is not None and not query.is_aimed and like is None:
                found.append(Alternative(None, passing.ids, ranked=passing.ranked))
                continue
            query_vectors = self._encode.vectors(encoder, query, like)
            if query_vectors is not None and (allowed is None or len(allowed)):
                words = query_plan.words_for_names(query) if query_vectors.by_words else ""
                search = self._retrieval.search(
                    encoder, model_id, query_vectors, allowed, words=words, record_step=record_step
                )
                found.append(Alternative(search, allowed, query_vectors.only_excludes))
        if not found:
            return query_plan.by_date(plain[0], (), limit, tuple(notices))
        with self._store.read() as db:
            coverage = self._retrieval.coverage(db, model_id)
        notices += self._notices(coverage)
        result = combined_search.find(found, limit, tuple(notices), coverage.embedded)
        return self._units.attach(result)

    def _like(self, encoder: Encoder, picture: Vector, limit: int | None) -> FoundPhotos:
        allowed = self._filtered(self._shown(Query())).allowed
        return self._nearest(encoder, QueryVectors.for_picture(picture), limit, allowed)

    def _nearest(
        self,
        encoder: Encoder,
        query_vectors: QueryVectors,
        limit: int | None,
        allowed: Ids | None = None,
        *,
        words: str = "",
        record_step: RecordStep = record_nothing,
    ) -> FoundPhotos:
        """Ranks by how photos match words and by names that contain ``words``, or by plain similarity to
        a picture. If the query only excludes, the least similar photos come first.
        """
        model_id = self._model_id(encoder)
        if model_id is None:
            return FoundPhotos((), (_nothing_indexed().message,))
        search = self._retrieval.search(
            encoder, model_id, query_vectors, allowed, words=words, record_step=record_step
        )
        notices = self._notices(search.coverage)
        found = (
            search.find_least_similar(limit, notices)
            if query_vectors.only_excludes
            else search.find(limit, notices)
        )
        return self._units.attach(found)

    def _shown(self, query: Query) -> Query:
        """The query, with filters that leave out hidden photos and second halves of pairs unless it asks for
        them."""
        with self._store.read() as db:
            exists = {query_plan.HIDDEN: photos.any_hidden(db), query_plan.HALF: pairs.any_halves(db)}
        for flag, any_photo in exists.items():
            if any_photo and not query_plan.asks_for(query, flag):
                query = query_plan.without_flag(query, flag)
        return query

    def _filtered(self, query: Query) -> _Filtered:
        """The photos that the filters of a query allow. The query has no groups that rank. Raises ModelError
        where the model decides one of the filters."""
        if not query.judged:
            if not query.restrictions:
                return _Filtered(None)
            with self._store.read() as db:
                return _Filtered(self._retrieval.allowed(db, query))
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:
            none = np.zeros(0, np.int64)
            return _Filtered(none, (_nothing_indexed().message,), PassingPhotos(none, None, none))
        with self._store.read() as db:
            embedded = self._retrieval.coverage(db, model_id).embedded
        passing, notices = self._judged.apply_filters(encoder, model_id, query, embedded)
        return _Filtered(passing.ids, notices, passing)

    def _with_unknown_words(self, found: FoundPhotos, queries: Sequence[Query]) -> FoundPhotos:
        words = " ".join(query_plan.wanted_words(query) for query in queries)
        return found.with_unknown_words(self._model.unknown_words(words))

    def _notices(self, coverage: LibraryCounts) -> tuple[Message, ...]:
        """Notices about the model in use, and about how much of the library was searched."""
        of_model = self._model.notice
        if of_model is not None:
            return (of_model,)
        if coverage.embedded >= coverage.photos:
            return ()
        return (
            Message(
                "Searching {embedded:,} of {photos:,} photos; the rest are being read.",
                embedded=coverage.embedded,
                photos=coverage.photos,
            ),
        )

    def _model_id(self, encoder: Encoder) -> int | None:
        with self._store.read() as db:
            return vectors.model_id(db, encoder.info.key)


def _nothing_indexed() -> SafelightError:
    return SafelightError("Nothing is indexed with this model yet.")
