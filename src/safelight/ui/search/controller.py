"""Connects the search box, the sidebar and the library for saved searches and completion."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from safelight.store.saved_searches import SavedSearch
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadVocabulary
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.saved_searches import SavedSearches
from safelight.ui.sidebar.sidebar import Sidebar
from safelight.ui.translation import translate
from safelight.ui.view_request import ViewRequest

_NO_FILE = translate("Controller", "This search cannot be saved because the picture is not in a file.")


class SearchController(QObject):
    """Shows saved searches in the box and in the sidebar, and loads the names for completion."""

    def __init__(
        self,
        bar: SearchBar,
        sidebar: Sidebar,
        saved: SavedSearches,
        names: LibraryReader,
        notify: Callable[[str], None],
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._sidebar = sidebar
        self._saved = saved
        self._reader = names
        self._notify = notify
        self._stale = True
        """The names may have changed since they were read."""
        saved.changed.connect(bar.bookmark.set_searches)
        saved.changed.connect(bar.help.set_saved_searches)
        saved.changed.connect(sidebar.show_searches)
        bar.bookmark.save_requested.connect(self.save)
        bar.bookmark.menu_requested.connect(saved.show_menu)
        sidebar.search_chosen.connect(self.open)
        sidebar.search_menu_requested.connect(saved.show_menu)
        bar.vocabulary_requested.connect(self._load_names)

    def connect_to(self, bridge: EngineBridge, results: ResultsController) -> None:
        """Follow changes of the library and of what is shown."""
        bridge.engine_ready.connect(self._reader.open_library)
        bridge.library_changed.connect(self._forget_names)
        results.scope_changed.connect(self._mark_saved)

    def save(self) -> None:
        """Ask for a name and save the search."""
        query = self._bar.saveable
        if not query and self._bar.query is not None:
            self._notify(_NO_FILE)
        else:
            self._saved.ask_to_save(query)

    def open(self, search: SavedSearch) -> None:
        """Run a saved search."""
        self._bar.set_text(search.query)

    def _mark_saved(self, scope: ViewRequest | None) -> None:
        if scope is None:
            self._sidebar.show_search(self._bar.bookmark.saved, self._bar.saveable)

    def _forget_names(self) -> None:
        self._stale = True

    def _load_names(self) -> None:
        if self._stale:
            self._stale = False
            self._reader.read(ReadVocabulary(), self._bar.set_vocabulary)
