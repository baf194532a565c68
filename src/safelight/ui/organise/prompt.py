"""A dialog that asks for the name of a tag or album and completes it while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from safelight.core.organising_rules import MAX_NAME_LENGTH
from safelight.ui.organise.completion import NameCompleter
from safelight.ui.widgets.name_dialog import CheckedNameDialog


class NamePrompt(CheckedNameDialog):
    """Return accepts the name. The known names that contain what is typed are offered."""

    def __init__(
        self,
        title: str,
        verb: str,
        known: Sequence[str],
        check: Callable[[str], str],
        parent: QWidget,
        *,
        name: str = "",
        hint: str = "",
    ) -> None:
        """``check`` returns the name as it is stored, or raises UsageError with what is wrong."""
        super().__init__(title, verb, name, MAX_NAME_LENGTH, check, parent, hint=hint)
        self.completer = NameCompleter(self.field, known)
