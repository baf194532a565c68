"""The middle of the window: the grid or another page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from safelight.core.jobs import Phase, Progress
from safelight.ui import wording
from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.lazy_page import LazyPage
from safelight.ui.library.reads import BlockingFilter, Overview
from safelight.ui.pages.declarations import PROBLEMS
from safelight.ui.translation import translate
from safelight.ui.view_request import Place, Query, SimilarQuery, TextQuery, ViewRequest
from safelight.ui.widgets.notice_line import NoticeLine

if TYPE_CHECKING:
    from safelight.ui.pages.problems import ProblemsPage
    from safelight.ui.pages.welcome import WelcomePage

_MIN_WIDTH = 528
"""The width in pixels of the widest page: requested from the start, so that the panels at both sides keep
their place when that page is made."""


_WITHOUT_PHOTOS = {
    Place.FAVOURITES: (
        translate("ContentArea", "No favourites yet"),
        translate("ContentArea", "Press F on a photo, or click its heart, to keep it here."),
    ),
    Place.ALBUM: (
        translate("ContentArea", "No photos in this album"),
        translate("ContentArea", "Drag photos onto it in the sidebar, or select them and press Shift+A."),
    ),
    Place.TAG: (
        translate("ContentArea", "No photos with this tag"),
        translate("ContentArea", "Drag photos onto it in the sidebar, or select them and press T."),
    ),
    Place.HIDDEN: (
        translate("ContentArea", "No hidden photos"),
        translate("ContentArea", "Press H on a photo to hide it everywhere but here."),
    ),
}
"""The title and text of places that the user fills. Scanning folders does not change what is in them."""


class ContentArea(QWidget):
    """Shows the grid (perhaps with a message in place of photos), the welcome page or another page.

    All but the grid are made when they are first needed.
    """

    page_changed = Signal()
    page_opened = Signal(str)  # Place of a page that covers the rest
    page_closed = Signal()

    def __init__(self, grid: PhotoGridView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self._scope = ViewRequest()
        self._query: Query | None = None
        self._overview: Overview | None = None
        self._answered = False
        """Whether the request has been answered; before that, an empty grid means nothing."""
        self._empty_answer = True
        self._failed = False
        self._phase = Phase.IDLE
        self._said: tuple[str, ...] | None = None
        self.blocker: BlockingFilter | None = None
        """The filter that leaves no photo of the search that is shown, once that is known."""
        self._extra: QWidget | None = None
        """A page that covers another until it is closed or something else is requested."""
        self._under: QWidget | None = grid
        self._theme = theme
        self.welcome_page = LazyPage(self._make_welcome)
        self.problems_page = LazyPage(self._make_problems)
        self._places: dict[Place, LazyPage[QWidget]] = {PROBLEMS: self.problems_page}
        self._notice = NoticeLine(theme)
        stack = QWidget()
        self._stack = QStackedLayout(stack)
        self._stack.addWidget(grid)
        self._stack.currentChanged.connect(lambda _: self.page_changed.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        # What these lines say is about the photos in the grid, so other pages hide them.
        lines = QWidget()
        self._lines = QVBoxLayout(lines)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self._lines.addWidget(self._notice)
        self._stack.currentChanged.connect(lambda _: lines.setVisible(self.page is grid))
        layout.addWidget(lines)
        layout.addWidget(stack, 1)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(_MIN_WIDTH, 0))

    @property
    def welcome(self) -> WelcomePage:
        return self.welcome_page.get()

    @property
    def problems(self) -> ProblemsPage:
        return self.problems_page.get()

    def _make_welcome(self) -> WelcomePage:
        from safelight.ui.pages.welcome import WelcomePage

        page = WelcomePage(self._theme)
        self.add_page(page)
        return page

    def _make_problems(self) -> ProblemsPage:
        from safelight.ui.pages.problems import ProblemsPage

        page = ProblemsPage(self._theme)
        self.add_page(page)
        return page

    def add_page(self, page: QWidget) -> None:
        """Add a widget to the stack of pages."""
        self._stack.addWidget(page)

    def add_line(self, line: QWidget) -> None:
        """Add a line above the grid."""
        self._lines.insertWidget(0, line)

    def open_page(self, place: Place) -> None:
        """Show a page over what is shown, until it is closed or something else is requested."""
        page = self._places[place].get()
        if self._extra is None:
            self._under = self._stack.currentWidget()
        self._extra = page
        self._stack.setCurrentWidget(page)
        page.setFocus()
        self.page_opened.emit(place)

    def close_page(self) -> None:
        """Show again what the page covers."""
        if self._extra is not None:
            self._extra = None
            self._stack.setCurrentWidget(self._under or self._grid)
            self._choose_page()
            self.page_closed.emit()

    def set_page(self, place: Place, page: LazyPage[QWidget]) -> None:
        """Register the page of a place that does not show photos."""
        self._places[place] = page
        page.when_made(self.add_page)

    @property
    def page(self) -> QWidget | None:
        return self._stack.currentWidget()

    def take_focus(self) -> None:
        """Focus the page that is shown."""
        page = self._stack.currentWidget()
        if page is not None:
            page.setFocus()

    @property
    def placeholder(self) -> str:
        """The title of the message in place of photos, if any."""
        return self._said[0] if self._said else ""

    @property
    def notice(self) -> str:
        return self._notice.text

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self.welcome_page.made is not None:
            self.welcome_page.made.apply_theme(theme)
        self._notice.apply_theme(theme)

    def show_notice(self, text: str) -> None:
        self._notice.show_text(text)

    def show_request(self, scope: ViewRequest, query: Query | None) -> None:
        """Something else was requested; what is shown stays until the answer."""
        self._scope, self._query = scope, query
        self.blocker = None
        self._answered = False
        self.close_page()
        self._choose_page()

    def show_answer(self, *, empty: bool, failed: bool = False) -> None:
        """The answer has arrived and the grid shows it, or the request failed and the notice says why."""
        self._answered = True
        self._empty_answer = empty
        self._failed = failed
        self._choose_page()

    def show_blocker(self, blocker: BlockingFilter | None) -> None:
        """Name the filter because of which the search found nothing."""
        if blocker is not None and self._query is not None and self._query.whole == blocker.query:
            self.blocker = blocker
            self._choose_page()

    def show_overview(self, overview: Overview) -> None:
        self._overview = overview
        self._choose_page()

    def show_fresh_library(self) -> None:
        """Show the welcome page without waiting for the engine to create the library."""
        self._stack.setCurrentWidget(self.welcome)

    def show_progress(self, progress: Progress) -> None:
        self._phase = progress.phase
        self._choose_page()

    def _choose_page(self) -> None:
        if self._extra is not None:
            return
        own = self._places.get(self._scope.place) if self._query is None else None
        if own is not None:
            self._stack.setCurrentWidget(own.get())
        elif self._library_is_empty():
            self._stack.setCurrentWidget(self.welcome)
        elif self._answered:
            self._stack.setCurrentWidget(self._grid)
            self._show_placeholder(self._empty_message() if self._empty_answer else None)
        elif self._stack.currentWidget() in [page.made for page in self._places.values()]:
            self._stack.setCurrentWidget(self._grid)

    def _show_placeholder(self, words: tuple[str, ...] | None) -> None:
        """A title, a text and perhaps a button in place of photos; None for none."""
        if words == self._said:
            return
        self._said = words
        if words is None:
            self._grid.clear_placeholder()
        else:
            self._grid.set_placeholder(*words)

    def _library_is_empty(self) -> bool:
        overview = self._overview
        return overview is not None and not overview.folders and not overview.counts.photos

    @property
    def excluded_folder(self) -> str | None:
        """The path of the folder that is shown, if it is left out of the library."""
        known = () if self._overview is None else self._overview.folders
        folder = next((each for each in known if each.id == self._scope.folder_id), None)
        if self._query is not None or folder is None or self._scope.below not in folder.excluded:
            return None
        return str(Path(folder.path, self._scope.below))

    def _empty_message(self) -> tuple[str, ...]:
        if self._failed:
            return (
                translate("ContentArea", "No answer"),
                translate("ContentArea", "This search could not be carried out; the line above says why."),
            )
        if self._query is not None and self._phase is not Phase.IDLE:
            return (
                translate("ContentArea", "Nothing found yet"),
                translate(
                    "ContentArea", "Photos are still being read; those that match appear here automatically."
                ),
            )
        if self._query is not None:
            return _blocked_message(self._query, self.blocker)
        if self._scope.place in _WITHOUT_PHOTOS:
            return _WITHOUT_PHOTOS[self._scope.place]
        if self._phase is not Phase.IDLE:
            return (
                translate("ContentArea", "Scanning for photos …"),
                translate("ContentArea", "They appear here as they are found."),
            )
        match self._scope.place:
            case Place.FOLDER if self.excluded_folder is not None:
                return (
                    translate("ContentArea", "This folder is excluded"),
                    translate("ContentArea", "Its photos are not in the library."),
                    translate("ContentArea", "Include in library"),
                )
            case Place.FOLDER:
                return (
                    translate("ContentArea", "No photos in this folder"),
                    translate("ContentArea", "New photos in it appear here automatically."),
                )
            case _:
                return (
                    translate("ContentArea", "No photos yet"),
                    translate("ContentArea", "Photos in your folders appear here automatically."),
                )


def _blocked_message(query: Query, blocker: BlockingFilter | None) -> tuple[str, ...]:
    """Which filter leaves nothing, and a button that removes it."""
    if blocker is None and isinstance(query, SimilarQuery):
        return (
            translate("ContentArea", "No similar photos"),
            translate("ContentArea", "No photo here looks like that picture."),
        )
    if blocker is None:
        return (
            translate("Content", "Nothing found"),
            translate("Content", "No photo matches all of this. Try fewer or other words and filters."),
        )
    from safelight.ui.query_chips import part_chips  # loaded with a search, not before the first paint

    if isinstance(query, TextQuery) and blocker.part == query.within:
        return (
            translate("Content", "Nothing found here"),
            translate("Content", "{count} elsewhere in the library may match.").format(
                count=wording.count_of(blocker.others, "photo")
            ),
            translate("Content", "Search the whole library"),
        )
    said = part_chips(blocker.part)[0].said
    if blocker.matches_nothing:
        return (
            translate("Content", "Nothing found"),
            translate("Content", "No photo matches the filter “{said}”.").format(said=said),
            translate("Content", "Remove “{said}”").format(said=said),
        )
    return (
        translate("Content", "Nothing found"),
        translate("Content", "No photo passes all filters. Without “{said}” there are {others:,}.").format(
            said=said, others=blocker.others
        ),
        translate("Content", "Remove “{said}”").format(said=said),
    )
