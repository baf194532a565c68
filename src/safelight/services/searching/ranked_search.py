"""Ranks the photos of one library for one query, as many as are requested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from safelight.core.encoder import Vectors
from safelight.core.estimate import Estimate
from safelight.core.message import Message
from safelight.core.name_evidence import NameMatch
from safelight.core.photo import LibraryCounts
from safelight.core.search import Band
from safelight.core.stopwatch import RecordStep, record_nothing
from safelight.services.searching.calibration import MIN_COMPARED, Calibration
from safelight.services.searching.query_plan import invert_hits
from safelight.services.searching.results import MAX_SCORED_HITS, FoundPhotos, limit_hits
from safelight.services.searching.targets import Ranked, Target
from safelight.store.vectors import Ids

Nearest = Callable[[Vectors, int, Ids | Sequence[int] | None], list[tuple[int, float]]]
"""(vector, count, allowed) to the ``count`` nearest of the allowed photos, as (photo id, cosine)."""

NOTHING_STRONG = Message("No strong matches.")

_WIDENING_FACTOR = 4
"""Factor by which a search compares more photos if many match, since not all matches are among the nearest
ones."""


@dataclass(frozen=True, slots=True)
class RankedSearch:
    """Ranks by how photos match words and by their names, or by plain similarity to a picture."""

    nearest: Nearest
    calibration: Calibration
    target: Target
    allowed: Ids | None
    coverage: LibraryCounts
    names: Mapping[int, NameMatch] = field(default_factory=dict)
    record_step: RecordStep = record_nothing

    @property
    def searched_count(self) -> int:
        """How many photos are searched."""
        return self.coverage.embedded if self.allowed is None else len(self.allowed)

    def find(self, limit: int | None, notices: tuple[Message, ...]) -> FoundPhotos:
        """Return the best ``limit`` photos; without a limit, all photos.

        If no photo matches strongly, a notice about that precedes the ``notices``.
        """
        ranked = self.best(limit)
        in_hits = {hit.photo_id for hit in ranked.hits}
        others = max(0, self.searched_count - len(in_hits))

        def remainder() -> list[int]:
            return [photo for photo, _ in self._nearest_photos(self.searched_count) if photo not in in_hits]

        if self.target.by_words and ranked.nothing_strong:
            notices = (NOTHING_STRONG, *notices)
        return limit_hits(ranked.hits, limit, notices, others, remainder)

    def best(self, limit: int | None) -> Ranked:
        """At least the best ``limit``; without one, at least all that match strongly or maybe."""
        count = max(MAX_SCORED_HITS if limit is None else limit, MIN_COMPARED)
        if limit is None:
            expected = self.calibration.matching_share(self.target) * self.searched_count
            count = max(count, min(self.searched_count, round(_WIDENING_FACTOR * expected)))
        ranked = self.rank(count)
        # Where most of the compared photos match, compare more.
        while limit is None and count < self.searched_count and 2 * _matching_count(ranked) > count:
            count *= _WIDENING_FACTOR
            ranked = self.rank(count)
        return ranked

    def estimate(self) -> Estimate | None:
        """How many photos match, as in :meth:`Calibration.estimate`."""
        found = self._nearest_photos(min(MAX_SCORED_HITS, self.searched_count))
        return self.calibration.estimate(self.target, found, self.searched_count, self.allowed)

    def find_least_similar(self, limit: int | None, notices: tuple[Message, ...]) -> FoundPhotos:
        """Return the results of a query that only excludes: the photos least similar to the target first."""
        count = max(MAX_SCORED_HITS if limit is None else limit, MIN_COMPARED)
        most_similar = self._nearest_photos(count)
        if len(most_similar) < count:
            self.record_step("search")
            ranked = self.calibration.rank(self.target, most_similar, self.searched_count)
            self.record_step("rank")
            return limit_hits(invert_hits(ranked.hits), limit, notices)
        opposite = -self.target.direction
        least_similar = [(photo, -score) for photo, score in self.nearest(opposite, count, self.allowed)]
        self.record_step("search")
        ranked = self.calibration.rank(self.target, least_similar, self.searched_count, nearest=most_similar)
        self.record_step("rank")
        in_hits = {photo for photo, _ in least_similar}

        def remainder() -> list[int]:
            found = self.nearest(opposite, self.searched_count, self.allowed)
            return [photo for photo, _ in found if photo not in in_hits]

        others = max(0, self.searched_count - len(in_hits))
        return limit_hits(invert_hits(ranked.hits), limit, notices, others, remainder)

    def rank(self, count: int) -> Ranked:
        """Rank the ``count`` nearest photos, and all photos whose names contain the words."""
        found = self._nearest_photos(count)
        only_named = self.names.keys() - {photo for photo, _ in found}
        if only_named:
            found += self.nearest(self.target.direction, len(only_named), sorted(only_named))
        words = self.target.wanted
        wanted = None if words is None else self.nearest(words.direction, MIN_COMPARED, self.allowed)
        self.record_step("search")
        ranked = self.calibration.rank(self.target, found, self.searched_count, self.names, wanted)
        self.record_step("rank")
        return ranked

    def _nearest_photos(self, count: int) -> list[tuple[int, float]]:
        return self.nearest(self.target.direction, count, self.allowed)


def _matching_count(ranked: Ranked) -> int:
    """The number of photos that match by their looks. Photos that match by their names need no further
    search, because all of them are included already."""
    return sum(hit.band is not Band.REST and not hit.reason for hit in ranked.hits)
