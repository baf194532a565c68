"""The interface between the runner and the functions that apply and undo one kind of operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from safelight.core.changes import NO_CHANGE, LibraryChanged
from safelight.core.operations import Json, Note, Operation, Outcome
from safelight.store.library import Connection

Op = TypeVar("Op", bound=Operation[Outcome])


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of an operation within its transaction."""

    change: LibraryChanged = NO_CHANGE
    undo: Json = None
    """The data that undoing it needs; None if nothing changed, so that there is no step in the journal."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """For the ``summary`` of the operation."""
    notes: tuple[Note, ...] = ()
    created: int | None = None
    """See :attr:`safelight.core.operation.Outcome.created`."""


@dataclass(frozen=True, slots=True)
class Reverted:
    """The result of undoing a step within its transaction."""

    change: LibraryChanged = NO_CHANGE
    count: int = 0
    """The number of photos or rows that were restored."""


@dataclass(frozen=True, slots=True)
class Handler(Generic[Op]):
    """Applies and undoes operations of one class.

    ``apply`` and ``undo`` run inside a write transaction and access only the database. An exception rolls the
    transaction back. The last argument of both is the time (seconds since the epoch).
    """

    operation: type[Op]
    apply: Callable[[Connection, Op, float], Applied]
    undo: Callable[[Connection, Json, float], Reverted]
    """Gets :attr:`Applied.undo`. Must not change what the user has changed since."""
    prepare: Callable[[Op], Op] | None = None
    """Called before the transaction begins, for operations that have to read the disk."""
