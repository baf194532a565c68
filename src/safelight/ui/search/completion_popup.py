"""The list of suggestions below the search box. It never takes the focus, and Enter only after a choice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from safelight.ui import wording
from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import mirrored
from safelight.ui.search.completion import Candidate
from safelight.ui.translation import translate

_ROW = 28
_MAX_LINES, _MAX_INTRODUCTION_LINES = 9, 16
_MIN_WIDTH, _MAX_WIDTH = 220, 460
_EDGE = 4

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class CompletionModel(QAbstractListModel):
    """Suggestions, best first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._candidates: tuple[Candidate, ...] = ()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return self._candidates

    def show(self, candidates: Sequence[Candidate]) -> None:
        self.beginResetModel()
        self._candidates = tuple(candidates)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._candidates)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if index.isValid() and self._candidates[index.row()].is_heading:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        candidate = self._candidates[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return candidate.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(candidate)
        return None


def spoken(candidate: Candidate) -> str:
    """A suggestion in one line, for a screen reader."""
    parts = [candidate.label, candidate.detail]
    if candidate.photos is not None:
        parts.append(wording.count_of(candidate.photos, "photo"))
    return ", ".join(part for part in parts if part)


class CompletionPopup(QFrame):
    """Covers the window below the search box while there are suggestions."""

    taken = Signal(object)  # Candidate: one was clicked

    def __init__(self, theme: Theme, field: QWidget) -> None:
        super().__init__(field)
        self._field = field
        self.model = CompletionModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self._delegate = _CandidateDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(translate("CompletionPopup", "Suggestions"))
        self.list.clicked.connect(self._choose)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setProperty("surface", "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        layout.addWidget(self.list)
        self.hide()
        self.apply_theme(theme)

    @property
    def chosen(self) -> Candidate | None:
        """The suggestion that Enter accepts; none until the user moves to one."""
        index = self.list.currentIndex()
        return self.model.candidates[index.row()] if self.isVisible() and index.isValid() else None

    def apply_theme(self, theme: Theme) -> None:
        self._delegate.theme = theme
        self.list.setStyleSheet(f"QListView {{ background: {theme.surface}; }}")

    def offer(self, candidates: Sequence[Candidate]) -> None:
        """Show suggestions, or nothing. None is chosen at first."""
        if not candidates:
            self.hide()
            return
        if tuple(candidates) != self.model.candidates:
            self.model.show(candidates)
        self.list.setCurrentIndex(QModelIndex())
        self.list.scrollToTop()
        window = self._field.window()
        if self.parent() is not window:
            self.setParent(window)
            window.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()

    def step(self, by: int) -> None:
        """Choose the next suggestion (1) or the previous one (−1); before the first, none is chosen."""
        row = self.list.currentIndex().row() + by
        while 0 <= row < self.model.rowCount() and self.model.candidates[row].is_heading:
            row += by
        if row >= self.model.rowCount():
            return
        self.list.setCurrentIndex(self.model.index(row) if row >= 0 else QModelIndex())
        candidate = self.chosen
        if candidate is not None:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._field, spoken(candidate)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _choose(self, index: QModelIndex) -> None:
        candidate = self.model.candidates[index.row()]
        if not candidate.is_heading:
            self.taken.emit(candidate)

    def _place(self) -> None:
        window = self._field.window()
        corner = self._field.mapTo(window, QPoint(0, self._field.height() + 4))
        wish = max(self._delegate.width_of(each) for each in self.model.candidates) + 2 * _EDGE + 16
        width = max(_MIN_WIDTH, min(wish, _MAX_WIDTH, window.width() - corner.x() - 8))
        introduces = any(each.is_heading for each in self.model.candidates)
        lines = min(self.model.rowCount(), _MAX_INTRODUCTION_LINES if introduces else _MAX_LINES)
        room = (window.height() - corner.y() - 16) // _ROW
        height = max(1, min(lines, room)) * _ROW + 2 * _EDGE + 2
        self.setGeometry(QRect(corner, QSize(width, height)))


class _CandidateDelegate(QStyledItemDelegate):
    """One row: an icon, the suggestion, and the number of photos at the right."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self.theme = theme
        self._view = view

    def width_of(self, candidate: Candidate) -> int:
        metrics = self._view.fontMetrics()
        count = "" if candidate.photos is None else f"{candidate.photos:,}"
        return (
            sum(metrics.horizontalAdvance(text) for text in (candidate.label, candidate.detail, count))
            + 34
            + 32
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(_MIN_WIDTH, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, CompletionModel)
        candidate = model.candidates[index.row()]
        theme, rect = self.theme, option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if candidate.is_heading:
            space = mirrored(rect.adjusted(8, 0, -10, -3), rect)
            self._write_heading(painter, space, candidate.label)
            painter.restore()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.pressed if chosen else theme.hover))
            painter.drawRoundedRect(rect, 6, 6)
        ratio = self._view.devicePixelRatioF()
        place = mirrored(QRect(rect.left() + 8, rect.center().y() - 7, 16, 16), rect)
        painter.drawPixmap(place.topLeft(), icons.pixmap(candidate.mark, theme.secondary, 16, ratio))
        self._write(painter, rect, candidate)
        painter.restore()

    def _write_heading(self, painter: QPainter, space: QRect, text: str) -> None:
        font = painter.font()
        font.setPixelSize(self.theme.font_secondary)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.secondary))
        painter.drawText(space, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _write(self, painter: QPainter, rect: QRect, candidate: Candidate) -> None:
        theme, middle = self.theme, Qt.AlignmentFlag.AlignVCenter
        space = rect.adjusted(32, 0, -10, 0)
        font = painter.font()
        font.setPixelSize(theme.font_body)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        if candidate.photos is not None:
            count = f"{candidate.photos:,}"
            painter.setPen(QColor(theme.secondary))
            painter.drawText(mirrored(space, rect), Qt.AlignmentFlag.AlignRight | middle, count)
            space.setRight(space.right() - metrics.horizontalAdvance(count) - 12)
        detail = min(metrics.horizontalAdvance(candidate.detail), space.width() // 2)
        room = space.width() - (detail + 10 if detail else 0)
        label = metrics.elidedText(candidate.label, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(QColor(theme.text))
        painter.drawText(mirrored(space, rect), Qt.AlignmentFlag.AlignLeft | middle, label)
        space.setLeft(space.left() + metrics.horizontalAdvance(label) + 10)
        painter.setPen(QColor(theme.secondary))
        shown = metrics.elidedText(candidate.detail, Qt.TextElideMode.ElideRight, max(space.width(), 0))
        painter.drawText(mirrored(space, rect), Qt.AlignmentFlag.AlignLeft | middle, shown)
