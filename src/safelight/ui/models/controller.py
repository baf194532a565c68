"""Connects the models page with the rest of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from safelight.core.models import TAKEOVER_SHARE, ModelRow
from safelight.core.settings import SETTINGS, Effect, Settings
from safelight.engine import events, requests
from safelight.ui.appearance.theme import Theme
from safelight.ui.lazy_page import LazyPage
from safelight.ui.library.window_services import WindowServices
from safelight.ui.models import words as model_words
from safelight.ui.models.advice import ModelAdvice
from safelight.ui.models.commands import ModelCommands, Notify
from safelight.ui.pages.content import ContentArea
from safelight.ui.pages.declarations import MODELS
from safelight.ui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from safelight.ui.models.page import ModelsPage


class ModelsController(QObject):
    """Opens the page from the status bar, the menu and the advice, and keeps them up to date.

    The page is created when it is first opened.
    """

    def __init__(
        self,
        services: WindowServices,
        content: ContentArea,
        status: StatusBar,
        notify: Notify,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        bridge = services.bridge
        self._content = content
        self._status = status
        self._page = LazyPage(self._make_page)
        self.advice = ModelAdvice(services.themes.theme, services.state)
        self.commands = ModelCommands(bridge, self._page, window, notify)
        content.set_page(MODELS, self._page)
        content.add_line(self.advice)
        content.page_opened.connect(self._on_page_opened)
        status.models_requested.connect(self.open)
        self.advice.models_requested.connect(self.open)
        self.commands.active_changed.connect(self._on_active_model)
        self._bridge = bridge
        self._settled = _settled_at_start(Settings())
        self._settings: Settings | None = None
        self._told = False
        bridge.engine_ready.connect(lambda: bridge.send(requests.ReadSettings(next(bridge.generations))))
        bridge.settings_read.connect(self._on_settings_read)
        bridge.model_unloaded.connect(status.show_unloaded)
        bridge.model_noticed.connect(notify)
        self._cache = services.cache
        self._window = window

    @property
    def page(self) -> ModelsPage:
        return self._page.get()

    def _make_page(self) -> ModelsPage:
        from safelight.ui.models.page import ModelsPage

        page = ModelsPage()
        page.closed.connect(self._content.close_page)
        page.closed.connect(self.commands.refresh)
        page.compare_requested.connect(self.compare)
        page.machine.changed.connect(self._change)
        if self._settings is not None:
            page.machine.show_settings(self._settings)
        return page

    def apply_theme(self, theme: Theme) -> None:
        self.advice.apply_theme(theme)

    def open(self) -> None:
        self._content.open_page(MODELS)
        self.commands.refresh()

    def compare(self, candidate: ModelRow) -> None:
        """Show what the model in use and another one find for the same query."""
        from safelight.ui.models.compare_models import CompareModelsDialog

        current = self.commands.active
        if current is not None:
            dialog = CompareModelsDialog(self._bridge, self._cache, current, candidate, self._window)
            dialog.accepted.connect(lambda: self.commands.use(candidate))
            dialog.open()

    def stop(self) -> None:
        self.commands.stop()

    def _change(self, name: str, text: str) -> None:
        self._bridge.send(requests.ChangeSetting(next(self._bridge.generations), name, text))

    def _on_settings_read(self, read: events.SettingsRead) -> None:
        self._settings = read.settings
        if self._page.made is not None:
            self._page.made.machine.show_settings(read.settings)
        settled = _settled_at_start(read.settings)
        if self._told and settled != self._settled:
            self._bridge.restart()
        self._told, self._settled = True, settled

    def _on_page_opened(self, place: str) -> None:
        if place == MODELS:
            self.advice.remove()

    def _on_active_model(self, row: ModelRow) -> None:
        self.advice.show_active(row)
        enough = not row.photos or row.covered >= TAKEOVER_SHARE * row.photos
        self._status.show_coverage(None if enough else model_words.share(row))


def _settled_at_start(settings: Settings) -> tuple[object, ...]:
    """The values of the settings that take effect when the engine starts."""
    return tuple(settings[each] for each in SETTINGS if each.effect is Effect.RESTART)
