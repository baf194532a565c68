"""Sort order and cell appearance of the grid, controlled by the arrange button."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from safelight.core.fields import SORTS_BY_ORDER
from safelight.core.order import Order
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.library.timeline import Grouping
from safelight.ui.translation import message_text, translate
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.widgets.arrange_button import ArrangeButton, Options
from safelight.ui.widgets.cell_style import CellStyle
from safelight.ui.window_state import WindowState

_MENU = (Order.NEWEST, Order.OLDEST, Order.LARGEST, Order.BEST_RATED, Order.NAME, Order.ADDED)
"""The order of the entries that are known here; orders of other fields follow."""
_OTHERS = tuple(
    (order, message_text(SORTS_BY_ORDER[order][1].label))
    for order in sorted(
        SORTS_BY_ORDER, key=lambda order: _MENU.index(order) if order in _MENU else len(_MENU)
    )
)
_OF_SEARCHES: Options = ((Order.NATURAL, translate("Arranging", "Relevance")), *_OTHERS)
_OF_RECENT: Options = (
    (Order.NATURAL, translate("Arranging", "Recently added")),
    *(each for each in _OTHERS if each[0] != Order.ADDED),
)
_OF_ALBUM: Options = ((Order.NATURAL, translate("Arranging", "Order of the album")), *_OTHERS)
_OF_LIBRARY: Options = ((Order.NATURAL, translate("Arranging", "Newest first")), *_OTHERS[1:])


class Arranging(QObject):
    """Connects the arrange button to the grid. Remembers the library's sort order and the cell appearance."""

    compact_chosen = Signal(bool)
    grouping_chosen = Signal(object)  # Grouping

    def __init__(
        self, button: ArrangeButton, results: ResultsController, grid: PhotoGridView, state: WindowState
    ) -> None:
        super().__init__(button)
        self._button = button
        self._results = results
        self._grid = grid
        self._state = state
        self._options: Options = _OF_LIBRARY
        button.order_chosen.connect(self._choose)
        button.style_chosen.connect(self._set_style)
        button.dense_chosen.connect(self._make_dense)
        button.grouping_chosen.connect(self._group)
        results.scope_changed.connect(self._show_scope)

    def restore(self) -> None:
        """Restore the settings of the last session."""
        kept = self._state.text("order")
        if Order(kept) in {Order.NATURAL, *SORTS_BY_ORDER} and self._results.query is None:
            self._results.set_order(Order(kept))
        kept_style = self._state.text("cells")
        if kept_style in set(CellStyle):
            style = CellStyle(kept_style)
        else:  # older versions had two styles
            style = CellStyle.FIT if self._state.flag("fit", False) else CellStyle.SQUARE
        self._button.show_style(style)
        self._grid.set_cell_style(style)
        kept_grouping = self._state.text("grouping")
        grouping = Grouping(kept_grouping) if kept_grouping in set(Grouping) else Grouping.BY_SIZE
        self._button.show_grouping(grouping)
        self.grouping_chosen.emit(grouping)
        self._button.dense.setChecked(self._state.flag("dense", False))
        self._show()

    def _choose(self, order: Order) -> None:
        self._results.set_order(order)
        if self._results.query is None:
            self._state.keep("order", str(order))
        self._show()

    def _set_style(self, style: CellStyle) -> None:
        self._grid.set_cell_style(style)
        self._state.keep("cells", str(style))

    def _group(self, grouping: Grouping) -> None:
        self._state.keep("grouping", str(grouping))
        self.grouping_chosen.emit(grouping)

    def show_compact(self, compact: bool) -> None:
        """Show the setting for compact spacing. Emits nothing."""
        self._button.dense.blockSignals(True)
        self._button.dense.setChecked(compact)
        self._button.dense.blockSignals(False)
        self._apply_dense(compact)

    def _make_dense(self, dense: bool) -> None:
        self._apply_dense(dense)
        self.compact_chosen.emit(dense)

    def _apply_dense(self, dense: bool) -> None:
        self._grid.set_dense(dense)
        self._state.keep("dense", dense)

    def _show_scope(self, scope: ViewRequest | None) -> None:
        if scope is None:
            self._options = _OF_SEARCHES
        else:
            own = {Place.RECENT: _OF_RECENT, Place.ALBUM: _OF_ALBUM}
            self._options = own.get(scope.place, _OF_LIBRARY)
        self._show()

    def _show(self) -> None:
        order = self._results.order
        # The default order has a different name in each kind of list.
        known = order if order in dict(self._options) else Order.NATURAL
        self._button.show_orders(self._options, known)
