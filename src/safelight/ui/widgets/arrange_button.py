"""The button beside the search box that shows and changes the sort order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from safelight.core.order import Order
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.library.timeline import Grouping
from safelight.ui.translation import translate
from safelight.ui.widgets.cell_style import CellStyle

Options = Sequence[tuple[Order, str]]
"""Sort orders and their names."""


class ArrangeButton(QToolButton):
    """Shows the sort order. Its menu changes the order and the appearance of cells."""

    order_chosen = Signal(object)  # Order
    style_chosen = Signal(object)  # CellStyle
    dense_chosen = Signal(bool)
    grouping_chosen = Signal(object)  # Grouping

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIconSize(QSize(20, 20))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._orders = QActionGroup(self)
        self._orders.triggered.connect(lambda action: self.order_chosen.emit(Order(action.data())))
        self._styles = QActionGroup(self)
        self._styles.triggered.connect(lambda action: self.style_chosen.emit(CellStyle(action.data())))
        for style, text in (
            (CellStyle.SQUARE, translate("ArrangeButton", "Square cells")),
            (CellStyle.FIT, translate("ArrangeButton", "Fit photos in cells")),
            (CellStyle.ROWS, translate("ArrangeButton", "Rows of whole photos")),
        ):
            action = QAction(text, self._styles, checkable=True)
            action.setData(style)
        self._grouping_menu = QMenu(translate("ArrangeButton", "Group by"), self)
        self._groupings = QActionGroup(self)
        self._groupings.triggered.connect(lambda action: self.grouping_chosen.emit(Grouping(action.data())))
        for grouping, text in (
            (Grouping.BY_SIZE, translate("ArrangeButton", "Size of thumbnails")),
            (Grouping.DAY, translate("ArrangeButton", "Day")),
            (Grouping.MONTH, translate("ArrangeButton", "Month")),
            (Grouping.YEAR, translate("ArrangeButton", "Year")),
        ):
            action = QAction(text, self._groupings, checkable=True)
            action.setData(grouping)
        self._grouping_menu.addActions(self._groupings.actions())
        self.dense = QAction(translate("ArrangeButton", "Compact spacing"), self, checkable=True)
        self.dense.toggled.connect(self.dense_chosen)
        self.setMenu(self._menu)
        self._options: Options = ()
        self.set_compact(False)
        self.apply_theme(theme)

    @property
    def orders(self) -> list[QAction]:
        return self._orders.actions()

    @property
    def styles(self) -> list[QAction]:
        """One for each style of cells."""
        return self._styles.actions()

    @property
    def groupings(self) -> list[QAction]:
        """One for each kind of section."""
        return self._groupings.actions()

    def show_grouping(self, grouping: Grouping) -> None:
        """Show what a section holds. Emits nothing."""
        for action in self.groupings:
            action.setChecked(action.data() == grouping)

    def show_style(self, style: CellStyle) -> None:
        """Show how cells are. Emits nothing."""
        for action in self.styles:
            action.setChecked(action.data() == style)

    def apply_theme(self, theme: Theme) -> None:
        self.setIcon(icon("sort", theme.secondary))

    def set_compact(self, compact: bool) -> None:
        """Hide the text where there is little room."""
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonIconOnly if compact else style.ToolButtonTextBesideIcon)

    def show_orders(self, options: Options, current: Order) -> None:
        """Set the available orders and the current one."""
        if options != self._options:
            self._options = options
            for action in self.orders:
                self._orders.removeAction(action)
                action.deleteLater()
            self._menu.clear()
            for order, label in options:
                action = QAction(label, self, checkable=True)
                action.setData(order)
                self._orders.addAction(action)
            self._menu.addActions(self._orders.actions())
            self._menu.addSeparator()
            self._menu.addMenu(self._grouping_menu)
            self._menu.addActions(self._styles.actions())
            self._menu.addSeparator()
            self._menu.addAction(self.dense)
        for action in self.orders:
            action.setChecked(action.data() == current)
        label = dict(options)[current]
        self.setText(f"\u2009{label}")  # the style puts the icon too close to the text
        self.setAccessibleName(translate("ArrangeButton", "Order: {label}").format(label=label))
        self.setToolTip(translate("ArrangeButton", "{label} (Ctrl+Shift+O)").format(label=label))
