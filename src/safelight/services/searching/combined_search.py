"""Combines the results of alternatives, such as ``beach OR lake``. Each photo counts with its best one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from safelight.core import bands
from safelight.core.message import Message
from safelight.core.search import Band, SearchHit
from safelight.services.searching.judging import PassingPhotos
from safelight.services.searching.query_plan import invert_hits
from safelight.services.searching.ranked_search import NOTHING_STRONG, RankedSearch
from safelight.services.searching.results import MAX_SCORED_HITS, FoundPhotos, limit_hits
from safelight.services.searching.targets import Ranked
from safelight.store.vectors import Ids


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative: a search, or None for filters alone, which the ``allowed`` photos pass."""

    search: RankedSearch | None
    allowed: Ids | None
    """The photos that pass its filters, None for all; newest first if there is no search."""
    only_excludes: bool = False
    """Whether the search only excludes."""
    ranked: Ranked | None = None
    """The ``allowed`` photos, ranked, if the model decides the filters, as for ``my:bruno``. Then there is no
    search."""

    def best(self, limit: int | None) -> Ranked:
        """Return at least the best ``limit`` photos, each with its evidence. Photos that only have to pass
        filters match completely.
        """
        if self.ranked is not None:
            return self.ranked
        if self.search is None:
            first = (
                []
                if self.allowed is None
                else self.allowed[: MAX_SCORED_HITS if limit is None else limit].tolist()
            )
            hits = tuple(SearchHit(photo, 1.0, Band.STRONG) for photo in first)
            return Ranked(hits, evidence=(math.inf,) * len(hits))
        ranked = self.search.best(limit)
        if not self.only_excludes:
            return ranked
        evidence = tuple(-each for each in reversed(ranked.evidence))
        return Ranked(invert_hits(ranked.hits), evidence=evidence)

    def evidence_of_all(self) -> Iterable[tuple[int, float]]:
        """All its photos that have a vector, with their evidence."""
        if self.search is None:
            return ((photo, math.inf) for photo in ([] if self.allowed is None else self.allowed.tolist()))
        search = self.search
        found = search.nearest(search.target.direction, search.searched_count, search.allowed)
        measured = search.calibration.measured(search.target, found)
        evidence = -measured.deviations if self.only_excludes else measured.deviations
        return zip(measured.ids.tolist(), evidence.tolist(), strict=True)


def merge_ranked(parts: Sequence[Ranked]) -> Ranked:
    """Each photo once, with its best evidence: first by band, then by deviation. Equally good photos keep the
    order of the parts.
    """
    best: dict[int, tuple[int, float, SearchHit]] = {}
    for part in parts:
        for hit, evidence in zip(part.hits, part.evidence, strict=True):
            place = bands.BAND_ORDER.index(hit.band)
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
    alternatives: Sequence[Alternative], limit: int | None, notices: tuple[Message, ...], embedded: int
) -> FoundPhotos:
    """The best ``limit`` photos, or all, of a library in which ``embedded`` photos have a vector."""
    ranked = merge_ranked([each.best(limit) for each in alternatives])
    if ranked.nothing_strong and ranked.hits:
        notices = (NOTHING_STRONG, *notices)
    if limit is not None:
        return FoundPhotos(ranked.hits[:limit], notices)
    also = {
        band: [hit.photo_id for hit in ranked.hits[MAX_SCORED_HITS:] if hit.band is band] for band in Band
    }
    included = {hit.photo_id for hit in ranked.hits}
    for each in alternatives:
        if each.search is None and each.allowed is not None:
            further = [photo for photo in each.allowed.tolist() if photo not in included]
            also[Band.STRONG] += further
            included.update(further)
    others = max(0, _searched_count(alternatives, embedded) - len(included))

    def remainder() -> list[int]:
        best: dict[int, float] = {}
        for each in alternatives:
            for photo, evidence in each.evidence_of_all():
                if photo not in included:
                    best[photo] = max(evidence, best.get(photo, -math.inf))
        return sorted(best, key=lambda photo: (-best[photo], photo))

    kept = {band: tuple(ids) for band, ids in also.items() if ids}
    return FoundPhotos(ranked.hits[:MAX_SCORED_HITS], notices, kept, others, remainder=remainder)


def results_of_filters(
    passing: PassingPhotos, limit: int | None, notices: tuple[Message, ...]
) -> FoundPhotos:
    """The results of filters that the model decides, without a description or an example."""
    if passing.ranked is None:
        hits = tuple(SearchHit(photo, 1.0, Band.STRONG) for photo in passing.ids.tolist())
        return limit_hits(hits, limit, notices)
    if passing.ranked.nothing_strong and not notices:
        notices = (NOTHING_STRONG,)
    return limit_hits(passing.ranked.hits, limit, notices, len(passing.others), passing.others.tolist)


def _searched_count(alternatives: Sequence[Alternative], embedded: int) -> int:
    """How many photos at least one alternative searches."""
    allowed = [each.allowed for each in alternatives]
    if any(each is None for each in allowed):
        return embedded
    return len(np.unique(np.concatenate([each for each in allowed if each is not None])))
