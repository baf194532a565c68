"""Single-key bindings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def act_on(event: QKeyEvent, acts: Mapping[int, Callable[[], object]]) -> bool:
    """Run the action bound to a key pressed without Ctrl or Alt. Returns False if there is none."""
    act = acts.get(event.key())
    if act is None or event.modifiers() & _COMMANDS:
        return False
    act()
    return True
