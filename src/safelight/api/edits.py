"""Edits of a library that a running engine may have open for writing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from safelight.core.operations import Operation, Outcome, Undo
from safelight.engine.commands import edit_request
from safelight.engine.local_socket import EngineAbsentError, ask
from safelight.store.library import LibraryStore

O = TypeVar("O", bound=Outcome)  # noqa: E741 - the letter that core.operation uses

_SECONDS = 70.0
"""How long a running engine may take. It waits for commits of the indexer."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did."""

    step: int | None
    """The step that undoes it; None if nothing changed."""
    photos: int
    """How many photos it changed."""


class Editor:
    """Applies operations one by one: through a running engine, whose window shows them at once, or else in
    this process, which has the library open for writing only while one is applied."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def run(self, operation: Operation[Outcome]) -> int | None:
        """Apply an operation; returns the step that undoes it, None if nothing changed. Raises as
        :meth:`apply`."""
        return self.apply(operation).step

    def apply(self, operation: Operation[Outcome]) -> Edited:
        """Apply an operation. Raises SafelightError if it cannot be applied, LibraryInUseError while another
        process writes."""
        try:
            answer = ask(self._directory, edit_request(operation), _SECONDS)
        except EngineAbsentError:
            outcome = self._here(operation)
            return Edited(outcome.step, len(outcome.change.updated))
        return Edited(answer["step"], answer["photos"])

    def undo(self, step: int) -> bool:
        """Undo a step. False if it was undone already."""
        operation = Undo(step)
        try:
            return ask(self._directory, edit_request(operation), _SECONDS)["undone"] is not None
        except EngineAbsentError:
            return self._here(operation).undone is not None

    def _here(self, operation: Operation[O]) -> O:
        from safelight.services.operations.runner import OperationRunner  # not needed for reading

        with LibraryStore.create_or_open(self._directory) as store:
            return OperationRunner(store).run(operation)
