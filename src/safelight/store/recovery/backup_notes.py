"""What a backup says about itself: a running number and a date.

Backups are ordered by the number: a clock that was wrong for a while must not decide which one is the newest.
Both are rows of ``meta`` that only backups have.
"""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass
from pathlib import Path

import apsw

from safelight.store.connect import uri

NUMBER, MADE_AT = "backup_number", "backup_made_at"
_MOST = 2**53
_DATED = re.compile(r"library-(\d{8}-\d{6})(?:-\d+)?\.db")


@dataclass(frozen=True, slots=True, order=True)
class Backup:
    """A backup file. Later backups compare greater."""

    number: int
    """1 for the first; 0 for backups made by versions that did not number them."""
    made_at: float
    """Seconds since the epoch, by the clock at that moment."""
    path: Path


def describe(path: Path) -> Backup:
    """Read the notes of a backup. Never raises for a damaged file, or for one that is no backup."""
    notes = _notes(path)
    number = int(notes[NUMBER]) if notes.get(NUMBER, "").isascii() and notes.get(NUMBER, "").isdigit() else 0
    try:
        made_at = float(notes[MADE_AT])
    except (KeyError, ValueError):
        made_at = _dated(path)
    return Backup(number if number <= _MOST else 0, made_at if math.isfinite(made_at) else 0.0, path)


def is_marked(path: Path) -> bool:
    """Whether a file says that it is a backup, as those made by this version do."""
    return NUMBER in _notes(path)


def next_notes(folder: Path, now: float) -> dict[str, str]:
    """The notes for a new backup, numbered above all that are in ``folder``."""
    highest = max((describe(path).number for path in folder.glob("library-*.db")), default=0)
    return {NUMBER: str(highest + 1), MADE_AT: repr(now)}


def _notes(path: Path) -> dict[str, str]:
    try:
        db = apsw.Connection(uri(path, "mode=ro"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    except (apsw.Error, OSError):
        return {}
    try:
        db.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
        db.execute("PRAGMA trusted_schema = OFF")
        rows = db.execute(
            "SELECT key, value FROM meta WHERE key IN (?, ?) AND typeof(value) = 'text' "
            "AND length(value) < 40 LIMIT 2",
            (NUMBER, MADE_AT),
        )
        return {str(key): str(value) for key, value in rows}
    except (apsw.Error, ValueError):
        return {}
    finally:
        db.close()


def _dated(path: Path) -> float:
    """The date in a daily backup's name, else that of the file."""
    named = _DATED.fullmatch(path.name)
    try:
        if named is not None:
            return time.mktime(time.strptime(named[1], "%Y%m%d-%H%M%S"))
    except (ValueError, OverflowError):
        pass
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
