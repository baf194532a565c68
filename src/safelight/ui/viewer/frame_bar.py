"""The viewer's control for pages and animations."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from safelight.ui.appearance.icons import icon
from safelight.ui.translation import translate

_ICON_COLOUR = "#f2f2f4"
_EDGE = 16
_SHEET = """
QFrame#frames { background: rgba(20, 20, 22, 205); border: none; border-radius: 20px; }
QFrame#frames QLabel { color: #f2f2f4; }
QFrame#frames QToolButton:hover { background: rgba(255, 255, 255, 40); }
QFrame#frames QToolButton:pressed { background: rgba(255, 255, 255, 60); }
"""


class FrameBar(QFrame):
    """Previous, play or pause, next, and which page or frame is shown."""

    previous_requested = Signal()
    next_requested = Signal()
    play_toggled = Signal()

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("frames")
        self.setStyleSheet(_SHEET)
        self.setFixedHeight(40)
        self._room = QRect()
        self._wanted = False
        """Whether there is something to control."""
        self._awake = True
        self.previous = self._button("arrow-left", self.previous_requested)
        self.play = self._button("pause", self.play_toggled)
        self.next = self._button("arrow-right", self.next_requested)
        self._name_frames()
        self._name_play(playing=True)
        self.text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(4)
        for widget in (self.previous, self.play, self.text, self.next):
            layout.addWidget(widget)
        self.hide()

    def _button(self, icon_name: str, signal: SignalInstance) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name, _ICON_COLOUR))
        button.setIconSize(QSize(18, 18))
        button.setFixedSize(32, 32)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(signal)
        return button

    def show_page(self, at: int, total: int) -> None:
        """``at`` counts from 0."""
        self.play.hide()
        self._name(translate("FrameBar", "Previous page (,)"), translate("FrameBar", "Next page (.)"))
        self.previous.setEnabled(at > 0)
        self.next.setEnabled(at < total - 1)
        self._show(translate("FrameBar", "Page {at:,} of {total:,}").format(at=at + 1, total=total), total)

    def show_frame(self, at: int, total: int, *, playing: bool) -> None:
        """``at`` counts from 0."""
        self.play.show()
        self._name_play(playing=playing)
        self._name_frames()
        self.previous.setEnabled(True)
        self.next.setEnabled(True)
        self._show(f"{at + 1:,} / {total:,}", total)

    def release(self) -> None:
        """Hide until there is something to control."""
        self._wanted = False
        self._show_if_wanted()

    def set_awake(self, awake: bool) -> None:
        """Hide while the viewer's other controls are hidden."""
        self._awake = awake
        self._show_if_wanted()

    def _show_if_wanted(self) -> None:
        visible = self._wanted and self._awake
        if visible == self.isHidden():
            self.setVisible(visible)
            self.place(self._room)

    def place(self, room: QRect) -> None:
        """Use the bottom of this area."""
        self._room = room
        self.adjustSize()
        self.move(room.center().x() - self.width() // 2, room.bottom() - _EDGE - self.height())
        self.raise_()

    def _name_play(self, *, playing: bool) -> None:
        self.play.setIcon(icon("pause" if playing else "play", _ICON_COLOUR))
        tip = translate("FrameBar", "Pause (Space)") if playing else translate("FrameBar", "Play (Space)")
        self.play.setToolTip(tip)
        self.play.setAccessibleName(tip.partition(" (")[0])

    def _name_frames(self) -> None:
        self._name(translate("FrameBar", "Previous frame (,)"), translate("FrameBar", "Next frame (.)"))

    def _name(self, previous: str, following: str) -> None:
        for button, tip in ((self.previous, previous), (self.next, following)):
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(" (")[0])

    def _show(self, text: str, total: int) -> None:
        # As wide as the longest text, so that the bar does not move while an animation plays.
        widest = text.replace(text.split()[0 if self.play.isVisibleTo(self) else 1], f"{total:,}", 1)
        self.text.setMinimumWidth(self.text.fontMetrics().horizontalAdvance(widest) + 16)
        self.text.setText(text)
        self.setAccessibleName(text)
        self._wanted = True
        self._show_if_wanted()
