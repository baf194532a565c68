"""Dates and positions that were given to photos in place of those in their files.

Triggers copy them to the table ``photo`` and keep them there when a file is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import apsw

from safelight.store.rows import json_ids


class Given(NamedTuple):
    """What was given; None where the file's value counts. Both degrees are given, or none."""

    date: str | None = None
    """``YYYY-MM-DDTHH:MM:SS``."""
    latitude: float | None = None
    longitude: float | None = None


class Stated(NamedTuple):
    """The columns of ``photo`` that a given value replaces."""

    date: str
    date_is_taken: int
    date_source: str | None
    latitude: float | None
    longitude: float | None


class Change(NamedTuple):
    """What :func:`put` changed for one photo, and what :func:`take_back` needs."""

    photo_id: int
    before: Given | None
    stated: Stated
    after: Given


def stated(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Stated]:
    """Dates and positions as they are now, given or not."""
    rows = db.execute(
        "SELECT p.id, p.date, p.date_is_taken, p.date_source, p.latitude, p.longitude "
        "FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value",
        (json_ids(photo_ids),),
    )
    return {photo: Stated(*values) for photo, *values in rows}


def of_photos(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Given]:
    """What was given to each of these photos, without those to which nothing was."""
    rows = db.execute(
        "SELECT g.photo_id, g.date, g.latitude, g.longitude "
        "FROM json_each(?) AS a CROSS JOIN given AS g ON g.photo_id = a.value",
        (json_ids(photo_ids),),
    )
    return {photo: Given(*values) for photo, *values in rows}


def put(db: apsw.Connection, wanted: Mapping[int, Given]) -> list[Change]:
    """Give dates and positions; returns what changed. Photos that are gone are skipped."""
    before, known = of_photos(db, wanted), stated(db, wanted)
    changes = []
    for photo, new in wanted.items():
        if photo not in known:
            continue
        old = before.get(photo)
        kept = old or Given()
        has_place = new.latitude is not None and new.longitude is not None
        after = Given(new.date or kept.date, *(new if has_place else kept)[1:])
        if after != kept:
            _store(db, photo, after)
            changes.append(Change(photo, old, known[photo], after))
    return changes


def take_back(db: apsw.Connection, changes: Collection[Change]) -> list[int]:
    """Undo :func:`put`, except where something else was given since; returns the photos, sorted."""
    now = of_photos(db, [each.photo_id for each in changes])
    restored = []
    for each in changes:
        if now.get(each.photo_id) != each.after:
            continue
        if each.before is None:
            db.execute("DELETE FROM given WHERE photo_id = ?", (each.photo_id,))
        else:
            _store(db, each.photo_id, each.before)
        db.execute(
            "UPDATE photo SET (date, date_is_taken, date_source, latitude, longitude) = (?, ?, ?, ?, ?) "
            "WHERE id = ?",
            (*each.stated, each.photo_id),
        )
        restored.append(each.photo_id)
    return sorted(restored)


def pass_on(db: apsw.Connection, old_photo: int, new_photo: int, *, keep: bool) -> None:
    """Give a photo what was given to another one, which loses it unless ``keep``."""
    db.execute(
        "INSERT OR IGNORE INTO given (photo_id, date, latitude, longitude) "
        "SELECT ?, date, latitude, longitude FROM given WHERE photo_id = ?",
        (new_photo, old_photo),
    )
    if not keep:
        db.execute("DELETE FROM given WHERE photo_id = ?", (old_photo,))


def _store(db: apsw.Connection, photo_id: int, given: Given) -> None:
    db.execute(
        "INSERT INTO given (photo_id, date, latitude, longitude) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (photo_id) DO UPDATE SET date = excluded.date, latitude = excluded.latitude, "
        "longitude = excluded.longitude",
        (photo_id, *given),
    )
