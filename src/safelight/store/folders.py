"""Roots: the folders that the user added."""

# ruff: noqa: S608 (statements are put together from names in this module; values are bound)

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.core.errors import FolderError
from safelight.core.photo import Folder, FolderState
from safelight.store import exclusions, stacks, text
from safelight.store.rows import SEPARATOR, below, display_text, ids_of, orphans_among

_SELECT = (
    "SELECT id, path, state, (SELECT count(DISTINCT photo_id) FROM file WHERE folder_id = folder.id "
    f"AND photo_id NOT IN {stacks.NOT_SHOWN_IDS}) "
    "FROM folder"
)


@dataclass(frozen=True, slots=True)
class AddedFolder:
    """The result of adding a folder."""

    folder: Folder
    created: bool
    """False if the folder already was a root or is inside one. ``folder`` is then that root."""
    absorbed: tuple[int, ...]
    """Former roots inside the new one, which are now part of it. Their ids no longer exist."""


def add(db: apsw.Connection, path: bytes, volume: str | None, now: float) -> AddedFolder:
    """Make ``path`` (absolute, resolved) a root. No root is ever inside another.

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
                    "{path} is in that folder and is not connected; connect it, or remove it from the "
                    "library, and add the folder again.",
                    path=display_text(other),
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
    return [_folder(db, row) for row in db.execute(f"{_SELECT} ORDER BY path")]


def get(db: apsw.Connection, folder_id: int) -> Folder | None:
    row = db.execute(f"{_SELECT} WHERE id = ?", (folder_id,)).fetchone()
    return None if row is None else _folder(db, row)


def covering(db: apsw.Connection, path: bytes) -> int:
    """The root that an absolute path of a folder is, or is in. Raises FolderError where there is none."""
    for folder_id, root in db.execute("SELECT id, path FROM folder"):
        if below(_normal(path), root) is not None:
            return int(folder_id)
    raise FolderError("{path} is not in the library.", path=display_text(path))


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
    """Forget mount points that will not come back."""
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


# --- undo -----------------------------------------------------------------------------------------------

FolderRow = list[Any]
"""A row of ``folder`` as JSON can hold it: id, path (hex), path_text, volume, state, added_at, scanned_at."""

_COLUMNS = "path, path_text, volume, state, added_at, scanned_at"
_FILE_COLUMNS = "id, folder_id, path, path_text, size, mtime_ns, inode, device, photo_id, decoder"


def inside(db: apsw.Connection, path: bytes) -> list[FolderRow]:
    """The roots below ``path``, for :func:`undo_add`."""
    rows = db.execute(f"SELECT id, {_COLUMNS} FROM folder ORDER BY id")
    return [[row[0], row[1].hex(), *row[2:]] for row in rows if below(row[1], _normal(path))]


def undo_add(db: apsw.Connection, folder_id: int, absorbed: Iterable[FolderRow]) -> list[int]:
    """Undo :func:`add`: make the roots that it absorbed roots again, and remove the rest.

    Returns the photos that no file holds any more, sorted.
    """
    root: bytes = db.execute("SELECT path FROM folder WHERE id = ?", (folder_id,)).get
    held = _photos(db, folder_id)
    for old, path, *rest in absorbed:
        relative = below(bytes.fromhex(path), root)
        assert relative
        prefix = relative + SEPARATOR
        db.execute(
            f"INSERT INTO folder (id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (old, bytes.fromhex(path), *rest),
        )
        db.execute(
            "UPDATE file SET folder_id = ?1, path = CAST(substr(path, length(?2) + 1) AS BLOB), "
            "path_text = substr(path_text, length(?3) + 1) "
            "WHERE folder_id = ?4 AND substr(path, 1, length(?2)) = ?2",
            (old, prefix, display_text(prefix), folder_id),
        )
    db.execute("DELETE FROM folder WHERE id = ?", (folder_id,))
    text.refresh(db, held)
    return orphans_among(db, held)


def remove_undoably(db: apsw.Connection, folder_id: int) -> list[int]:
    """Remove a root as :func:`remove` does, and keep its rows aside for :func:`restore_removed`.

    Rows of roots whose removal can no longer be undone are deleted.
    """
    db.execute(
        "DELETE FROM removed_folder WHERE id NOT IN (SELECT json_extract(detail, '$.undo.folder') "
        "FROM journal WHERE action = 'remove_folder' AND undone_at IS NULL)"
    )
    db.execute(
        f"INSERT OR REPLACE INTO removed_folder (id, {_COLUMNS}) "
        f"SELECT id, {_COLUMNS} FROM folder WHERE id = ?",
        (folder_id,),
    )
    db.execute(
        f"INSERT OR REPLACE INTO removed_file ({_FILE_COLUMNS}) "
        f"SELECT {_FILE_COLUMNS} FROM file WHERE folder_id = ?",
        (folder_id,),
    )
    return remove(db, folder_id)


def restore_removed(db: apsw.Connection, folder_id: int) -> list[int] | None:
    """Undo :func:`remove_undoably` and return the photos that are shown again, sorted.

    Nothing is read or embedded again; the next scan finds files that changed meanwhile. Returns None where
    the folder overlaps with one that was added since, which then has its files.
    """
    row = db.execute(f"SELECT {_COLUMNS} FROM removed_folder WHERE id = ?", (folder_id,)).fetchone()
    if row is None:
        return None
    path = row[0]
    for (other,) in db.execute("SELECT path FROM folder"):
        if below(path, other) is not None or below(other, path) is not None:
            return None
    held = ids_of(
        db.execute(
            "SELECT DISTINCT photo_id FROM removed_file WHERE folder_id = ? AND photo_id", (folder_id,)
        )
    )
    back = orphans_among(db, held)
    db.execute(f"INSERT INTO folder (id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", (folder_id, *row))
    # Photos may have been forgotten meanwhile; files that could not be read are tried again.
    db.execute(
        f"INSERT INTO file ({_FILE_COLUMNS}, state) SELECT r.id, r.folder_id, r.path, r.path_text, r.size, "
        "r.mtime_ns, r.inode, r.device, p.id, r.decoder, iif(p.id IS NULL, 'pending', 'indexed') "
        "FROM removed_file AS r LEFT JOIN photo AS p ON p.id = r.photo_id WHERE r.folder_id = ?",
        (folder_id,),
    )
    db.execute("DELETE FROM removed_folder WHERE id = ?", (folder_id,))
    text.refresh(db, _photos(db, folder_id))
    return back


def _photos(db: apsw.Connection, folder_id: int) -> list[int]:
    rows = db.execute(
        "SELECT DISTINCT photo_id FROM file WHERE folder_id = ? AND photo_id IS NOT NULL", (folder_id,)
    )
    return ids_of(rows)


def _normal(path: bytes) -> bytes:
    """A path without a trailing separator, except for the root of a file system or drive."""
    bare = path.rstrip(SEPARATOR)
    return bare if bare and not bare.endswith(b":") else path


def _folder(db: apsw.Connection, row: tuple[int, bytes, str, int]) -> Folder:
    excluded = tuple(os.fsdecode(path) for path in sorted(exclusions.within(db, row[1])))
    return Folder(row[0], os.fsdecode(row[1]), FolderState(row[2]), row[3], excluded)
