"""Errors that a person can act on.

Everything derived from :class:`SafelightError` is *known*: its text is one line that says what is
wrong and what to do, and every face of the program (window, command line) shows it as it stands.
Any other exception that escapes is a bug of ours and is reported as such.
"""

from __future__ import annotations

from enum import StrEnum


class SafelightError(Exception):
    """A known condition. ``str(error)`` is one line for a person: what, why, what to do."""


class UsageError(SafelightError):
    """What was asked for cannot mean anything (exit status 2 on the command line)."""


class FolderError(SafelightError):
    """A folder cannot be used: missing, not a folder, unreadable."""


class LibraryInUseError(SafelightError):
    """Another process holds the library's write lock."""


class LibraryTooNewError(SafelightError):
    """The library was written by a newer version of Safelight."""


class LibraryDamagedError(SafelightError):
    """The database cannot be read as one."""


class LibraryUnavailableError(SafelightError):
    """The library's own place cannot be read or written (read-only, no permission)."""


class LibraryTooOldError(LibraryUnavailableError):
    """The library must be brought up to date before it can be read."""


class NoSpaceError(SafelightError):
    """The disk that holds the library is full."""


class ModelError(SafelightError):
    """A model is missing, altered, of a foreign architecture, or has no weights."""


class OutOfMemoryError(ModelError):
    """Not even one picture fits into memory beside the model just now: a condition of the moment."""


class FailureKind(StrEnum):
    """Why a file could not be indexed. Stored in the database: never rename a value."""

    UNREADABLE = "unreadable"  # the operating system would not let us read it
    NOT_A_FILE = "not_a_file"  # a FIFO, a device, a socket
    EMPTY = "empty"
    BROKEN = "broken"  # damaged, truncated, or not the picture its name says
    TOO_LARGE = "too_large"  # over the pixel or byte limit
    NEEDS_DECODER = "needs_extra"  # the package that decodes this format is not installed
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"  # the decoder took its process with it
    OUT_OF_MEMORY = "out_of_memory"

    @property
    def passing(self) -> bool:
        """True for a condition of the moment, which is retried and never held against the file."""
        return self in (FailureKind.UNREADABLE, FailureKind.OUT_OF_MEMORY)


class ImageError(SafelightError):
    """One file could not be turned into pixels. ``kind`` says why; the text says it in words."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[type[ImageError], tuple[FailureKind, str]]:
        # Exceptions with more than one argument do not survive a trip between processes by themselves.
        return type(self), (self.kind, str(self))


class CancelledError(Exception):
    """Work was given up because it was asked to be; not a failure."""
