"""The welcome page of an empty library."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from safelight.ui.appearance.icons import app_icon, icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.page_scroll import PageScroll

_POINTS = (
    (
        "eye",
        translate("Welcome", "Your photos stay where they are"),
        translate("Welcome", "Safelight only reads them. Nothing is moved, changed or sent anywhere."),
    ),
    (
        "search",
        translate("Welcome", "Search in your own words"),
        translate("Welcome", "“Dog on a beach”, “birthday cake”: no tags needed."),
    ),
    (
        "similar",
        translate("Welcome", "Find similar pictures"),
        translate("Welcome", "Right-click a photo, or drop one on the search bar."),
    ),
)


class WelcomePage(QWidget):
    """Shown while the library is empty."""

    add_folder_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("WelcomePage", "Welcome"))
        card = QFrame()
        card.setProperty("surface", "card")
        card.setMaximumWidth(520)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(32, 32, 32, 32)
        inside.setSpacing(8)

        self._mark = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self._mark.setPixmap(app_icon().pixmap(QSize(64, 64), self.devicePixelRatioF()))
        title = QLabel(
            translate("WelcomePage", "Add your first folder"), alignment=Qt.AlignmentFlag.AlignHCenter
        )
        title.setProperty("kind", "title")
        self._hint = QLabel(
            translate("WelcomePage", "Choose a folder of photos, or drop one anywhere on this window."),
            alignment=Qt.AlignmentFlag.AlignHCenter,
            wordWrap=True,
        )
        self.add_button = QPushButton(translate("WelcomePage", "Add folder …"))
        self.add_button.setProperty("kind", "primary")
        self.add_button.setMinimumWidth(180)
        self.add_button.clicked.connect(self.add_folder_requested)
        inside.addWidget(self._mark)
        inside.addSpacing(8)
        inside.addWidget(title)
        inside.addWidget(self._hint)
        inside.addSpacing(8)
        inside.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addSpacing(16)

        self._icons: list[tuple[str, QLabel]] = []
        points = QGridLayout()
        points.setHorizontalSpacing(12)
        points.setVerticalSpacing(12)
        points.setColumnStretch(1, 1)
        for row, (name, heading, text) in enumerate(_POINTS):
            mark = QLabel(alignment=Qt.AlignmentFlag.AlignTop)
            self._icons.append((name, mark))
            points.addWidget(mark, row, 0)
            points.addWidget(_point(heading, text), row, 1)
        inside.addLayout(points)
        inside.addSpacing(8)
        self._model = QLabel(
            translate(
                "WelcomePage",
                "The built-in starter model knows everyday things and works at once, with no download. "
                "Larger models can be added later.",
            ),
            wordWrap=True,
        )
        self._model.setProperty("kind", "secondary")
        inside.addWidget(self._model)

        content = QWidget()
        row_layout = QHBoxLayout()
        row_layout.addStretch(1)
        row_layout.addWidget(card, 8)
        row_layout.addStretch(1)
        outside = QVBoxLayout(content)
        outside.setContentsMargins(24, 24, 24, 24)
        outside.addStretch(1)
        outside.addLayout(row_layout)
        outside.addStretch(1)
        scroll = PageScroll(content)  # a low window has no room for all points
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        for name, label in self._icons:
            label.setPixmap(icon(name, theme.secondary).pixmap(QSize(20, 20), self.devicePixelRatioF()))


def _point(heading: str, text: str) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(QLabel(heading))
    detail = QLabel(text, wordWrap=True)
    detail.setProperty("kind", "secondary")
    layout.addWidget(detail)
    return widget
