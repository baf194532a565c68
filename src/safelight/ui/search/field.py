"""The line edit of the search box, with a few keys of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from safelight.ui.search.query_text import index_of, units

_DELIBERATE_FOCUS = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ShortcutFocusReason)
_VERTICAL = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class SearchField(QLineEdit):
    """Reports the keys that an ordinary line edit does not handle.

    Positions are counted in characters here; Qt counts UTF-16 units.
    """

    picture_pasted = Signal()
    escape_pressed = Signal()
    stepped = Signal(int)
    """−1 for the Up key, 1 for Down."""
    left_downwards = Signal()
    """The user wants to move on to the results."""
    focus_gained = Signal()
    help_requested = Signal()
    """The user went to the empty field, by mouse or by its shortcut."""
    focus_lost = Signal()
    menu_requested = Signal(object)  # QMenu, before it is shown

    def __init__(self) -> None:
        super().__init__()
        self.take_choice: Callable[[], bool] = lambda: False
        """Called by the Tab key, which moves the focus if this returns False."""

    @property
    def place(self) -> int:
        """The position of the cursor."""
        return index_of(self.text(), self.cursorPosition())

    def replace(self, span: tuple[int, int], text: str) -> None:
        """Replace a part by ``text`` as one step of undo, and put the cursor behind it."""
        self.select_span(span)
        self.insert(text)

    def select_span(self, span: tuple[int, int]) -> None:
        first, last = (units(self.text(), place) for place in span)
        self.setSelection(first, last - first)

    def event(self, event: QEvent) -> bool:
        # The window's shortcut on Ctrl+V must not take the key from the field.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Paste)
        ):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return (forward and self.take_choice()) or super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Paste) and _clipboard_has_picture():
            self.picture_pasted.emit()
        elif key == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        elif key in _VERTICAL:
            self.stepped.emit(_VERTICAL[Qt.Key(key)])
        elif key == Qt.Key.Key_PageDown:
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_gained.emit()
        if event.reason() in _DELIBERATE_FOCUS and not self.text():
            self.help_requested.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_lost.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        self.menu_requested.emit(menu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())


def _clipboard_has_picture() -> bool:
    mime = QGuiApplication.clipboard().mimeData()
    if mime.hasImage() and not mime.hasText():
        return True
    return any(url.isLocalFile() for url in mime.urls())
