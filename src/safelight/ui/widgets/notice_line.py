"""A one-line notice above the photos, about the results below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate

_ICON_SIZE = 16


class NoticeLine(QWidget):
    """Hidden while it has no text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._icon = QLabel()
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 14, 2)
        layout.setSpacing(8)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.setAccessibleName(translate("NoticeLine", "Notice"))
        self.hide()
        self.apply_theme(theme)

    @property
    def text(self) -> str:
        return self._text.text()

    def apply_theme(self, theme: Theme) -> None:
        self._icon.setPixmap(icon("notice", theme.information).pixmap(_ICON_SIZE, _ICON_SIZE))

    def show_text(self, text: str) -> None:
        if text and text != self.text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        self._text.setText(text)
        self.setVisible(bool(text))
