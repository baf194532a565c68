"""Keys that do something by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def act_on(event: QKeyEvent, acts: Mapping[int, Callable[[], object]]) -> bool:
    """Do what stands for a key that is pressed without Ctrl or Alt; False where nothing does."""
    act = acts.get(event.key())
    if act is None or event.modifiers() & _COMMANDS:
        return False
    act()
    return True
