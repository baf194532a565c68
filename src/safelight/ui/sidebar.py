"""The sidebar: pages, saved searches and folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.photo import Folder, FolderState, LibraryCounts
from safelight.ui import wording
from safelight.ui.icons import icon, pixmap
from safelight.ui.pages import PAGES, Position, Totals
from safelight.ui.theme import Theme
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from safelight.store.saved_searches import SavedSearch

_SCOPE = int(Qt.ItemDataRole.UserRole)
_COUNT = _SCOPE + 1
_HEADING = _SCOPE + 2
_SAVED = _SCOPE + 3
_DETAIL = _SCOPE + 4
_ROW_HEIGHT = 30

_Index = QModelIndex | QPersistentModelIndex

_MARKS = ("bookmark", "folder", "folder-offline")
"""Icons of entries that are not pages."""

_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class PlaceList(QListWidget):
    """A list that shows the keyboard focus only while the keyboard is used."""

    def __init__(self) -> None:
        super().__init__()
        self.by_keyboard = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _KEYBOARD_REASONS:
            self.by_keyboard = True
        # If nothing is current, as during a search, Qt makes the first entry current without being asked.
        blocked = self.blockSignals(True)
        super().focusInEvent(event)
        self.blockSignals(blocked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_keyboard = True
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.by_keyboard = False
        if event.button() is not Qt.MouseButton.RightButton:  # opens a menu and chooses nothing
            super().mousePressEvent(event)


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
        self.list.setItemDelegate(_PlaceDelegate(theme, self.list))
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
        found = (self.list.item(row).data(_SCOPE) for row in range(self.list.count()))
        return [scope for scope in found if scope is not None]

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        delegate = self.list.itemDelegate()
        assert isinstance(delegate, _PlaceDelegate)
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
            next((row for row in rows if search and self.list.item(row).data(_SAVED) == search), None)
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
        return next((row for row in rows if scope and self.list.item(row).data(_SCOPE) == scope), None)

    def _rebuild(self) -> None:
        row = self.list.currentRow()
        shown = self.list.item(row).data(_SCOPE) if row >= 0 else None
        search = self.list.item(row).data(_SAVED) if row >= 0 else None
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
        item.setData(_SCOPE, scope)
        item.setData(_COUNT, count)
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
            item.setData(_DETAIL, page.detail(totals))
            tip = page.tip(totals)
            if tip:
                item.setToolTip(tip)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{page.title}, {tip}")

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setData(_HEADING, True)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def _add_search(self, search: SavedSearch) -> None:
        item = QListWidgetItem(self._marks["bookmark"], search.name)
        item.setData(_SAVED, search)
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
        scope = item.data(_SCOPE) if item is not None else None
        search = item.data(_SAVED) if item is not None else None
        if scope is not None:
            self.scope_chosen.emit(scope)
        elif search is not None:
            self.search_chosen.emit(search)

    def _ask_for_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        index = index if index.isValid() else self.list.currentIndex()
        scope, search = index.data(_SCOPE), index.data(_SAVED)
        if search is not None:
            self.search_menu_requested.emit(search, self.list.viewport().mapToGlobal(position))
        if scope is None or scope.folder_id is None:
            return
        folder = self.folder(scope.folder_id)
        if folder is not None:
            self.folder_menu_requested.emit(folder, self.list.viewport().mapToGlobal(position))


class _PlaceDelegate(QStyledItemDelegate):
    """One row: icon, name, and the count at the right."""

    def __init__(self, theme: Theme, view: PlaceList) -> None:
        super().__init__(view)
        self.theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, _ROW_HEIGHT + (6 if index.data(_HEADING) else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self.initStyleOption(option, index)
        rect = option.rect.adjusted(8, 1, -8, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(_HEADING):
            self._paint_heading(painter, rect, str(index.data()))
        else:
            self._paint_place(painter, option, rect, index)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, text: str) -> None:
        font = painter.font()
        font.setPixelSize(self.theme.font_secondary)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.secondary))
        painter.drawText(
            rect.adjusted(6, 0, 0, -5), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text
        )

    def _paint_place(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: _Index
    ) -> None:
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.pressed if chosen else self.theme.hover))
            painter.drawRoundedRect(rect, 6, 6)
        if self._view.by_keyboard and self._view.hasFocus() and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 5, 5)
        mark = index.data(Qt.ItemDataRole.DecorationRole)
        mark.paint(painter, QRect(rect.left() + 6, rect.top(), 20, rect.height()))
        right = rect.right() - 8
        count = index.data(_COUNT)
        font = painter.font()
        if count:
            font.setPixelSize(self.theme.font_body)
            name_width = QFontMetrics(font).horizontalAdvance(str(index.data()))
            font.setPixelSize(self.theme.font_secondary)
            painter.setFont(font)
            detail = str(index.data(_DETAIL) or "")
            room = right - rect.left() - 34 - name_width - 8  # the name comes first
            fits = detail and painter.fontMetrics().horizontalAdvance(detail) <= room
            text = detail if fits else f"{count:,}"
            painter.setPen(QColor(self.theme.secondary))
            painter.drawText(
                rect.adjusted(0, 0, -8, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
            right -= painter.fontMetrics().horizontalAdvance(text) + 8
        font.setPixelSize(self.theme.font_body)
        painter.setFont(font)
        foreground = index.data(Qt.ItemDataRole.ForegroundRole)
        painter.setPen(foreground.color() if foreground is not None else QColor(self.theme.text))
        space = QRect(rect.left() + 34, rect.top(), right - rect.left() - 34, rect.height())
        # Names of folders differ at both ends, names of searches at the beginning.
        elide = Qt.TextElideMode.ElideMiddle if index.data(_SAVED) is None else Qt.TextElideMode.ElideRight
        name = painter.fontMetrics().elidedText(str(index.data()), elide, space.width())
        painter.drawText(space, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
