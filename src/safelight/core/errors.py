"""Errors that a user can act on.

Every :class:`SafelightError` is a known condition: its text is one line that says what is wrong and what to
do. Any other exception that escapes is a bug and is reported as one.

The text is an English template and its values, so that it can be translated where it is shown::

    raise FolderError("{path} is not a folder.", path=path)

The template is always a literal, because it is the key of its translation. Programs tell conditions apart by
``code``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from safelight.core.message import Message


class SafelightError(Exception):
    """A known condition. ``str(error)`` is one English line: what happened, why, and what to do."""

    code: ClassVar[str] = "failed"
    """Names the condition for programs; never change a value."""

    def __init__(self, template: str = "", /, **params: object) -> None:
        """``params``: the values of the fields of ``template``, as :class:`Message` takes them."""
        super().__init__(template)
        self.message = Message(template, **params)

    def __str__(self) -> str:
        return str(self.message)


class UsageError(SafelightError):
    """The request makes no sense (exit status 2 on the command line)."""

    code = "usage"


class UnknownPhotoError(SafelightError):
    """The library has no such photo or album, or the program may not see it."""

    code = "unknown_photo"


class FolderError(SafelightError):
    """A folder cannot be used: missing, not a folder, unreadable."""

    code = "folder"


class LibraryInUseError(SafelightError):
    """Another process holds the library's write lock."""

    code = "library_in_use"


class LibraryTooNewError(SafelightError):
    """The library was written by a newer version of Safelight."""

    code = "library_too_new"


class LibraryDamagedError(SafelightError):
    """The database file is damaged."""

    code = "library_damaged"


class LibraryUnavailableError(SafelightError):
    """The folder of the library cannot be read or written (read-only, no permission)."""

    code = "library_unavailable"


class LibraryGoneError(LibraryUnavailableError):
    """The library's files were deleted or replaced while it was open."""


class LibraryTooOldError(LibraryUnavailableError):
    """The library must be brought up to date before it can be read."""

    code = "library_too_old"


class NoSpaceError(SafelightError):
    """The disk that holds the library is full."""

    code = "no_space"


class ModelError(SafelightError):
    """A model is missing, modified, of an unsupported architecture, or has no weights."""

    code = "model"


class OutOfMemoryError(ModelError):
    """Not even one picture fits into memory beside the model. This may be temporary."""

    code = "out_of_memory"


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
        """Whether the cause may be temporary, so that the file is retried."""
        return self in (FailureKind.UNREADABLE, FailureKind.OUT_OF_MEMORY)


class ImageError(SafelightError):
    """A file could not be turned into pixels. ``kind`` says why."""

    code = "image"

    def __init__(self, kind: FailureKind, template: str, /, **params: object) -> None:
        super().__init__(template, **params)
        self.args = (kind, template)  # what unpickling passes to this function
        self.kind = kind


class SidecarError(SafelightError):
    """A sidecar cannot be written. The text is one sentence without the name of the file."""

    code = "sidecar"


class SourceError(SafelightError):
    """A catalogue or export of another program cannot be read. The text names it and says what to do."""

    code = "migration_source"


class CancelledError(Exception):
    """The work was cancelled on request. This is not a failure."""
