"""The viewer's card that explains a match, and its heat map."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from safelight.core.explanation import Explanation, Heat
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import DARK
from safelight.ui.explanation.heatmap_overlay import HeatmapOverlay
from safelight.ui.explanation.why_view import WhyView
from safelight.ui.translation import translate
from safelight.ui.widgets.page_scroll import PageScroll
from safelight.ui.widgets.zoom_view import ZoomView

_WIDTH = 300
_EDGE = 12
_SHEET = f"""
QFrame#why {{ background: rgba(20, 20, 22, 225); border: none; border-radius: {DARK.radius_card}px; }}
QFrame#why QLabel {{ color: {DARK.text}; }}
QFrame#why QLabel[kind="secondary"] {{ color: {DARK.secondary}; }}
QFrame#why QPushButton {{ background: {DARK.surface}; color: {DARK.text}; border-color: {DARK.line}; }}
QFrame#why QPushButton:hover {{ background: {DARK.hover}; }}
QFrame#why QPushButton:checked {{ background: {DARK.pressed}; }}
QFrame#why QPushButton:disabled {{ color: {DARK.disabled}; }}
QFrame#why QToolButton:hover {{ background: {DARK.hover}; }}
"""


class WhyCard(QFrame):
    """Dark in every theme, like everything shown over pictures."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("why")
        self.setStyleSheet(_SHEET)
        self.why = WhyView(DARK)
        title = QLabel(translate("WhyCard", "Why did this match?"))
        title.setProperty("kind", "section")
        close = QToolButton()
        close.setIcon(icon("close", DARK.secondary))
        close.setIconSize(QSize(16, 16))
        close.setAccessibleName(translate("WhyCard", "Close"))
        close.setToolTip(translate("WhyCard", "Close (W)"))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.why)
        column.addStretch(1)
        self._scroll = PageScroll(inside)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = inside
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        self.setAccessibleName(translate("WhyCard", "Why did this match?"))
        self.hide()

    def place(self, room: QRect) -> None:
        """Place the card at the right of ``room``, as high as its content."""
        width = min(_WIDTH, room.width() - 2 * _EDGE)
        inner = width - 24 - self._scroll.bar_width
        layout = self._inside.layout()
        assert layout is not None
        layout.invalidate()
        wish = max(layout.totalHeightForWidth(inner), layout.totalMinimumSize().height())
        height = max(80, min(wish + 64, room.height() - 2 * _EDGE))
        self.setGeometry(room.right() + 1 - _EDGE - width, room.top() + _EDGE, width, height)


class ViewerWhy(QObject):
    """Connects the card and the heat map to the picture in the viewer."""

    wanted = Signal(int)
    """Emitted with the photo to explain."""

    def __init__(self, view: ZoomView, host: QWidget, room: Callable[[], QRect]) -> None:
        """``room`` returns the area of ``host`` available to the card."""
        super().__init__(host)
        self._room = room
        self._photo: int | None = None
        self._possible = False
        self._turns = 0
        self._light = False
        """Whether to show the heat map as soon as it arrives."""
        self.heat = HeatmapOverlay(view)
        self.card = WhyCard(host)
        self.card.closed.connect(self.close)
        self.card.why.heat_toggled.connect(self._show_heat)

    def set_possible(self, possible: bool) -> None:
        """Set whether there is a search to explain."""
        self._possible = possible
        if not possible:
            self.close()

    def toggle(self) -> None:
        if self.card.isHidden():
            self.open()
        else:
            self.close()

    def open(self, *, light: bool = False) -> None:
        """Show the card, and with ``light`` the heat map."""
        if not self._possible or self._photo is None:
            return
        self._light = light or self._light
        self.card.show()
        self.card.raise_()
        self._ask()

    def toggle_light(self) -> None:
        """Show or hide the heat map. Showing it opens the card."""
        button = self.card.why.heat
        if self.card.isHidden():
            self.open(light=True)
        elif button.isEnabled() and not button.isHidden():
            button.toggle()
        else:
            self._light = not self._light

    def close(self) -> None:
        self._light = False
        self.card.why.heat.setChecked(False)
        self.card.hide()

    def show_photo(self, photo_id: int | None) -> None:
        """Follow the viewer to another photo, or None."""
        if photo_id == self._photo:
            return
        self._photo = photo_id
        self.heat.hide()
        if photo_id is None:
            self.close()
        elif not self.card.isHidden():
            self._light = self._light or self.card.why.heat.isChecked()
            self._ask()

    def show_explanation(self, explanation: Explanation, complete: bool) -> None:
        if explanation.photo_id != self._photo or self.card.isHidden():
            return
        why = self.card.why
        why.show_explanation(explanation, complete)
        if self._light and explanation.heat:
            self._light = False
            why.heat.setChecked(True)
        self._show_heat(why.heat.isChecked())
        self.place()

    def show_failure(self, photo_id: int, message: str) -> None:
        if photo_id == self._photo:
            self.card.why.show_failure(message)
            self.place()

    def place(self) -> None:
        if not self.card.isHidden():
            self.card.place(self._room())

    def _ask(self) -> None:
        if self._photo is not None:
            self.card.why.show_waiting()
            self.place()
            self.wanted.emit(self._photo)

    def show_turned(self, turns: int) -> None:
        """Turn the heat map with the picture, clockwise by this many quarters."""
        if turns != self._turns:
            self._turns = turns
            self._show_heat(self.card.why.heat.isChecked())

    def _show_heat(self, shown: bool) -> None:
        known = self.card.why.explanation
        self.heat.show_heat(turned_heat(known.heat, self._turns) if shown and known is not None else ())


def turned_heat(heat: Heat, turns: int) -> Heat:
    """A heat map turned clockwise by this many quarters."""
    for _ in range(turns):
        heat = tuple(zip(*heat[::-1], strict=True))
    return heat
