"""Reading a database that somebody else may have written, or that is damaged.

No part of such a file is used directly. Its rows are read table by table and checked value by value, and
the valid ones are inserted into a fresh schema of the same version, which is then upgraded. So its triggers,
views, generated columns and check constraints have no effect, and file moves that it lists as in progress
are not resumed. Restoring and salvaging both use :func:`build`.
"""

# ruff: noqa: S608 (statements are put together from names of our own schema; values are bound)

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import apsw

from safelight.core.errors import LibraryDamagedError, LibraryUnavailableError, NoSpaceError
from safelight.store import albums, stacks, vectors
from safelight.store.connect import connect, open_plain, pragma_int, reserve, transaction, uri
from safelight.store.recovery import foreign_tables, mending
from safelight.store.recovery.library_home import end_moves
from safelight.store.recovery.value_rules import Rule
from safelight.store.rows import display_text
from safelight.store.schema import migrations

_LONGEST_VALUE = 64_000_000
"""Bytes of one value or row. A vector chunk of 16,384 dimensions is the largest that Safelight writes."""

STEP = 100_000
_STEPS_WITHOUT_A_ROW = 500
"""How often :data:`STEP` instructions may pass without a row. Reading a row takes a few hundred."""

_BASE_SECONDS = 120.0
_BYTES_PER_SECOND = 1_000_000
"""A read may take this long: two minutes, and a second for each megabyte of the file."""

_LEAST_ROW = 8
_UUID = re.compile(r"[0-9a-f]{32}")


class Trust(Enum):
    """The origin of a database, which decides whether its journal is read."""

    STRANGER = 0
    """Any other origin: no journal."""
    OWN_BACKUP = 1
    """The library's own backup: the journal, without moves in progress, which belong to another time."""
    OWN_LIBRARY = 2
    """The library's own file, damaged: the journal as it is."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What was read of a database."""

    incomplete: tuple[str, ...]
    """Tables that could not be read to their end."""
    left_out: int
    """Rows with values that no library can hold."""


class Budget:
    """Limits on rows, bytes and time, by the size of the file."""

    def __init__(self, size: int) -> None:
        self._rows = size // _LEAST_ROW + 1000
        self._bytes = 4 * size + _LONGEST_VALUE
        self._until = time.monotonic() + _BASE_SECONDS + size / _BYTES_PER_SECOND
        self._steps = 0

    def row(self, values: tuple[Any, ...]) -> None:
        """Raises apsw.CorruptError where there are more rows than the file has room for."""
        self._steps = 0
        self._rows -= 1
        self._bytes -= sum(len(value) for value in values if isinstance(value, bytes))
        if self._rows < 0 or self._bytes < 0:
            raise apsw.CorruptError("more rows than the file has room for")

    def exceeded(self) -> bool:
        """Called by SQLite every :data:`STEP` instructions; True interrupts the statement."""
        self._steps += 1
        return self._steps > _STEPS_WITHOUT_A_ROW or time.monotonic() > self._until


def copy_aside(source: Path, target: Path) -> None:
    """Copy a database file to ``target``, with a WAL beside it folded in.

    Raises LibraryUnavailableError where there is not a regular file, NoSpaceError, OSError,
    LibraryDamagedError where it is no database.
    """
    if not source.is_file():
        raise LibraryUnavailableError("There is no file {path}. Check the name.", path=source)
    needed = 2 * source.stat().st_size
    if shutil.disk_usage(target.parent).free < needed:
        raise NoSpaceError(
            "Reading {name} takes {megabytes:,.0f} MB in {folder}; free some space.",
            name=source.name,
            megabytes=needed / 1e6,
            folder=target.parent,
        )
    for suffix in ("", "-wal"):
        beside, copy = (path.with_name(path.name + suffix) for path in (source, target))
        copy.unlink(missing_ok=True)
        if beside.is_file():
            reserve(copy)
            with beside.open("rb") as read, copy.open("wb") as write:
                shutil.copyfileobj(read, write, 1 << 20)
                os.fsync(write.fileno())
    try:
        apply_logs(target)
    except apsw.Error as error:
        raise LibraryDamagedError("{path} is not a Safelight library, or is damaged.", path=source) from error


def apply_logs(copy: Path, longest: int = _LONGEST_VALUE) -> None:
    """Apply the write-ahead log and the journal beside a copy of a database to it. Raises apsw errors.

    ``longest``: bytes of a value.
    """
    db = open_plain(copy)
    try:
        restrict(db, longest)
        db.pragma("journal_mode", "delete")
    finally:
        db.close()


@contextlib.contextmanager
def opened(path: Path, *, damaged: bool = False) -> Iterator[apsw.Connection]:
    """A read-only connection that runs nothing from the file's schema. Raises apsw errors.

    ``damaged`` reads on where an entry of the schema itself is not well formed.
    """
    db = apsw.Connection(uri(path, "mode=ro"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    try:
        restrict(db)
        if damaged:
            db.execute("PRAGMA writable_schema = ON")
        yield db
    finally:
        db.close()


def restrict(db: apsw.Connection, longest: int = _LONGEST_VALUE) -> None:
    """Let a connection run nothing that the file's schema contains. ``longest``: bytes of a value."""
    db.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
    db.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    db.limit(apsw.SQLITE_LIMIT_LENGTH, longest)
    db.limit(apsw.SQLITE_LIMIT_ATTACHED, 0)
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    db.execute("PRAGMA ignore_check_constraints = ON")
    db.execute("PRAGMA mmap_size = 0")


def build(
    staged: Path, source_path: Path, trust: Trust, *, damaged: bool = False, name: str = ""
) -> Transfer:
    """Create a library at ``staged`` from the valid rows of ``source_path``.

    ``name`` is what to call the source in messages. A source that is not sound is refused, with
    LibraryDamagedError or LibraryTooNewError. Of a ``damaged`` one all that can be read is taken, and rows
    whose counterparts are lost stay until :func:`finish`. Raises OSError, NoSpaceError.
    """
    said = Path(name or source_path)
    budget = Budget(source_path.stat().st_size)
    try:
        with opened(source_path, damaged=damaged) as source:
            source.set_progress_handler(budget.exceeded, STEP)
            if not damaged:
                _check_sound(source, said)
            return _fill(staged, source, budget, trust, damaged=damaged)
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError, apsw.InterruptError) as error:
        if damaged:
            raise
        raise LibraryDamagedError("{path} is not a Safelight library, or is damaged.", path=said) from error


def version_of(source: apsw.Connection) -> int:
    """The schema's version by the header, or, where that is lost, by the tables; 0 where there are none."""
    stated = pragma_int(source, "user_version")
    if 1 <= stated <= len(migrations.STEPS):
        return stated
    tables = {name for (name,) in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not {"photo", "file"} <= tables:
        return 0
    for version in range(len(migrations.STEPS), 1, -1):
        if migrations.tables_of(version) <= tables:
            return version
    return 1


def _check_sound(source: apsw.Connection, said: Path) -> None:
    if migrations.check_version(source, said) == 0:
        raise LibraryDamagedError("{path} is empty; it is not a backup.", path=said)
    for table in foreign_tables.COPIED:
        if columns_of(source, table):
            found = source.execute(f"PRAGMA quick_check('{table}')").fetchall()
            if found != [("ok",)]:
                raise LibraryDamagedError("The backup {path} is damaged; take an older one.", path=said)


def _fill(staged: Path, source: apsw.Connection, budget: Budget, trust: Trust, *, damaged: bool) -> Transfer:
    version = version_of(source) or len(migrations.STEPS)
    reserve(staged)
    db = connect(staged, writable=True)
    try:
        migrations.prepare_empty(db)
        # No other process reads the file before it is complete; copying it into place waits for the disk.
        db.execute("PRAGMA synchronous = OFF")
        migrations.apply(db, 0, version)
        db.execute("PRAGMA foreign_keys = OFF")
        rules = {**foreign_tables.COPIED}
        if trust is not Trust.STRANGER:
            rules.update(foreign_tables.OWN_ONLY)
        present = migrations.tables_of(version)
        incomplete: list[str] = []
        left_out = 0
        with transaction(db):
            _adopt_uuid(db, source)
            for table, columns in rules.items():
                if table in present:
                    complete, invalid = _copy(db, source, table, columns, budget, damaged=damaged)
                    left_out += invalid
                    if not complete:
                        incomplete.append(table)
            if trust is not Trust.OWN_LIBRARY and "journal_file" in present:
                end_moves(db)  # they belong to the moment of the backup
            if not damaged:
                mending.drop_dangling(db)
        if incomplete and not damaged:
            raise apsw.CorruptError(f"incomplete: {incomplete}")
        migrations.apply(db, version, len(migrations.STEPS))
        with transaction(db):
            salvaged = [vectors.salvage(db, model.id, source) for model in vectors.models(db)]
            if not all(salvaged):
                incomplete.append("vectors")
            if not damaged:
                finish(db)
        db.pragma("journal_mode", "delete")
        return Transfer(tuple(incomplete), left_out)
    finally:
        db.close()


def finish(db: apsw.Connection) -> None:
    """Make a library that was built consistent: references, which photos are shown, words."""
    mending.drop_dangling(db)
    albums.repair_parents(db)
    stacks.resolve_chains(db)
    mending.set_flags(db)
    mending.rebuild_words(db)


def _adopt_uuid(db: apsw.Connection, source: apsw.Connection) -> None:
    with contextlib.suppress(apsw.Error, ValueError):
        theirs = source.execute(
            "SELECT value FROM meta WHERE key = 'uuid' AND typeof(value) = 'text' LIMIT 1"
        ).get
        if isinstance(theirs, str) and _UUID.fullmatch(theirs):
            db.execute("UPDATE meta SET value = ? WHERE key = 'uuid'", (theirs,))


def columns_of(db: apsw.Connection, table: str) -> dict[str, int]:
    """The plain columns of an ordinary table, with their places in the primary key; else empty."""
    ordinary = db.execute(
        "SELECT count(*) FROM sqlite_schema WHERE name = ? AND type = 'table' AND rootpage > 0", (table,)
    ).get
    if not ordinary:
        return {}
    rows = db.execute("SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0", (table,))
    return {str(name): int(key) for name, key in rows}


@dataclass(frozen=True, slots=True)
class _TableCopy:
    """How the rows of one table are read, checked and inserted."""

    read: str
    """SQL: every row, without an order."""
    backwards: str
    """SQL: the end of the statement that reads the same rows in reverse."""
    insert: str
    checks: Sequence[Rule]
    path: int
    path_text: int | None
    """The position of the column that is made from the path; None where the table has none."""

    def checked(self, row: Sequence[object]) -> list[Any]:
        """The values to insert. Raises ValueError or OverflowError for a row that is not valid."""
        values = [check(value) for check, value in zip(self.checks, row, strict=True)]
        if self.path_text is not None:
            values[self.path_text] = display_text(values[self.path])
        return values


def _table_copy(
    table: str, ours: Mapping[str, int], theirs: Mapping[str, int], rules: Mapping[str, Rule]
) -> _TableCopy | None:
    """How to copy the columns that both databases have; None without any."""
    columns = [name for name in rules if name in ours and name in theirs]
    if not columns:
        return None
    # Text as bytes: SQLite does not check that it is UTF-8, and one bad value must not end the reading.
    read = ", ".join(
        f'iif(typeof("{name}") = \'text\', CAST("{name}" AS BLOB), "{name}")' for name in columns
    )
    names = ", ".join(f'"{name}"' for name in columns)
    keys = [name for name, place in sorted(ours.items(), key=lambda column: column[1]) if place]
    backwards = ", ".join(f'"{key}" DESC' for key in keys if key in theirs) or "rowid DESC"
    has_text = "path_text" in columns and "path" in columns
    return _TableCopy(
        read=f'SELECT {read} FROM "{table}" NOT INDEXED',
        backwards=f" ORDER BY {backwards}",
        insert=f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})',
        checks=[rules[name] for name in columns],
        path=columns.index("path") if has_text else 0,
        path_text=columns.index("path_text") if has_text else None,
    )


def _copy(
    db: apsw.Connection,
    source: apsw.Connection,
    table: str,
    rules: Mapping[str, Rule],
    budget: Budget,
    *,
    damaged: bool,
) -> tuple[bool, int]:
    """Copy the valid rows of a table: (whether it was read to its end, rows that were not valid)."""
    try:
        theirs = columns_of(source, table)
    except (apsw.Error, ValueError):
        return False, 0
    copy = _table_copy(table, columns_of(db, table), theirs, rules)
    if copy is None:
        return False, 0
    invalid = 0
    # Behind a damaged page there may be more rows, so a table that cannot be read to its end is read from
    # there too.
    for order in ("", copy.backwards):
        try:
            for row in source.execute(copy.read + order):
                budget.row(row)
                try:
                    values = copy.checked(row)
                except (ValueError, OverflowError):
                    invalid += 1
                    continue
                if table == "meta" and values[0] in foreign_tables.PRIVATE_SETTINGS:
                    continue
                db.execute(copy.insert, values)
        except (apsw.CorruptError, apsw.SQLError, apsw.IOError, apsw.TooBigError, apsw.InterruptError):
            if not damaged:
                return False, invalid
            continue
        return not order and (not damaged or not invalid), invalid
    return False, invalid
