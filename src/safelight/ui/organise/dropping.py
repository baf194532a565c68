"""Dropping photos of the grid on tags and albums of the sidebar."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from safelight.ui.library.places_model import PlacesModel
from safelight.ui.pages.declarations import ALBUMS
from safelight.ui.sidebar.place_tree import PlaceTree
from safelight.ui.view_request import Place, ViewRequest

_OPEN_DELAY = 600
"""Milliseconds that photos are held over the row of the page of albums before it opens."""


class PhotoDrops(QObject):
    """Takes drags that come from ``source``; others go on to the window."""

    def __init__(
        self,
        tree: PlaceTree,
        places: PlacesModel,
        source: QWidget,
        drop: Callable[[ViewRequest], bool],
        open_page: Callable[[Place], object],
    ) -> None:
        """``open_page`` opens the page of albums when photos are held over its row for a moment."""
        super().__init__(tree)
        self._open_page = open_page
        self._hold_timer = QTimer(self, singleShot=True, interval=_OPEN_DELAY)
        self._hold_timer.timeout.connect(lambda: self._open_page(ALBUMS))
        self._tree = tree
        self._places = places
        self._source = source
        self._drop = drop
        tree.viewport().setAcceptDrops(True)
        tree.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)
        if event.type() in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self._hold_timer.stop()
        if event.type() not in kinds or not isinstance(event, QDropEvent):
            return False
        if event.source() is not self._source:
            event.ignore()
            return True
        entry = self._places.entry(self._tree.indexAt(event.position().toPoint()))
        scope = None if entry is None else entry.scope
        self._update_hold_timer(event, scope)
        target = scope if scope is not None and scope.place in (Place.TAG, Place.ALBUM) else None
        if event.type() == QEvent.Type.DragEnter or target is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()
        if target is not None and not isinstance(event, QDragMoveEvent):
            self._drop(target)
        return True

    def _update_hold_timer(self, event: QDropEvent, scope: ViewRequest | None) -> None:
        """Run the timer while photos are held over the row of the page of albums."""
        if scope is None or scope.place != ALBUMS or event.type() == QEvent.Type.Drop:
            self._hold_timer.stop()
        elif not self._hold_timer.isActive():
            self._hold_timer.start()
