"""Roots: the folders that the user added."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.core.errors import FolderError
from safelight.core.photo import Folder, FolderState
from safelight.store import text
from safelight.store.rows import SEPARATOR, below, display_text, ids_of, orphans_among

_SELECT = (
    "SELECT id, path, state, (SELECT count(DISTINCT photo_id) FROM file WHERE folder_id = folder.id) "
    "FROM folder"
)


@dataclass(frozen=True, slots=True)
class AddedFolder:
    """The result of adding a folder."""

    folder: Folder
    created: bool
    """False if the folder already was a root or lies inside one. ``folder`` is then that root."""
    absorbed: tuple[int, ...]
    """Former roots inside the new one, which are now part of it. Their ids no longer exist."""


def add(db: apsw.Connection, path: bytes, volume: str | None, now: float) -> AddedFolder:
    """Make ``path`` (absolute, resolved) a root. No root ever lies inside another.

    Files of roots inside it are taken over with their photos; nothing is read or embedded again. Raises
    FolderError if one of those roots is offline, because the next scan would take its files for deleted.
    """
    path = _normal(path)
    inner: list[tuple[int, bytes, bytes]] = []
    for folder_id, other, state in db.execute("SELECT id, path, state FROM folder ORDER BY id"):
        if below(path, other) is not None:
            existing = get(db, folder_id)
            assert existing is not None
            return AddedFolder(existing, created=False, absorbed=())
        relative = below(other, path)
        if relative is not None:
            if state == FolderState.OFFLINE:
                raise FolderError(
                    f"{display_text(other)} lies in that folder and is not connected; connect it, "
                    "or remove it from the library, and add the folder again."
                )
            inner.append((folder_id, other, relative))
    folder_id = int(
        db.execute(
            "INSERT INTO folder (path, path_text, volume, added_at) VALUES (?, ?, ?, ?) RETURNING id",
            (path, display_text(path), volume, now),
        ).get
    )
    for old, _, relative in inner:
        prefix = relative + SEPARATOR
        db.execute(
            "UPDATE file SET folder_id = ?, path = CAST(? || path AS BLOB), path_text = ? || path_text "
            "WHERE folder_id = ?",
            (folder_id, prefix, display_text(prefix), old),
        )
        db.execute("DELETE FROM folder WHERE id = ?", (old,))
    text.refresh(db, _photos(db, folder_id))
    folder = get(db, folder_id)
    assert folder is not None
    return AddedFolder(folder, created=True, absorbed=tuple(old for old, _, _ in inner))


def all_folders(db: apsw.Connection) -> list[Folder]:
    """Every root, by path."""
    return [_folder(row) for row in db.execute(f"{_SELECT} ORDER BY path")]


def get(db: apsw.Connection, folder_id: int) -> Folder | None:
    row = db.execute(f"{_SELECT} WHERE id = ?", (folder_id,)).fetchone()
    return None if row is None else _folder(row)


def containing(db: apsw.Connection, path: bytes) -> tuple[int, bytes] | None:
    """The root that contains an absolute path, and the path relative to it."""
    known: list[Any] = db.execute("SELECT id, path FROM folder").fetchall()
    for folder_id, root in known:
        relative = below(path, root)
        if relative:
            return folder_id, relative
    return None


def volume(db: apsw.Connection, folder_id: int) -> str | None:
    """The identity of the volume on which it was last seen, or None."""
    found: str | None = db.execute("SELECT volume FROM folder WHERE id = ?", (folder_id,)).get
    return found


def set_volume(db: apsw.Connection, folder_id: int, volume: str | None) -> None:
    db.execute("UPDATE folder SET volume = ? WHERE id = ?", (volume, folder_id))


def set_state(db: apsw.Connection, folder_id: int, state: FolderState) -> None:
    db.execute("UPDATE folder SET state = ? WHERE id = ?", (state.value, folder_id))


def mount_points(db: apsw.Connection, folder_id: int) -> set[bytes]:
    """Mount points inside the root that are or were there, relative to it."""
    return {path for (path,) in db.execute("SELECT path FROM mount_point WHERE folder_id = ?", (folder_id,))}


def add_mount_points(db: apsw.Connection, folder_id: int, paths: Iterable[bytes]) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO mount_point (folder_id, path) VALUES (?, ?)",
        [(folder_id, path) for path in paths],
    )


def forget_mount_points(db: apsw.Connection, folder_id: int, paths: Iterable[bytes]) -> None:
    """These are not to come back."""
    db.executemany(
        "DELETE FROM mount_point WHERE folder_id = ? AND path = ?", [(folder_id, path) for path in paths]
    )


def record_scan(db: apsw.Connection, folder_id: int, now: float) -> None:
    """Record a complete scan of the folder."""
    db.execute("UPDATE folder SET scanned_at = ? WHERE id = ?", (now, folder_id))


def remove(db: apsw.Connection, folder_id: int) -> list[int]:
    """Remove a root and its files. Returns the sorted photos left without a file."""
    held = _photos(db, folder_id)
    db.execute("DELETE FROM folder WHERE id = ?", (folder_id,))
    text.refresh(db, held)
    return orphans_among(db, held)


def _photos(db: apsw.Connection, folder_id: int) -> list[int]:
    rows = db.execute(
        "SELECT DISTINCT photo_id FROM file WHERE folder_id = ? AND photo_id IS NOT NULL", (folder_id,)
    )
    return ids_of(rows)


def _normal(path: bytes) -> bytes:
    """Without a trailing separator, except for the root of a file system or drive."""
    bare = path.rstrip(SEPARATOR)
    return bare if bare and not bare.endswith(b":") else path


def _folder(row: tuple[int, bytes, str, int]) -> Folder:
    return Folder(id=row[0], path=os.fsdecode(row[1]), state=FolderState(row[2]), photos=row[3])
