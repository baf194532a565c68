"""The widgets of the main window that are visible from its first paint on, and their layout."""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from safelight.ui.appearance.theme import Theme
from safelight.ui.grid.arranging import Arranging
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.surface import MAX_CELL, MIN_CELL
from safelight.ui.grid.thumbnail_info_cache import ThumbnailInfoCache
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.library.window_services import WindowServices
from safelight.ui.pages.content import ContentArea
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.history import QueryHistory
from safelight.ui.sidebar.sections import Sections
from safelight.ui.sidebar.sidebar import Sidebar
from safelight.ui.widgets.status_bar import StatusBar
from safelight.ui.widgets.toast import Toasts
from safelight.ui.window.details import DetailsPanel
from safelight.ui.window.grid_content_controller import GridContentController
from safelight.ui.window.layout_state import LayoutState
from safelight.ui.window.open_stacks import OpenStacks


class Themed(Protocol):
    """A part that paints itself and has to follow the theme."""

    def apply_theme(self, theme: Theme) -> None: ...


class WindowLayout(QObject):
    """The widgets that always exist, arranged as the user left them, and the results they show.

    Everything here is loaded and created before the window is visible, so put nothing here that can wait.
    """

    def __init__(self, window: QMainWindow, services: WindowServices, *, fresh: bool) -> None:
        """``fresh``: there is no library yet, so the window opens on the welcome page."""
        super().__init__(window)
        theme = services.themes.theme
        window.setWindowTitle("Safelight")
        window.setMinimumSize(640, 420)

        self.sidebar = Sidebar(theme, Sections(services.state))
        self.search_bar = SearchBar(theme, (MIN_CELL, MAX_CELL), history=QueryHistory(services.state))
        self.info_cache = ThumbnailInfoCache(services.reader, services.bridge, window)
        self.model = PhotoGridModel(self.info_cache.title_of, window)
        self.grid = PhotoGridView(self.model, services.cache, theme)
        self.grid.show_badges(self.info_cache)
        self.grid.show_large_thumbnails(services.large)
        self.content = ContentArea(self.grid, theme)
        self.details = DetailsPanel(services.cache.get, theme)
        self.status = StatusBar(theme)
        self.browser = QWidget()
        """Everything except what covers the whole window."""
        self.pages = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out(window)
        self.toasts = Toasts(window, theme)

        self.themed: list[Themed] = [
            *(self.sidebar, self.search_bar, self.grid, self.content, self.details, self.status, self.toasts)
        ]
        """The parts that follow the theme. Parts that are created later are added."""
        services.themes.theme_changed.connect(self._apply_theme)

        self.results = ResultsController(services.bridge, services.reader, window)
        self.stacks = OpenStacks(services.bridge, services.reader, self)
        self.grid_content = GridContentController(
            self.results, self.model, self.grid, self.content, services.background_reader, self.stacks, self
        )
        self.arranging = Arranging(self.search_bar.arrange, self.results, self.grid, services.state)
        self.arranging.grouping_chosen.connect(self.grid_content.set_grouping)
        self.content.page_changed.connect(
            lambda: self.search_bar.show_photo_controls(self.content.page is self.grid)
        )
        self.layout_state = LayoutState(
            *(services.state, window, self._splitter, self.sidebar, self.details, self.search_bar.slider)
        )
        self.search_bar.size_changed.connect(self.grid.set_cell_size)
        self.grid.cell_size_changed.connect(self.search_bar.set_size)
        services.cache.thumbnail_ready.connect(self.details.refresh_thumbnail)
        self.results.failed.connect(self.toasts.show_error)
        self.results.scope_changed.connect(self.sidebar.show_scope)
        self.results.scope_changed.connect(services.reader.set_scope)
        self.results.scope_changed.connect(self.info_cache.show_scope)
        self.results.busy_changed.connect(self.search_bar.show_busy)
        self.results.notice_changed.connect(self.content.show_notice)
        self.results.reasons_changed.connect(self.info_cache.show_reasons)
        self.results.moments_changed.connect(
            lambda seconds: services.cache.invalidate(services.moments.replace(seconds))
        )
        self.layout_state.restore()
        self.arranging.restore()
        self.grid.set_cell_size(self.search_bar.slider.value())
        if fresh:
            self.content.show_fresh_library()
        else:
            self.grid.set_loading(True)
            self.grid.setFocus()  # otherwise the sidebar is the first to have the keyboard

    def _lay_out(self, window: QMainWindow) -> None:
        # From the outside in: a widget that is put into another one is styled again with all its children.
        window.setCentralWidget(self.pages)
        self.pages.addWidget(self.browser)
        layout = QVBoxLayout(self.browser)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._splitter, 1)
        layout.addWidget(self.status)
        middle = QWidget()
        for widget in (self.sidebar, middle, self.details):
            self._splitter.addWidget(widget)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search_bar)
        column.addWidget(self.content, 1)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([200, 820, 260])

    def order_tabs(self) -> None:
        """Let the Tab key go from part to part as they are seen, and through each part in its order.

        Qt's own order is that in which widgets were made and put into others.
        """
        # Not nextInFocusChain(): PySide makes what it returns a child of the widget that is asked.
        ordered = [
            widget
            for part in (self.sidebar, self.search_bar, self.content, self.details, self.status)
            for widget in part.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        for before, after in pairwise(ordered):
            QWidget.setTabOrder(before, after)

    def _apply_theme(self, theme: Theme) -> None:
        for part in self.themed:
            part.apply_theme(theme)
