"""Taught concepts in one library: which photos show them, and which photos are worth asking about."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from safelight.core import relevance
from safelight.core.concept_head import Background, ConceptHead, Numbers
from safelight.core.concepts import Concept, Proposal
from safelight.core.encoder import Vectors
from safelight.services.searching.library_growth import has_changed_much
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import concepts, sampling, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.vectors import Ids

SAMPLE_SIZE = 1024
"""The number of photos that represent the library when a concept is learned."""

_MAX_CACHED_HEADS = 64
"""Concepts whose functions are kept in memory."""

_EXAMPLE_LOG_ODDS = 12.0
"""Log odds of photos that the user gave as examples."""

_SIMILAR_COSINE = 0.95
"""From this cosine on, asking about one of two photos tells about the other."""

_PROPOSAL_CANDIDATES = 400
"""The number of photos from which the most useful ones are chosen."""


@dataclass(frozen=True, slots=True)
class JudgedPhotos:
    """Photos by how well they match, the best first."""

    ids: Ids
    """(n,)."""
    log_odds: Numbers
    """(n,), falling."""
    matching: int
    """How many of the first photos match."""


class ConceptHeads:
    """Learns concepts when they are asked for, and again when their examples, the model or the library have
    changed. For one thread at a time."""

    def __init__(self, store: LibraryStore, cache: VectorCache | None = None) -> None:
        self._store = store
        self._cache = cache
        self._heads: OrderedDict[object, ConceptHead | None] = OrderedDict()
        self._sample: tuple[int, int, Background | None] | None = None

    def judge(
        self,
        model_id: int,
        concept: Concept,
        words: Vectors,
        photos: int,
        *,
        least: float = relevance.MAYBE_PROBABILITY,
    ) -> JudgedPhotos | None:
        """How likely every visible photo shows a concept; those from a probability of ``least`` match. None
        where no example has a vector of the model.

        ``words`` (dim,) is the direction of the concept's words, and ``photos`` how many have a vector.
        Examples count as the user gave them.
        """
        with self._store.read() as db:
            head = self.head(db, model_id, concept, words, photos)
            if head is None:
                return None
            ids, scores = self._scores(db, model_id, head.direction)
            known = concepts.photos_of(db, (*concept.shown, *concept.not_shown))
        log_odds = head.log_odds(scores)
        for shown, value in ((concept.shown, _EXAMPLE_LOG_ODDS), (concept.not_shown, -_EXAMPLE_LOG_ODDS)):
            log_odds[np.isin(ids, [known[each] for each in shown if each in known])] = value
        order = np.lexsort((ids, -log_odds))
        ids, log_odds = ids[order], log_odds[order]
        return JudgedPhotos(ids, log_odds, int((log_odds >= relevance.log_odds(least)).sum()))

    def proposals(
        self, model_id: int, concept: Concept, words: Vectors, photos: int, count: int
    ) -> list[Proposal]:
        """Photos that are no example yet and about which an answer tells most.

        These are the photos about which the function is least sure (uncertainty sampling, Lewis and Gale
        1994), of similar ones only one. The most likely photo comes first, so that there is one to confirm.
        """
        judged = self.judge(model_id, concept, words, photos)
        if judged is None:
            return []
        with self._store.read() as db:
            known = set(concepts.photos_of(db, (*concept.shown, *concept.not_shown)).values())
            asked = ~np.isin(judged.ids, list(known))
            ids, log_odds = judged.ids[asked], judged.log_odds[asked]
            doubtful = np.argsort(np.abs(log_odds), kind="stable")[:_PROPOSAL_CANDIDATES]
            order = list(dict.fromkeys([*range(min(1, len(ids))), *doubtful.tolist()]))
            shown, rows = vectors.of_visible(db, model_id, ids[order].tolist())
        row_of = dict(zip(shown.tolist(), rows, strict=True))
        chosen: list[Proposal] = []
        taken: list[Vectors] = []
        for place in order:
            photo = int(ids[place])
            row = row_of.get(photo)
            if row is None or any(float(row @ other) >= _SIMILAR_COSINE for other in taken):
                continue
            taken.append(row)
            chosen.append(Proposal(photo, float(relevance.probability(log_odds[place : place + 1])[0])))
            if len(chosen) == count:
                break
        return chosen

    def head(
        self, db: Connection, model_id: int, concept: Concept, words: Vectors, photos: int
    ) -> ConceptHead | None:
        """The function of a concept; None where no example has a vector of the model."""
        background = self._background(db, model_id, photos)
        key = (concept.words, concept.shown, concept.not_shown)
        if key not in self._heads:
            _, shown = concepts.vectors_of(db, model_id, concept.shown)
            _, not_shown = concepts.vectors_of(db, model_id, concept.not_shown)
            learned = None
            if len(shown) and background is not None:
                learned = background.fit(shown, not_shown, words)
            self._heads[key] = learned
            if len(self._heads) > _MAX_CACHED_HEADS:
                self._heads.popitem(last=False)
        self._heads.move_to_end(key)
        return self._heads[key]

    def _background(self, db: Connection, model_id: int, photos: int) -> Background | None:
        """The sample of the library with which all functions in memory were learned; None without photos."""
        held = self._sample
        if held is None or held[0] != model_id or has_changed_much(held[1], photos):
            self._heads.clear()  # they were learned with another sample
            rows = sampling.draw(db, model_id, SAMPLE_SIZE).vectors
            held = self._sample = model_id, photos, Background(rows) if len(rows) else None
        return held[2]

    def _scores(self, db: Connection, model_id: int, direction: Vectors) -> tuple[Ids, Numbers]:
        """The product of every visible photo's vector with a direction."""
        found = None if self._cache is None else self._cache.scores(db, model_id, direction[np.newaxis])
        if found is not None:
            return found[0], np.asarray(found[1][0], np.float32)
        parts: Sequence[tuple[Ids, Numbers]] = [
            (ids, np.asarray(rows @ direction, np.float32)) for ids, rows in vectors.all_vectors(db, model_id)
        ]
        if not parts:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        return np.concatenate([ids for ids, _ in parts]), np.concatenate([scores for _, scores in parts])
