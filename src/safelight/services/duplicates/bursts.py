"""Photos that one camera took within seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from safelight.store import likeness
from safelight.store.library import Connection

BURST_SECONDS = 10
"""Two photos of one camera within this many seconds are one burst, if they are similar too."""

_REACH = 60
"""Frames before and after a photo that may belong to its burst."""

Bursts = dict[int, list[int]]
"""Photo to others of its burst by camera and date. A pair may be listed under one of the two only."""

Exposure = tuple[int, str, str]
"""Photo, camera, date."""


def all_bursts(db: Connection, asking: Collection[int]) -> Bursts:
    """The bursts of these photos, by reading the exposures of the whole library."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    exposures = likeness.exposures(db)
    moments = [_moment(date) for _, _, date in exposures]
    for place, (photo_id, camera, _) in enumerate(exposures):
        for later in range(place + 1, min(place + 1 + _REACH, len(exposures))):
            other, other_camera, _ = exposures[later]
            if other_camera != camera or not _within(moments[place], moments[later]):
                break
            if photo_id in asking:
                found[photo_id].append(other)
            elif other in asking:
                found[other].append(photo_id)
    return dict(found)


def bursts_of(db: Connection, asking: Sequence[int]) -> Bursts:
    """The same as :func:`all_bursts`, by reading only exposures around each photo."""
    found: Bursts = {}
    for exposure in likeness.exposures(db, asking):
        moment = _moment(exposure[2])
        if moment is None:
            continue
        around = [
            *_together(moment, likeness.exposures_before(db, exposure, _text(moment, -1), _REACH)),
            *_together(moment, likeness.exposures_after(db, exposure, _text(moment, 1), _REACH)),
        ]
        if around:
            found[exposure[0]] = around
    return found


def _together(moment: datetime, exposures: Iterable[Exposure]) -> Iterable[int]:
    """Photos in the order of their distance in time, as long as they are close enough."""
    for photo_id, _, date in exposures:
        if not _within(moment, _moment(date)):
            return
        yield photo_id


def _within(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and abs(other - one) <= timedelta(seconds=BURST_SECONDS)


def _moment(date: str) -> datetime | None:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=None)  # local time of the camera
    except ValueError:
        return None


def _text(moment: datetime, sign: int) -> str:
    try:
        return (moment + sign * timedelta(seconds=BURST_SECONDS)).isoformat(timespec="seconds")
    except OverflowError:
        return moment.isoformat(timespec="seconds")
