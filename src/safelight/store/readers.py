"""The reading connections of an open library: one for each thread."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from safelight.core.errors import LibraryDamagedError, LibraryTooOldError, LibraryUnavailableError
from safelight.store import thumbs
from safelight.store.connect import connect
from safelight.store.faults import translate_errors
from safelight.store.library_location import FILE_NAME
from safelight.store.limits import Limit, LimitedView, Visible
from safelight.store.recovery import library_home
from safelight.store.schema import migrations


class Readers:
    """Thread-safe: each thread reads through its own connection, which is opened when it first reads."""

    def __init__(self, directory: Path, *, immutable: bool, limit: Limit | None) -> None:
        self._directory = directory
        self._immutable = immutable
        self._limit = limit
        self._mine = threading.local()
        self._all: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._guard = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Interrupt reads and close all connections. Idempotent."""
        with self._guard:
            self._closed = True
            readers = list(self._all)
        for reader in readers:
            reader.close()

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """See :meth:`safelight.store.library.LibraryStore.read`."""
        with translate_errors(self._directory):
            reader = self._own()
            with reader.turn:
                if not reader.open:
                    raise LibraryUnavailableError(
                        "The library at {directory} is closed.", directory=self._directory
                    )
                if reader.connection.in_transaction:
                    yield reader.connection
                else:
                    with _snapshot(reader.connection):
                        if reader.limited is not None:
                            reader.limited.refresh()
                        yield reader.connection

    def visible(self) -> Visible | None:
        """See :meth:`safelight.store.library.LibraryStore.visible`."""
        with self.read():
            limited = self._own().limited
            return None if limited is None else limited.visible

    def _own(self) -> _Reader:
        reader: _Reader | None = getattr(self._mine, "reader", None)
        if reader is None:
            reader = self._new_reader()
            with self._guard:
                closed = self._closed  # closed by another thread while this one was opening
                if not closed:
                    self._all.add(reader)
                    self._mine.reader = reader
            if closed:
                reader.close()
        return reader

    def _new_reader(self) -> _Reader:
        db = self._open_reader()
        if self._limit is None:
            return _Reader(db)
        try:
            source = self._open_reader()
            try:
                return _Reader(db, LimitedView(db, source, self._limit))
            except BaseException:
                source.close()
                raise
        except BaseException:
            db.close()
            raise

    def _open_reader(self) -> apsw.Connection:
        path = self._directory / FILE_NAME
        db = connect(path, writable=False, immutable=self._immutable)
        try:
            found = migrations.check_version(db, path)
            if found == 0:
                raise LibraryUnavailableError(
                    "There is no library at {directory} yet; index a folder first.", directory=self._directory
                )
            if found < len(migrations.STEPS):
                raise LibraryTooOldError(
                    "The library at {directory} is of an older version; start Safelight once to bring it "
                    "up to date.",
                    directory=self._directory,
                )
            library_home.check_schema(db, found, path)
            thumbs.attach_read_only(db, self._directory, meta(db, "uuid"), immutable=self._immutable)
        except BaseException:
            db.close()
            raise
        return db


class _Reader:
    """One thread's connection. ``turn`` is held while it is used; only closing competes for it."""

    def __init__(self, connection: apsw.Connection, limited: LimitedView | None = None) -> None:
        self.connection = connection
        self.limited = limited
        self.turn = threading.RLock()
        self.open = True

    def close(self) -> None:
        if not self.turn.acquire(blocking=False):
            self.connection.interrupt()
            self.turn.acquire()
        try:
            if self.open:
                self.open = False
                self.connection.close()
                if self.limited is not None:
                    self.limited.close()
        finally:
            self.turn.release()


@contextmanager
def _snapshot(db: apsw.Connection) -> Iterator[None]:
    db.execute("BEGIN")
    try:
        yield
    finally:
        # COMMIT, because ROLLBACK would abort a cursor that is still being read. After a statement that met a
        # damaged page SQLite reports it again here, but the transaction has ended.
        with suppress(apsw.CorruptError):
            if db.in_transaction:
                db.execute("COMMIT")
        if db.in_transaction:
            db.execute("ROLLBACK")


def meta(db: apsw.Connection, key: str) -> str:
    """A value that every library has. Raises LibraryDamagedError where it is missing."""
    value = db.execute("SELECT value FROM main.meta WHERE key = ?", (key,)).get
    if not isinstance(value, str):
        raise LibraryDamagedError("The library does not say its {key}; restore a backup.", key=key)
    return value
