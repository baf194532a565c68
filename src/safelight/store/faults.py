"""Translates SQLite errors into errors that a user can act on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from safelight.core.errors import (
    LibraryDamagedError,
    LibraryInUseError,
    LibraryUnavailableError,
    NoSpaceError,
    SafelightError,
)
from safelight.store.library_lock import no_locks


@contextmanager
def translate_errors(directory: Path) -> Iterator[None]:
    """Turn SQLite's exceptions about the library in ``directory`` into our own errors.

    Bugs of ours (a wrong statement, a violated constraint) pass unchanged.
    """
    try:
        yield
    except apsw.Error as error:
        known = _known(error, directory)
        if known is None:
            raise
        raise known from error


_LOCK_ERRORS = frozenset(
    {
        apsw.SQLITE_IOERR_LOCK,
        apsw.SQLITE_IOERR_RDLOCK,
        apsw.SQLITE_IOERR_CHECKRESERVEDLOCK,
        apsw.SQLITE_IOERR_SHMLOCK,
    }
)

_LITTLE_SPACE = 1 << 20
"""Bytes. A disk with less is full: SQLite extends its files and its shared memory in steps."""


def _is_full(error: apsw.Error, directory: Path) -> bool:
    """Whether the cause is a full disk. SQLite reports it as an I/O error where it cannot extend its shared
    memory, and as a file that cannot be opened where it cannot create one.
    """
    if isinstance(error, apsw.FullError):
        return True
    try:
        return shutil.disk_usage(directory).free < _LITTLE_SPACE
    except OSError:
        return False


def _known(error: apsw.Error, directory: Path) -> SafelightError | None:
    match error:
        case apsw.FullError() | apsw.IOError() | apsw.CantOpenError() if _is_full(error, directory):
            return NoSpaceError(
                "The disk that holds the library is full; free some space and try again ({directory}).",
                directory=directory,
            )
        case apsw.NotADBError() | apsw.CorruptError():
            return LibraryDamagedError(
                "The library at {directory} is damaged; restore a backup (safelight restore), or move that "
                "folder away and index again.",
                directory=directory,
            )
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return LibraryUnavailableError(
                "The library at {directory} cannot be opened or changed; check that the folder exists and "
                "that you may write to it.",
                directory=directory,
            )
        case apsw.BusyError() | apsw.LockedError():
            return LibraryInUseError(
                "Another program is busy with the library at {directory}; try again in a moment.",
                directory=directory,
            )
        case apsw.IOError() if getattr(error, "extendedresult", 0) in _LOCK_ERRORS:
            return no_locks(directory)
        case apsw.IOError():
            return LibraryUnavailableError(
                "The disk that holds the library at {directory} gave an error; check the disk and try again.",
                directory=directory,
            )
        case apsw.InterruptError():
            return LibraryUnavailableError(
                "The library at {directory} was closed meanwhile.", directory=directory
            )
        case _:
            return None
