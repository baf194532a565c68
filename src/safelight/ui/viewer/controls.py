"""The viewer's buttons, which fade when the pointer rests."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPropertyAnimation, QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QEnterEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from safelight.ui.appearance.icons import icon
from safelight.ui.translation import translate
from safelight.ui.widgets.elided_label import ElidedLabel

_HIDE_DELAY = 2000
"""Milliseconds without pointer movement before the controls fade."""
_FADE_DURATION = 200
_MAX_NAME_WIDTH = 320
"""Pixels of the name of a file at most."""
_MIN_WIDTH_FOR_DATE = 860
"""Pixels of the bar from which the date is shown. In a narrower one the name has the room."""
_ICON_COLOUR = "#f2f2f4"
_SHEET = """
QFrame#bar { background: rgba(20, 20, 22, 190); border: none; }
QFrame#bar QLabel { color: #f2f2f4; }
QFrame#bar QLabel[kind="secondary"] { color: #b9bbc1; }
QFrame#bar QToolButton { color: #f2f2f4; }
QFrame#bar QToolButton:hover { background: rgba(255, 255, 255, 40); }
QFrame#bar QToolButton:pressed, QFrame#bar QToolButton:checked { background: rgba(255, 255, 255, 60); }
"""


class ViewerControls(QFrame):
    """The bar at the top of the viewer: back, name, favourite, zoom, previous and next."""

    back_requested = Signal()
    favourite_toggled = Signal()
    similar_requested = Signal()
    part_requested = Signal()
    film_requested = Signal()
    slideshow_requested = Signal()
    why_requested = Signal()
    info_requested = Signal()
    fit_requested = Signal()
    actual_size_requested = Signal()
    other_half_requested = Signal()
    previous_requested = Signal()
    next_requested = Signal()
    visibility_changed = Signal(bool)
    """The controls appeared, or begin to fade."""

    def __init__(self, parent: QWidget, *, of_library: bool = True) -> None:
        """``of_library``: the pictures are photos of the library, which have marks and metadata."""
        super().__init__(parent)
        self.setObjectName("bar")
        self.setStyleSheet(_SHEET)
        self.setFixedHeight(48)
        self._effect = QGraphicsOpacityEffect(self)
        self._effect.setOpacity(1.0)
        self.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setDuration(_FADE_DURATION)
        self._rest = QTimer(self, singleShot=True, interval=_HIDE_DELAY)
        self._rest.timeout.connect(self._fade_out)

        self._name = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._name.setMaximumWidth(_MAX_NAME_WIDTH)
        self._date = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._place = QLabel()
        self._zoom = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._zoom.setFixedWidth(self._zoom.fontMetrics().horizontalAdvance("1,000 %"))
        for label in (self._date, self._place, self._zoom):
            label.setProperty("kind", "secondary")
        self.other_half = self._button(
            "duplicates",
            translate("ViewerControls", "Other half of the pair, or next photo of the stack (O)"),
            self.other_half_requested,
        )
        self.other_half.hide()
        self.why = self._button(
            "why", translate("ViewerControls", "Why did this match? (W)"), self.why_requested
        )
        self._favourite = self._button(
            "heart", translate("ViewerControls", "Favourite (F)"), self.favourite_toggled
        )
        self._unset_heart, self._set_heart = self._favourite.icon(), icon("heart-filled", _ICON_COLOUR)
        self._lay_out(of_library)

    def _lay_out(self, of_library: bool) -> None:
        film = self._button("film", translate("ViewerControls", "Film strip (T)"), self.film_requested)
        info = self._button("info", translate("ViewerControls", "Details (I)"), self.info_requested)
        part = self._button(
            "part", translate("ViewerControls", "Search for a region (S)"), self.part_requested
        )
        actual = self._button(
            None, translate("ViewerControls", "Actual size (1)"), self.actual_size_requested
        )
        actual.setText("1:1")
        close = translate("ViewerControls", "Back to the grid (Esc)")
        previous = translate("ViewerControls", "Previous (←)")
        following = translate("ViewerControls", "Next (→)")
        slideshow = translate("ViewerControls", "Slideshow (F6)")
        fit = translate("ViewerControls", "Fit to the window (0)")
        similar = translate("ViewerControls", "Find similar (Ctrl+L)")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self._button("close", close, self.back_requested))
        layout.addSpacing(4)
        layout.addWidget(self._name)
        layout.addWidget(self._date)
        layout.addStretch(1)
        layout.addWidget(self.other_half)
        layout.addWidget(self._place)
        layout.addWidget(self._button("arrow-left", previous, self.previous_requested))
        layout.addWidget(self._button("arrow-right", following, self.next_requested))
        layout.addSpacing(8)
        layout.addWidget(film)
        layout.addWidget(self._button("play", slideshow, self.slideshow_requested))
        layout.addWidget(self._button("fit", fit, self.fit_requested))
        layout.addWidget(actual)
        layout.addWidget(self._zoom)
        layout.addSpacing(8)
        layout.addWidget(self._button("similar", similar, self.similar_requested))
        of_photos = (info, self.why, part, self._favourite)
        for button in of_photos:
            layout.addWidget(button)
        for button in (film, *of_photos):
            button.setVisible(of_library)

    def _button(self, icon_name: str | None, tip: str, signal: SignalInstance) -> QToolButton:
        button = QToolButton()
        if icon_name is not None:
            button.setIcon(icon(icon_name, _ICON_COLOUR))
        button.setIconSize(QSize(20, 20))
        button.setMinimumSize(32, 32)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        # The picture needs the arrow keys and Space. Tab still reaches the buttons.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(signal)
        return button

    def show_photo(self, name: str, date: str, place: str, favourite: bool) -> None:
        self._name.setText(name)
        self._date.setText(date)
        self._place.setText(place)
        self._favourite.setIcon(self._set_heart if favourite else self._unset_heart)
        self._favourite.setAccessibleName(
            translate("ViewerControls", "Remove from favourites")
            if favourite
            else translate("ViewerControls", "Favourite")
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._date.setVisible(self.width() >= _MIN_WIDTH_FOR_DATE)

    def show_zoom(self, zoom: float) -> None:
        """``zoom`` is device pixels per picture pixel."""
        self._zoom.setText(f"{round(zoom * 100):,} %")

    def wake(self) -> None:
        """Show the controls, and fade them again after two seconds without movement."""
        self._fade.stop()
        self._effect.setOpacity(1.0)
        self._rest.start()
        self.visibility_changed.emit(True)

    def sleep(self) -> None:
        """Stay as they are until the pointer moves."""
        self._rest.stop()
        self._fade.stop()

    def rest(self) -> None:
        """Fade after two seconds without movement."""
        self._rest.start()

    def dismiss(self) -> None:
        """Fade now, if the pointer is elsewhere."""
        self._rest.stop()
        self._fade_out()

    def _fade_out(self) -> None:
        if self.underMouse() or any(button.hasFocus() for button in self.findChildren(QToolButton)):
            self._rest.start()
            return
        self._fade.setStartValue(self._effect.opacity())
        self._fade.setEndValue(0.0)
        self._fade.start()
        self.visibility_changed.emit(False)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.wake()

    def leaveEvent(self, event: QEvent) -> None:
        self._rest.start()
