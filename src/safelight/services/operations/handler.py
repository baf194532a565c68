"""How one kind of operation is applied and undone."""

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
    """What an operation did within its transaction."""

    change: LibraryChanged = NO_CHANGE
    undo: Json = None
    """All that undoing it needs; None where nothing changed, so that there is no step in the journal."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """For the ``summary`` of the operation."""
    notes: tuple[Note, ...] = ()
    created: int | None = None
    """See :attr:`safelight.core.operation.Outcome.created`."""


@dataclass(frozen=True, slots=True)
class Reverted:
    """What undoing a step did."""

    change: LibraryChanged = NO_CHANGE
    count: int = 0
    """Photos or rows that are as they were before."""


@dataclass(frozen=True, slots=True)
class Handler(Generic[Op]):
    """Applies and undoes operations of one class.

    ``apply`` and ``undo`` run inside a write transaction and touch only the database; what they raise rolls
    it back. Both get the time (epoch seconds) last.
    """

    operation: type[Op]
    apply: Callable[[Connection, Op, float], Applied]
    undo: Callable[[Connection, Json, float], Reverted]
    """Gets :attr:`Applied.undo` back, and leaves alone what the user has changed since."""
    prepare: Callable[[Op], Op] | None = None
    """Reads the disk, if that is needed, before the transaction begins."""
