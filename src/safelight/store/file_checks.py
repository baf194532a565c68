"""What identifies a file besides its size and time, and when its bytes were last verified.

``ctime_ns`` and ``sample`` notice a file that was replaced by one of the same size and time.
``content_hash`` is that of the last successful reading. It stays when a later reading fails, so that an
intact copy can be found. ``fault`` says what verification found wrong.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import NamedTuple

import apsw

from safelight.core.errors import FailureKind
from safelight.core.message import Message
from safelight.core.photo import Failure, FileStat
from safelight.store.rows import absolute, json_ids


class CheckedFile(NamedTuple):
    """A file whose bytes can be compared with what was read before."""

    file_id: int
    path: bytes
    """Absolute."""
    stat: FileStat
    content_hash: bytes
    fault: Message | None


_FILE = (
    "SELECT f.id, r.path, f.path, f.size, f.mtime_ns, f.inode, f.device, "
    "ifnull(k.content_hash, p.content_hash), k.fault "
    "FROM {source} CROSS JOIN file AS f ON f.id = k.file_id JOIN folder AS r ON r.id = f.folder_id "
    "LEFT JOIN photo AS p ON p.id = f.photo_id "
)


def note_read(
    db: apsw.Connection, file_id: int, content_hash: bytes, sample: bytes, ctime_ns: int | None, now: float
) -> None:
    """Record that the whole file was read and indexed."""
    db.execute(
        "INSERT INTO file_check (file_id, ctime_ns, sample, content_hash, verified_at) "
        "SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM file WHERE id = ?1) "
        "ON CONFLICT (file_id) DO UPDATE SET ctime_ns = ifnull(excluded.ctime_ns, ctime_ns), "
        "sample = excluded.sample, content_hash = excluded.content_hash, "
        "verified_at = excluded.verified_at, fault = NULL, noticed_at = NULL",
        (file_id, ctime_ns, sample, content_hash, now),
    )


def note_identity(db: apsw.Connection, items: Iterable[tuple[int, int | None, bytes | None]]) -> None:
    """(file, ctime, sample) as a scan found them; a sample of None leaves the known one."""
    db.executemany(
        "INSERT INTO file_check (file_id, ctime_ns, sample) VALUES (?, ?, ?) "
        "ON CONFLICT (file_id) DO UPDATE SET ctime_ns = excluded.ctime_ns, "
        "sample = ifnull(excluded.sample, sample)",
        items,
    )


def samples(db: apsw.Connection, file_ids: Collection[int]) -> dict[int, bytes]:
    """The known samples of these files."""
    return dict(
        db.execute(
            "SELECT k.file_id, k.sample FROM json_each(?) AS a JOIN file_check AS k ON k.file_id = a.value "
            "WHERE k.sample IS NOT NULL",
            (json_ids(file_ids),),
        )
    )


def hashes(db: apsw.Connection, file_ids: Collection[int]) -> dict[int, bytes]:
    """The content hash of what each file held when it was last read."""
    return dict(
        db.execute(
            "SELECT f.id, p.content_hash FROM json_each(?) AS a JOIN file AS f ON f.id = a.value "
            "JOIN photo AS p ON p.id = f.photo_id",
            (json_ids(file_ids),),
        )
    )


def verify_first(db: apsw.Connection, file_ids: Collection[int]) -> None:
    """Verify these files before all others."""
    db.execute(
        "UPDATE file_check SET verified_at = NULL WHERE file_id IN (SELECT value FROM json_each(?))",
        (json_ids(file_ids),),
    )


def any_verified_after(db: apsw.Connection, moment: float) -> bool:
    """Whether a file was verified later than ``moment`` (epoch seconds)."""
    found: int = db.execute("SELECT EXISTS (SELECT 1 FROM file_check WHERE verified_at > ?)", (moment,)).get
    return bool(found)


def forget_verified_after(db: apsw.Connection, moment: float) -> None:
    """Files that were verified later than ``moment`` (epoch seconds) count as never verified."""
    db.execute("UPDATE file_check SET verified_at = NULL WHERE verified_at > ?", (moment,))


def due_for_verification(db: apsw.Connection, before: float, limit: int) -> list[CheckedFile]:
    """Indexed files of connected folders not verified since ``before``: the longest unverified first."""
    rows = db.execute(
        _FILE.format(source="file_check AS k INDEXED BY file_check_verified")
        + "WHERE (k.verified_at IS NULL OR k.verified_at < ?) AND f.state = 'indexed' "
        "AND p.id IS NOT NULL AND r.state <> 'offline' ORDER BY k.verified_at LIMIT ?",
        (before, limit),
    )
    return [_checked(*row) for row in rows]


def total_bytes(db: apsw.Connection) -> int:
    """Bytes of all indexed files."""
    found: int | None = db.execute("SELECT sum(size) FROM file WHERE state = 'indexed'").get
    return found or 0


def note_verified(db: apsw.Connection, file_id: int, now: float, fault: Message | None) -> None:
    """Record that the bytes were compared; ``fault`` says what is wrong, None that nothing is."""
    said = None if fault is None else fault.to_json()
    db.execute(
        "UPDATE file_check SET verified_at = ?, fault = ?, noticed_at = iif(? IS NULL, NULL, ?) "
        "WHERE file_id = ?",
        (now, said, said, now, file_id),
    )


def note_tried(db: apsw.Connection, file_id: int, now: float) -> None:
    """Record that the file could not be compared now, so that others come first."""
    db.execute("UPDATE file_check SET verified_at = ? WHERE file_id = ?", (now, file_id))


def faulty(db: apsw.Connection) -> list[CheckedFile]:
    """Files with a fault, and files that were read once and no longer can be."""
    rows = db.execute(
        _FILE.format(source="file_check AS k")
        + "WHERE ifnull(k.content_hash, p.content_hash) IS NOT NULL AND r.state <> 'offline' "
        "AND (k.fault IS NOT NULL OR (f.state = 'failed' AND f.failure_kind IN ('broken', 'empty'))) "
        "ORDER BY f.id"
    )
    return [_checked(*row) for row in rows]


def copies(db: apsw.Connection, content_hash: bytes, but: int) -> list[bytes]:
    """Absolute paths of other files that held this content when they were last read, sound ones first."""
    rows = db.execute(
        "SELECT r.path, f.path FROM photo AS p JOIN file AS f ON f.photo_id = p.id "
        "JOIN folder AS r ON r.id = f.folder_id LEFT JOIN file_check AS k ON k.file_id = f.id "
        "WHERE p.content_hash = ? AND f.id <> ? AND r.state <> 'offline' ORDER BY k.fault IS NOT NULL, f.id",
        (content_hash, but),
    )
    return [absolute(root, path) for root, path in rows]


def failures(db: apsw.Connection) -> list[Failure]:
    """Faults that verification found, for the list of problems, latest first."""
    rows = db.execute(
        "SELECT k.file_id, r.path, f.path, k.fault, k.noticed_at FROM file_check AS k "
        "JOIN file AS f ON f.id = k.file_id JOIN folder AS r ON r.id = f.folder_id "
        "WHERE k.fault IS NOT NULL AND f.state <> 'failed' ORDER BY k.noticed_at DESC, k.file_id DESC"
    )
    return [
        Failure(
            file_id,
            os.fsdecode(absolute(root, path)),
            FailureKind.BROKEN,
            Message.from_json(fault),
            when or 0.0,
        )
        for file_id, root, path, fault, when in rows
    ]


def _checked(
    file_id: int,
    root: bytes,
    path: bytes,
    size: int,
    mtime_ns: int,
    inode: int,
    device: int,
    content_hash: bytes,
    fault: str | None,
) -> CheckedFile:
    return CheckedFile(
        file_id,
        absolute(root, path),
        FileStat(size, mtime_ns, inode, device),
        content_hash,
        None if fault is None else Message.from_json(fault),
    )
