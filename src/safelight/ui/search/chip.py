"""A chip: a part of the query that can be focused, changed and removed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from safelight.ui import wording
from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import mirrored
from safelight.ui.translation import translate

CHIP_HEIGHT = 26
MAX_CHIP_WIDTH = 320
"""The maximum width of a chip in device-independent pixels."""
_PICTURE = 20
_ICON = 16
_CROSS = 12
_EDGE = 8
_GAP = 5

_EDIT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_F2)
_REMOVE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class Kind(Enum):
    PART = auto()
    PICTURE = auto()
    PLACE = auto()
    """The part of the library that is searched."""
    SUGGESTION = auto()
    """Not part of the query yet: drawn dashed and without a cross."""


_HELP = {
    Kind.PART: (
        translate("Chip", "Enter changes it, Delete removes it"),
        translate("Chip", "Double click to change, Delete to remove"),
    ),
    Kind.PICTURE: (translate("Chip", "Delete removes it"), translate("Chip", "Delete to remove")),
    Kind.PLACE: (
        translate("Chip", "Delete searches the whole library"),
        translate("Chip", "Remove to search the whole library"),
    ),
    Kind.SUGGESTION: (
        translate("Chip", "Enter searches for it, Delete declines it"),
        translate("Chip", "Click to search only there"),
    ),
}
"""What the user can do with each kind: for a screen reader, and as a tooltip."""


@dataclass(frozen=True, slots=True)
class ChipContent:
    label: str
    mark: str
    """Name of an icon, drawn if there is no picture."""
    kind: Kind = Kind.PART
    negative: bool = False


class Chip(QAbstractButton):
    """Icon or picture, text and cross. Enter or a double click changes it; Delete or the cross removes it."""

    changed = Signal()
    """The user wants to change it, or accepts a suggestion."""
    removed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content = ChipContent("", "search")
        self._picture: QPixmap | None = None
        self._drawings: dict[tuple[str, str, int, float], QPixmap] = {}
        self._over_cross = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def content(self) -> ChipContent:
        return self._content

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    @property
    def said(self) -> str:
        """The whole text, even if there is no room to show it."""
        return (
            translate("Chip", "Not: {label}").format(label=self._content.label)
            if self._content.negative
            else self._content.label
        )

    def show_content(self, content: ChipContent, picture: QPixmap | None = None) -> None:
        """``picture`` is cropped to a circle and replaces the icon."""
        self._content = content
        self._picture = None
        if picture is not None and not picture.isNull():
            self._picture = _round(picture, _PICTURE, self.devicePixelRatioF())
        self.setAccessibleName(self.said)
        by_key, by_mouse = _HELP[content.kind]
        self.setAccessibleDescription(by_key)
        self.setToolTip(wording.tip(f"{self.said}\n{by_mouse}"))
        self.updateGeometry()
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    # --- measures -------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font())
        text = metrics.horizontalAdvance(self._prefix()) + metrics.horizontalAdvance(self._content.label)
        return QSize(min(self._text_left() + text + 2 + self._right_edge(), MAX_CHIP_WIDTH), CHIP_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(CHIP_HEIGHT, CHIP_HEIGHT)

    def _prefix(self) -> str:
        return translate("Chip", "Not: ") if self._content.negative else ""

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._theme.font_body)
        return font

    def _text_left(self) -> int:
        return (3 + _PICTURE if self._picture is not None else _EDGE + _ICON) + _GAP

    def _right_edge(self) -> int:
        return _EDGE + 2 if self._content.kind is Kind.SUGGESTION else _GAP + _CROSS + _EDGE

    def _cross(self) -> QRect:
        """The area where a click removes the chip."""
        if self._content.kind is Kind.SUGGESTION:
            return QRect()
        side = _GAP + _CROSS + _EDGE
        return mirrored(QRect(self.width() - side, 0, side, self.height()), self.rect())

    # --- input ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # Shortcuts of the window must not take the chip's own keys.
        own = (*_EDIT_KEYS, *_REMOVE_KEYS)
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in own
            and not event.modifiers()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _EDIT_KEYS:
            self.changed.emit()
        elif event.key() in _REMOVE_KEYS:
            self.removed.emit()
        else:
            event.ignore()  # for the row, which moves the focus

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._cross().contains(event.position().toPoint())
        if over != self._over_cross:
            self._over_cross = over
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over_cross = False
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        if event.button() is not Qt.MouseButton.LeftButton or not self.rect().contains(place):
            return
        if self._cross().contains(place):
            self.removed.emit()
        elif self._content.kind is Kind.SUGGESTION:
            self.changed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._content.kind is Kind.PART and not self._cross().contains(event.position().toPoint()):
            self.changed.emit()

    # --- drawing --------------------------------------------------------------------------------

    def paintEvent(self, event: QEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        if self._picture is not None:
            self._paint_mark(painter, 3, _PICTURE, self._picture)
        else:
            mark = self._drawing(self._content.mark, self._theme.secondary, _ICON)
            self._paint_mark(painter, _EDGE, _ICON, mark)
        self._paint_text(painter)
        if self._content.kind is not Kind.SUGGESTION:
            colour = self._theme.text if self._over_cross else self._theme.secondary
            left = self.width() - _EDGE - _CROSS
            self._paint_mark(painter, left, _CROSS, self._drawing("close", colour, _CROSS))
        painter.end()

    def _paint_mark(self, painter: QPainter, left: int, side: int, mark: QPixmap) -> None:
        """A square picture in the middle of the height. ``left`` is measured from the start of the chip."""
        place = mirrored(QRect(left, 0, side, self.height()), self.rect())
        painter.drawPixmap(QPointF(place.left(), (self.height() - side) / 2), mark)

    def _drawing(self, mark: str, colour: str, size: int) -> QPixmap:
        """Icons are read and drawn once, not in every frame."""
        key = (mark, colour, size, self.devicePixelRatioF())
        if key not in self._drawings:
            self._drawings[key] = icons.pixmap(*key)
        return self._drawings[key]

    def _paint_frame(self, painter: QPainter) -> None:
        theme, offer = self._theme, self._content.kind is Kind.SUGGESTION
        width = 2.0 if self.hasFocus() else 1.0
        pen = QPen(
            QColor(theme.accent if self.hasFocus() else theme.secondary if offer else theme.line), width
        )
        if offer and not self.hasFocus():
            pen.setDashPattern([3, 3])
        fill = theme.hover if self.underMouse() else theme.window if offer else theme.surface
        painter.setPen(pen)
        painter.setBrush(QColor(fill))
        inset = width / 2
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)

    def _paint_text(self, painter: QPainter) -> None:
        painter.setFont(self._font())
        metrics = painter.fontMetrics()
        left, right = self._text_left(), self.width() - self._right_edge()
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        prefix = self._prefix()
        painter.setPen(QColor(self._theme.accent_text))
        painter.drawText(self._line(left, right), middle, prefix)
        left += metrics.horizontalAdvance(prefix)
        text = metrics.elidedText(self._content.label, Qt.TextElideMode.ElideMiddle, right - left)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(self._line(left, right), middle, text)

    def _line(self, left: int, right: int) -> QRect:
        """The place of text between two distances from the start of the chip."""
        return mirrored(QRect(left, 0, right - left, self.height()), self.rect())


def _round(picture: QPixmap, side: int, ratio: float) -> QPixmap:
    pixels = round(side * ratio)
    scaled = picture.scaled(
        pixels,
        pixels,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    scaled.setDevicePixelRatio(1.0)
    result = QPixmap(pixels, pixels)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addEllipse(QRectF(0, 0, pixels, pixels))
    painter.setClipPath(path)
    painter.drawPixmap((pixels - scaled.width()) // 2, (pixels - scaled.height()) // 2, scaled)
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result
