"""Filters that the model decides, such as ``my:bruno``: which photos match, and how likely."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from safelight.core import relevance
from safelight.core.concepts import Concept, Proposal
from safelight.core.encoder import Encoder, Vectors
from safelight.core.explanation import PartScore, Standing
from safelight.core.message import Message
from safelight.core.query import Filter, Query, ValueCondition
from safelight.core.search import Band, SearchHit
from safelight.core.tag_words import Suggestion, TagWord
from safelight.services.searching.concept_heads import ConceptHeads, JudgedPhotos
from safelight.services.searching.current_calibration import not_compared
from safelight.services.searching.targets import Ranked
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import concepts, filter_ids, photos, tag_words, vectors
from safelight.store.library import LibraryStore
from safelight.store.vectors import Ids

Rank = Callable[[Encoder, int, str], Ranked]
WordChoice = Callable[[Encoder, int, str], tuple[TagWord | None, float | None]]
Judge = Callable[[ValueCondition], JudgedPhotos]
"""All photos by how well they match a condition."""


@dataclass(frozen=True, slots=True)
class PassingPhotos:
    """The photos that pass filters of the model and of the store."""

    ids: Ids
    """(n,), the best first; newest first where the filters only exclude."""
    ranked: Ranked | None
    """The same photos with their evidence; None where the filters only exclude."""
    others: Ids
    """Photos that pass the filters of the store but match less, the best first."""


def apply_filters(filters: Sequence[Filter], allowed: Ids, judge: Judge) -> PassingPhotos:
    """The photos that pass all filters, of those ``allowed`` (newest first).

    A photo that has to match several conditions has the lowest of their log odds.
    """
    found: list[JudgedPhotos] = []
    for each in filters:
        assert isinstance(each.condition, ValueCondition)
        judged = judge(each.condition)
        if each.negated:
            allowed = allowed[~np.isin(allowed, judged.ids[: judged.matching])]
        else:
            found.append(judged)
    if not found:
        return PassingPhotos(allowed, None, np.zeros(0, np.int64))
    lowest = np.full(len(allowed), np.inf, np.float32)
    matches = np.ones(len(allowed), np.bool_)
    for judged in found:
        row = _rows(judged.ids, allowed)
        has_vector = row >= 0
        lowest[has_vector] = np.minimum(lowest[has_vector], judged.log_odds[row[has_vector]])
        lowest[~has_vector] = -np.inf
        matches &= has_vector & (row < judged.matching)
    order = np.lexsort((np.arange(len(allowed)), -lowest))
    order = order[np.isfinite(lowest[order])]
    match = order[matches[order]]
    likely = relevance.probability(lowest[match])
    bands = [Band.STRONG if each >= relevance.STRONG_PROBABILITY else Band.MAYBE for each in likely.tolist()]
    found_ids, known = allowed[match].tolist(), likely.tolist()
    hits = tuple(map(SearchHit, found_ids, known, bands, repeat(""), repeat(None), known))
    return PassingPhotos(
        allowed[match],
        Ranked(hits, not any(band is Band.STRONG for band in bands), tuple(lowest[match].tolist())),
        allowed[order[~matches[order]]],
    )


def _rows(ids: Ids, wanted: Ids) -> Ids:
    """The place of each of the wanted ids, -1 for those that are missing."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(ids)
    place = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    return np.where(ids[order[place]] == wanted, order[place], -1)


def _score(asked: Filter, judged: JudgedPhotos, photo_id: int) -> PartScore:
    """How well a photo passes one filter."""
    rows = np.flatnonzero(judged.ids == photo_id)
    likely = float(relevance.probability(judged.log_odds[rows[:1]])[0]) if len(rows) else 0.0
    standing = Standing.HARDLY
    if len(rows) and rows[0] < judged.matching:
        standing = Standing.CLEARLY if likely >= relevance.STRONG_PROBABILITY else Standing.SOMEWHAT
    return PartScore(asked.text(), None, None, standing, asked.negated, likely)


class JudgedFilters:
    """Answers the filters of a query that the model decides. For one thread at a time."""

    def __init__(
        self,
        store: LibraryStore,
        cache: VectorCache | None,
        direction: Callable[[Encoder, str], Vectors],
        rank: Rank,
        words: WordChoice,
    ) -> None:
        """``direction`` gives the direction of a text (dim,), along which photos match it, ``rank`` ranks the
        photos by a text, and ``words`` gives the word of a name with the probability from which it
        is suggested."""
        self._store = store
        self._direction = direction
        self._rank = rank
        self._words = words
        self._heads = ConceptHeads(store, cache)

    def apply_filters(
        self, encoder: Encoder, model_id: int, query: Query, embedded: int
    ) -> tuple[PassingPhotos, tuple[Message, ...]]:
        """The photos that pass the filters of a query without groups, and what the user should know.
        ``embedded`` is how many photos have a vector."""
        with self._store.read() as db:
            allowed = filter_ids.matching_ids_newest_first(db, query.restrictions)
        notices: list[Message] = []

        def judge(condition: ValueCondition) -> JudgedPhotos:
            judged, notice = self._judge(encoder, model_id, condition, embedded)
            if notice is not None and notice not in notices:
                notices.append(notice)
            return judged

        found = apply_filters(query.judged, allowed, judge)
        return found, tuple(notices)

    def scores(
        self, encoder: Encoder, model_id: int, filters: Iterable[Filter], photo_id: int, embedded: int
    ) -> list[PartScore]:
        """How well a photo passes filters that the model decides. ``embedded`` is how many photos have a
        vector. Each filter costs a ranking of the library.
        """
        return [
            _score(each, self._judge(encoder, model_id, each.condition, embedded)[0], photo_id)
            for each in filters
            if isinstance(each.condition, ValueCondition)
        ]

    def _judge(
        self, encoder: Encoder, model_id: int, condition: ValueCondition, embedded: int
    ) -> tuple[JudgedPhotos, Message | None]:
        """All photos by how well they match, and a sentence for the user where one is needed."""
        if condition.key == "looks":
            return self._photos_with_suggested_tag(encoder, model_id, condition.value)
        return self._photos_with_concept(encoder, model_id, condition.value, embedded)

    def proposals(
        self, encoder: Encoder, model_id: int, concept: Concept, embedded: int, count: int
    ) -> list[Proposal]:
        """Photos that are worth asking about; see :meth:`ConceptHeads.proposals`."""
        words = self._direction(encoder, concept.words)
        return self._heads.proposals(model_id, concept, words, embedded, count)

    def _photos_with_concept(
        self, encoder: Encoder, model_id: int, name: str, embedded: int
    ) -> tuple[JudgedPhotos, Message | None]:
        nothing = JudgedPhotos(np.zeros(0, np.int64), np.zeros(0, np.float32), 0)
        with self._store.read() as db:
            concept = concepts.find(db, name)
        if concept is None:
            return nothing, Message(
                "There is no concept “{name}”. Teach it by photos that show it.", name=name
            )
        judged = self._heads.judge(model_id, concept, self._direction(encoder, concept.words), embedded)
        if judged is None:
            return nothing, Message("No photo that shows “{name}” is in the library now.", name=concept.name)
        return judged, None

    def _photos_with_suggested_tag(
        self, encoder: Encoder, model_id: int, name: str
    ) -> tuple[JudgedPhotos, Message | None]:
        """The photos for which a tag is suggested."""
        nothing = JudgedPhotos(np.zeros(0, np.int64), np.zeros(0, np.float32), 0)
        word, least = self._words(encoder, model_id, name)
        if word is None:
            return nothing, Message(
                "“{name}” is not among the words for tags; see: safelight suggest words", name=name
            )
        if least is None:
            return nothing, not_compared().message
        ranked = self._rank(encoder, model_id, word.name)
        with self._store.read() as db:
            refused = set(tag_words.refusing(db, word.tag))
        hits = [hit for hit in ranked.hits if hit.photo_id not in refused]
        likely = np.array([hit.probability or 0.0 for hit in hits], np.float64).clip(1e-6, 1 - 1e-6)
        order = np.argsort(-likely, kind="stable")
        ids = np.array([hit.photo_id for hit in hits], np.int64)[order]
        odds = np.log(likely[order] / (1 - likely[order])).astype(np.float32)
        return JudgedPhotos(ids, odds, int((likely >= least).sum())), None

    def concepts_of(
        self, encoder: Encoder, model_id: int, photo_ids: Ids, embedded: int
    ) -> dict[int, list[Suggestion]]:
        """The concepts that photos show strongly, without those that they are examples of."""
        found: dict[int, list[Suggestion]] = {}
        with self._store.read() as db:
            known = concepts.all_concepts(db)
            rows = vectors.of_visible(db, model_id, photo_ids.tolist()) if known else None
            hashes = photos.content_hashes(db, photo_ids.tolist()) if known else {}
        for concept in known if rows is not None else ():
            with self._store.read() as db:
                words = self._direction(encoder, concept.words)
                head = self._heads.head(db, model_id, concept, words, embedded)
            if head is None or rows is None:
                continue
            likely = relevance.probability(head.log_odds(rows[1] @ head.direction))
            given = {*concept.shown, *concept.not_shown}
            for photo, probability in zip(rows[0].tolist(), likely.tolist(), strict=True):
                if probability >= relevance.STRONG_PROBABILITY and hashes.get(photo) not in given:
                    found.setdefault(photo, []).append(Suggestion(concept.name, probability, True))
        return found
