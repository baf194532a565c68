"""Searches for photos by description, and for photos similar to a photo."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np

from safelight.core import relevance
from safelight.core.concepts import Concept, Proposal
from safelight.core.encoder import Encoder
from safelight.core.errors import SafelightError, UsageError
from safelight.core.estimate import Estimate
from safelight.core.explanation import Explanation
from safelight.core.name_evidence import NameMatch
from safelight.core.photo import LibraryCounts, Photo
from safelight.core.photo_units import PhotoUnit
from safelight.core.query import Query, alternatives, parse
from safelight.core.stopwatch import Lap, untimed
from safelight.core.tag_words import Suggestion, TagWord, word_named
from safelight.services.indexing.decoding import DecodePool
from safelight.services.models.model import SearchModel
from safelight.services.models.neutral import encoded_prompts
from safelight.services.models.references import Descriptions, ReferenceEncoding, References
from safelight.services.searching import combined_search, name_matching, query_plan
from safelight.services.searching.calibration import Calibration
from safelight.services.searching.combined_search import Alternative
from safelight.services.searching.explain import Explained, Explainer
from safelight.services.searching.judging import JudgedFilters, Passing
from safelight.services.searching.matched_units import MatchedUnits
from safelight.services.searching.query_encoding import Example, QueryEncoder, Vector
from safelight.services.searching.query_vectors import QueryVectors
from safelight.services.searching.ranked_search import RankedSearch
from safelight.services.searching.read_cache import ReadCache
from safelight.services.searching.results import Found as Found
from safelight.services.searching.suggested_tags import SuggestedTags
from safelight.services.searching.targets import Ranked
from safelight.services.searching.text_evidence import TextEvidence, joined
from safelight.services.searching.unknown_words import with_unknown_words
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import concepts, filter_ids, pairs, photo_paths, photos, spaces, tag_words, tags, vectors
from safelight.store.filters import Restriction
from safelight.store.library import Connection, LibraryStore
from safelight.store.vectors import Ids

_NOTHING_INDEXED = "Nothing is indexed with this model yet."

_FILTERED = 2
"""Filters whose photos are cached: 8 MB each where a million pass."""


class Searcher:
    """Answers from the vectors of the model in use. Safe to call from one thread at a time."""

    def __init__(
        self, store: LibraryStore, pool: DecodePool, model: SearchModel, cache: VectorCache | None = None
    ) -> None:
        """``cache`` is used where its vectors are up to date; otherwise sqlite-vec answers."""
        self._store = store
        self._pool = pool
        self._model = model
        self._cache = cache
        self._encode = QueryEncoder(store, pool)
        self._calibrated: tuple[int, Calibration] | None = None
        self._passed: ReadCache[tuple[Restriction, ...], Ids] = ReadCache(_FILTERED)
        self._units = MatchedUnits(store)
        self._text_evidence = TextEvidence(store)
        self._covered: ReadCache[int, LibraryCounts] = ReadCache(1)
        self._encoding: ReferenceEncoding | None = None
        self._judged = JudgedFilters(store, cache, self._encode.words, self._rank_words, self._word_choice)
        self._tags = SuggestedTags(store.directory, self._encode.words)

    def prepare(self) -> None:
        """Wait for the model and measure the library's background, so that the first search is as fast as
        any; vectors are read into memory in the background. Raises ModelError."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:  # nothing to measure yet, but the prompts are cached for later
            encoded_prompts(encoder, self._store.directory)
            return
        if self._cache is not None:
            self._cache.warm(model_id)
        with self._store.read() as db:
            embedded = photos.counts(db, model_id).embedded
        self._calibration(encoder, model_id, embedded)

    def improve(self) -> bool:
        """Compare some more photos with the reference descriptions, for a fraction of a second; call it while
        no search runs. Returns whether there is more to do. Raises ModelError.
        """
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if self._encoding is None or self._encoding.key != encoder.info.key:
            self._encoding = ReferenceEncoding(self._descriptions, encoder.info, self._store.directory)
        if self._encoding.advance(encoder):
            return True
        if model_id is None:
            return False
        if self._text_evidence.encode_some(encoder, model_id):
            return True
        with self._store.read() as db:
            embedded = photos.counts(db, model_id).embedded
        calibration = self._calibration(encoder, model_id, embedded)
        if not calibration.has_references:
            self._calibrated = None
            return (
                References.kept(self._descriptions, encoder.info.key, encoder.info.dim, self._store.directory)
                is not None
            )
        return calibration.compare_some()

    def search(
        self, text: str, limit: int | None, *, like: Example | None = None, lap: Lap = untimed
    ) -> Found:
        """Photos that match a query of the search language, a picture (a photo's id, or as for
        :meth:`similar_to_picture`), or both together. A query of filters alone gives the newest first, and
        needs no model. Without a ``limit`` every photo can be reached, as :class:`Found` says. ``lap`` is
        called when parse, filter, encode, names, measure (of what changed since), search and rank
        end.

        Raises UsageError for an empty query, ImageError, ModelError, SafelightError for a picture that
        the query names and that cannot be used.
        """
        query = parse(text)
        lap("parse")
        if not query and like is None:
            raise UsageError(
                "The query is empty. Describe what is in the photo, for example: dog on a beach."
            )
        query = self._shown(query)
        if not query.ranks and like is None:
            with self._store.read() as db:
                found = filter_ids.newest_first(db, query.restrictions)
            lap("filter")
            return query_plan.by_date(query, found.tolist(), limit)
        plain = alternatives(query)
        if len(plain) > 1:
            return self._with_unknown_words(self._any_of(plain, limit, like, lap), plain)
        query, allowed, notice = plain[0], None, ""
        if query.judged:
            encoder = self._model.wait()
            passing, notice = self._passing(encoder, query)
            if not query.is_aimed and like is None:
                return combined_search.decided(passing, limit, notice)
            allowed = passing.ids
        elif query.restrictions:
            with self._store.read() as db:
                allowed = self._allowed(db, query)
        if allowed is not None:
            lap("filter")
            if not len(allowed):
                return query_plan.by_date(query, (), limit, notice)
        encoder = self._model.wait()
        query_vectors = self._encode.vectors(encoder, query, like)
        lap("encode")
        if query_vectors is None:  # the wanted parts cancel out
            return Found(())
        words = query_plan.named(query) if query_vectors.by_words else ""
        nearest = self._nearest(encoder, query_vectors, limit, allowed, words=words, lap=lap)
        return self._with_unknown_words(nearest, [query])

    def _with_unknown_words(self, found: Found, queries: Sequence[Query]) -> Found:
        words = " ".join(query_plan.wanted_words(query) for query in queries)
        return with_unknown_words(found, self._model.unknown_words(words))

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
                exact = len(filter_ids.newest_first(db, query.restrictions))
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
            raise SafelightError(_NOTHING_INDEXED)
        allowed = None
        if plain[0].judged:
            allowed = self._passing(encoder, plain[0])[0].ids
        elif plain[0].restrictions:
            with self._store.read() as db:
                allowed = self._allowed(db, plain[0])
        search = self._ranked_search(encoder, model_id, query_vectors, allowed, "", untimed)
        found = search.estimate()
        if found is None:
            raise SafelightError("Photos have to be compared with descriptions first: run safelight index.")
        return found

    def _any_of(self, plain: Sequence[Query], limit: int | None, like: Example | None, lap: Lap) -> Found:
        """Photos that match one of several queries, each with the best of its evidence."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:
            return Found((), _NOTHING_INDEXED)
        found: list[Alternative] = []
        notices: list[str] = []
        for query in plain:
            if query.judged:
                passing, notice = self._passing(encoder, query)
                notices.append(notice)
                if not query.is_aimed and like is None:
                    found.append(Alternative(None, passing.ids, ranked=passing.ranked))
                    continue
                allowed: Ids | None = passing.ids
            else:
                with self._store.read() as db:
                    if not query.ranks and like is None:
                        found.append(Alternative(None, filter_ids.newest_first(db, query.restrictions)))
                        continue
                    allowed = self._allowed(db, query) if query.restrictions else None
            query_vectors = self._encode.vectors(encoder, query, like)
            if query_vectors is not None and (allowed is None or len(allowed)):
                words = query_plan.named(query) if query_vectors.by_words else ""
                search = self._ranked_search(encoder, model_id, query_vectors, allowed, words, lap)
                found.append(Alternative(search, allowed, query_vectors.only_excludes))
        if not found:
            return query_plan.by_date(plain[0], (), limit, " ".join(filter(None, dict.fromkeys(notices))))
        with self._store.read() as db:
            coverage = self._coverage(db, model_id)
        notice = " ".join(each for each in (*dict.fromkeys(notices), self._notice(coverage)) if each)
        result = combined_search.find(found, limit, notice, coverage.embedded)
        return self._units.attach(result)

    def similar_to_photo(self, photo_id: int, limit: int | None) -> Found:
        """Photos similar to one of the library, which comes first."""
        encoder = self._model.wait()
        return self._like(encoder, self._encode.photo(encoder, photo_id), limit)

    def similar_to_picture(self, source: str | bytes, limit: int | None) -> Found:
        """Photos similar to a file (a path) or an encoded picture (bytes), in the library or not.

        Raises ImageError where it cannot be read.
        """
        encoder = self._model.wait()
        return self._like(encoder, self._encode.picture(encoder, source), limit)

    def _like(self, encoder: Encoder, picture: Vector, limit: int | None) -> Found:
        query, allowed = self._shown(Query()), None
        if query:
            with self._store.read() as db:
                allowed = self._allowed(db, query)
        return self._nearest(encoder, QueryVectors.at_picture(picture), limit, allowed)

    def _shown(self, query: Query) -> Query:
        """The query without hidden photos and second halves of pairs, unless it asks for them."""
        with self._store.read() as db:
            there = {query_plan.HIDDEN: photos.any_hidden(db), query_plan.HALF: pairs.any_halves(db)}
        for flag, any_at_all in there.items():
            if any_at_all and not query_plan.asks_for(query, flag):
                query = query_plan.without_flag(query, flag)
        return query

    def explain(self, photo_id: int, text: str, *, like: Example | None = None) -> Explained:
        """Why a photo is among the results of a search. Raises as :meth:`search`, and SafelightError where
        the photo has no vector yet or is gone.
        """
        query = parse(text)
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        with self._store.read() as db:
            vector = None if model_id is None else vectors.get(db, model_id, photo_id)
            photo = next(iter(photos.get_many(db, [photo_id])), None)
            if model_id is None or vector is None or photo is None:
                raise SafelightError("That photo has not been read with this model yet.")
            coverage = self._coverage(db, model_id)
            places = [os.fsdecode(path) for path in photo_paths.of_photo(db, photo_id)]
        calibration = self._calibration(encoder, model_id, coverage.embedded)
        explainer = Explainer(
            encoder, self._pool, calibration, partial(self._look_up, model_id), coverage.embedded
        )
        plain = alternatives(query)
        parts = {part.text: part for each in plain for part in self._encode.parts(encoder, each, like)}
        candidates = [
            (each, query_vectors)
            for each in plain
            if (query_vectors := self._encode.vectors(encoder, each, like)) is not None
        ]
        # Of several alternatives, the one that the photo matches best.
        best, query_vectors = max(
            candidates, key=lambda each: explainer.stands_out(each[1], photo_id), default=(query, None)
        )
        words = query_plan.named(best) if query_vectors is not None and query_vectors.by_words else ""
        with self._store.read() as db:
            match = self._names(db, encoder, model_id, words, coverage.photos, [photo_id]).get(photo_id)
        there = next((path for path in places if os.path.exists(path)), None)
        target = None if query_vectors is None else calibration.target(query_vectors)
        unit = None
        if target is not None and query_vectors is not None and not query_vectors.only_excludes:
            unit = self._best_unit(model_id, target.direction, vector, photo_id)
        explanation = Explanation(
            photo_id,
            tuple(explainer.score(part, photo_id) for part in parts.values()),
            explainer.looks_like(vector),
            explainer.descriptions(vector),
            match.reason if match else "",
            unit=unit,
            notice=_no_heat(query_vectors, there, photo),
        )
        self._units.forget()  # of the parts that were scored
        if target is None or there is None or photo.duration is not None:
            return Explained(explanation, tuple)
        size = photo.width, photo.height
        return Explained(explanation, partial(explainer.heat, there, size, target))

    def _best_unit(self, model_id: int, direction: Vector, whole: Vector, photo_id: int) -> PhotoUnit | None:
        """The part of a photo that is nearer to a direction than the photo as a ``whole`` is."""
        direction = direction / np.linalg.norm(direction)
        with self._store.read() as db:
            near = [
                match
                for space in spaces.of_model(db, model_id)
                if space.kind.is_picture
                for match in spaces.nearest(db, space, direction, 1, [photo_id])
            ]
            best = max(near, key=lambda match: match.score, default=None)
            if best is None or best.score <= float(whole @ direction):
                return None
            return spaces.described(db, [best.unit_id]).get(best.unit_id)

    def _model_id(self, encoder: Encoder) -> int | None:
        with self._store.read() as db:
            return vectors.model_id(db, encoder.info.key)

    def _nearest(
        self,
        encoder: Encoder,
        query_vectors: QueryVectors,
        limit: int | None,
        allowed: Ids | None = None,
        *,
        words: str = "",
        lap: Lap = untimed,
    ) -> Found:
        """Ranks by how photos match words and by names that contain ``words``, or by plain similarity to
        a picture. If the query only excludes, the least similar photos come first.
        """
        model_id = self._model_id(encoder)
        if model_id is None:
            return Found((), _NOTHING_INDEXED)
        search = self._ranked_search(encoder, model_id, query_vectors, allowed, words, lap)
        notice = self._notice(search.coverage)
        found = (
            search.find_unlike(limit, notice) if query_vectors.only_excludes else search.find(limit, notice)
        )
        return self._units.attach(found)

    def _ranked_search(
        self,
        encoder: Encoder,
        model_id: int,
        query_vectors: QueryVectors,
        allowed: Ids | None,
        words: str,
        lap: Lap,
    ) -> RankedSearch:
        with self._store.read() as db:
            coverage = self._coverage(db, model_id)
            names = self._names(db, encoder, model_id, words, coverage.photos, allowed)
        lap("names")
        calibration = self._calibration(encoder, model_id, coverage.embedded)
        target = calibration.target(query_vectors)
        lap("measure")
        # An exclusion must hold for the photo as a whole.
        look_up = partial(self._look_up, model_id, whole=query_vectors.only_excludes)
        return RankedSearch(look_up, calibration, target, allowed, coverage, names, lap)

    def _look_up(
        self,
        model_id: int,
        query: Vector,
        count: int,
        allowed: Ids | Sequence[int] | None,
        *,
        whole: bool = False,
    ) -> list[tuple[int, float]]:
        """The photos nearest to a vector by their best unit (or as a ``whole``), of those allowed."""
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

    def _passing(self, encoder: Encoder, query: Query) -> tuple[Passing, str]:
        """The photos that pass all filters of a query, those of the model included, and a notice."""
        model_id = self._model_id(encoder)
        if model_id is None:
            nobody = np.zeros(0, np.int64)
            return Passing(nobody, None, nobody), _NOTHING_INDEXED
        with self._store.read() as db:
            embedded = self._coverage(db, model_id).embedded
        return self._judged.passing(encoder, model_id, query, embedded)

    def suggest(self, photo_ids: Sequence[int]) -> dict[int, tuple[Suggestion, ...]] | None:
        """The tags that suit photos, the most likely first, without those that they have or that were
        refused. None while the words are being encoded: call it again. Raises ModelError, and SafelightError
        where the library's list of words cannot be read or photos cannot be judged yet."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:
            return {}
        with self._store.read() as db:
            words = tag_words.all_words(db, self._store.directory)
            embedded = self._coverage(db, model_id).embedded
            ids, _ = vectors.shown(db, model_id, list(photo_ids))
            refused = tag_words.refused(db, ids.tolist())
            given = {photo: {name.lower() for name in tags.of_photos(db, [photo])} for photo in ids.tolist()}
        if self._tags.advance(encoder, words):
            return None
        calibration = self._calibration(encoder, model_id, embedded)
        if not calibration.has_references:
            raise SafelightError("Photos have to be compared with descriptions first: run safelight index.")
        found = self._tags.suggest(calibration, words, ids, embedded)
        taught = self._judged.concepts_of(encoder, model_id, ids, embedded)
        made = {}
        for photo, suggested in zip(ids.tolist(), found, strict=True):
            left_out = refused.get(photo, set())
            made[photo] = tuple(
                each
                for each in (*taught.get(photo, ()), *suggested)
                if each.tag.lower() not in left_out and not _has(given[photo], each.tag)
            )
        return made

    def _word_choice(self, encoder: Encoder, model_id: int, name: str) -> tuple[TagWord | None, float | None]:
        """A word that may be suggested, and the probability from which it is; None for a name that is no such
        word, and where photos cannot be judged yet."""
        with self._store.read() as db:
            word = word_named(tag_words.all_words(db, self._store.directory), name)
            embedded = self._coverage(db, model_id).embedded
        calibration = self._calibration(encoder, model_id, embedded)
        if word is None or not calibration.has_references:
            return word, None
        return word, self._tags.threshold_of(calibration, encoder, word, embedded)

    def _rank_words(self, encoder: Encoder, model_id: int, words: str) -> Ranked:
        """All photos that match words, strongly or maybe, and some more."""
        query_vectors = QueryVectors.at_words(self._encode.words(encoder, words), words)
        search = self._ranked_search(encoder, model_id, query_vectors, None, "", untimed)
        ranked = search.best(None)
        self._units.forget()
        return ranked

    def proposals_for(self, name: str, count: int) -> list[Proposal]:
        """The same for a concept of this name, if there is one."""
        with self._store.read() as db:
            concept = concepts.find(db, name)
        return [] if concept is None else self.proposals(concept, count)

    def proposals(self, concept: Concept, count: int) -> list[Proposal]:
        """Photos about which to ask whether they show a concept. Raises ModelError."""
        encoder = self._model.wait()
        model_id = self._model_id(encoder)
        if model_id is None:
            return []
        with self._store.read() as db:
            embedded = self._coverage(db, model_id).embedded
        return self._judged.proposals(encoder, model_id, concept, embedded, count)

    def _allowed(self, db: Connection, query: Query) -> Ids:
        asked = query.restrictions
        return self._passed.get(db, asked, lambda: filter_ids.allowed(db, asked))

    def _coverage(self, db: Connection, model_id: int) -> LibraryCounts:
        return self._covered.get(db, model_id, lambda: photos.counts(db, model_id))

    def _names(
        self,
        db: Connection,
        encoder: Encoder,
        model_id: int,
        words: str,
        photos: int,
        allowed: Ids | Sequence[int] | None,
    ) -> dict[int, NameMatch]:
        """The evidence of names and texts for a description, in a library of this many photos."""
        names = name_matching.matches(db, words, photos, allowed)
        if not words or not self._text_evidence.any(db, model_id):
            return names
        if self._descriptions.telling_words(words) >= relevance.LONG:
            return names  # one tag says little about a whole sentence, and its words are found in captions
        query = self._encode.words(encoder, words)
        texts = self._text_evidence.matches(db, encoder, model_id, query)
        return joined(names, name_matching.among(texts, allowed))

    def _notice(self, coverage: LibraryCounts) -> str:
        """What the user should know about the model that answers, and how much was searched."""
        if self._model.notice or coverage.embedded >= coverage.photos:
            return self._model.notice
        return f"Searching {coverage.embedded:,} of {coverage.photos:,} photos; the rest are being read."

    def _calibration(self, encoder: Encoder, model_id: int, embedded: int) -> Calibration:
        """The library's background, measured again where it has changed much."""
        if self._calibrated is None or self._calibrated[0] != model_id:
            prompts = encoded_prompts(encoder, self._store.directory)
            references = References.kept(
                self._descriptions, encoder.info.key, encoder.info.dim, self._store.directory
            )
            self._calibrated = model_id, Calibration(self._store, model_id, prompts, references)
        self._calibrated[1].refresh(embedded)
        return self._calibrated[1]

    @cached_property
    def _descriptions(self) -> Descriptions:
        return Descriptions.load()


def _has(tags: set[str], tag: str) -> bool:
    """Whether one of the tags (in lower case) is this tag, below it, or has its last level."""
    wanted = f"/{tag.lower().rpartition('/')[2]}/"
    return any(wanted in f"/{each}/" for each in tags)


def _no_heat(query_vectors: QueryVectors | None, path: str | None, photo: Photo) -> str:
    if photo.duration is not None:
        return "Videos have no heat map."
    if query_vectors is None:
        return "The search has no description, so there is no heat map."
    return "" if path else "The file is not there now, so its parts cannot be compared."
