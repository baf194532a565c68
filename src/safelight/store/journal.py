"""The journal: every operation that can be undone.

A step (one row of ``journal``) is one operation: its code and, as JSON, what describing and undoing it need.
A step that moves files also has a row of ``journal_file`` for each file, written before the file moves. The
state of that row shows after a crash how far the move came.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import apsw

from safelight.core.photo import FileStat
from safelight.store.rows import json_ids

KEPT_STEPS = 1000
"""Steps that can be undone without moving files; older ones are deleted."""


class Action(StrEnum):
    """Operations that move files. Stored in the database: never rename a value."""

    SETTLE = "settle"
    """Duplicates moved to the trash, with a keeper left in place."""
    TRASH = "trash"
    """Photos moved to the trash."""


FILE_ACTIONS = tuple(Action)


class FileStep(StrEnum):
    """Stored in the database: never rename a value."""

    INTENDED = "intended"
    TRASHED = "trashed"
    SPARED = "spared"
    RESTORING = "restoring"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Step:
    id: int
    done_at: float
    action: str
    """The code of the operation."""
    detail: Any
    """A JSON object; its keys depend on the operation."""
    undone_at: float | None


@dataclass(frozen=True, slots=True)
class StepSummary:
    step: Step
    files: int
    """How many it moved."""
    size: int
    """Their bytes."""
    in_trash: int
    """How many of them are not restored."""


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """A file that can be moved back from the trash."""

    id: int
    path: str
    """Where it was, in ``os.fsdecode`` form."""
    size: int
    when: float
    """When it was moved, in seconds since the epoch."""
    as_duplicate: bool
    """Whether another file was kept in its place."""


@dataclass(frozen=True, slots=True)
class NewJournalFile:
    """A file that is about to move."""

    path: bytes
    """Absolute."""
    content_hash: bytes
    stat: FileStat
    photo_id: int | None
    """None for a companion, which is no photo of the library."""
    keeper_id: int | None
    """The photo that inherits its marks; None where there is none."""


@dataclass(frozen=True, slots=True)
class JournalFile:
    id: int
    journal_id: int
    state: FileStep
    path: bytes
    content_hash: bytes
    stat: FileStat
    photo_id: int | None
    keeper_id: int | None
    marks: Any
    """What the keeper inherited, see :func:`safelight.store.marks.merge`; None for nothing."""
    trashed_as: bytes | None
    """Where it is in the trash; None where the platform does not say."""


_FILE = (
    "SELECT id, journal_id, state, path, content_hash, size, mtime_ns, inode, device, photo_id, keeper_id, "
    "marks, trashed_as FROM journal_file"
)


def begin(db: apsw.Connection, action: str, detail: Any, now: float) -> int:
    """Add a step and return its id. Steps that moved no files are deleted once :data:`KEPT_STEPS` newer
    ones exist."""
    row: int = db.execute(
        "INSERT INTO journal (done_at, action, detail) VALUES (?, ?, ?) RETURNING id",
        (now, str(action), json.dumps(detail)),
    ).get
    db.execute(
        "DELETE FROM journal WHERE id <= (SELECT id FROM journal ORDER BY id DESC LIMIT 1 OFFSET ?) "
        "AND NOT EXISTS (SELECT 1 FROM journal_file WHERE journal_id = journal.id)",
        (KEPT_STEPS,),
    )
    return row


def set_detail(db: apsw.Connection, step_id: int, detail: Any) -> None:
    """Replace the detail of a step that is still being carried out."""
    db.execute("UPDATE journal SET detail = ? WHERE id = ?", (json.dumps(detail), step_id))


def record_moves(db: apsw.Connection, step_id: int, moving: Iterable[NewJournalFile]) -> list[int]:
    """Record what is about to move; return the ids of the rows, in the same order."""
    rows = db.executemany(
        "INSERT INTO journal_file (journal_id, state, path, content_hash, size, mtime_ns, inode, device, "
        "photo_id, keeper_id) VALUES (?, 'intended', ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            (
                step_id,
                each.path,
                each.content_hash,
                each.stat.size,
                each.stat.mtime_ns,
                each.stat.inode,
                each.stat.device,
                each.photo_id,
                each.keeper_id,
            )
            for each in moving
        ),
    )
    return [file_id for (file_id,) in rows]


def set_trashed(db: apsw.Connection, file_id: int, trashed_as: bytes | None, marks: Any = None) -> None:
    db.execute(
        "UPDATE journal_file SET state = 'trashed', trashed_as = ?, marks = ? WHERE id = ?",
        (trashed_as, None if marks is None else json.dumps(marks), file_id),
    )


def set_state(db: apsw.Connection, file_id: int, state: FileStep) -> None:
    db.execute("UPDATE journal_file SET state = ? WHERE id = ?", (state.value, file_id))


def drop_if_empty(db: apsw.Connection, step_id: int) -> bool:
    """Delete a step whose files were all spared, so that it has nothing to undo."""
    db.execute(
        "DELETE FROM journal WHERE id = ? AND NOT EXISTS "
        "(SELECT 1 FROM journal_file WHERE journal_id = journal.id AND state <> 'spared')",
        (step_id,),
    )
    return db.changes() > 0


def begin_undo(db: apsw.Connection, step_id: int, now: float) -> list[JournalFile]:
    """Record that a step is being undone; return its files that are still in the trash."""
    db.execute("UPDATE journal SET undone_at = ? WHERE id = ?", (now, step_id))
    db.execute(
        "UPDATE journal_file SET state = 'restoring' WHERE journal_id = ? AND state = 'trashed'", (step_id,)
    )
    return [each for each in files(db, step_id) if each.state is FileStep.RESTORING]


def begin_restore(db: apsw.Connection, file_ids: Collection[int]) -> list[JournalFile]:
    """Record that these files are being restored; return those that are in the trash."""
    ids = json_ids(file_ids)
    db.execute(
        "UPDATE journal_file SET state = 'restoring' WHERE state = 'trashed' "
        "AND id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    among = "WHERE state = 'restoring' AND id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [_file(row) for row in db.execute(f"{_FILE} {among}", (ids,))]


def close_restored(db: apsw.Connection, step_ids: Collection[int], now: float) -> None:
    """Mark steps as undone whose files are all back."""
    db.execute(
        "UPDATE journal SET undone_at = ? WHERE undone_at IS NULL "
        "AND id IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM journal_file "
        "WHERE journal_id = journal.id AND state IN ('intended', 'trashed', 'restoring'))",
        (now, json_ids(step_ids)),
    )


def files_in_trash(db: apsw.Connection) -> Iterator[TrashedFile]:
    """The files that are still in the trash, the latest first. Looks at the disk."""
    rows = db.execute(
        "SELECT f.id, f.path, f.size, j.done_at, j.action, f.trashed_as FROM journal_file AS f "
        "JOIN journal AS j ON j.id = f.journal_id WHERE f.state = 'trashed' ORDER BY f.id DESC"
    )
    for file_id, path, size, when, action, trashed_as in rows:
        if not _was_emptied(trashed_as):
            yield TrashedFile(file_id, os.fsdecode(path), size, when, action == Action.SETTLE)


def _was_emptied(trashed_as: bytes | None) -> bool:
    """Whether a file is gone from the trash. Of a drive that is not connected, this is not known."""
    if trashed_as is None:
        return False
    return not os.path.lexists(trashed_as) and Path(os.fsdecode(trashed_as)).parent.is_dir()


def last_undoable(db: apsw.Connection) -> Step | None:
    """The latest step that was not undone."""
    return _step(
        db.execute(
            "SELECT id, done_at, action, detail, undone_at FROM journal WHERE undone_at IS NULL "
            "ORDER BY id DESC LIMIT 1"
        ).fetchone()
    )


def step(db: apsw.Connection, step_id: int) -> Step | None:
    """The step of a number; None where there is no such step, however large the number."""
    if not 0 < step_id < 2**63:
        return None
    return _step(
        db.execute(
            "SELECT id, done_at, action, detail, undone_at FROM journal WHERE id = ?", (step_id,)
        ).fetchone()
    )


def steps(db: apsw.Connection) -> list[StepSummary]:
    """Every step in the journal, the latest first."""
    rows = db.execute(
        "SELECT j.id, j.done_at, j.action, j.detail, j.undone_at, count(f.id), ifnull(sum(f.size), 0), "
        "count(f.id) FILTER (WHERE f.state <> 'restored') FROM journal AS j LEFT JOIN journal_file AS f "
        "ON f.journal_id = j.id AND f.state IN ('trashed', 'restoring', 'restored') "
        "GROUP BY j.id ORDER BY j.id DESC"
    )
    return [StepSummary(Step(row[0], row[1], row[2], json.loads(row[3]), row[4]), *row[5:8]) for row in rows]


def files(db: apsw.Connection, step_id: int) -> list[JournalFile]:
    """The files of a step, in the order in which they were recorded."""
    return [_file(row) for row in db.execute(f"{_FILE} WHERE journal_id = ? ORDER BY id", (step_id,))]


def unfinished_moves(db: apsw.Connection) -> list[JournalFile]:
    """Files that were on their way, into the trash or out of it, when the program ended."""
    return [_file(row) for row in db.execute(f"{_FILE} WHERE state IN ('intended', 'restoring') ORDER BY id")]


def _step(row: tuple[Any, ...] | None) -> Step | None:
    return None if row is None else Step(row[0], row[1], row[2], json.loads(row[3]), row[4])


def _file(row: tuple[Any, ...]) -> JournalFile:
    marks = None if row[11] is None else json.loads(row[11])
    return JournalFile(
        row[0], row[1], FileStep(row[2]), row[3], row[4], FileStat(*row[5:9]), row[9], row[10], marks, row[12]
    )
