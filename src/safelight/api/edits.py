"""Edits of a library that another process may have open for writing."""

from __future__ import annotations

from pathlib import Path

from safelight.core.operations import Operation, Outcome, Undo
from safelight.services.operations.runner import OperationRunner
from safelight.store.library import LibraryStore


class Editor:
    """Applies operations one by one. The library is open for writing only while one is applied."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def run(self, operation: Operation[Outcome]) -> int | None:
        """Apply an operation; returns the step that undoes it, None if nothing changed. Raises SafelightError
        if it cannot be applied, LibraryInUseError while another process writes."""
        with LibraryStore.create_or_open(self._directory) as store:
            return OperationRunner(store).run(operation).step

    def undo(self, step: int) -> bool:
        """Undo a step. False if it was undone already."""
        with LibraryStore.create_or_open(self._directory) as store:
            return OperationRunner(store).run(Undo(step)).undone is not None
