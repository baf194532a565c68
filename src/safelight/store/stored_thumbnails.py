"""Thumbnails of photos and of frames of videos, in ``thumbs.db``."""

# ruff: noqa: S608 (statements are put together from constants of this module; values are bound)

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import apsw

from safelight.store.rows import ids_of, json_ids

_log = logging.getLogger(__name__)


_READABLE = "typeof(jpeg) = 'blob' AND length(jpeg) BETWEEN 1 AND 4000000"
"""SQL: whether a stored value can be a thumbnail."""


def put(db: apsw.Connection, photo_id: int, jpeg: bytes) -> None:
    """Store a photo's thumbnail, and that the thumbnail stage is done."""
    db.execute("INSERT OR REPLACE INTO thumbs.thumbnail (photo_id, jpeg) VALUES (?, ?)", (photo_id, jpeg))
    db.execute(
        "INSERT OR REPLACE INTO main.stage_state (stage_id, photo_id, version) "
        "SELECT id, ?, 1 FROM main.stage WHERE name = 'thumbnail' AND variant = 0",
        (photo_id,),
    )


def get_many(db: apsw.Connection, ids: Collection[int]) -> dict[int, bytes]:
    """JPEG thumbnails of those that have one."""
    found: dict[int, bytes] = {}
    with _tolerating_damage():
        found.update(
            db.execute(
                "SELECT t.photo_id, t.jpeg FROM json_each(?) AS a "
                "CROSS JOIN thumbs.thumbnail AS t ON t.photo_id = a.value "
                f"WHERE {_READABLE}",
                (json_ids(ids),),
            )
        )
    return found


def put_frames(db: apsw.Connection, photo_id: int, found: Collection[tuple[float, bytes]]) -> None:
    """Store thumbnails (seconds, JPEG) of frames of a video, in place of those it has."""
    db.execute("DELETE FROM thumbs.frame WHERE photo_id = ?", (photo_id,))
    db.executemany(
        "INSERT INTO thumbs.frame (photo_id, number, seconds, jpeg) VALUES (?, ?, ?, ?)",
        ((photo_id, number, seconds, jpeg) for number, (seconds, jpeg) in enumerate(found)),
    )


def frames_at(db: apsw.Connection, wanted: Mapping[int, float]) -> dict[int, bytes]:
    """The thumbnail of each video nearest to a time in seconds, without videos that have none."""
    found: dict[int, bytes] = {}
    with _tolerating_damage():
        if _has_frames(db):
            for photo_id, seconds in wanted.items():
                jpeg = db.execute(
                    f"SELECT jpeg FROM thumbs.frame WHERE photo_id = ? AND {_READABLE} "
                    "ORDER BY abs(seconds - ?) LIMIT 1",
                    (photo_id, seconds),
                ).get
                if jpeg is not None:
                    found[photo_id] = jpeg
    return found


def frames_of(db: apsw.Connection, photo_id: int) -> list[bytes]:
    """The thumbnails of the frames of a video, in their order."""
    found: list[bytes] = []
    with _tolerating_damage():
        if _has_frames(db):
            rows = db.execute(
                f"SELECT jpeg FROM thumbs.frame WHERE photo_id = ? AND {_READABLE} ORDER BY seconds LIMIT 64",
                (photo_id,),
            )
            found = [jpeg for (jpeg,) in rows]
    return found


@contextmanager
def _tolerating_damage() -> Iterator[None]:
    """Go on without thumbnails where ``thumbs.db`` is damaged.

    They can be made again, so that showing none is better than reporting the library as damaged.
    """
    try:
        yield
    except apsw.CorruptError:
        _log.warning("The stored thumbnails are damaged; start Safelight again, and they are made again.")


def _has_frames(db: apsw.Connection) -> bool:
    """False for thumbnails of an earlier version that were opened read-only."""
    return bool(db.execute("SELECT 1 FROM thumbs.sqlite_schema WHERE name = 'frame'").get)


def missing(db: apsw.Connection) -> list[int]:
    """Visible photos in connected folders whose thumbnail is not stored, the newest first.

    Reads the thumbnails themselves, because ``thumbs.db`` may have lost some in a power failure, or all of
    them. Photos whose thumbnail could not be made are left out.
    """
    rows = db.execute(
        f"""
        SELECT p.id FROM photo AS p WHERE p.orphaned_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM thumbs.thumbnail AS t WHERE t.photo_id = p.id AND {_READABLE})
            AND NOT EXISTS (
                SELECT 1 FROM stage AS s JOIN stage_state AS x ON x.stage_id = s.id
                WHERE s.name = 'thumbnail' AND x.photo_id = p.id AND x.code IS NOT NULL
            ) AND EXISTS (
                SELECT 1 FROM file AS f JOIN folder AS r ON r.id = f.folder_id
                WHERE f.photo_id = p.id AND r.state <> 'offline'
            ) ORDER BY p.date DESC, p.id DESC
        """
    )
    return ids_of(rows)
