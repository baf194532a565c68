"""What the page of models has to do with the rest of the window."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from safelight.core.models import ENOUGH, ModelRow
from safelight.core.preferences import MachineShare
from safelight.engine import events, requests
from safelight.ui.content import ContentArea
from safelight.ui.models import words as model_words
from safelight.ui.models.advice import ModelAdvice
from safelight.ui.models.commands import ModelCommands, Tell
from safelight.ui.models.compare_models import CompareModelsDialog
from safelight.ui.models.page import ModelsPage
from safelight.ui.parts import Parts
from safelight.ui.status_bar import StatusBar
from safelight.ui.theme import Theme
from safelight.ui.viewer.viewer import Viewer


class ModelLinks(QObject):
    """Opens the page from the status bar, the menu and the line of advice, and tells them what is in use."""

    def __init__(
        self,
        parts: Parts,
        content: ContentArea,
        status: StatusBar,
        viewer: Viewer,
        tell: Tell,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        bridge = parts.bridge
        self._content = content
        self._status = status
        self.page = ModelsPage()
        self.advice = ModelAdvice(parts.themes.theme, parts.state)
        self.commands = ModelCommands(bridge, self.page, window, tell)
        content.add_page(self.page)
        content.add_line(self.advice)
        self.page.closed.connect(content.close_page)
        self.page.closed.connect(self.commands.refresh)
        status.models_requested.connect(self.open)
        self.advice.models_requested.connect(self.open)
        self.commands.active_changed.connect(self._take_active)
        self._bridge = bridge
        self._share = MachineShare.BALANCED
        self._told = False
        bridge.engine_ready.connect(lambda: bridge.send(requests.ReadPreferences(next(bridge.generations))))
        bridge.preferences_read.connect(self._take_preferences)
        bridge.model_rested.connect(status.show_rested)
        bridge.model_noticed.connect(tell)
        self.page.machine.changed.connect(self._change)
        viewer.photo_shown.connect(lambda photo: bridge.send(requests.PhotoViewed(photo)))
        self._cache = parts.cache
        self._window = window
        self.page.compare_requested.connect(self.compare)

    def apply_theme(self, theme: Theme) -> None:
        self.advice.apply_theme(theme)

    def open(self) -> None:
        self._content.open_page(self.page)
        self.page.setFocus()
        self.commands.refresh()

    def compare(self, candidate: ModelRow) -> None:
        """Show what the model in use and another one find for the same words."""
        current = self.page.active
        if current is not None:
            dialog = CompareModelsDialog(self._bridge, self._cache, current, candidate, self._window)
            dialog.accepted.connect(lambda: self.commands.use(candidate))
            dialog.open()

    def stop(self) -> None:
        self.commands.stop()

    def _change(self, name: str, text: str) -> None:
        self._bridge.send(requests.ChangePreference(next(self._bridge.generations), name, text))

    def _take_preferences(self, read: events.PreferencesRead) -> None:
        self.page.machine.show_preferences(read.preferences)
        share = read.preferences.machine_share
        if self._told and share is not self._share:
            self._bridge.restart()  # priorities and threads are settled as it starts
        self._told, self._share = True, share

    def _take_active(self, row: ModelRow) -> None:
        if self.page.isVisible():
            self.advice.hide()  # it is being followed
        else:
            self.advice.show_active(row)
        enough = not row.photos or row.covered >= ENOUGH * row.photos
        self._status.show_coverage(None if enough else model_words.share(row))
