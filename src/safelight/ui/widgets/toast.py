"""Short messages at the bottom of the window, one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate

STEPS_TOPIC = "steps"
"""The topic of undoable steps. A new step's message replaces the previous one, so that Undo always refers to
the last step."""

_DISPLAY_SECONDS = 6
_MARGIN = 16


@dataclass(frozen=True, slots=True)
class Notification:
    text: str
    action: str = ""
    """The button's text; empty for no button."""
    act: Callable[[], None] | None = None
    topic: str = ""
    """A newer message with the same topic replaces this one; empty for no topic."""
    error: bool = False
    """Shown at once, before messages that are waiting or shown."""


class Toasts(QFrame):
    """Shown at the bottom centre of ``host``.

    A message stays for six seconds, or longer while the pointer is over it. The same text is not shown twice
    in a row.
    """

    def __init__(self, host: QWidget, theme: Theme) -> None:
        super().__init__(host)
        self._host = host
        self._waiting: deque[Notification] = deque()
        self._current: Notification | None = None
        self._lift = 0
        self._timer = QTimer(self, singleShot=True, interval=_DISPLAY_SECONDS * 1000)
        self._timer.timeout.connect(self._show_next)

        self.setProperty("surface", "toast")
        self.setAccessibleName(translate("Toasts", "Message"))
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._action = QPushButton()
        self._action.setProperty("kind", "quiet")
        self._action.clicked.connect(self._act)
        self._close = QToolButton()
        self._close.setIconSize(QSize(16, 16))
        self._close.setAccessibleName(translate("Toasts", "Dismiss"))
        self._close.setToolTip(translate("Toasts", "Dismiss"))
        self._close.clicked.connect(self._show_next)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._action)
        layout.addWidget(self._close)
        self.hide()
        host.installEventFilter(self)
        self.apply_theme(theme)

    @property
    def text(self) -> str:
        """The current text, or an empty string."""
        return self._current.text if self._current else ""

    def apply_theme(self, theme: Theme) -> None:
        self._close.setIcon(icon("close", theme.secondary))

    def show_message(
        self, text: str, action: str = "", act: Callable[[], None] | None = None, *, topic: str = ""
    ) -> None:
        message = Notification(text, action, act, topic)
        if topic:
            self._waiting = deque(each for each in self._waiting if each.topic != topic)
            if self._current is not None and self._current.topic == topic:
                self._waiting.appendleft(message)
                self._show_next()
                return
        latest = self._waiting[-1] if self._waiting else self._current
        if not topic and latest is not None and latest.text == text:
            return
        self._waiting.append(message)
        if self._current is None:
            self._show_next()

    def show_error(self, text: str) -> None:
        """Show an error now. A message that it interrupts is shown again afterwards, with its button."""
        if self.text == text:
            return
        self._waiting = deque(each for each in self._waiting if each.text != text)
        if self._current is not None and not self._current.error:
            self._waiting.appendleft(self._current)
        self._waiting.appendleft(Notification(text, error=True))
        self._show_next()

    def set_lift(self, pixels: int) -> None:
        """Move up by this many pixels, for pages with controls at the bottom."""
        if pixels != self._lift:
            self._lift = pixels
            if self._current is not None:
                self._place()

    def clear(self) -> None:
        self._waiting.clear()
        self._show_next()

    def _show_next(self) -> None:
        self._timer.stop()
        self._current = self._waiting.popleft() if self._waiting else None
        if self._current is None:
            self.hide()
            return
        self._text.setText(self._current.text)
        self._action.setText(self._current.action)
        self._action.setVisible(bool(self._current.action))
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._current.text))

    def _act(self) -> None:
        act = self._current.act if self._current else None
        self._show_next()
        if act is not None:
            act()

    def _place(self) -> None:
        available = max(200, self._host.width() - 2 * _MARGIN)
        self._text.setMaximumWidth(min(560, available - 160))
        text_width = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 8
        self._text.setMinimumWidth(min(text_width, self._text.maximumWidth()))
        self.adjustSize()
        self.move(
            (self._host.width() - self.width()) // 2,
            self._host.height() - self.height() - 32 - _MARGIN - self._lift,
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._current is not None:
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        if self._current is not None:
            self._timer.start()
