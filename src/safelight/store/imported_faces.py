"""Faces that were imported from the catalogues of other programs, as regions of the upright picture.

Faces that files and sidecars state are metadata: see file_metadata.py.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import apsw

from safelight.core.photo import FaceRegion
from safelight.store.rows import json_ids

Faces = tuple[FaceRegion, ...]


class Change(NamedTuple):
    """The faces of one photo before and after; the values of JSON in a journal."""

    photo_id: int
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


def of_photos(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, dict[str, Faces]]:
    """The faces by program, without the photos that have none."""
    found: defaultdict[int, dict[str, Faces]] = defaultdict(dict)
    for photo, program, faces in db.execute(
        "SELECT i.photo_id, i.program, i.faces FROM json_each(?) AS a "
        "CROSS JOIN imported_faces AS i ON i.photo_id = a.value ORDER BY i.photo_id, i.program",
        (json_ids(photo_ids),),
    ):
        found[photo][program] = read(json.loads(faces))
    return dict(found)


def put(db: apsw.Connection, program: str, wanted: Mapping[int, Faces]) -> list[Change]:
    """Store what a program knows about photos, in place of what it knew at an earlier import; returns what
    changed. Photos that are gone are skipped."""
    before = of_photos(db, wanted)
    changes = []
    for photo, faces in wanted.items():
        old = before.get(photo, {}).get(program, ())
        if old != faces and _store(db, photo, program, as_json(faces)):
            changes.append(Change(photo, as_json(old), as_json(faces)))
    return changes


def take_back(db: apsw.Connection, program: str, changes: Collection[Change]) -> list[int]:
    """Undo :func:`put`, except where the faces were imported again since; returns the photos, sorted."""
    now = of_photos(db, [each.photo_id for each in changes])
    restored = [each for each in changes if now.get(each.photo_id, {}).get(program, ()) == read(each.after)]
    for each in restored:
        _store(db, each.photo_id, program, each.before)
    return sorted(each.photo_id for each in restored)


def pass_on(db: apsw.Connection, old_photo: int, new_photo: int, *, keep: bool) -> None:
    """Give a photo the faces of another one with the same pixels, which loses them unless ``keep``."""
    db.execute(
        "INSERT OR IGNORE INTO imported_faces (photo_id, program, faces) "
        "SELECT ?, program, faces FROM imported_faces WHERE photo_id = ?",
        (new_photo, old_photo),
    )
    if not keep:
        db.execute("DELETE FROM imported_faces WHERE photo_id = ?", (old_photo,))


def as_json(faces: Sequence[FaceRegion]) -> list[dict[str, Any]]:
    return [asdict(each) for each in faces]


def read(stored: list[dict[str, Any]]) -> Faces:
    """The reverse of :func:`as_json`."""
    return tuple(FaceRegion(**each) for each in stored)


def _store(db: apsw.Connection, photo_id: int, program: str, faces: list[dict[str, Any]]) -> bool:
    """Returns False if the photo is gone."""
    if not faces:
        db.execute("DELETE FROM imported_faces WHERE photo_id = ? AND program = ?", (photo_id, program))
        return True
    db.execute(
        "INSERT OR REPLACE INTO imported_faces (photo_id, program, faces) "
        "SELECT id, ?, ? FROM photo WHERE id = ?",
        (program, json.dumps(faces, ensure_ascii=False), photo_id),
    )
    return db.changes() > 0
