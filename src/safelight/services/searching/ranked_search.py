"""One query in one library: the nearest photos, ranked and in bands, as many as are requested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from safelight.core.encoder import Vectors
from safelight.core.estimate import Estimate
from safelight.core.message import Message
from safelight.core.name_evidence import NameMatch
from safelight.core.photo import LibraryCounts
from safelight.core.search import Band
from safelight.core.stopwatch import Lap, untimed
from safelight.services.searching.calibration import RANKED, Calibration
from safelight.services.searching.query_plan import without
from safelight.services.searching.results import FIRST, Found, first_of
from safelight.services.searching.targets import Ranked, Target
from safelight.store.vectors import Ids

Nearest = Callable[[Vectors, int, Ids | Sequence[int] | None], list[tuple[int, float]]]
"""The photos nearest to a vector: this many, of those allowed."""

NOTHING_STRONG = Message("No strong matches.")

_FARTHER = 4
"""How many more photos are compared where many match, because not all matches are among the nearest."""


@dataclass(frozen=True, slots=True)
class RankedSearch:
    """Ranks by how photos match words and by their names, or by plain similarity to a picture."""

    nearest: Nearest
    calibration: Calibration
    target: Target
    allowed: Ids | None
    coverage: LibraryCounts
    names: Mapping[int, NameMatch] = field(default_factory=dict)
    lap: Lap = untimed

    @property
    def among(self) -> int:
        """How many photos are searched."""
        return self.coverage.embedded if self.allowed is None else len(self.allowed)

    def find(self, limit: int | None, notices: tuple[Message, ...]) -> Found:
        """The best ``limit``, or all: the hits, and a way to load the others. That nothing is strong is
        stated before the ``notices``.
        """
        ranked = self.best(limit)
        known = {hit.photo_id for hit in ranked.hits}
        others = max(0, self.among - len(known))

        def remainder() -> list[int]:
            return [photo for photo, _ in self._found(self.among) if photo not in known]

        if self.target.by_words and ranked.nothing_strong:
            notices = (NOTHING_STRONG, *notices)
        return first_of(ranked.hits, limit, notices, others, remainder)

    def best(self, limit: int | None) -> Ranked:
        """At least the best ``limit``; without one, at least all that match strongly or maybe."""
        count = max(FIRST if limit is None else limit, RANKED)
        if limit is None:
            expected = self.calibration.matching_share(self.target) * self.among
            count = max(count, min(self.among, round(_FARTHER * expected)))
        ranked = self.ranked(count)
        # Where most of the compared photos match, compare more.
        while limit is None and count < self.among and 2 * _shown(ranked) > count:
            count *= _FARTHER
            ranked = self.ranked(count)
        return ranked

    def estimate(self) -> Estimate | None:
        """How many photos match, as in :meth:`Calibration.estimate`."""
        found = self._found(min(FIRST, self.among))
        return self.calibration.estimate(self.target, found, self.among, self.allowed)

    def find_unlike(self, limit: int | None, notices: tuple[Message, ...]) -> Found:
        """The answer where the target is excluded: the least similar photos first."""
        count = max(FIRST if limit is None else limit, RANKED)
        near = self._found(count)
        if len(near) < count:
            self.lap("search")
            ranked = self.calibration.rank(self.target, near, self.among)
            self.lap("rank")
            return first_of(without(ranked.hits), limit, notices)
        away = -self.target.direction
        far = [(photo, -score) for photo, score in self.nearest(away, count, self.allowed)]
        self.lap("search")
        ranked = self.calibration.rank(self.target, far, self.among, nearest=near)
        self.lap("rank")
        known = {photo for photo, _ in far}

        def remainder() -> list[int]:
            found = self.nearest(away, self.among, self.allowed)
            return [photo for photo, _ in found if photo not in known]

        return first_of(without(ranked.hits), limit, notices, max(0, self.among - len(known)), remainder)

    def ranked(self, count: int) -> Ranked:
        """The nearest photos, and all whose names contain the words."""
        found = self._found(count)
        beside = self.names.keys() - {photo for photo, _ in found}
        if beside:
            found += self.nearest(self.target.direction, len(beside), sorted(beside))
        plain = self.target.wanted
        wanted = None if plain is None else self.nearest(plain.direction, RANKED, self.allowed)
        self.lap("search")
        ranked = self.calibration.rank(self.target, found, self.among, self.names, wanted)
        self.lap("rank")
        return ranked

    def _found(self, count: int) -> list[tuple[int, float]]:
        return self.nearest(self.target.direction, count, self.allowed)


def _shown(ranked: Ranked) -> int:
    """How many match by their looks; those whose names contain the words are all included already."""
    return sum(hit.band is not Band.REST and not hit.reason for hit in ranked.hits)
