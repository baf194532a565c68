"""Dates and positions that override those of the files, such as those imported from other programs.

Triggers copy them to the table ``photo`` and keep them there when a file is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import apsw

from safelight.store.rows import json_ids


class Override(NamedTuple):
    """What replaces the values of a photo's files; None where the file's value counts. A position has both
    degrees, or none."""

    date: str | None = None
    """``YYYY-MM-DDTHH:MM:SS``."""
    latitude: float | None = None
    longitude: float | None = None


class ShownValues(NamedTuple):
    """The columns of ``photo`` that an override changes."""

    date: str
    date_is_taken: int
    date_source: str | None
    latitude: float | None
    longitude: float | None


class Change(NamedTuple):
    """What :func:`put` changed for one photo, and what :func:`undo_put` needs."""

    photo_id: int
    before: Override | None
    shown_values: ShownValues
    after: Override


def shown_values(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, ShownValues]:
    """The dates and positions of photos as they are now, with overrides or without."""
    rows = db.execute(
        "SELECT p.id, p.date, p.date_is_taken, p.date_source, p.latitude, p.longitude "
        "FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value",
        (json_ids(photo_ids),),
    )
    return {photo: ShownValues(*values) for photo, *values in rows}


def of_photos(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Override]:
    """The overrides of these photos; photos without one are left out."""
    rows = db.execute(
        "SELECT g.photo_id, g.date, g.latitude, g.longitude "
        "FROM json_each(?) AS a CROSS JOIN given AS g ON g.photo_id = a.value",
        (json_ids(photo_ids),),
    )
    return {photo: Override(*values) for photo, *values in rows}


def put(db: apsw.Connection, wanted: Mapping[int, Override]) -> list[Change]:
    """Store overrides and return what changed. Photos that are gone are skipped."""
    before, known = of_photos(db, wanted), shown_values(db, wanted)
    changes = []
    for photo, new in wanted.items():
        if photo not in known:
            continue
        old = before.get(photo)
        kept = old or Override()
        has_place = new.latitude is not None and new.longitude is not None
        after = Override(new.date or kept.date, *(new if has_place else kept)[1:])
        if after != kept:
            _store(db, photo, after)
            changes.append(Change(photo, old, known[photo], after))
    return changes


def undo_put(db: apsw.Connection, changes: Collection[Change]) -> list[int]:
    """Undo :func:`put`, except for photos with a newer override; returns the photos, sorted."""
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
            (*each.shown_values, each.photo_id),
        )
        restored.append(each.photo_id)
    return sorted(restored)


def pass_on(db: apsw.Connection, old_photo: int, new_photo: int, *, keep: bool) -> None:
    """Copy the override of one photo to another; the first loses it unless ``keep``."""
    db.execute(
        "INSERT OR IGNORE INTO given (photo_id, date, latitude, longitude) "
        "SELECT ?, date, latitude, longitude FROM given WHERE photo_id = ?",
        (new_photo, old_photo),
    )
    if not keep:
        db.execute("DELETE FROM given WHERE photo_id = ?", (old_photo,))


def _store(db: apsw.Connection, photo_id: int, given: Override) -> None:
    db.execute(
        "INSERT INTO given (photo_id, date, latitude, longitude) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (photo_id) DO UPDATE SET date = excluded.date, latitude = excluded.latitude, "
        "longitude = excluded.longitude",
        (photo_id, *given),
    )
