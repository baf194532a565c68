"""The library on disk: one writer, any number of readers."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import apsw
import filelock

from safelight.core.errors import (
    LibraryDamagedError,
    LibraryGoneError,
    LibraryTooOldError,
    LibraryUnavailableError,
    SafelightError,
)
from safelight.store import library_lock, thumbs, vectors
from safelight.store.connect import connect, platform_tag, reserve, transaction
from safelight.store.faults import translate_errors
from safelight.store.library_location import FILE_NAME as FILE_NAME
from safelight.store.library_location import library_exists, restrict_library_to_owner
from safelight.store.library_lock import translate_os_errors
from safelight.store.limits import Limit, Visible
from safelight.store.readers import Readers, meta
from safelight.store.recovery import library_home
from safelight.store.schema import migrations

_log = logging.getLogger(__name__)

_WAL_NAME = f"{FILE_NAME}-wal"

Connection = apsw.Connection
"""The connection that functions of this package take first. Other packages do not need apsw."""


class LibraryStore:
    """An open library. Thread-safe: writes are serialised, and each thread reads through its own connection.

    Created by :meth:`create_or_open` (the one writer) or :meth:`open_read_only`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        writer: Connection | None = None,
        lock: filelock.BaseFileLock | None = None,
        immutable: bool = False,
        limit: Limit | None = None,
    ) -> None:
        self._directory = directory
        self._writer = writer
        self._lock = lock
        self._write_turn = threading.RLock()
        self._writing = False
        self.is_limited = limit is not None
        """Whether readers may see only some of the photos."""
        self._readers = Readers(directory, immutable=immutable, limit=limit)
        self._closed = False
        self._inode: int | None = None
        self._wal_inode: int | None = None
        """SQLite keeps the WAL as long as the writer is open; another inode means that others replaced it."""
        if writer is not None and os.name == "posix":
            self._inode = _inode(directory / FILE_NAME)
            self._wal_inode = _inode(directory / _WAL_NAME)
        self._thumbs_damaged = False

    # --- opening and closing ------------------------------------------------------------------------

    @staticmethod
    def exists(directory: Path) -> bool:
        """Whether there is a library in ``directory``, whatever its condition."""
        return library_exists(directory)

    @classmethod
    def create_or_open(cls, directory: Path) -> LibraryStore:
        """Open the library for writing, creating or upgrading it as needed.

        Raises LibraryInUseError while another process (or store) has it open for writing,
        LibraryTooNewError, LibraryDamagedError, LibraryUnavailableError, NoSpaceError.
        """
        directory = directory.absolute()
        lock = library_lock.acquire(directory)
        db: Connection | None = None
        try:
            with translate_errors(directory), translate_os_errors(directory):
                path = directory / FILE_NAME
                reserve(path)
                db = connect(path, writable=True)
                found = migrations.check_version(db, path)
                if found:
                    library_home.check_schema(db, found, path)
                migrations.prepare_empty(db)
                db.pragma("journal_mode", "wal")
                db.execute("PRAGMA synchronous = NORMAL")
                # Truncates the WAL after a large transaction.
                db.execute("PRAGMA journal_size_limit = 67108864")
                migrations.upgrade(db, path)
                library_home.adopt(db, directory)
                _adopt_platform(db)
                thumbs.attach_writable(db, directory, meta(db, "uuid"))
                restrict_library_to_owner(directory)
        except BaseException:
            if db is not None:
                db.close()
            lock.release()
            raise
        return cls(directory, writer=db, lock=lock)

    @classmethod
    def check_exists(cls, directory: Path) -> None:
        """Raises LibraryUnavailableError if there is no library in ``directory``."""
        if not cls.exists(directory):
            raise LibraryUnavailableError(
                "There is no library at {directory} yet; index a folder first.", directory=directory
            )

    @classmethod
    def open_existing(cls, directory: Path) -> LibraryStore:
        """Like :meth:`create_or_open`, but raises LibraryUnavailableError instead of creating a library."""
        cls.check_exists(directory)
        return cls.create_or_open(directory)

    @classmethod
    def open_read_only(cls, directory: Path, *, limit: Limit | None = None) -> LibraryStore:
        """Open the library for reading, beside a writer or alone, also on read-only media.

        With a ``limit``, readers see only the photos that it admits. Raises LibraryUnavailableError if there
        is no library, LibraryTooNewError, LibraryDamagedError.
        """
        directory = directory.absolute()
        cls.check_exists(directory)
        store = cls(directory, limit=limit)
        try:
            with store.read():
                return store
        except LibraryUnavailableError:
            store.close()
            if not _can_be_immutable(directory):
                raise
        store = cls(directory, immutable=True, limit=limit)
        with store.read():
            return store

    @classmethod
    def open_up_to_date_read_only(cls, directory: Path, *, limit: Limit | None = None) -> LibraryStore:
        """Like :meth:`open_read_only`, but upgrades an older library first.

        Raises LibraryInUseError if another process is upgrading it, LibraryUnavailableError if it cannot be
        written.
        """
        try:
            return cls.open_read_only(directory, limit=limit)
        except LibraryTooOldError:
            cls.create_or_open(directory).close()
            return cls.open_read_only(directory, limit=limit)

    @property
    def directory(self) -> Path:
        return self._directory

    def close(self) -> None:
        """Wait for the current write, interrupt reads, and close the library. Idempotent."""
        with self._write_turn:
            if self._writing:
                raise RuntimeError("A library is not closed inside its own write transaction.")
            self._closed = True
            self._readers.close()
            # Closed last, so that SQLite checkpoints the WAL.
            if self._writer is not None:
                self._writer.close()
                self._writer = None
                if self._thumbs_damaged:
                    thumbs.discard(self._directory)
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def __enter__(self) -> LibraryStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- transactions ---------------------------------------------------------------------------------

    @contextmanager
    def write(self, *, durable: bool = False, erase: bool = False) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back if an exception passes.

        A power failure may lose the last few transactions, in order. A ``durable`` transaction and everything
        before it is on disk when the block ends. ``erase`` overwrites with zeros what is deleted. Threads
        take turns; transactions do not nest (RuntimeError). ``thumbs.db`` is attached as ``thumbs``;
        :mod:`safelight.store.thumbs` describes what COMMIT guarantees across both files. Raises NoSpaceError,
        LibraryDamagedError, LibraryUnavailableError, LibraryInUseError.
        """
        with self._write_turn:
            if self._writing:
                raise RuntimeError("Write transactions do not nest.")
            if self._closed:
                raise LibraryUnavailableError(
                    "The library at {directory} is closed.", directory=self._directory
                )
            if self._writer is None:
                raise RuntimeError("This library was opened for reading only.")
            self.check_in_place()
            self._writing = True
            try:
                with (
                    translate_errors(self._directory),
                    _synced(self._writer, durable),
                    _erasing(self._writer, erase),
                    transaction(self._writer),
                ):
                    yield self._writer
            except LibraryDamagedError as error:
                raise self._diagnosis(error) from error.__cause__
            finally:
                self._writing = False

    def check_in_place(self) -> None:
        """Raise LibraryGoneError where the database file or its WAL has been deleted or replaced: anything
        written would be lost, now or in a crash.

        What only a deleted WAL still holds is written to the database before.
        """
        if self._inode is None or self._closed:
            return
        try:
            there = _inode(self._directory / FILE_NAME)
            wal = _inode(self._directory / _WAL_NAME)
        except OSError:
            return  # they may exist: the disk does not answer, or access is denied
        if there != self._inode:
            raise LibraryGoneError(
                "The library at {directory} was deleted or replaced while Safelight was using it; nothing "
                "more is written. Start Safelight again.",
                directory=self._directory,
            )
        if self._wal_inode is None:
            self._wal_inode = wal
        if wal != self._wal_inode:
            self._save_deleted_wal()
            raise LibraryGoneError(
                "The file {file} in {directory} was deleted or replaced while Safelight was using it. Its "
                "changes were saved, and nothing more is written. Start Safelight again.",
                file=_WAL_NAME,
                directory=self._directory,
            )

    def _save_deleted_wal(self) -> None:
        """Write what the deleted WAL holds to the database: the writer still has it open."""
        with self._write_turn:
            if self._writer is not None and not self._writing:
                with translate_errors(self._directory):
                    self._writer.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchall()

    def compact(self) -> None:
        """Rewrite both databases without the space that deleted rows left, and empty the WAL.

        Readers continue; other writes wait. Raises NoSpaceError (as much space again is needed for a while),
        LibraryInUseError, LibraryUnavailableError.
        """
        with self._write_turn:
            if self._writer is None or self._writing:
                raise RuntimeError("A library is compacted between its own write transactions.")
            with translate_errors(self._directory):
                with self.write() as db:
                    for model in vectors.models(db):
                        vectors.rebuild(db, model.id)
                for schema in ("main", "thumbs"):
                    self._writer.execute(f"VACUUM {schema}")
                    self._writer.execute(f"PRAGMA {schema}.wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield this thread's read-only connection, with a consistent snapshot. May nest.

        Commits of other threads become visible to the next outermost ``read()``. Raises LibraryDamagedError,
        LibraryUnavailableError, LibraryInUseError.
        """
        try:
            with self._readers.read() as db:
                yield db
        except LibraryDamagedError as error:
            raise self._diagnosis(error) from error.__cause__
        except LibraryUnavailableError:
            self.check_in_place()
            raise

    def visible(self) -> Visible | None:
        """What the limit of this library admits now; None without a limit."""
        return self._readers.visible()

    def _diagnosis(self, error: SafelightError) -> SafelightError:
        """Determine which of the two files is damaged: losing thumbnails is harmless."""
        if self._thumbs_damaged or not thumbs.are_damaged(self._directory):
            return error
        self._thumbs_damaged = True
        return LibraryDamagedError(
            "The stored thumbnails are damaged; start Safelight again, and they are made again ({path}).",
            path=self._directory / thumbs.FILE_NAME,
        )


def _inode(path: Path) -> int | None:
    """None where there is no such file. Raises OSError where that cannot be told."""
    try:
        return path.stat().st_ino
    except (FileNotFoundError, NotADirectoryError):
        return None


def _can_be_immutable(directory: Path) -> bool:
    """A WAL with content has changes that an immutable read would miss or see partially."""
    wal = directory / _WAL_NAME
    try:
        return not wal.exists() or wal.stat().st_size == 0
    except OSError:
        return False


def _adopt_platform(db: Connection) -> None:
    """Rewrite the vec0 tables if the library comes from another kind of machine.

    A vec0 table written on macOS/arm64 was corrupted by its first write on Linux/x86-64 (sqlite-vec issue
    297). Reading is harmless, so only the writer does this.
    """
    here = platform_tag()
    if meta(db, "platform") == here:
        return
    _log.info("The library comes from another platform; its vector tables are rewritten.")
    with transaction(db):
        for model in vectors.models(db):
            vectors.rebuild(db, model.id)
        db.execute("UPDATE meta SET value = ? WHERE key = 'platform'", (here,))


@contextmanager
def _synced(db: Connection, durable: bool) -> Iterator[None]:
    """Make transactions inside wait for the disk if they are ``durable``."""
    if not durable:
        yield
        return
    db.execute("PRAGMA synchronous = FULL")
    try:
        yield
    finally:
        db.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def _erasing(db: Connection, erase: bool) -> Iterator[None]:
    """Overwrite what transactions inside delete, if they are to ``erase``."""
    if not erase:
        yield
        return
    for schema in ("main", "thumbs"):
        db.execute(f"PRAGMA {schema}.secure_delete = ON")
    try:
        yield
    finally:
        for schema in ("main", "thumbs"):
            db.execute(f"PRAGMA {schema}.secure_delete = OFF")
