"""Windows of right-to-left languages: places, keys and names of files.

Qt mirrors its own layouts and widgets. What a widget paints or places by itself uses these functions.
"""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStyle

_OPPOSITE: dict[int, int] = {Qt.Key.Key_Left: Qt.Key.Key_Right, Qt.Key.Key_Right: Qt.Key.Key_Left}
_FIRST_STRONG_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2066", "\u2069"


_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF", "PDI"))
"""Bidirectional classes of characters that affect the order of those around them."""


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
    """A name or path that keeps the order of its characters and of the words around it.

    Without that, ``2019_trip.jpg`` reads ``trip.jpg_2019`` in a language written from right to left, and a
    name in Hebrew moves to the other side of its extension and its folder in any other. A character in a name
    that reverses the text would do so up to the end of the line. A path always runs from left to right.
    """
    if not text or not (is_mirrored() or _has_direction(text)):
        return text
    if not is_path:
        return f"{_FIRST_STRONG_ISOLATE}{text}{_END_OF_ISOLATE}"
    parts = text.split("/")
    path = "/".join(
        f"{_FIRST_STRONG_ISOLATE}{part}{_END_OF_ISOLATE}" if _has_direction(part) else part for part in parts
    )
    return f"{_LEFT_TO_RIGHT_ISOLATE}{path}{_END_OF_ISOLATE}"


def _has_direction(text: str) -> bool:
    """Whether some of a text is written from right to left, or has characters that change the direction."""
    return not text.isascii() and any(unicodedata.bidirectional(each) in _RIGHT_TO_LEFT for each in text)
