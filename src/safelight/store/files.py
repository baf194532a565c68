"""Files: their paths, the photos they contain, and their indexing state."""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

import apsw

from safelight.core.errors import FailureKind
from safelight.core.message import Message
from safelight.core.photo import Failure, FileStat
from safelight.store import decisions, file_checks, folders, ignored_failures, text, unlisted
from safelight.store.rows import SEPARATOR, absolute, display_text, ids_of, json_ids, orphans_among


class FileState(StrEnum):
    """Stored in the database: never rename a value."""

    PENDING = "pending"
    INDEXED = "indexed"
    FAILED = "failed"


_STATES = {state.value: state for state in FileState}


class FileRow(NamedTuple):
    """A file in the library."""

    id: int
    folder_id: int
    path: bytes
    """Relative to its root."""
    stat: FileStat
    state: FileState
    photo_id: int | None
    """Its photo when it was last read. Kept while the file waits to be read again."""
    ctime_ns: int | None = None
    """As the last scan saw it; None where unknown. Read by :func:`in_folder` only."""


_COLUMNS = "f.id, f.folder_id, f.path, f.size, f.mtime_ns, f.inode, f.device, f.state, f.photo_id"


_KNOWN = f"{_COLUMNS}, k.ctime_ns FROM file AS f LEFT JOIN file_check AS k ON k.file_id = f.id"


# --- scanning -------------------------------------------------------------------------------------------


def in_folder(db: apsw.Connection, folder_id: int, below: bytes = b"") -> Iterator[FileRow]:
    """Files of a root in path order, optionally only ``below`` and everything under it.

    Read all rows before changing files on the same connection.
    """
    if below:
        # The byte after the separator: all paths that begin with "below/" sort before "below0".
        end = below + bytes([SEPARATOR[0] + 1])
        rows = db.execute(
            # The range is stated first and whole, because SQLite would not use the index on paths for an OR.
            f"SELECT {_KNOWN} WHERE f.folder_id = ?1 AND f.path >= ?2 AND f.path < ?4 "
            "AND (f.path = ?2 OR f.path >= ?3) ORDER BY f.path",
            (folder_id, below, below + SEPARATOR, end),
        )
    else:
        rows = db.execute(f"SELECT {_KNOWN} WHERE f.folder_id = ? ORDER BY f.path", (folder_id,))
    return map(_row, rows)


def add(db: apsw.Connection, folder_id: int, entries: Iterable[tuple[bytes, FileStat]]) -> list[int]:
    """Add files (path relative to the root, stat) to be read. Returns their ids in the same order.

    A known file is marked as changed.
    """
    rows = db.executemany(
        """
        INSERT INTO file (folder_id, path, path_text, size, mtime_ns, inode, device, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')
        ON CONFLICT (folder_id, path) DO UPDATE SET
            size = excluded.size, mtime_ns = excluded.mtime_ns,
            inode = excluded.inode, device = excluded.device,
            state = 'pending', failure_kind = NULL, failure_reason = NULL, failed_at = NULL, decoder = NULL
        RETURNING id
        """,
        ((folder_id, path, display_text(path), *_numbers(status)) for path, status in entries),
    )
    return ids_of(rows)


def mark_changed(db: apsw.Connection, file_id: int, stat: FileStat) -> None:
    """Queue a file that may have changed to be read again. It keeps its photo until then."""
    db.execute(
        "UPDATE file SET size = ?, mtime_ns = ?, inode = ?, device = ?, state = 'pending', "
        "failure_kind = NULL, failure_reason = NULL, failed_at = NULL, decoder = NULL WHERE id = ?",
        (*_numbers(stat), file_id),
    )


def update_stat(db: apsw.Connection, file_id: int, stat: FileStat) -> None:
    """Store a new stat for a file whose content stayed, for example after copying a disk."""
    db.execute(
        "UPDATE file SET size = ?, mtime_ns = ?, inode = ?, device = ? WHERE id = ?",
        (*_numbers(stat), file_id),
    )


def move(db: apsw.Connection, file_id: int, folder_id: int, path: bytes, stat: FileStat) -> list[int]:
    """The file has moved. It keeps its photo and its state, except for a temporary failure.

    A file previously known at the new path has been overwritten. Returns the photos left without a file.
    """
    replaced = db.execute(
        "SELECT id FROM file WHERE folder_id = ? AND path = ? AND id <> ?", (folder_id, path, file_id)
    )
    orphans = remove(db, ids_of(replaced))
    decisions.update_protection(db, [file_id])
    db.execute(
        "UPDATE file SET folder_id = ?, path = ?, path_text = ?, size = ?, mtime_ns = ?, inode = ?, "
        "device = ? WHERE id = ?",
        (folder_id, path, display_text(path), *_numbers(stat), file_id),
    )
    # It may have failed only because it had already moved.
    db.execute(
        "UPDATE file SET state = 'pending', failure_kind = NULL, failure_reason = NULL, failed_at = NULL, "
        "decoder = NULL WHERE id = ? AND state = 'failed' AND failure_kind IN "
        "(SELECT value FROM json_each(?))",
        (file_id, json.dumps([kind.value for kind in FailureKind if kind.passing])),
    )
    text.refresh(db, _photos(db, [file_id]))
    return orphans


def remove(db: apsw.Connection, file_ids: Collection[int]) -> list[int]:
    """Remove files. Returns the sorted photos left without a file."""
    held = _photos(db, file_ids)
    decisions.update_protection(db, file_ids)
    db.execute("DELETE FROM file WHERE id IN (SELECT value FROM json_each(?))", (json_ids(file_ids),))
    text.refresh(db, held)
    return orphans_among(db, held)


# --- reading --------------------------------------------------------------------------------------------


def pending_ids(db: apsw.Connection) -> list[int]:
    """Files waiting to be read in connected folders, newest first, as users look for these first."""
    rows = db.execute(
        "SELECT id FROM file WHERE state = 'pending' "
        "AND folder_id NOT IN (SELECT id FROM folder WHERE state = 'offline') ORDER BY mtime_ns DESC, id DESC"
    )
    return ids_of(rows)


def pending_count(db: apsw.Connection) -> int:
    """Number of files that :func:`pending_ids` would return."""
    count: int = db.execute(
        "SELECT count(*) FROM file WHERE state = 'pending' "
        "AND folder_id NOT IN (SELECT id FROM folder WHERE state = 'offline')"
    ).get
    return count


def with_absolute_paths(db: apsw.Connection, file_ids: Collection[int]) -> list[tuple[FileRow, bytes]]:
    """Files with their absolute paths, in the given order, without removed ones."""
    rows = db.execute(
        f"SELECT {_COLUMNS}, r.path FROM json_each(?) AS a CROSS JOIN file AS f ON f.id = a.value "
        "CROSS JOIN folder AS r ON r.id = f.folder_id ORDER BY a.key",
        (json_ids(file_ids),),
    )
    return [(_row(row[:9]), absolute(row[9], row[2])) for row in rows]


def absolute_path(db: apsw.Connection, file_id: int) -> bytes:
    """The file's absolute path. Raises KeyError for a removed file."""
    found = with_absolute_paths(db, [file_id])
    if not found:
        raise KeyError(file_id)
    return found[0][1]


def by_path(db: apsw.Connection, path: bytes) -> FileRow | None:
    """The file at this absolute path."""
    place = folders.containing(db, path)
    if place is None:
        return None
    row = db.execute(
        f"SELECT {_COLUMNS} FROM file AS f WHERE f.folder_id = ? AND f.path = ?", place
    ).fetchone()
    return None if row is None else _row(row)


def of_format(db: apsw.Connection, format_name: str) -> list[tuple[int, bytes, int]]:
    """(folder, path relative to it, photo) of every file whose photo has the given format."""
    rows = db.execute(
        "SELECT f.folder_id, f.path, f.photo_id FROM photo AS p JOIN file AS f ON f.photo_id = p.id "
        "WHERE p.format = ? ORDER BY f.id",
        (format_name,),
    )
    return [(folder_id, path, photo_id) for folder_id, path, photo_id in rows]


def photos_at(db: apsw.Connection, folder_id: int, paths: Iterable[bytes]) -> list[int]:
    """The photos in the files with these paths, in order. Unknown paths are skipped."""
    rows = db.executemany(
        "SELECT photo_id FROM file WHERE folder_id = ? AND path = ? AND photo_id IS NOT NULL",
        ((folder_id, path) for path in paths),
    )
    return ids_of(rows)


def set_indexed(db: apsw.Connection, file_id: int, photo_id: int, stat: FileStat) -> int | None:
    """The file was read with this ``stat`` and contains this photo. Returns the previous photo if it differs.

    ``stat`` is from the time of reading: if the file has changed since, the next scan sees a difference. A
    file removed in the meantime stays removed.
    """
    before = _photos(db, [file_id])
    db.execute(
        "UPDATE file SET state = 'indexed', photo_id = ?, size = ?, mtime_ns = ?, inode = ?, device = ?, "
        "failure_kind = NULL, failure_reason = NULL, failed_at = NULL, decoder = NULL WHERE id = ?",
        (photo_id, *_numbers(stat), file_id),
    )
    text.refresh(db, [photo_id, *before])
    return next((photo for photo in before if photo != photo_id), None)


def set_failed(
    db: apsw.Connection, file_id: int, kind: FailureKind, reason: Message, when: float, decoder: str
) -> int | None:
    """Record that the file could not be read. Returns the photo it no longer contains.

    After a temporary failure (:attr:`FailureKind.passing`) it is assumed unchanged. ``decoder`` names the
    decoders that were tried, so that new ones can try again.
    """
    before = [] if kind.passing else _photos(db, [file_id])
    db.execute(
        "UPDATE file SET state = 'failed', photo_id = iif(?, photo_id, NULL), failure_kind = ?, "
        "failure_reason = ?, failed_at = ?, decoder = ? WHERE id = ?",
        (kind.passing, kind.value, reason.to_json(), when, decoder, file_id),
    )
    text.refresh(db, before)
    return before[0] if before else None


def count(db: apsw.Connection, folder_id: int) -> int:
    """Number of files of a root, including unreadable ones."""
    found: int = db.execute("SELECT count(*) FROM file WHERE folder_id = ?", (folder_id,)).get
    return found


def copies(db: apsw.Connection, photo_ids: Collection[int]) -> Counter[int]:
    """Number of files of each photo."""
    rows = db.execute(
        "SELECT photo_id, count(*) FROM file WHERE photo_id IN (SELECT value FROM json_each(?)) GROUP BY 1",
        (json_ids(photo_ids),),
    )
    return Counter(dict(rows))


def known_by_another_name(db: apsw.Connection, file_ids: Collection[int]) -> set[int]:
    """The files whose photo has a file outside ``file_ids`` with the same device and inode."""
    rows = db.execute(
        "SELECT f.id FROM json_each(?1) AS a CROSS JOIN file AS f ON f.id = a.value WHERE f.inode != 0 "
        "AND EXISTS (SELECT 1 FROM file AS o WHERE o.photo_id = f.photo_id AND o.inode = f.inode "
        "AND o.device = f.device AND o.id NOT IN (SELECT value FROM json_each(?1)))",
        (json_ids(file_ids),),
    )
    return set(ids_of(rows))


def failures(db: apsw.Connection) -> list[Failure]:
    """What could not be read: folders that could not be listed, then files, each latest first.

    Files that the user ignores are left out.
    """
    rows = db.execute(
        "SELECT f.id, r.path, f.path, f.failure_kind, ifnull(f.failure_reason, ''), f.failed_at "
        "FROM file AS f JOIN folder AS r ON r.id = f.folder_id "
        f"WHERE f.state = 'failed' AND {ignored_failures.TOLD} ORDER BY f.failed_at DESC, f.id DESC"
    )
    return [
        *unlisted.failures(db),
        *file_checks.failures(db),
        *(
            Failure(
                file_id,
                os.fsdecode(absolute(root, path)),
                FailureKind(kind),
                Message.from_json(reason),
                when,
            )
            for file_id, root, path, kind, reason, when in rows
        ),
    ]


def failed_count(db: apsw.Connection, folder_ids: Collection[int]) -> int:
    """Number of files that :func:`failures` lists for these roots."""
    count: int = db.execute(
        f"SELECT count(*) FROM file AS f WHERE f.state = 'failed' AND {ignored_failures.TOLD} "
        "AND f.folder_id IN (SELECT value FROM json_each(?))",
        (json_ids(folder_ids),),
    ).get
    return count


def retry(
    db: apsw.Connection, file_ids: Collection[int] | None = None, *, unless_decoder: str | None = None
) -> int:
    """Queue failed files for another attempt, the given ones or all, including ignored ones. Returns how
    many.

    ``unless_decoder`` selects only files that failed with other decoders.
    """
    if file_ids is None and unless_decoder is None:
        ignored_failures.clear_all(db)
    db.execute(
        "UPDATE file SET state = 'pending', failure_kind = NULL, failure_reason = NULL, failed_at = NULL, "
        "decoder = NULL WHERE state = 'failed' AND (?1 IS NULL OR id IN (SELECT value FROM json_each(?1))) "
        "AND (?2 IS NULL OR decoder IS NOT ?2)",
        (None if file_ids is None else json_ids(file_ids), unless_decoder),
    )
    return db.changes()


def of_photo(db: apsw.Connection, photo_id: int) -> list[FileRow]:
    """Every file that contains a photo."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM file AS f WHERE f.photo_id = ? ORDER BY f.id", (photo_id,))
    return [_row(row) for row in rows]


def inodes(db: apsw.Connection, photo_id: int) -> dict[int, tuple[int, int]]:
    """(device, inode) of every file that holds a photo; inode 0 where the file system has none."""
    rows = db.execute("SELECT id, device, inode FROM file WHERE photo_id = ?", (photo_id,))
    return {file_id: (device, inode) for file_id, device, inode in rows}


def _photos(db: apsw.Connection, file_ids: Collection[int]) -> list[int]:
    rows = db.execute(
        "SELECT DISTINCT f.photo_id FROM json_each(?) AS a CROSS JOIN file AS f ON f.id = a.value "
        "WHERE f.photo_id IS NOT NULL",
        (json_ids(file_ids),),
    )
    return ids_of(rows)


def _numbers(status: FileStat) -> tuple[int, int, int, int]:
    return status.size, status.mtime_ns, status.inode, status.device


def _row(row: tuple[Any, ...]) -> FileRow:
    file_id, folder_id, path, size, mtime_ns, inode, device, state, photo_id, *rest = row
    return FileRow(
        file_id, folder_id, path, FileStat(size, mtime_ns, inode, device), _STATES[state], photo_id, *rest
    )
