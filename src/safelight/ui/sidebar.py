"""The sidebar: pages, saved searches and folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.photo import Folder, FolderState, LibraryCounts
from safelight.ui import wording
from safelight.ui.icons import icon, pixmap
from safelight.ui.pages import PAGES, Position, Totals
from safelight.ui.place_list import (
    COUNT_ROLE,
    DETAIL_ROLE,
    HEADING_ROLE,
    SAVED_ROLE,
    SCOPE_ROLE,
    PlaceDelegate,
    PlaceList,
)
from safelight.ui.theme import Theme
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from safelight.store.saved_searches import SavedSearch

_MARKS = ("bookmark", "folder", "folder-offline")
"""Icons of entries that are not pages."""


class Sidebar(QWidget):
    """A list of entries with their counts, and buttons to add a folder and to open the settings."""

    scope_chosen = Signal(object)  # ViewRequest
    add_folder_requested = Signal()
    settings_requested = Signal()
    folder_menu_requested = Signal(object, QPoint)  # Folder, global position
    search_chosen = Signal(object)  # SavedSearch
    search_menu_requested = Signal(object, QPoint)  # SavedSearch, global position

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._folders: tuple[Folder, ...] = ()
        self._counts: LibraryCounts | None = None
        self._searches: tuple[SavedSearch, ...] = ()
        self._totals = Totals()
        self._marks: dict[str, QIcon] = {}
        self.setProperty("surface", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(160)

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

        self.list = PlaceList()
        self.list.setProperty("surface", "rail")
        self.list.setAccessibleName("Places")
        self.list.setItemDelegate(PlaceDelegate(theme, self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._ask_for_menu)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.add_button = QPushButton("\u2002Add folder …")  # the style puts the icon too close to the text
        self.add_button.setAccessibleName("Add folder")
        self.add_button.setProperty("kind", "quiet")
        self.add_button.setToolTip("Add a folder of photos (Ctrl+O), or drop one on the window")
        self.add_button.clicked.connect(self.add_folder_requested)
        self.settings_button = QToolButton()
        self.settings_button.setAccessibleName("Settings")
        self.settings_button.setToolTip("Settings (Ctrl+,)")
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
        """Every page and folder in the list, from the top."""
        found = (self.list.item(row).data(SCOPE_ROLE) for row in range(self.list.count()))
        return [scope for scope in found if scope is not None]

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        delegate = self.list.itemDelegate()
        assert isinstance(delegate, PlaceDelegate)
        delegate.theme = theme
        self.add_button.setIcon(icon("plus", theme.secondary))
        self.settings_button.setIcon(icon("gear", theme.secondary))
        # Drawn once: the sidebar is filled again with every change of the library.
        self._marks = {name: icon(name, theme.secondary) for name in _MARKS}
        for page in PAGES:
            self._marks[page.icon] = icon(page.icon, theme.warning if page.warns else theme.secondary)
        self._rebuild()

    def show_overview(self, counts: LibraryCounts, folders: Sequence[Folder]) -> None:
        if counts != self._counts or tuple(folders) != self._folders:
            self._counts, self._folders = counts, tuple(folders)
            self._totals = replace(self._totals, counts=counts)
            self._rebuild()

    def show_searches(self, searches: Sequence[SavedSearch]) -> None:
        """Show the saved searches."""
        if tuple(searches) != self._searches:
            self._searches = tuple(searches)
            self._rebuild()

    def show_duplicates(self, groups: int, freed: int) -> None:
        """Show the number of undecided groups of duplicates, and the bytes they would free."""
        totals = replace(self._totals, groups=groups, freed=freed)
        if totals != self._totals:
            self._totals = totals
            self._rebuild()

    def show_search(self, search: SavedSearch | None) -> None:
        """Select a saved search (None for another search). Emits nothing."""
        rows = range(self.list.count())
        self._select_row(
            next((row for row in rows if search and self.list.item(row).data(SAVED_ROLE) == search), None)
        )

    def show_scope(self, scope: ViewRequest | None) -> None:
        """Select a page or folder (None for a search). Emits nothing."""
        self._select_row(self._row_of(scope))

    def _select_row(self, row: int | None) -> None:
        self.list.blockSignals(True)
        if row is None:
            self.list.clearSelection()
            self.list.setCurrentRow(-1)
        else:
            self.list.setCurrentRow(row)
        self.list.blockSignals(False)

    def folder(self, folder_id: int) -> Folder | None:
        return next((folder for folder in self._folders if folder.id == folder_id), None)

    def _row_of(self, scope: ViewRequest | None) -> int | None:
        rows = range(self.list.count())
        return next((row for row in rows if scope and self.list.item(row).data(SCOPE_ROLE) == scope), None)

    def _rebuild(self) -> None:
        row = self.list.currentRow()
        shown = self.list.item(row).data(SCOPE_ROLE) if row >= 0 else None
        search = self.list.item(row).data(SAVED_ROLE) if row >= 0 else None
        self.list.blockSignals(True)
        self.list.clear()
        self._add_pages(Position.TOP)
        if self._searches:
            self._add_heading("Saved searches")
        for each in self._searches:
            self._add_search(each)
        if self._folders:
            self._add_heading("Folders")
        for folder in self._folders:
            self._add_folder(folder)
        self._add_pages(Position.CHECK)
        self.list.blockSignals(False)
        if search is not None:
            self.show_search(next((each for each in self._searches if each.id == search.id), None))
        else:
            self.show_scope(shown)

    def _add(self, scope: ViewRequest, name: str, mark: QIcon, count: int | None) -> QListWidgetItem:
        item = QListWidgetItem(mark, name)
        item.setData(SCOPE_ROLE, scope)
        item.setData(COUNT_ROLE, count)
        said = name if count is None else f"{name}, {wording.count_of(count, 'item')}"
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        self.list.addItem(item)
        return item

    def _add_pages(self, position: Position) -> None:
        """The pages of a position that are listed now, below its heading."""
        totals = self._totals
        pages = [page for page in PAGES if page.position is position and page.shown(totals)]
        if pages and position.value:
            self._add_heading(position.value)
        for page in pages:
            item = self._add(ViewRequest(page.key), page.title, self._marks[page.icon], page.count(totals))
            item.setData(DETAIL_ROLE, page.detail(totals))
            tip = page.tip(totals)
            if tip:
                item.setToolTip(tip)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{page.title}, {tip}")

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setData(HEADING_ROLE, True)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def _add_search(self, search: SavedSearch) -> None:
        item = QListWidgetItem(self._marks["bookmark"], search.name)
        item.setData(SAVED_ROLE, search)
        item.setToolTip(wording.tip(search.query))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{search.name}, saved search")
        self.list.addItem(item)

    def _add_folder(self, folder: Folder) -> None:
        offline = folder.state is FolderState.OFFLINE
        mark = self._marks["folder-offline" if offline else "folder"]
        item = self._add(
            ViewRequest(Place.FOLDER, folder.id), wording.display_name(folder.path), mark, folder.photos
        )
        state = {
            FolderState.ONLINE: "",
            FolderState.OFFLINE: "\nOffline: its photos stay, and can be opened when it is back",
            FolderState.PAUSED: "\nPaused: changes in it are not followed",
        }[folder.state]
        item.setToolTip(wording.tip(wording.display_path(folder.path) + state))
        if offline:
            item.setForeground(QColor(self._theme.secondary))
            said = f"{wording.display_name(folder.path)}, offline"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)

    def _choose(self, item: QListWidgetItem | None, _: QListWidgetItem | None = None) -> None:
        scope = item.data(SCOPE_ROLE) if item is not None else None
        search = item.data(SAVED_ROLE) if item is not None else None
        if scope is not None:
            self.scope_chosen.emit(scope)
        elif search is not None:
            self.search_chosen.emit(search)

    def _ask_for_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        index = index if index.isValid() else self.list.currentIndex()
        scope, search = index.data(SCOPE_ROLE), index.data(SAVED_ROLE)
        if search is not None:
            self.search_menu_requested.emit(search, self.list.viewport().mapToGlobal(position))
        if scope is None or scope.folder_id is None:
            return
        folder = self.folder(scope.folder_id)
        if folder is not None:
            self.folder_menu_requested.emit(folder, self.list.viewport().mapToGlobal(position))
