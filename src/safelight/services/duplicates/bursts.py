"""Finds photos that one camera took within seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from safelight.store import likeness
from safelight.store.library import Connection

BURST_SECONDS = 10
"""Similar photos that one camera took within this many seconds are a burst."""

_MAX_FRAMES_APART = 60
"""The most photos before and after a photo, in order of time, that may belong to its burst."""

Bursts = dict[int, list[int]]
"""By photo: others that the same camera took at about the same time. A pair may be listed under only one of
its two photos."""

Exposure = tuple[int, str, str]
"""(photo id, camera, date)."""


def all_bursts(db: Connection, photo_ids: Collection[int]) -> Bursts:
    """The bursts of these photos, by reading the exposures of the whole library."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    exposures = likeness.exposures(db)
    moments = [_parsed_date(date) for _, _, date in exposures]
    for place, (photo_id, camera, _) in enumerate(exposures):
        for later in range(place + 1, min(place + 1 + _MAX_FRAMES_APART, len(exposures))):
            other, other_camera, _ = exposures[later]
            if other_camera != camera or not _within(moments[place], moments[later]):
                break
            if photo_id in photo_ids:
                found[photo_id].append(other)
            elif other in photo_ids:
                found[other].append(photo_id)
    return dict(found)


def bursts_of(db: Connection, photo_ids: Sequence[int]) -> Bursts:
    """The same as :func:`all_bursts`, by reading only exposures around each photo."""
    found: Bursts = {}
    for exposure in likeness.exposures(db, photo_ids):
        moment = _parsed_date(exposure[2])
        if moment is None:
            continue
        around = [
            *_within_burst(
                moment, likeness.exposures_before(db, exposure, _shifted_date(moment, -1), _MAX_FRAMES_APART)
            ),
            *_within_burst(
                moment, likeness.exposures_after(db, exposure, _shifted_date(moment, 1), _MAX_FRAMES_APART)
            ),
        ]
        if around:
            found[exposure[0]] = around
    return found


def _within_burst(moment: datetime, exposures: Iterable[Exposure]) -> Iterable[int]:
    """The ids of the first exposures that are close to ``moment`` in time. ``exposures`` are sorted by their
    distance from it."""
    for photo_id, _, date in exposures:
        if not _within(moment, _parsed_date(date)):
            return
        yield photo_id


def _within(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and abs(other - one) <= timedelta(seconds=BURST_SECONDS)


def _parsed_date(date: str) -> datetime | None:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=None)  # local time of the camera
    except ValueError:
        return None


def _shifted_date(moment: datetime, sign: int) -> str:
    try:
        return (moment + sign * timedelta(seconds=BURST_SECONDS)).isoformat(timespec="seconds")
    except OverflowError:
        return moment.isoformat(timespec="seconds")
