"""Dragging photos out of the window: file URLs and the drag picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap

from safelight.ui.appearance.theme import Theme

_SIDE = 96
_SHIFT = 6
"""Offset in pixels of each picture in the stack."""
_MAX_PICTURES = 3


def file_url(path: str) -> QUrl:
    """The URL of a file given in ``os.fsdecode`` form, with every byte of its name preserved.

    ``QUrl.fromLocalFile`` loses names that are not valid UTF-8.
    """
    return QUrl.fromEncoded(Path(path).as_uri().encode("ascii"))


def mime_data(paths: Sequence[str]) -> QMimeData:
    """The files as ``text/uri-list``."""
    data = QMimeData()
    data.setUrls([file_url(path) for path in paths])
    return data


def drag_pixmap(pictures: Sequence[QPixmap], count: int, theme: Theme, ratio: float) -> QPixmap:
    """A stack of up to three pictures, with a count when there are several photos."""
    shown = pictures[:_MAX_PICTURES]
    extent = _SIDE + _SHIFT * max(0, len(shown) - 1) + 12
    result = QPixmap(round(extent * ratio), round(extent * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.setOpacity(0.9)
    for depth in reversed(range(max(1, len(shown)))):
        frame = QRect(depth * _SHIFT, depth * _SHIFT, _SIDE, _SIDE)
        painter.fillRect(frame.adjusted(-1, -1, 1, 1), QColor(theme.window))
        if shown:
            picture = shown[depth]
            side = min(picture.width(), picture.height())
            x, y = (picture.width() - side) // 2, (picture.height() - side) // 2
            painter.drawPixmap(frame, picture, QRect(x, y, side, side))
        else:
            painter.fillRect(frame, QColor(theme.skeleton))
    painter.setOpacity(1.0)
    if count > 1:
        _draw_count(painter, extent, count, theme)
    painter.end()
    return result


def hot_spot() -> QPoint:
    """The hot spot: outside the picture, which would cover the album or tag under the pointer."""
    return QPoint(-14, -10)


def _draw_count(painter: QPainter, extent: int, count: int, theme: Theme) -> None:
    font = QFont(painter.font())
    font.setPixelSize(theme.font_secondary)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    words = f"{count:,}"
    width = max(20, painter.fontMetrics().horizontalAdvance(words) + 12)
    badge = QRect(extent - width, extent - 20, width, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.primary))
    painter.drawRoundedRect(badge, 10, 10)
    painter.setPen(QColor(theme.on_primary))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
