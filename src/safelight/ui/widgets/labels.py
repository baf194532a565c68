"""Labels for sentences."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain_label(text: str = "", kind: str = "", *, narrow: bool = False) -> QLabel:
    """A label that wraps its text and shows it as it is, also where it looks like HTML.

    ``kind`` selects the look in the style sheet. ``narrow``: the label may become narrower than its longest
    word.
    """
    label = QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    if narrow:
        label.setMinimumWidth(1)
    if kind:
        label.setProperty("kind", kind)
    return label
