"""The review of duplicates within the window: its page, the comparison over all, its place in the rail."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from safelight.ui.browse import Browse
from safelight.ui.content import ContentArea
from safelight.ui.duplicates.commands import DuplicatesCommands
from safelight.ui.duplicates.compare import DuplicatesCompare
from safelight.ui.duplicates.desk import DuplicatesDesk
from safelight.ui.duplicates.page import DuplicatesPage
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.parts import Parts
from safelight.ui.rail import Rail
from safelight.ui.scope import Place
from safelight.ui.theme import Theme
from safelight.ui.toast import STEPS, Toasts

_LIFT = 60
"""Pixels: messages leave the buttons below free, for whoever goes from one group to the next."""


class DuplicatesLinks(QObject):
    photos_shown = Signal(object)
    """A list of the photo whose file is looked at; an empty one where there is none."""
    show_in_folder_requested = Signal(str)

    def __init__(
        self,
        parts: Parts,
        content: ContentArea,
        rail: Rail,
        pages: QStackedWidget,
        toasts: Toasts,
        browse: Browse,
        window: QWidget,
    ) -> None:
        """``pages``: what fills the window; the comparison covers the page shown until it is closed."""
        super().__init__(window)
        theme = parts.themes.theme
        self._rail = rail
        self._pages = pages
        self._toasts = toasts
        self._covered: QWidget | None = None
        self.desk = DuplicatesDesk(parts.bridge, self)
        self.review = DuplicatesReview(self.desk, self)
        self._commands = DuplicatesCommands(self.review, theme, self)
        self.page = DuplicatesPage(self.review, self._commands, parts.cache, theme)
        self.compare = DuplicatesCompare(self.review, self._commands, parts.loader, parts.cache.get, theme)
        content.set_page(Place.DUPLICATES, self.page)
        pages.addWidget(self.compare)
        self.page.compare_requested.connect(self.open_compare)
        self.page.visibility_changed.connect(self._take_visibility)
        self.compare.closed.connect(self._uncover)
        parts.cache.thumbnail_ready.connect(self.compare.refresh_thumbnail)
        for place in (self.page, self.compare):
            place.show_in_folder_requested.connect(self.show_in_folder_requested)
        self.desk.told.connect(self._tell)
        self.review.counts_changed.connect(self._show_totals)
        self.review.told.connect(lambda text: toasts.show_message(text, topic=STEPS))
        # Nobody's key brought this about, so it waits for what is being said of a step.
        self.review.group_lost.connect(toasts.show_message)
        self.review.current_changed.connect(self._tell_photo)
        browse.scope_changed.connect(lambda _: self.compare.close_compare())

    def apply_theme(self, theme: Theme) -> None:
        self._commands.apply_theme(theme)
        self.page.apply_theme(theme)
        self.compare.apply_theme(theme)

    def stop(self) -> None:
        self.compare.stop()

    def open_compare(self) -> None:
        if self.review.group is not None and not self.compare.is_open:
            self._covered = self._pages.currentWidget()
            self._pages.setCurrentWidget(self.compare)
            self.compare.open()
            self._take_visibility()

    def _uncover(self) -> None:
        if self._covered is not None:
            self._pages.setCurrentWidget(self._covered)
            self._covered = None
            self.page.take_keyboard()
        self._take_visibility()

    def _take_visibility(self) -> None:
        shown = self.page.isVisible() or self.compare.is_open
        self._toasts.set_lift(_LIFT if shown else 0)
        self._tell_photo()

    def _tell(self, text: str, journal_id: int | None) -> None:
        if journal_id is None:
            self._toasts.show_message(text, topic=STEPS)
        else:
            self._toasts.show_message(text, "Undo", lambda: self.desk.undo(journal_id), topic=STEPS)

    def _show_totals(self) -> None:
        self._rail.show_duplicates(self.review.total.groups, self.review.total.freed)

    def _tell_photo(self) -> None:
        member = self.review.member
        if self.page.isVisible() or self.compare.is_open:
            self.photos_shown.emit([member.photo_id] if member is not None else [])
