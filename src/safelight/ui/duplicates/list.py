"""The list of groups: one of them is current, and one file of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QToolTip, QWidget

from safelight.ui import wording
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import reading_key
from safelight.ui.duplicates.delegate import GroupDelegate
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.translation import message_text, translate


class GroupList(QListView):
    """Up and Down move between groups, Left and Right between the files of one. Space marks a file to be kept
    or not, Enter compares.
    """

    compare_requested = Signal()
    menu_requested = Signal(QPoint)
    """Global position. The file that was clicked is current by then."""

    def __init__(
        self, review: DuplicatesReview, cache: ThumbnailCache, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._delegate = GroupDelegate(review, cache, theme, self)
        self._delegate.has_focus = self.hasFocus
        self.setItemDelegate(self._delegate)
        self.setModel(review.model)
        self.setSelectionModel(review.selection)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAccessibleName(translate("GroupList", "Groups of duplicates"))
        self.verticalScrollBar().setSingleStep(48)
        review.current_changed.connect(self._on_current_changed)
        cache.thumbnail_ready.connect(self._refresh)
        cache.colours_ready.connect(self.viewport().update)
        cache.invalidated.connect(self._forget)

    def apply_theme(self, theme: Theme) -> None:
        self._delegate.apply_theme(theme)
        self.viewport().update()

    def _on_current_changed(self) -> None:
        index = self._review.selection.currentIndex()
        if index.isValid() and self.isVisible():
            self.scrollTo(index)
        member = self._review.member
        self.setAccessibleDescription(wording.display_path(member.path) if member is not None else "")
        self.viewport().update()

    def _refresh(self, photo_id: int) -> None:
        self._delegate.forget(photo_id)
        self.viewport().update()

    def _forget(self, photo_ids: list[int]) -> None:
        for photo_id in photo_ids:
            self._delegate.forget(photo_id)
        self.viewport().update()

    def _member_at(self, position: QPoint) -> tuple[int, int | None] | None:
        """Row and number of the file at a point of the viewport."""
        index = self.indexAt(position)
        if not index.isValid():
            return None
        group = self._review.model.groups[index.row()]
        current = self._review.member_number if index == self.currentIndex() else 0
        return index.row(), self._delegate.member_at(self.visualRect(index), position, group, current)

    def _go_to(self, position: QPoint) -> bool:
        """Make the file at a point current; False where there is none."""
        found = self._member_at(position)
        if found is None:
            return False
        self._review.go_to_group(found[0])
        if found[1] is not None:
            self._review.go_to_member(found[1])
        return found[1] is not None

    # --- events -------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Left: lambda: self._review.step_member(-1),
            Qt.Key.Key_Right: lambda: self._review.step_member(1),
            Qt.Key.Key_Space: self._review.toggle_keep,
            Qt.Key.Key_Return: self.compare_requested.emit,
            Qt.Key.Key_Enter: self.compare_requested.emit,
        }
        act = acts.get(reading_key(event.key()))
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        if act is not None and plain:
            act()
        elif event.text().isprintable() and event.text():
            event.ignore()  # it is a command of the page, not the beginning of a name
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self._go_to(event.position().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._member_at(event.position().toPoint()):
            self.compare_requested.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            if self._go_to(self.viewport().mapFromGlobal(event.globalPos())):
                self.menu_requested.emit(event.globalPos())
        elif self.currentIndex().isValid():
            self.menu_requested.emit(
                self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
            )

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._member_at(event.pos())
            if found is None or found[1] is None:
                QToolTip.hideText()
            else:
                member = self._review.model.groups[found[0]].members[found[1]]
                words = [
                    wording.display_path(member.path),
                    wording.file_size(member.facts.size),
                    message_text(member.why),
                ]
                QToolTip.showText(event.globalPos(), wording.tip("\n".join(filter(None, words))), self)
            return True
        return super().viewportEvent(event)
