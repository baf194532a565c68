"""A row of thumbnails of the photos around the current one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from safelight.ui import direction
from safelight.ui.translation import translate

HEIGHT = 76
_SIDE = 60
_GAP = 4
_STEP = _SIDE + _GAP
_NOTCH = 120

_GROUND = QColor(14, 14, 16)
_UNKNOWN = QColor(38, 39, 42)
_RING = QColor("#f2f2f4")


class FilmStrip(QWidget):
    """Shows as many thumbnails as fit, with the current one in the middle."""

    chosen = Signal(int)
    """The 0-based index of the photo that was clicked."""

    def __init__(self, thumbnail: Callable[[int], QPixmap | None], parent: QWidget | None = None) -> None:
        """``thumbnail`` returns a cached thumbnail or None, without blocking."""
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._ids: Sequence[int] = ()
        self._at = 0
        self._shift = 0
        """Scroll offset in pixels from the current photo."""
        self._tiles: dict[tuple[int, float], QPixmap] = {}
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(translate("FilmStrip", "Film strip"))
        self.hide()

    def show_photos(self, ids: Sequence[int], at: int) -> None:
        """Set the photos and the index of the current one."""
        self._ids, self._at, self._shift = ids, at, 0
        self.update()

    def refresh(self, photo_id: int) -> None:
        """A thumbnail arrived."""
        for key in [key for key in self._tiles if key[0] == photo_id]:  # also while the strip is hidden
            del self._tiles[key]
        self.update()

    def forget(self) -> None:
        """Clear the strip."""
        self._ids = ()
        self._tiles.clear()

    # --- geometry ---------------------------------------------------------------------------

    def _left(self) -> int:
        """x of the first cell if the strip ran from left to right. It may be far outside the widget."""
        total = len(self._ids) * _STEP - _GAP
        if total <= self.width():
            return (self.width() - total) // 2
        left = self.width() // 2 - _SIDE // 2 - self._at * _STEP - self._shift
        return max(min(left, _GAP), self.width() - total - _GAP)

    def place_at(self, x: int) -> int | None:
        """The index of the photo at a point."""
        x = direction.mirrored_point(QPoint(x, 0), self.rect()).x()
        place, within = divmod(x - self._left(), _STEP)
        return place if 0 <= place < len(self._ids) and within < _SIDE else None

    def cell(self, place: int) -> QRect:
        cell = QRect(self._left() + place * _STEP, (HEIGHT - _SIDE) // 2, _SIDE, _SIDE)
        return direction.mirrored(cell, self.rect())

    # --- events -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint().x())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self.chosen.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        notches = (delta.y() or delta.x()) / _NOTCH
        before = self._left()
        self._shift -= round(3 * _STEP * notches)
        # Clamp, so that scrolling back responds immediately.
        self._shift -= self._left() - (self.width() // 2 - _SIDE // 2 - self._at * _STEP - self._shift)
        if self._left() != before:
            self.update()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), _GROUND)
        left = self._left()
        first = max(0, -(left + _STEP) // _STEP)
        stop = min(len(self._ids), (self.width() - left) // _STEP + 1)
        ratio = self.devicePixelRatioF()
        shown = {(photo_id, ratio) for photo_id in self._ids[first:stop]}
        self._tiles = {key: tile for key, tile in self._tiles.items() if key in shown}
        # The newest request is served first, so request the middle last.
        for place in sorted(range(first, stop), key=lambda each: -abs(each - self._at)):
            cell = self.cell(place)
            tile = self._tile(self._ids[place], ratio)
            if tile is None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(_UNKNOWN)
                painter.drawRoundedRect(cell, 4, 4)
            else:
                painter.drawPixmap(cell.topLeft(), tile)
            if place == self._at:
                painter.setPen(QPen(_RING, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(cell.adjusted(-1, -1, 1, 1), 5, 5)
        painter.end()

    def _tile(self, photo_id: int, ratio: float) -> QPixmap | None:
        """The centre of a thumbnail, cropped to the cell."""
        known = self._tiles.get((photo_id, ratio))
        if known is not None:
            return known
        picture = self._thumbnail(photo_id)
        if picture is None or picture.isNull():
            return None
        side = round(_SIDE * ratio)
        scaled = picture.scaled(
            side,
            side,
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )
        corner = QPoint((scaled.width() - side) // 2, (scaled.height() - side) // 2)
        tile = scaled.copy(QRect(corner.x(), corner.y(), side, side))
        tile.setDevicePixelRatio(ratio)
        self._tiles[photo_id, ratio] = tile
        return tile
