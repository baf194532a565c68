"""The window's layout, saved between sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from safelight.ui.widgets.size_slider import SizeSlider
from safelight.ui.window.details_visibility import DetailsVisibility
from safelight.ui.window_state import WindowState

if TYPE_CHECKING:
    from safelight.ui.commands.actions import Actions

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(16, 48)
"""Reserved for the window frame, whose size is unknown before the window is shown."""

_DEFAULT_SIZE = 176
_SIZE_STEP = 24


class LayoutState:
    """Saves the window's geometry, its side panels and the thumbnail size."""

    def __init__(
        self,
        state: WindowState,
        window: QMainWindow,
        splitter: QSplitter,
        sidebar: QWidget,
        details: QWidget,
        size: SizeSlider,
    ) -> None:
        self._state = state
        self._window = window
        self._splitter = splitter
        self._sidebar = sidebar
        self._size = size
        self._commands: Actions | None = None
        self.details = DetailsVisibility(window, details, wanted=state.flag("details", True))
        self.details.changed.connect(lambda _: self._show_commands())

    def restore(self) -> None:
        geometry, splitter = self._state.bytes_of("geometry"), self._state.bytes_of("splitter")
        if geometry is None or not self._window.restoreGeometry(geometry):
            room = self._window.screen().availableGeometry().size() - _FRAME
            self._window.resize(_FIRST_SIZE.boundedTo(room))
        if splitter is not None:
            self._splitter.restoreState(splitter)
        self._sidebar.setVisible(self._state.flag("rail", True))
        self._size.setValue(self._state.integer("thumbnail_size", _DEFAULT_SIZE))

    def remember(self) -> None:
        self._state.keep("geometry", self._window.saveGeometry())
        self._state.keep("splitter", self._splitter.saveState())
        # Not isVisible(), which is False while the viewer covers the sidebar.
        self._state.keep("rail", not self._sidebar.isHidden())
        self._state.keep("details", self.details.wanted)
        self._state.keep("thumbnail_size", self._size.value())
        self._state.save()

    def set_commands(self, commands: Actions) -> None:
        """The commands that show and hide the side panels."""
        self._commands = commands
        self._show_commands()

    def toggle_sidebar(self) -> None:
        self._sidebar.setVisible(self._sidebar.isHidden())
        self._show_commands()

    def resize_thumbnails(self, steps: int) -> None:
        self._size.setValue(self._size.value() + steps * _SIZE_STEP)

    def _show_commands(self) -> None:
        if self._commands is not None:
            self._commands["rail"].setChecked(not self._sidebar.isHidden())
            self._commands["details"].setChecked(self.details.shown)
