"""Connects the duplicates review to the window: its page, the comparison, its entry in the sidebar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from safelight.core.settings import KEEPER_RULES
from safelight.ui.appearance.theme import Theme
from safelight.ui.commands.undo_question import ask_before_undo
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.duplicates.session import DuplicatesSession, Spared
from safelight.ui.lazy_page import LazyPage
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.library.window_services import WindowServices
from safelight.ui.pages.content import ContentArea
from safelight.ui.pages.declarations import DUPLICATES
from safelight.ui.sidebar.sidebar import Sidebar
from safelight.ui.translation import translate
from safelight.ui.widgets.toast import STEPS_TOPIC, Toasts

if TYPE_CHECKING:
    from safelight.core.keeper import KeeperRule
    from safelight.engine import events
    from safelight.ui.duplicates.commands import DuplicatesCommands
    from safelight.ui.duplicates.compare import DuplicatesCompare
    from safelight.ui.duplicates.page import DuplicatesPage

_TOAST_LIFT = 60
"""Pixels. Messages are raised by this much, so that they do not cover the buttons."""


class DuplicatesController(QObject):
    """The sidebar always shows the number; page and comparison are created when they are first opened."""

    photos_changed = Signal()
    """:attr:`photos` may have changed."""
    show_in_folder_requested = Signal(str)
    play_requested = Signal(str)

    def __init__(
        self,
        services: WindowServices,
        content: ContentArea,
        sidebar: Sidebar,
        pages: QStackedWidget,
        toasts: Toasts,
        results: ResultsController,
        window: QWidget,
    ) -> None:
        """``pages``: what fills the window; the comparison covers the current page until it is closed."""
        super().__init__(window)
        self._services = services
        self._sidebar = sidebar
        self._pages = pages
        self._toasts = toasts
        self._covered: QWidget | None = None
        self._rules: tuple[KeeperRule, ...] = ()
        self.session = DuplicatesSession(services.bridge, self)
        self.review = DuplicatesReview(self.session, self)
        self._commands = LazyPage(self._make_commands)
        self._page = LazyPage(self._make_page)
        self._compare = LazyPage(self._make_compare)
        content.set_page(DUPLICATES, self._page)
        services.bridge.settings_read.connect(self._on_settings_read)
        self.session.notified.connect(self._show_message)
        self.session.spared.connect(self._show_spared)
        self.session.undo_asked.connect(lambda asked: ask_before_undo(asked, self.session.undo, window))
        self.review.counts_changed.connect(self._show_totals)
        self.review.notified.connect(lambda text: toasts.show_message(text, topic=STEPS_TOPIC))
        self.review.group_lost.connect(self._explain_lost)
        self.review.current_changed.connect(self.photos_changed)
        self.review.play_requested.connect(self.play_requested)
        results.scope_changed.connect(lambda _: self.close_compare())

    @property
    def page(self) -> DuplicatesPage:
        return self._page.get()

    @property
    def compare(self) -> DuplicatesCompare:
        return self._compare.get()

    @property
    def _is_shown(self) -> bool:
        page, compare = self._page.made, self._compare.made
        return (page is not None and page.isVisible()) or (compare is not None and compare.is_open)

    @property
    def photos(self) -> tuple[int, ...]:
        """The photo of the current file; none where page and comparison are hidden."""
        member = self.review.member if self._is_shown else None
        return (member.photo_id,) if member is not None else ()

    @property
    def path(self) -> str | None:
        """The current file; None where page and comparison are hidden."""
        member = self.review.member if self._is_shown else None
        return None if member is None else member.path

    def _make_commands(self) -> DuplicatesCommands:
        from safelight.ui.duplicates.commands import DuplicatesCommands

        return DuplicatesCommands(self.review, self._services.themes.theme, self)

    def _make_page(self) -> DuplicatesPage:
        from safelight.ui.duplicates.page import DuplicatesPage

        services = self._services
        page = DuplicatesPage(self.review, self._commands.get(), services.cache, services.themes.theme)
        page.compare_requested.connect(self.open_compare)
        page.visibility_changed.connect(self._on_visibility_changed)
        page.show_in_folder_requested.connect(self.show_in_folder_requested)
        page.rules_requested.connect(self._ask_for_rules)
        return page

    def _make_compare(self) -> DuplicatesCompare:
        from safelight.ui.duplicates.compare import DuplicatesCompare

        services = self._services
        compare = DuplicatesCompare(
            self.review, self._commands.get(), services.loader, services.cache.upright, services.themes.theme
        )
        self._pages.addWidget(compare)
        compare.closed.connect(self._uncover)
        compare.show_in_folder_requested.connect(self.show_in_folder_requested)
        services.cache.thumbnail_ready.connect(compare.refresh_thumbnail)
        return compare

    def apply_theme(self, theme: Theme) -> None:
        for part in (self._commands.made, self._page.made, self._compare.made):
            if part is not None:
                part.apply_theme(theme)

    def stop(self) -> None:
        if self._compare.made is not None:
            self._compare.made.stop()

    def close_compare(self) -> None:
        if self._compare.made is not None:
            self._compare.made.close_compare()

    def open_compare(self) -> None:
        if self.review.group is not None and not self.compare.is_open:
            self._covered = self._pages.currentWidget()
            self._pages.setCurrentWidget(self.compare)
            self.compare.open()
            self._on_visibility_changed()

    def _on_settings_read(self, read: events.SettingsRead) -> None:
        self._rules = read.settings[KEEPER_RULES]

    def _ask_for_rules(self) -> None:
        from safelight.ui.duplicates.rules import RulesDialog

        dialog = RulesDialog(self._rules, self.page.window())
        dialog.chosen.connect(self.session.order_rules)
        dialog.open()

    def _explain_lost(self, text: str) -> None:
        """Say why another group is shown, to somebody who sees the groups.

        The user did not cause this message, so it waits for one about a step.
        """
        if self._is_shown:
            self._toasts.show_message(text)

    def _uncover(self) -> None:
        if self._covered is not None:
            self._pages.setCurrentWidget(self._covered)
            self._covered = None
            self.page.take_focus()
        self._on_visibility_changed()

    def _on_visibility_changed(self) -> None:
        self._toasts.set_lift(_TOAST_LIFT if self._is_shown else 0)
        self.photos_changed.emit()

    def _show_spared(self, headline: str, spared: Spared) -> None:
        if self._page.made is None:  # otherwise it has received them already
            self.page.show_spared(headline, spared)

    def _show_message(self, text: str, journal_id: int | None) -> None:
        if journal_id is None:
            self._toasts.show_message(text, topic=STEPS_TOPIC)
        else:
            self._toasts.show_message(
                text,
                translate("DuplicatesController", "Undo"),
                lambda: self.session.undo(journal_id),
                topic=STEPS_TOPIC,
            )

    def _show_totals(self) -> None:
        self._sidebar.show_duplicates(self.review.total.groups, self.review.total.freed)
