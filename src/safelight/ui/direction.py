"""Windows of right-to-left languages: places, keys and names of files.

Qt mirrors its own layouts and widgets. What a widget paints or places by itself uses these functions.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStyle

_OPPOSITE: dict[int, int] = {Qt.Key.Key_Left: Qt.Key.Key_Right, Qt.Key.Key_Right: Qt.Key.Key_Left}
_FIRST_STRONG_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2066", "\u2069"


def is_mirrored() -> bool:
    """Whether the language of the window is written from right to left."""
    return QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft


def mirrored(rect: QRect, within: QRect) -> QRect:
    """A rectangle that was laid out from left to right, at its place in the direction of the window.

    Its own inverse: it also turns a place on the screen into one of the layout.
    """
    return QStyle.visualRect(QGuiApplication.layoutDirection(), within, rect)


def mirrored_point(point: QPoint, within: QRect) -> QPoint:
    """The same for a point."""
    return QStyle.visualPos(QGuiApplication.layoutDirection(), within, point)


def reading_key(key: int) -> int:
    """The key that means the same in a language written from left to right: there, → goes forward."""
    return _OPPOSITE.get(key, key) if is_mirrored() else key


def isolated(text: str, *, is_path: bool = False) -> str:
    """A name or path that keeps the order of its characters among words written from right to left.

    Without that, ``2019_trip.jpg`` reads ``trip.jpg_2019``. A path always runs from left to right.
    """
    if not is_mirrored() or not text:
        return text
    return f"{_LEFT_TO_RIGHT_ISOLATE if is_path else _FIRST_STRONG_ISOLATE}{text}{_END_OF_ISOLATE}"
