"""Reading the SQLite databases of other programs.

The file is untrusted, and its program may be running. It is opened immutable, so that nothing is written
beside it. Where a write-ahead log or a journal belongs to it, all of them are copied to a private folder
first, and the copy is read. Rows are read table by table, without indexes, views and triggers of the file.
"""

# ruff: noqa: S608 (names of tables and columns come from our own modules)

from __future__ import annotations

import contextlib
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw

from safelight.core.errors import NoSpaceError, SourceError
from safelight.core.private_files import create_file
from safelight.store.connect import pragma_int, uri
from safelight.store.recovery.foreign import STEP, Budget, apply_logs, columns_of, restrict

_MAGIC = b"SQLite format 3\0"
_LONGEST_VALUE = 16_000_000
"""Bytes of one value or row."""
_BESIDE = ("-wal", "-journal")
_ENCODINGS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}

Row = tuple[Any, ...]


class Catalogue:
    """An open database. What it raises names the file."""

    def __init__(self, db: apsw.Connection, path: Path, budget: Budget) -> None:
        self._db = db
        self._path = path
        self._budget = budget
        with self._translated():
            self._encoding = _ENCODINGS.get(str(db.execute("PRAGMA encoding").get), "utf-8")

    def check_complete(self, size: int) -> None:
        """Raise SourceError where the file has fewer bytes than its header states."""
        with self._translated():
            pages, bytes_ = pragma_int(self._db, "page_count"), pragma_int(self._db, "page_size")
        if pages * bytes_ > size:
            raise SourceError(
                "{path} is not complete; copy it again or restore it from a backup.", path=self._path
            )

    def has_table(self, table: str) -> bool:
        with self._translated():
            return bool(columns_of(self._db, table))

    def rows(self, table: str, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
        """``columns`` and then ``optional`` of every row; None for those of ``optional`` that are missing.

        Values are integers, floats, texts and None; invalid text is repaired, and binary values are None.
        Raises SourceError where the table or one of ``columns`` is missing, and where the file is damaged.
        """
        for row in self.raw_rows(table, columns, optional):
            yield tuple(None if isinstance(value, bytes) else value for value in row)

    def raw_rows(self, table: str, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
        """Read as :meth:`rows`, with binary values as bytes."""
        with self._translated():
            present = {name.lower() for name in columns_of(self._db, table)}
        missing = [name for name in columns if name.lower() not in present]
        if missing:
            raise SourceError(
                "{path} has no {table}.{column}; it is of a version that Safelight does not know.",
                path=self._path,
                table=table,
                column=missing[0],
            )
        every = (*columns, *optional)
        # Text as bytes: SQLite does not check that it is valid, and one bad value must not end the reading.
        read = ", ".join(
            f'iif(typeof("{name}") = \'text\', CAST("{name}" AS BLOB), "{name}"), typeof("{name}") = \'text\''
            if name.lower() in present
            else "NULL, 0"
            for name in every
        )
        with self._translated():
            for row in self._db.execute(f'SELECT {read} FROM "{table}" NOT INDEXED'):
                self._budget.row(row)
                yield tuple(
                    value.decode(self._encoding, "replace") if is_text else value
                    for value, is_text in zip(row[::2], row[1::2], strict=True)
                )

    def optional_rows(
        self, table: str, columns: Sequence[str], optional: Sequence[str] = ()
    ) -> Iterator[Row]:
        """Read as :meth:`rows`; nothing where there is no such table."""
        if self.has_table(table):
            yield from self.rows(table, columns, optional)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OverflowError, UnicodeDecodeError) as error:
            raise SourceError(
                "{path} is damaged and cannot be read; restore it from a backup.", path=self._path
            ) from error


@contextlib.contextmanager
def open_catalogue(path: Path) -> Iterator[Catalogue]:
    """Open a database of another program. Raises SourceError, NoSpaceError."""
    before = _status(path)
    with _readable(path) as readable:
        budget = Budget(readable.stat().st_size)
        try:
            db = _connect(readable)
        except apsw.Error as error:
            raise SourceError("{path} cannot be opened ({error}).", path=path, error=error) from error
        try:
            with _named(path):
                restrict(db, _LONGEST_VALUE)
            db.set_progress_handler(budget.exceeded, STEP)
            catalogue = Catalogue(db, path, budget)
            catalogue.check_complete(readable.stat().st_size)
            yield catalogue
        finally:
            db.close()
    if _status(path) != before:
        raise SourceError(
            "{path} changed while it was read; close the program that uses it and try again.", path=path
        )


def has_tables(path: Path, *tables: str) -> bool:
    """Whether a file is a SQLite database with these tables. Never raises, and copies nothing."""
    try:
        _status(path)
        db = _connect(path)
        try:
            restrict(db, _LONGEST_VALUE)
            return all(columns_of(db, table) for table in tables)
        finally:
            db.close()
    except (apsw.Error, SourceError, OverflowError, UnicodeDecodeError):
        return False


def _connect(path: Path) -> apsw.Connection:
    """Open a file that nothing writes to, so that nothing is written beside it."""
    return apsw.Connection(
        uri(path, "mode=ro&immutable=1"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise SourceError("{path} is not a SQLite database, or is damaged.", path=path) from error


def _status(path: Path) -> tuple[int, int, int]:
    """What changes when a program writes the file."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("{path} is not a regular file.", path=path)
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise SourceError("{path} is not a SQLite database, or is damaged.", path=path)
    except OSError as error:
        raise SourceError(
            "{path} cannot be read ({reason}).", path=path, reason=error.strerror or error
        ) from error
    return status.st_size, status.st_mtime_ns, status.st_ino


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[Path]:
    """The file itself, or a copy into which its write-ahead log and journal were applied."""
    beside = [suffix for suffix in _BESIDE if _has_content(path, suffix)]
    if not beside:
        yield path
        return
    needed = 2 * sum(_size(path.with_name(path.name + suffix)) for suffix in ("", *beside))
    with tempfile.TemporaryDirectory(prefix="safelight-import-") as folder:  # for the owner only
        if shutil.disk_usage(folder).free < needed:
            raise NoSpaceError(
                "Reading {path} takes {megabytes:,.0f} MB in {folder}; free some space.",
                path=path,
                megabytes=needed / 1e6,
                folder=folder,
            )
        copy = Path(folder, "catalogue.db")
        try:
            for suffix in ("", *beside):
                _copy(path.with_name(path.name + suffix), copy.with_name(copy.name + suffix))
        except OSError as error:
            raise SourceError(
                "{path} cannot be copied ({reason}).", path=path, reason=error.strerror or error
            ) from error
        with _named(path):
            apply_logs(copy, _LONGEST_VALUE)
        yield copy


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, open(create_file(target), "wb") as write:
        shutil.copyfileobj(read, write, 1 << 20)


def _has_content(path: Path, suffix: str) -> bool:
    return _size(path.with_name(path.name + suffix)) > 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
