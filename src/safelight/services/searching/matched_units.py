"""The part of a photo that matched a search best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safelight.core.photo_units import Match
from safelight.services.searching.results import FoundPhotos
from safelight.store import spaces
from safelight.store.library import LibraryStore

_WHOLE_PHOTO = 0
"""Means the photo as a whole, which has no unit id."""


class MatchedUnits:
    """Merges the results of a model's spaces, and keeps the units for the hits. For one search at a time."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._units: dict[int, int] = {}

    def merge(
        self, photos: Sequence[tuple[int, float]], others: Sequence[Sequence[Match]], count: int
    ) -> list[tuple[int, float]]:
        """The ``count`` best photos, each by its best unit: as a whole, or one of ``others``.

        Each list holds the best ``count`` photos of its space, best first, so that none is missed.
        """
        best = {photo_id: (score, _WHOLE_PHOTO) for photo_id, score in photos}
        for matches in others:
            for match in matches:
                if match.photo_id not in best or match.score > best[match.photo_id][0]:
                    best[match.photo_id] = match.score, match.unit_id
        ordered = sorted(best.items(), key=lambda each: (-each[1][0], each[0]))[:count]
        for photo_id, (_, unit_id) in ordered:
            # A search first uses the direction of the whole query, whose unit is the one to report.
            self._units.setdefault(photo_id, unit_id)
        return [(photo_id, score) for photo_id, (score, _) in ordered]

    def forget(self) -> None:
        """Forget the units of a search that reports none."""
        self._units = {}

    def attach(self, found: FoundPhotos) -> FoundPhotos:
        """Set the unit of each hit that has one, and forget all."""
        units, self._units = self._units, {}
        if not units:
            return found
        with self._store.read() as db:
            known = spaces.units_by_id(db, [units.get(hit.photo_id, _WHOLE_PHOTO) for hit in found.hits])
        hits = tuple(
            replace(hit, unit=known.get(units.get(hit.photo_id, _WHOLE_PHOTO))) for hit in found.hits
        )
        return replace(found, hits=hits)
