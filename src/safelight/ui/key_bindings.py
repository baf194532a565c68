"""Single-key bindings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from safelight.ui.direction import reading_key

_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def act_on(event: QKeyEvent, acts: Mapping[int, Callable[[], object]]) -> bool:
    """Run the action bound to a key pressed without Ctrl or Alt. Returns False if there is none.

    ``acts`` is written for left-to-right languages; in the others the arrows change places.
    """
    act = acts.get(reading_key(event.key()))
    if act is None or event.modifiers() & _COMMANDS:
        return False
    act()
    return True


def claim(event: QEvent, keys: Collection[int]) -> bool:
    """Whether this is a key press, not yet handled, that a widget wants for itself although the window has a
    shortcut for the same key. Accepts the event in that case; call from ``QWidget.event``."""
    if event.type() is not QEvent.Type.ShortcutOverride:
        return False
    assert isinstance(event, QKeyEvent)
    wanted = event.key() in keys and not event.modifiers() & _COMMANDS
    if wanted:
        event.accept()
    return wanted
