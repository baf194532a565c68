"""The page Explore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from safelight.core.themes import MIN_PHOTOS
from safelight.core.themes import Theme as PhotoTheme
from safelight.ui import wording
from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.explore.cards import ThemeModel
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.translation import translate
from safelight.ui.widgets.cards import CARD_INSET, CardDelegate, CardList
from safelight.ui.widgets.empty_state import EmptyState
from safelight.ui.widgets.flow_layout import FlowLayout


@dataclass(frozen=True, slots=True)
class FixedSearch:
    """A fixed search that the page offers."""

    title: str
    icon: str
    query: str
    """Empty for the photos that were added last, which the sidebar lists too."""


class ExplorePage(QWidget):
    """Cards of the themes at the top, or of those inside one, below a row of fixed searches."""

    search_requested = Signal(str)
    recent_requested = Signal()
    rename_requested = Signal(object)  # core.themes.Theme
    merge_requested = Signal(object)  # list of core.themes.Theme; the others become a part of the first
    hide_requested = Signal(object, bool)  # list of core.themes.Theme
    refresh_requested = Signal()
    cancel_requested = Signal()
    shown = Signal()

    def __init__(
        self,
        cache: ThumbnailCache,
        theme: Theme,
        searches: Sequence[FixedSearch],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("Explore", "Explore"))
        self._theme = theme
        self._all: list[PhotoTheme] = []
        self._inside: int | None = None
        """The theme whose parts are shown."""
        self._with_hidden = False
        self.model = ThemeModel(self)
        self._delegate = CardDelegate(cache, theme, self)
        self.list = self._made_list()
        title = QLabel(translate("Explore", "Explore"))
        title.setProperty("kind", "title")
        self.fixed_searches: list[QPushButton] = []
        self._icons = [search.icon for search in searches]
        search_row = QWidget()
        flow = FlowLayout(search_row)
        flow.setContentsMargins(0, 0, 0, 0)
        for search in searches:
            button = QPushButton(f"\u2002{search.title}")
            button.setAccessibleName(search.title)
            if search.query:
                button.setToolTip(wording.tip(search.query))
            button.clicked.connect(partial(self._open_fixed, search))
            flow.addWidget(button)
            self.fixed_searches.append(button)
        self.up = QPushButton(translate("Explore", "All themes"))
        self.up.setProperty("kind", "quiet")
        self.up.clicked.connect(self.go_up)
        self._heading = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._heading.setProperty("kind", "section")
        self.open = QPushButton(translate("Explore", "Show photos"))
        self.open.setProperty("kind", "primary")
        self.open.clicked.connect(self.open_selected)
        self.enter = QPushButton(translate("Explore", "Look inside"))
        self.enter.clicked.connect(self.enter_selected)
        self.more = QPushButton(translate("Explore", "More"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(lambda: self._fill(self._menu))
        self.more.setMenu(self._menu)
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget in (self.up, self._heading):
            line.addWidget(widget)
        line.addStretch(1)
        for widget in (self.open, self.enter, self.more):
            line.addWidget(widget)
        top = QVBoxLayout()
        top.setContentsMargins(CARD_INSET, 0, 8, 0)  # above the pictures of the cards
        top.setSpacing(10)
        top.addWidget(title)
        top.addWidget(search_row)
        top.addLayout(line)
        top.addWidget(self._made_progress())
        column = QVBoxLayout(self)
        column.setContentsMargins(16 - CARD_INSET, 14, 8, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self._made_stack(), 1)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.apply_theme(theme)
        self._show_level()
        self._show_message(translate("Explore", "Looking for themes …"))

    def _made_list(self) -> CardList:
        view = CardList(translate("Explore", "Themes"))
        view.setModel(self.model)
        view.set_delegate(self._delegate)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.customContextMenuRequested.connect(self._show_menu)
        view.activated.connect(lambda _: self.open_selected())
        return view

    def _made_progress(self) -> QWidget:
        self._progress = QWidget()
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 100)
        self.cancel = QPushButton(translate("Explore", "Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        row.addWidget(QLabel(translate("Explore", "Finding themes …")))
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self._progress.hide()
        return self._progress

    def _made_stack(self) -> QStackedWidget:
        self.again = QPushButton(translate("Explore", "Find themes"))
        self.again.clicked.connect(self.refresh_requested)
        self.message = EmptyState(self.again)
        self._stack = QStackedWidget()  # a layout would show its first page as a separate window
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.message)
        return self._stack

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._delegate.apply_theme(theme)
        for button, name in zip(self.fixed_searches, self._icons, strict=True):
            button.setIcon(icons.icon(name, theme.secondary))
        self.up.setIcon(icons.icon("arrow-left", theme.secondary))
        self.list.viewport().update()

    # --- what is shown ------------------------------------------------------------------------

    def show_themes(self, themes: Sequence[PhotoTheme]) -> None:
        self._all = list(themes)
        if self._inside is not None and all(theme.id != self._inside for theme in themes):
            self._inside = None
        self._show_level()

    def show_finding(self, share: float | None) -> None:
        """How far finding themes has come, 0 to 1; None once it ended."""
        self._progress.setVisible(share is not None)
        if share is not None:
            self.bar.setValue(round(100 * share))
        self._show_empty_state()

    def show_too_small(self, photos: int) -> None:
        """Say why there are no themes, where the library is too small for them."""
        self._show_message(
            translate("Explore", "No themes yet"),
            translate(
                "Explore",
                "Themes need at least {fewest} photos that can be searched. So far: {photos}. "
                "They are found when you open this page again.",
            ).format(fewest=MIN_PHOTOS, photos=wording.count_of(photos, "photo")),
        )

    def show_problem(self, text: str) -> None:
        """Why themes could not be found."""
        self._show_message(translate("Explore", "Themes could not be found"), text, again=True)

    def _show_empty_state(self) -> None:
        if self._progress.isVisibleTo(self):
            self._show_message("", translate("Explore", "Photos that show similar things are being grouped."))
        else:
            self._show_message(
                translate("Explore", "No themes yet"),
                translate("Explore", "Themes are groups of photos that show similar things."),
                again=True,
            )

    def _show_message(self, title: str, text: str = "", *, again: bool = False) -> None:
        """A message in place of the cards, if there are none. ``again``: offer to find themes."""
        self.message.show_text(title, text)
        self.again.setVisible(again)
        self._stack.setCurrentIndex(0 if self.model.themes else 1)

    def _show_level(self) -> None:
        selected = {theme.id for theme in self.selected}
        inside: dict[int, int] = {}
        for theme in self._all:
            if theme.parent_id is not None and (self._with_hidden or not theme.hidden):
                inside[theme.parent_id] = inside.get(theme.parent_id, 0) + 1
        shown = [
            theme
            for theme in self._all
            if theme.parent_id == self._inside and (self._with_hidden or not theme.hidden)
        ]
        self.model.set_themes(shown, inside)
        for row, theme in enumerate(shown):
            if theme.id in selected:
                self.list.selectionModel().select(
                    self.model.index(row), QItemSelectionModel.SelectionFlag.Select
                )
        parent = next((theme for theme in self._all if theme.id == self._inside), None)
        self.up.setVisible(parent is not None)
        name = translate("Explore", "Themes") if parent is None else parent.name
        self._heading.setText(f"{name} · {len(shown):,}" if shown else name)
        self._stack.setCurrentIndex(0 if shown else 1)
        self._enable()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.list.setFocus(event.reason())

    # --- commands -----------------------------------------------------------------------------

    @property
    def selected(self) -> list[PhotoTheme]:
        """The selected themes in the order of the cards."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        return [self.model.themes[row] for row in rows if row < len(self.model.themes)]

    def _enable(self) -> None:
        selected = self.selected
        self.open.setEnabled(bool(selected))
        self.enter.setEnabled(len(selected) == 1 and self.model.inside(selected[0]) > 0)

    def _open_fixed(self, search: FixedSearch) -> None:
        if search.query:
            self.search_requested.emit(search.query)
        else:
            self.recent_requested.emit()

    def open_selected(self) -> None:
        """Search for the photos of the selected themes."""
        if self.selected:
            self.search_requested.emit(" OR ".join(theme.query for theme in self.selected))

    def enter_selected(self) -> None:
        """Show the themes inside the selected one."""
        if self.enter.isEnabled():
            self._inside = self.selected[0].id
            self._show_level()
            self.list.setCurrentIndex(self.model.index(0))
            self.list.setFocus()

    def go_up(self) -> None:
        """Show the themes at the top again."""
        left, self._inside = self._inside, None
        self._show_level()
        for row, theme in enumerate(self.model.themes):
            if theme.id == left:
                self.list.setCurrentIndex(self.model.index(row))
        self.list.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_F2 if len(self.selected) == 1:
                self.rename_requested.emit(self.selected[0])
            case Qt.Key.Key_Backspace if self._inside is not None:
                self.go_up()
            case _:
                super().keyPressEvent(event)

    def _show_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fill(menu)
        menu.popup(self.list.viewport().mapToGlobal(position))

    def _fill(self, menu: QMenu) -> None:
        selected = self.selected
        one = selected[0] if len(selected) == 1 else None
        hidden = bool(selected) and all(theme.hidden for theme in selected)
        menu.clear()
        show = menu.addAction(translate("Explore", "Show photos"), self.open_selected)
        enter = menu.addAction(translate("Explore", "Look inside"), self.enter_selected)
        menu.addSeparator()
        rename = menu.addAction(
            translate("Explore", "Rename …"), lambda: self.rename_requested.emit(self.selected[0])
        )
        merge = menu.addAction(
            translate("Explore", "Merge into one"), lambda: self.merge_requested.emit(self.selected)
        )
        hide = menu.addAction(
            translate("Explore", "Show in the list again") if hidden else translate("Explore", "Hide"),
            lambda: self.hide_requested.emit(self.selected, not hidden),
        )
        menu.addSeparator()
        with_hidden = menu.addAction(translate("Explore", "Hidden themes too"))
        with_hidden.setCheckable(True)
        with_hidden.setChecked(self._with_hidden)
        with_hidden.toggled.connect(self._show_hidden)
        again = menu.addAction(translate("Explore", "Find themes again"), self.refresh_requested.emit)
        again.setEnabled(not self._progress.isVisibleTo(self))
        show.setEnabled(bool(selected))
        enter.setEnabled(self.enter.isEnabled())
        rename.setEnabled(one is not None)
        merge.setEnabled(len(selected) > 1)
        hide.setEnabled(bool(selected))

    def _show_hidden(self, shown: bool) -> None:
        self._with_hidden = shown
        self._show_level()
