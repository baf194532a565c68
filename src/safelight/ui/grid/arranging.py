"""The order of the photos and the look of their cells: what the button for it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject

from safelight.core.order import Order
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.results_controller import ResultsController
from safelight.ui.view_request import PAGES, Place, ViewRequest
from safelight.ui.widgets.arrange_button import ArrangeButton, Options
from safelight.ui.window_state import WindowState

_OTHERS = (
    (Order.NEWEST, "Newest first"),
    (Order.OLDEST, "Oldest first"),
    (Order.LARGEST, "Largest first"),
    (Order.BEST_RATED, "Best rated first"),
    (Order.NAME, "By name"),
)
_OF_SEARCHES: Options = ((Order.NATURAL, "Relevance"), *_OTHERS)
_OF_RECENT: Options = ((Order.NATURAL, "Added last"), *_OTHERS)
_OF_LIBRARY: Options = ((Order.NATURAL, "Newest first"), *_OTHERS[1:])


class Arranging(QObject):
    """Joins the button to what is shown. The order of the library and the look of cells are remembered."""

    def __init__(
        self, button: ArrangeButton, browse: ResultsController, grid: PhotoGridView, state: WindowState
    ) -> None:
        super().__init__(button)
        self._button = button
        self._browse = browse
        self._grid = grid
        self._state = state
        self._options: Options = _OF_LIBRARY
        button.order_chosen.connect(self._choose)
        button.fit_chosen.connect(self._fit)
        button.dense_chosen.connect(self._make_dense)
        browse.scope_changed.connect(self._show_scope)

    def restore(self) -> None:
        """As it was last time."""
        kept = self._state.text("order")
        if kept in set(Order) and self._browse.query is None:
            self._browse.set_order(Order(kept))
        self._button.fit.setChecked(self._state.flag("fit", False))
        self._button.dense.setChecked(self._state.flag("dense", False))
        self._show()

    def _choose(self, order: Order) -> None:
        self._browse.set_order(order)
        if self._browse.query is None:
            self._state.keep("order", order.value)
        self._show()

    def _fit(self, fit: bool) -> None:
        self._grid.set_fit(fit)
        self._state.keep("fit", fit)

    def _make_dense(self, dense: bool) -> None:
        self._grid.set_dense(dense)
        self._state.keep("dense", dense)

    def _show_scope(self, scope: ViewRequest | None) -> None:
        if scope is None:
            self._options = _OF_SEARCHES
        else:
            self._options = _OF_RECENT if scope.place is Place.RECENT else _OF_LIBRARY
        self._button.setVisible(scope is None or scope.place not in PAGES)
        self._show()

    def _show(self) -> None:
        order = self._browse.order
        # What is the natural order of one list has a name of its own in another.
        known = order if order in dict(self._options) else Order.NATURAL
        self._button.show_orders(self._options, known)
