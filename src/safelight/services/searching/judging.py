"""Filters that the model decides, such as ``my:bruno``: which photos match, and how likely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from safelight.core import relevance
from safelight.core.concepts import Concept, Proposal
from safelight.core.encoder import Encoder, Vectors
from safelight.core.query import Filter, Named, Query
from safelight.core.search import Band, SearchHit
from safelight.services.models.neutral import encoded_prompts
from safelight.services.searching.concept_heads import ConceptHeads, Judged
from safelight.services.searching.targets import Ranked
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import concepts, filter_ids
from safelight.store.library import LibraryStore
from safelight.store.vectors import Ids

Encode = Callable[[Encoder, str], Vectors]
Judge = Callable[[Named], Judged]
"""All photos by how well they match a condition."""


@dataclass(frozen=True, slots=True)
class Passing:
    """The photos that pass filters of the model and of the store."""

    ids: Ids
    """(n,), the best first; newest first where the filters only exclude."""
    ranked: Ranked | None
    """The same photos with their evidence; None where the filters only exclude."""
    others: Ids
    """Photos that pass the filters of the store but match less, the best first."""


def passing(filters: Sequence[Filter], allowed: Ids, judge: Judge) -> Passing:
    """The photos that pass all filters, of those ``allowed`` (newest first).

    A photo that has to match several conditions has the lowest of their log odds.
    """
    found: list[Judged] = []
    for each in filters:
        assert isinstance(each.condition, Named)
        judged = judge(each.condition)
        if each.negated:
            allowed = allowed[~np.isin(allowed, judged.ids[: judged.matching])]
        else:
            found.append(judged)
    if not found:
        return Passing(allowed, None, np.zeros(0, np.int64))
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
    bands = [Band.STRONG if each >= relevance.STRONG else Band.MAYBE for each in likely.tolist()]
    photos, known = allowed[match].tolist(), likely.tolist()
    hits = tuple(map(SearchHit, photos, known, bands, repeat(""), repeat(None), known))
    return Passing(
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


class JudgedFilters:
    """Answers the filters of a query that the model decides. For one thread at a time."""

    def __init__(self, store: LibraryStore, cache: VectorCache | None, encode: Encode) -> None:
        """``encode`` gives the unit vector of a text."""
        self._store = store
        self._encode = encode
        self._heads = ConceptHeads(store, cache)

    def passing(self, encoder: Encoder, model_id: int, query: Query, embedded: int) -> tuple[Passing, str]:
        """The photos that pass the filters of a query without groups, and one line for the user where
        something has to be said. ``embedded`` is how many photos have a vector."""
        with self._store.read() as db:
            allowed = filter_ids.newest_first(db, query.restrictions)
        notices: list[str] = []

        def judge(condition: Named) -> Judged:
            judged, notice = self._concept(encoder, model_id, condition.value, embedded)
            notices.append(notice)
            return judged

        found = passing(query.judged, allowed, judge)
        return found, " ".join(notice for notice in dict.fromkeys(notices) if notice)

    def proposals(
        self, encoder: Encoder, model_id: int, concept: Concept, embedded: int, count: int
    ) -> list[Proposal]:
        """Photos that are worth asking about; see :meth:`ConceptHeads.proposals`."""
        words = self._direction(encoder, concept.words)
        return self._heads.proposals(model_id, concept, words, embedded, count)

    def _concept(self, encoder: Encoder, model_id: int, name: str, embedded: int) -> tuple[Judged, str]:
        nothing = Judged(np.zeros(0, np.int64), np.zeros(0, np.float32), 0)
        with self._store.read() as db:
            concept = concepts.find(db, name)
        if concept is None:
            return nothing, f"There is no concept “{name}”. Teach it by photos that show it."
        judged = self._heads.judge(model_id, concept, self._direction(encoder, concept.words), embedded)
        if judged is None:
            return nothing, f"No photo that shows “{concept.name}” is in the library now."
        return judged, ""

    def _direction(self, encoder: Encoder, words: str) -> Vectors:
        """The direction of words, less what all texts have in common."""
        vector = self._encode(encoder, words)
        own = vector - encoded_prompts(encoder, self._store.directory).mean(0)
        return np.asarray(own / max(float(np.linalg.norm(own)), 1e-6), np.float32)
