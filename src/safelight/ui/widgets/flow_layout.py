"""A layout that arranges widgets in a row and wraps to further rows as needed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from safelight.ui import direction


class FlowLayout(QLayout):
    """Each widget has the size that it prefers."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), apply=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, apply=True)

    def _place(self, rect: QRect, *, apply: bool) -> int:
        """Returns the total height of the rows."""
        inner = rect.marginsRemoved(self.contentsMargins())
        x, y, row = inner.left(), inner.top(), 0
        for item in self._items:
            size = item.sizeHint()
            if row and x + size.width() > inner.right() + 1:
                x, y, row = inner.left(), y + row + self.spacing(), 0
            if apply:
                item.setGeometry(direction.mirrored(QRect(QPoint(x, y), size), inner))
            x += size.width() + self.spacing()
            row = max(row, size.height())
        return y + row - inner.top() + rect.height() - inner.height()
