"""The sidebar: pages, saved searches and folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from safelight.core.photo import Folder, LibraryCounts
from safelight.ui import wording
from safelight.ui.appearance.icons import icon, pixmap
from safelight.ui.appearance.theme import Theme
from safelight.ui.library.folder_entries import folder_entry
from safelight.ui.library.places_model import Entry, PlacesModel
from safelight.ui.pages.declarations import PAGES, Page, Position, Totals
from safelight.ui.sidebar.place_tree import PlaceDelegate, PlaceTree
from safelight.ui.sidebar.sections import Sections
from safelight.ui.translation import translate
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from safelight.store.saved_searches import SavedSearch
    from safelight.ui.library.thumbnail_cache import ThumbnailCache

_ICONS = ("album", "tag", "concept", "bookmark", "folder", "folder-offline", "chevron-right", "chevron-down")
"""Icons of rows that are not pages."""


class Sidebar(QWidget):
    """A tree of places with their counts, and buttons to add a folder and to open the settings.

    The tree has sections, each a list of entries: see :meth:`_sections`.
    """

    scope_chosen = Signal(object)  # ViewRequest
    add_folder_requested = Signal()
    settings_requested = Signal()
    folder_menu_requested = Signal(object, str, QPoint)  # Folder, a folder inside it, global position
    search_chosen = Signal(object)  # SavedSearch
    search_menu_requested = Signal(object, QPoint)  # SavedSearch, global position
    query_chosen = Signal(str)
    concept_menu_requested = Signal(str, QPoint)  # name of a concept, global position
    organised_menu_requested = Signal(object, QPoint)  # ViewRequest of a tag or album, global position

    def __init__(self, theme: Theme, sections: Sections | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._built = sections or Sections()
        """Which sections are open."""
        self._folders: tuple[Folder, ...] = ()
        self._counts: LibraryCounts | None = None
        self._searches: tuple[SavedSearch, ...] = ()
        self._search_counts: Mapping[int, int] = {}
        self._albums: tuple[Entry, ...] = ()
        self._tags: tuple[Entry, ...] = ()
        self._concepts: tuple[Entry, ...] = ()
        self._totals = Totals()
        self._shown: object = None
        """The key of what is shown, which may have no row yet, or one in a closed section."""
        self._covers: frozenset[int] = frozenset()
        """The photos that are covers of albums."""
        self._with_subfolders = True
        self.setProperty("surface", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

        mark = QLabel()
        mark.setPixmap(pixmap("safelight", theme.accent, 20, self.devicePixelRatioF()))
        title = QLabel("Safelight")
        title.setProperty("kind", "section")
        head = QHBoxLayout()
        head.setContentsMargins(14, 12, 6, 8)
        head.setSpacing(6)
        head.addWidget(mark)
        head.addWidget(title)
        head.addStretch(1)

        self.places = PlacesModel(self)
        self.list = PlaceTree(self.places)
        self.list.setProperty("surface", "sidebar")
        self.list.setAccessibleName(translate("Sidebar", "Places"))
        self._delegate = PlaceDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._ask_for_menu)
        self.list.chosen.connect(self._choose)
        self.list.switched.connect(self._switch)
        self.places.rowsInserted.connect(self._select_new)
        self.add_button = QPushButton(
            translate("Sidebar", "\u2002Add folder …")
        )  # the style puts the icon too close to the text
        self.add_button.setAccessibleName(translate("Sidebar", "Add folder"))
        self.add_button.setProperty("kind", "quiet")
        self.add_button.setToolTip(
            translate("Sidebar", "Add a folder of photos (Ctrl+O), or drop one on the window")
        )
        self.add_button.clicked.connect(self.add_folder_requested)
        self.settings_button = QToolButton()
        self.settings_button.setAccessibleName(translate("Sidebar", "Settings"))
        self.settings_button.setToolTip(translate("Sidebar", "Settings (Ctrl+,)"))
        self.settings_button.setIconSize(QSize(20, 20))
        self.settings_button.clicked.connect(self.settings_requested)
        self.back_button, self.forward_button = QToolButton(), QToolButton()
        for button in (self.back_button, self.forward_button):
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(24, 24)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            head.addWidget(button)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 8)
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        foot.addWidget(self.settings_button)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        layout.addLayout(foot)
        self.apply_theme(theme)

    def set_history_actions(self, back: QAction, forward: QAction) -> None:
        """The actions of the buttons that go back and forward."""
        self.back_button.setDefaultAction(back)
        self.forward_button.setDefaultAction(forward)

    @property
    def scopes(self) -> list[ViewRequest]:
        """Every page and folder in the tree, from the top."""
        entries = (self.places.entry(index) for index in self.places.indexes())
        return [entry.scope for entry in entries if entry is not None and entry.scope is not None]

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._delegate.theme = theme
        self.add_button.setIcon(icon("plus", theme.secondary))
        self.settings_button.setIcon(icon("gear", theme.secondary))
        self._delegate.icons = {name: icon(name, theme.secondary) for name in _ICONS}
        for page in PAGES:
            self._delegate.icons[page.icon] = icon(
                page.icon, theme.warning if page.warns else theme.secondary
            )
        self._rebuild()
        self.list.viewport().update()

    def show_overview(self, counts: LibraryCounts, folders: Sequence[Folder]) -> None:
        if counts != self._counts or tuple(folders) != self._folders:
            self._counts, self._folders = counts, tuple(folders)
            self._totals = replace(self._totals, counts=counts)
            self._rebuild()

    def show_trash(self, has_trash: bool) -> None:
        """Show whether there is something in the trash."""
        totals = replace(self._totals, has_trash=has_trash)
        if totals != self._totals:
            self._totals = totals
            self._rebuild()

    def show_searches(self, searches: Sequence[SavedSearch]) -> None:
        """Show the saved searches."""
        if tuple(searches) != self._searches:
            self._searches = tuple(searches)
            self._rebuild()

    def show_search_counts(self, counts: Mapping[int, int]) -> None:
        """Show the number of photos of saved searches, by their ids."""
        if counts != self._search_counts:
            self._search_counts = counts
            self._rebuild()

    def show_organised(
        self, albums: Sequence[Entry], tags: Sequence[Entry], concepts: Sequence[Entry] = ()
    ) -> None:
        """Show the albums, tags and taught concepts."""
        if (tuple(albums), tuple(tags), tuple(concepts)) != (self._albums, self._tags, self._concepts):
            self._albums, self._tags, self._concepts = tuple(albums), tuple(tags), tuple(concepts)
            self._covers = frozenset(_covers_of(self._albums))
            self._totals = replace(self._totals, albums=_count(self._albums))
            self._rebuild()

    def show_covers(self, thumbnails: ThumbnailCache) -> None:
        """Set the source of the covers of albums."""
        self._delegate.picture_of = thumbnails.get
        thumbnails.thumbnail_ready.connect(self._refresh_cover)

    def _refresh_cover(self, photo_id: int) -> None:
        if photo_id in self._covers:
            self.list.viewport().update()

    def show_duplicates(self, groups: int, freed: int) -> None:
        """Show the number of undecided groups of duplicates, and the bytes they would free."""
        totals = replace(self._totals, groups=groups, freed=freed)
        if totals != self._totals:
            self._totals = totals
            self._rebuild()

    def show_search(self, search: SavedSearch | None, query: str = "") -> None:
        """Select a saved search (None for another search), or the row that opens ``query``. Emits nothing."""
        self._shown = ("query", query) if search is None else ("saved", search.id)
        self.list.select_entry(self._shown)

    def show_scope(self, scope: ViewRequest | None) -> None:
        """Select a page or folder (None for a search). Emits nothing."""
        self._shown = None if scope is None else replace(scope, with_subfolders=True)
        self.list.select_entry(self._shown)

    def set_with_subfolders(self, shown: bool) -> None:
        """Whether folders that are chosen from now on are shown with their subfolders."""
        self._with_subfolders = shown

    @property
    def folders(self) -> tuple[Folder, ...]:
        """The roots."""
        return self._folders

    def folder(self, folder_id: int) -> Folder | None:
        return next((folder for folder in self._folders if folder.id == folder_id), None)

    def entry_of(self, folder_id: int) -> Entry | None:
        """The row of a root."""
        return self.places.entry(self.places.find(ViewRequest(Place.FOLDER, folder_id)))

    def show_subfolders(self, folder: Entry, children: Sequence[Entry]) -> bool:
        """Show the rows inside a folder's; False if that has no row any more."""
        found = self.places.find(folder.key).isValid()
        if found:
            self.list.change_without_choosing(lambda: self.places.show_children(folder.key, children))
        return found

    # --- the rows -------------------------------------------------------------------------------

    def _sections(self) -> list[list[Entry]]:
        """The sections from the top. To add one, write a function that returns its entries."""
        section, shown = self._built.section, self._is_shown
        folders = [folder_entry(each) for each in self._folders]
        check = self._pages(Position.CHECK)
        return [
            self._pages(Position.TOP),
            section("folders", translate("Sidebar", "Folders"), folders),
            section("albums", translate("Sidebar", "Albums"), self._albums, shown),
            section("tags", translate("Sidebar", "Tags"), self._tags, shown),
            section("concepts", translate("Sidebar", "Concepts"), self._concepts, shown),
            section("searches", translate("Sidebar", "Saved searches"), self._saved_searches(), shown),
            [Entry(Position.CHECK.value, heading=True), *check] if check else [],
            self._pages(Position.LAST),
        ]

    def _is_shown(self, entry: Entry) -> bool:
        """Whether the window shows the place of this row, or of one below it."""
        current = self.list.current_entry
        shown = {self._shown, None if current is None else current.key} - {None}
        return entry.key in shown or any(map(self._is_shown, entry.children or ()))

    def _switch(self, name: str) -> None:
        """Open or close a section."""
        self._built.switch(name)
        self._rebuild()
        self._select_new()

    def _rebuild(self) -> None:
        entries = [entry for section in self._sections() for entry in section]
        current = self.list.current_entry
        self.list.change_without_choosing(lambda: self.places.show(entries))
        if current is not None:
            if not current.switch:
                self._shown = current.key  # if its section was closed, for when that is opened again
            self.list.select_entry(current.key)

    def _select_new(self) -> None:
        """The place that is shown may have got its row only now."""
        if self._shown is not None and self.list.current_entry is None:
            self.list.select_entry(self._shown)

    def _pages(self, position: Position) -> list[Entry]:
        """The pages of a position that are listed now."""
        pages = (page for page in PAGES if page.position is position and page.shown(self._totals))
        return [self._page(page) for page in pages]

    def _page(self, page: Page) -> Entry:
        totals = self._totals
        count, tip = page.count(totals), page.tip(totals)
        said = tip or ("" if count is None else wording.count_of(count, "item"))
        return Entry(
            page.title,
            page.icon,
            ViewRequest(page.key),
            count=count,
            detail=page.detail(totals),
            tip=tip,
            accessible_text=f"{page.title}, {said}" if said else "",
        )

    def _saved_searches(self) -> list[Entry]:
        return [
            Entry(
                each.name,
                "bookmark",
                saved=each,
                count=self._search_counts.get(each.id),
                tip=wording.tip(each.query),
                accessible_text=translate("Sidebar", "{name}, saved search").format(name=each.name),
            )
            for each in self._searches
        ]

    # --- what is chosen -------------------------------------------------------------------------

    def _choose(self, entry: Entry) -> None:
        if entry.scope is not None:
            scope = entry.scope
            if scope.place == Place.FOLDER:
                scope = replace(scope, with_subfolders=self._with_subfolders)
            self.scope_chosen.emit(scope)
        elif entry.saved is not None:
            self.search_chosen.emit(entry.saved)
        elif entry.query:
            self.query_chosen.emit(entry.query)

    def _ask_for_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        entry = self.places.entry(index if index.isValid() else self.list.currentIndex())
        if entry is None:
            return
        point = self.list.viewport().mapToGlobal(position)
        if entry.saved is not None:
            self.search_menu_requested.emit(entry.saved, point)
        if entry.query:
            self.concept_menu_requested.emit(entry.name, point)
        if entry.scope is not None and entry.scope.place in (Place.TAG, Place.ALBUM):
            self.organised_menu_requested.emit(entry.scope, point)
        if entry.scope is None or entry.scope.folder_id is None:
            return
        folder = self.folder(entry.scope.folder_id)
        if folder is not None:
            self.folder_menu_requested.emit(folder, entry.scope.below, point)


def _count(entries: Sequence[Entry]) -> int:
    """The number of rows and of those below them."""
    return sum(1 + _count(each.children or ()) for each in entries)


def _covers_of(albums: Sequence[Entry]) -> Iterator[int]:
    for each in albums:
        if each.cover is not None:
            yield each.cover
        yield from _covers_of(each.children or ())
