"""Recommends a model for this machine and this library."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from safelight.core.models import ModelRow

DEFAULT = "siglip2-b-32-256"
"""Recommended until a speed has been measured on this machine."""

_MIN_RATE = 5.0
"""Photos per second. A slower model makes every new photo wait, and keeps the machine busy."""
_MAX_SECONDS = 12 * 3600
"""One night: the longest that reading the whole library may take."""
_SIMILAR_SPEED = 0.8
"""Share of the highest speed at which another model still counts as equally fast."""


def recommend(rows: Sequence[ModelRow], retired: Collection[str] = ()) -> str | None:
    """The name of the model to recommend; None if none of ``rows`` can be recommended.

    It is the one with the best published retrieval quality among those that encode photos at a good rate on
    this machine and finish the library within a night. If none does, it is the best of the fastest.
    Models that are for research only, retired, or without published figures are never recommended.
    """
    usable = {
        row.name: row
        for row in rows
        if row.coco is not None and not row.research_only and row.name not in retired
    }
    rated = {name: row.images_per_second for name, row in usable.items() if row.images_per_second}
    if not rated:
        return DEFAULT if DEFAULT in usable else None
    quick = [
        name
        for name, rate in rated.items()
        if rate >= _MIN_RATE and usable[name].photos <= rate * _MAX_SECONDS
    ]
    fastest = max(rated.values())
    candidates = quick or [name for name, rate in rated.items() if rate >= _SIMILAR_SPEED * fastest]
    return max(candidates, key=lambda name: usable[name].coco or 0.0)
