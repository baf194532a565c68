"""Input that belongs to the window as a whole: drags from other programs, and the mouse's side buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent, QWindow
from PySide6.QtWidgets import QWidget

from safelight.ui import dropped_files

if TYPE_CHECKING:
    from safelight.ui.window.drop_overlay import DropOverlay


class WindowInput(QObject):
    """Accepts drops on the window, and handles buttons of the mouse wherever the pointer is."""

    def __init__(
        self,
        window: QWidget,
        overlay: Callable[[], DropOverlay],
        add_folders: Callable[[Sequence[str]], object],
        search_for: Callable[[dropped_files.Dropped], object],
        buttons: Mapping[Qt.MouseButton, Callable[[], object]],
    ) -> None:
        """``overlay`` returns what is shown during a drag. ``buttons``: the function of each mouse button."""
        super().__init__(window)
        self._window = window
        self._overlay = overlay
        self._add_folders = add_folders
        self._search_for = search_for
        self._buttons = buttons
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self._watch_mouse()

    def accept(self, found: dropped_files.Dropped) -> None:
        """Add the folders that were dropped, or search for the picture."""
        if found.folders:
            self._add_folders(found.folders)
        elif found:
            self._search_for(found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The window's handle receives mouse buttons before the widget under the pointer.
        if isinstance(watched, QWindow):
            return isinstance(event, QMouseEvent) and self._press(event)
        match event.type():
            case QEvent.Type.Show:
                self._watch_mouse()
            case QEvent.Type.DragEnter if isinstance(event, QDragEnterEvent):
                return self._enter(event)
            case QEvent.Type.DragLeave:
                self._overlay().hide()
                return True
            case QEvent.Type.Drop if isinstance(event, QDropEvent):
                self._drop(event)
                return True
        return False

    def _watch_mouse(self) -> None:
        handle = self._window.windowHandle()  # None until the window is shown
        if handle is not None:
            handle.installEventFilter(self)

    def _press(self, event: QMouseEvent) -> bool:
        act = self._buttons.get(event.button()) if event.type() == QEvent.Type.MouseButtonPress else None
        if act is not None:
            act()
        return act is not None

    def _enter(self, event: QDragEnterEvent) -> bool:
        # Drags from this window are meant for other programs.
        if event.source() is not None or not dropped_files.may_hold_something(event.mimeData()):
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._overlay().show_highlight()
        return True

    def _drop(self, event: QDropEvent) -> None:
        self._overlay().hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.accept(dropped_files.read(event.mimeData()))
