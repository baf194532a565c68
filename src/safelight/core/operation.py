"""What every operation is, and what applying one returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from safelight.core.changes import NO_CHANGE, LibraryChanged
from safelight.core.message import Template

Json = Any
"""What JSON can hold: numbers, text, booleans, None, lists and dicts with text keys."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user should know about how an operation was applied."""

    code: str
    params: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did."""

    step: int | None = None
    """The journal step that undoes it; None where nothing changed."""
    change: LibraryChanged = NO_CHANGE
    notes: tuple[Note, ...] = ()
    created: int | None = None
    """The id of the album that the operation created."""


O_co = TypeVar("O_co", bound=Outcome, covariant=True)


class Operation(Generic[O_co]):
    """Base of all operations. The type parameter is what applying one returns."""

    __slots__ = ()

    code: ClassVar[str]
    """Stored in the journal: never change a value."""
    summary: ClassVar[Template]
    """English for "what was done", such as ``rated {photos}``; see
    :func:`safelight.core.operations.describe`."""
    slow: ClassVar[bool] = False
    """It reads or moves files, so other operations may run between two of its photos."""
    pauses_indexing: ClassVar[bool] = False
    """It changes the list of folders, so no index run may be under way."""
    for_commands: ClassVar[bool] = False
    """Commands may send it to a running engine. Its fields are numbers, texts and tuples of ids, and it moves
    no files, except to undo."""
