"""Edits of a library that a running engine may have open for writing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from safelight.core.errors import LibraryInUseError
from safelight.core.operations import ImportFromProgram, Note, Operation, Outcome, Undo, UndoOutcome
from safelight.engine.commands import edit_request, read_undo_outcome, setting_request
from safelight.engine.local_socket import EngineAbsentError, ask
from safelight.store.library import LibraryStore

O = TypeVar("O", bound=Outcome)  # noqa: E741 - the letter that core.operation uses

_SECONDS, _LONG_SECONDS = 70.0, 610.0
"""How long a running engine may take. It waits for commits of the indexer."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did."""

    step: int | None
    """The step that undoes it; None if nothing changed."""
    photos: int
    """How many photos it changed."""
    notes: tuple[Note, ...] = ()


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
            is_long = isinstance(operation, ImportFromProgram) or operation.pauses_indexing
            seconds = _LONG_SECONDS if is_long else _SECONDS
            answer = ask(self._directory, edit_request(operation), seconds)
        except EngineAbsentError:
            outcome = self._here(operation)
            return Edited(outcome.step, len(outcome.change.updated), outcome.notes)
        notes = tuple(Note(str(code), params) for code, params in answer["notes"])
        return Edited(answer["step"], answer["photos"], notes)

    def change_setting(self, name: str, text: str) -> dict[str, str]:
        """Change a setting; returns the texts of all by their names.

        Raises UsageError, which says what can be set, and LibraryInUseError while another process writes.
        """
        try:
            answer = ask(self._directory, setting_request(name, text), _SECONDS)
        except EngineAbsentError:
            return self._change_setting_here(name, text)
        return {str(each): str(value) for each, value in answer.items()}

    def _change_setting_here(self, name: str, text: str) -> dict[str, str]:
        from safelight.services import settings  # not needed for reading

        try:
            with LibraryStore.create_or_open(self._directory) as store:
                return settings.change(store, name, text).texts()
        except LibraryInUseError:
            # For some settings, the window restarts its engine at once, perhaps before the answer was sent.
            with LibraryStore.open_read_only(self._directory) as store, store.read() as db:
                found = settings.read(db)
            if found.with_text(name, text).texts() != found.texts():
                raise
            return found.texts()

    def undo(self, step: int | None = None) -> UndoOutcome:
        """Undo a step, or the latest. Nothing is undone twice."""
        operation = Undo(step)
        try:
            return read_undo_outcome(ask(self._directory, edit_request(operation), _LONG_SECONDS))
        except EngineAbsentError:
            return self._undo_here(operation)

    def _undo_here(self, operation: Undo) -> UndoOutcome:
        from safelight.services.operations.runner import OperationRunner  # not needed for reading

        with LibraryStore.create_or_open(self._directory) as store:
            runner = OperationRunner(store)
            left = runner.recover().failed
            undone = runner.run(operation)
        return replace(undone, failed=(*left, *undone.failed))

    def _here(self, operation: Operation[O]) -> O:
        from safelight.services.operations.runner import OperationRunner  # not needed for reading

        with LibraryStore.create_or_open(self._directory) as store:
            return OperationRunner(store).run(operation)
