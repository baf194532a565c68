"""Choosing a region of the picture to search for, by mouse or keyboard."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QPushButton

from safelight.ui.translation import translate
from safelight.ui.widgets.zoom_view import ZoomCover, ZoomView

_MIN_SIDE = 16.0
"""Minimum shorter side of a region, in device-independent pixels."""
_STEP = 8.0
_FINE_STEP = 1.0
_REACH = 9.0
"""Distance in pixels at which the pointer grabs an edge."""
_HANDLE = 8.0
_SHADE = QColor(0, 0, 0, 150)

Edges = tuple[bool, bool, bool, bool]
"""Left, top, right, bottom: which edges the drag moves."""

_ALL: Edges = (True, True, True, True)
_NEW: Edges = (False, False, True, True)

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass(frozen=True, slots=True)
class _Drag:
    origin: QPointF
    """Where the drag started, as fractions of the picture."""
    part: QRectF
    edges: Edges


class PartChooser(ZoomCover):
    """Covers a zoom view while a region is chosen. Regions are fractions of the picture, 0 to 1."""

    chosen = Signal(QRectF)
    left = Signal()
    """Emitted when the user cancels."""

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._part = QRectF()
        self._drag: _Drag | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(translate("PartChooser", "Region of the picture"))
        self.button = QPushButton(translate("PartChooser", "Search for this region"), self)
        self.button.setProperty("kind", "primary")
        self.button.setToolTip(translate("PartChooser", "Search for this region (Enter)"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._choose)
        self.hide()

    @property
    def part(self) -> QRectF:
        return QRectF(self._part)

    def begin(self) -> None:
        """Start with a region in the middle of the visible part, half as wide and high."""
        self._drag = None
        self.cover()
        self.setFocus()
        seen = QRectF(self.rect()) & self.view.picture_rect()
        corner, opposite = self._fraction(seen.topLeft()), self._fraction(seen.bottomRight())
        width, height = (opposite - corner).x(), (opposite - corner).y()
        self._set_part(QRectF(corner.x() + width / 4, corner.y() + height / 4, width / 2, height / 2))
        self._describe_part()

    def leave(self) -> None:
        """Close without choosing. Idempotent."""
        if not self.isHidden():
            self.hide()
            self.left.emit()

    def _cover_view(self) -> None:
        super()._cover_view()
        self._place_button()

    # --- geometry ---------------------------------------------------------------------------

    def _set_part(self, part: QRectF) -> None:
        self._part = part
        self._place_button()
        self.update()

    def _part_rect(self) -> QRectF:
        """The region in widget coordinates."""
        picture = self.view.picture_rect()
        return QRectF(
            picture.left() + self._part.left() * picture.width(),
            picture.top() + self._part.top() * picture.height(),
            self._part.width() * picture.width(),
            self._part.height() * picture.height(),
        )

    def _fraction(self, place: QPointF) -> QPointF:
        picture = self.view.picture_rect()
        return QPointF(
            (place.x() - picture.left()) / picture.width(), (place.y() - picture.top()) / picture.height()
        )

    def _min_size(self) -> QPointF:
        """The minimum region size at the current zoom, as fractions."""
        picture = self.view.picture_rect()
        return QPointF(min(1.0, _MIN_SIDE / picture.width()), min(1.0, _MIN_SIDE / picture.height()))

    def _move_edges(self, part: QRectF, by: QPointF, edges: Edges) -> QRectF:
        """A region with some edges moved, kept inside the picture and above the minimum size. Edges may
        cross.
        """
        if edges == _ALL:
            left = min(max(part.left() + by.x(), 0.0), 1.0 - part.width())
            top = min(max(part.top() + by.y(), 0.0), 1.0 - part.height())
            return QRectF(left, top, part.width(), part.height())
        min_length = self._min_size()
        left, width = _clamp_span(
            part.left() + by.x() * edges[0], part.right() + by.x() * edges[2], min_length.x()
        )
        top, height = _clamp_span(
            part.top() + by.y() * edges[1], part.bottom() + by.y() * edges[3], min_length.y()
        )
        return QRectF(left, top, width, height)

    def _edges_at(self, place: QPointF) -> Edges | None:
        """What a drag starting at this point moves; None starts a new region."""
        shown = self._part_rect()
        if not shown.adjusted(-_REACH, -_REACH, _REACH, _REACH).contains(place):
            return None
        # The middle of a small region still moves it.
        reach_x, reach_y = min(_REACH, shown.width() / 4), min(_REACH, shown.height() / 4)
        edges = (
            place.x() < shown.left() + reach_x,
            place.y() < shown.top() + reach_y,
            place.x() > shown.right() - reach_x,
            place.y() > shown.bottom() - reach_y,
        )
        return edges if any(edges) else _ALL

    def _place_button(self) -> None:
        if self.isHidden():
            return
        self.button.adjustSize()
        shown = self._part_rect()
        x = shown.center().x() - self.button.width() / 2
        y = shown.bottom() + 8
        if y + self.button.height() > self.height() - 8:
            y = min(shown.bottom(), self.height()) - self.button.height() - 8
        self.button.move(
            round(min(max(x, 8), max(8, self.width() - self.button.width() - 8))), round(max(8, y))
        )

    # --- doing ------------------------------------------------------------------------------

    def _choose(self) -> None:
        self.hide()
        self.chosen.emit(self.part)

    def _describe_part(self) -> None:
        part = self._part
        left, top, width, height = (
            round(100 * each) for each in (part.left(), part.top(), part.width(), part.height())
        )
        words = translate(
            "PartChooser",
            "{width} by {height} percent of the picture, {left} from the left, {top} from the top",
        ).format(width=width, height=height, left=left, top=top)
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS:
            fine = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            resize = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = _FINE_STEP if fine else _STEP
            picture = self.view.picture_rect()
            across, down = _ARROWS[key]
            by = QPointF(across * step / picture.width(), down * step / picture.height())
            self._set_part(self._move_edges(self._part, by, _NEW if resize else _ALL))
            self._describe_part()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        elif key == Qt.Key.Key_Escape:
            self.leave()
        else:
            event.ignore()  # the viewer handles zooming and navigation

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        origin = self._fraction(event.position())
        edges = self._edges_at(event.position())
        if edges is None:
            inside = QPointF(min(max(origin.x(), 0.0), 1.0), min(max(origin.y(), 0.0), 1.0))
            self._drag = _Drag(origin, QRectF(inside, inside), _NEW)
        else:
            self._drag = _Drag(origin, self.part, edges)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            self._show_cursor(event.position())
        else:
            by = self._fraction(event.position()) - self._drag.origin
            self._set_part(self._move_edges(self._drag.part, by, self._drag.edges))
        event.ignore()  # the viewer shows its controls while the pointer moves

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag = None
            self._describe_part()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def _show_cursor(self, place: QPointF) -> None:
        edges = self._edges_at(place)
        shape = Qt.CursorShape
        if edges is None:
            cursor = shape.CrossCursor
        elif edges == _ALL:
            cursor = shape.SizeAllCursor
        elif (edges[0] or edges[2]) and (edges[1] or edges[3]):
            cursor = shape.SizeFDiagCursor if edges[0] == edges[1] else shape.SizeBDiagCursor
        else:
            cursor = shape.SizeHorCursor if edges[0] or edges[2] else shape.SizeVerCursor
        self.setCursor(cursor)

    # --- drawing ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._part_rect()
        outside = QPainterPath()
        outside.addRect(QRectF(self.rect()))
        outside.addRect(shown)  # odd-even: a hole
        painter.fillPath(outside, _SHADE)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor("#ffffff"), 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(shown)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1.0))
        painter.setBrush(QColor("#ffffff"))
        for corner in (shown.topLeft(), shown.topRight(), shown.bottomLeft(), shown.bottomRight()):
            half = _HANDLE / 2
            painter.drawRect(QRectF(corner.x() - half, corner.y() - half, _HANDLE, _HANDLE))
        painter.end()


def _clamp_span(one: float, other: float, min_length: float) -> tuple[float, float]:
    """The start and the length of a span between two points, kept between 0 and 1 and at least as long as
    ``min_length``.
    """
    low, high = (min(max(end, 0.0), 1.0) for end in sorted((one, other)))
    if high - low < min_length:
        low = min(low, 1.0 - min_length)
        high = low + min_length
    return low, high - low
