"""Combines the answers to alternatives: a photo has the best of its evidence for one of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from safelight.core import bands
from safelight.core.message import Message
from safelight.core.search import Band, SearchHit
from safelight.services.searching.judging import Passing
from safelight.services.searching.query_plan import without
from safelight.services.searching.ranked_search import NOTHING_STRONG, RankedSearch
from safelight.services.searching.results import FIRST, Found, first_of
from safelight.services.searching.targets import Ranked
from safelight.store.vectors import Ids


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative: a search, or (None) only restrictions, which the ``allowed`` photos meet."""

    search: RankedSearch | None
    allowed: Ids | None
    """The photos that its restrictions admit, None for all; newest first where there is no search."""
    only_excludes: bool = False
    """The search only excludes."""
    ranked: Ranked | None = None
    """The ``allowed`` photos, where the model decided that they match, as for ``my:bruno``; then there is no
    search."""

    def best(self, limit: int | None) -> Ranked:
        """Return at least the best ``limit`` photos, each with its evidence. Photos that only have to pass
        filters match completely.
        """
        if self.ranked is not None:
            return self.ranked
        if self.search is None:
            first = [] if self.allowed is None else self.allowed[: FIRST if limit is None else limit].tolist()
            hits = tuple(SearchHit(photo, 1.0, Band.STRONG) for photo in first)
            return Ranked(hits, evidence=(math.inf,) * len(hits))
        ranked = self.search.best(limit)
        if not self.only_excludes:
            return ranked
        evidence = tuple(-each for each in reversed(ranked.evidence))
        return Ranked(without(ranked.hits), evidence=evidence)

    def rest(self) -> Iterable[tuple[int, float]]:
        """All its photos with their evidence, without those that lack a vector."""
        if self.search is None:
            return ((photo, math.inf) for photo in ([] if self.allowed is None else self.allowed.tolist()))
        search = self.search
        found = search.nearest(search.target.direction, search.among, search.allowed)
        measured = search.calibration.measured(search.target, found)
        evidence = -measured.deviations if self.only_excludes else measured.deviations
        return zip(measured.ids.tolist(), evidence.tolist(), strict=True)


def best_of(parts: Sequence[Ranked]) -> Ranked:
    """Each photo once, with the best evidence of any part: first by band, then by deviation. Equal photos
    keep the order of the parts.
    """
    best: dict[int, tuple[int, float, SearchHit]] = {}
    for part in parts:
        for hit, evidence in zip(part.hits, part.evidence, strict=True):
            place = bands.ORDER.index(hit.band)
            known = best.get(hit.photo_id)
            if known is None or (place, -evidence) < known[:2]:
                best[hit.photo_id] = (place, -evidence, hit)
    ordered = sorted(best.values(), key=lambda each: each[:2])
    return Ranked(
        tuple(hit for _, _, hit in ordered),
        nothing_strong=all(part.nothing_strong for part in parts if part.hits),
        evidence=tuple(-evidence for _, evidence, _ in ordered),
    )


def find(
    alternatives: Sequence[Alternative], limit: int | None, notices: tuple[Message, ...], everything: int
) -> Found:
    """The best ``limit`` photos, or all, of a library with ``everything`` photos that have a vector."""
    ranked = best_of([each.best(limit) for each in alternatives])
    if ranked.nothing_strong and ranked.hits:
        notices = (NOTHING_STRONG, *notices)
    if limit is not None:
        return Found(ranked.hits[:limit], notices)
    also = {band: [hit.photo_id for hit in ranked.hits[FIRST:] if hit.band is band] for band in Band}
    known = {hit.photo_id for hit in ranked.hits}
    for each in alternatives:
        if each.search is None and each.allowed is not None:
            further = [photo for photo in each.allowed.tolist() if photo not in known]
            also[Band.STRONG] += further
            known.update(further)
    others = max(0, _union(alternatives, everything) - len(known))

    def remainder() -> list[int]:
        best: dict[int, float] = {}
        for each in alternatives:
            for photo, evidence in each.rest():
                if photo not in known:
                    best[photo] = max(evidence, best.get(photo, -math.inf))
        return sorted(best, key=lambda photo: (-best[photo], photo))

    kept = {band: tuple(ids) for band, ids in also.items() if ids}
    return Found(ranked.hits[:FIRST], notices, kept, others, remainder=remainder)


def decided(passing: Passing, limit: int | None, notices: tuple[Message, ...]) -> Found:
    """The answer to filters that the model decides, without words or pictures."""
    if passing.ranked is None:
        hits = tuple(SearchHit(photo, 1.0, Band.STRONG) for photo in passing.ids.tolist())
        return first_of(hits, limit, notices)
    if passing.ranked.nothing_strong and not notices:
        notices = (NOTHING_STRONG,)
    return first_of(passing.ranked.hits, limit, notices, len(passing.others), passing.others.tolist)


def _union(alternatives: Sequence[Alternative], everything: int) -> int:
    """How many photos are searched by one of them."""
    allowed = [each.allowed for each in alternatives]
    if any(each is None for each in allowed):
        return everything
    return len(np.unique(np.concatenate([each for each in allowed if each is not None])))
