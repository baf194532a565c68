"""What the page of models has to do with the rest of the window."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from safelight.core.models import ENOUGH, ModelRow
from safelight.ui import model_words
from safelight.ui.advice import ModelAdvice
from safelight.ui.content import ContentArea
from safelight.ui.engine_bridge import EngineBridge
from safelight.ui.model_commands import ModelCommands, Tell
from safelight.ui.models_page import ModelsPage
from safelight.ui.status_bar import StatusBar
from safelight.ui.theme import Theme
from safelight.ui.window_state import WindowState


class ModelLinks(QObject):
    """Opens the page from the status bar, the menu and the line of advice, and tells them what is in use."""

    def __init__(
        self,
        bridge: EngineBridge,
        content: ContentArea,
        status: StatusBar,
        state: WindowState,
        theme: Theme,
        tell: Tell,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._content = content
        self._status = status
        self.page = ModelsPage()
        self.advice = ModelAdvice(theme, state)
        self.commands = ModelCommands(bridge, self.page, window, tell)
        content.add_page(self.page)
        content.add_line(self.advice)
        self.page.closed.connect(content.close_page)
        status.models_requested.connect(self.open)
        self.advice.models_requested.connect(self.open)
        self.commands.active_changed.connect(self._take_active)

    def apply_theme(self, theme: Theme) -> None:
        self.advice.apply_theme(theme)

    def open(self) -> None:
        self._content.open_page(self.page)
        self.page.setFocus()
        self.commands.refresh()

    def stop(self) -> None:
        self.commands.stop()

    def _take_active(self, row: ModelRow) -> None:
        self.advice.show_active(row)
        enough = not row.photos or row.covered >= ENOUGH * row.photos
        self._status.show_coverage(None if enough else model_words.share(row))
