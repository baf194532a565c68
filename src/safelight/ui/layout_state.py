"""The window's layout, saved between sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from safelight.ui.widgets.size_slider import SizeSlider
from safelight.ui.window_state import WindowState

if TYPE_CHECKING:
    from safelight.ui.actions import Actions

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(16, 48)
"""Reserved for the window frame, whose size is unknown before the window is shown."""

_ROOMY = 1000
"""Width in pixels from which the details panel is shown by default."""

_DEFAULT_SIZE = 176
_SIZE_STEP = 24


class LayoutState:
    """Saves the window's geometry, its panels (each with a checkable command) and the thumbnail size."""

    def __init__(
        self,
        state: WindowState,
        window: QMainWindow,
        splitter: QSplitter,
        panels: Mapping[str, QWidget],
        size: SizeSlider,
    ) -> None:
        self._state = state
        self._window = window
        self._splitter = splitter
        self._panels = panels
        self._size = size
        self._commands: Actions | None = None

    def restore(self) -> None:
        geometry, splitter = self._state.bytes_of("geometry"), self._state.bytes_of("splitter")
        if geometry is None or not self._window.restoreGeometry(geometry):
            room = self._window.screen().availableGeometry().size() - _FRAME
            self._window.resize(_FIRST_SIZE.boundedTo(room))
        if splitter is not None:
            self._splitter.restoreState(splitter)
        roomy = self._window.width() >= _ROOMY
        for name in self._panels:
            self._show(name, self._state.flag(name, roomy or name == "rail"))
        self._size.setValue(self._state.integer("thumbnail_size", _DEFAULT_SIZE))

    def remember(self) -> None:
        self._state.keep("geometry", self._window.saveGeometry())
        self._state.keep("splitter", self._splitter.saveState())
        for name, panel in self._panels.items():
            # Not isVisible(), which is False while the viewer covers the panel.
            self._state.keep(name, not panel.isHidden())
        self._state.keep("thumbnail_size", self._size.value())
        self._state.save()

    def set_commands(self, commands: Actions) -> None:
        """The commands that show and hide the panels."""
        self._commands = commands
        for name, panel in self._panels.items():
            commands[name].setChecked(not panel.isHidden())

    def toggle(self, panel: str) -> None:
        self._show(panel, self._panels[panel].isHidden())

    def resize_thumbnails(self, steps: int) -> None:
        self._size.setValue(self._size.value() + steps * _SIZE_STEP)

    def _show(self, name: str, shown: bool) -> None:
        self._panels[name].setVisible(shown)
        if self._commands is not None:
            self._commands[name].setChecked(shown)
