"""The viewer's card with a photo's metadata and histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.fields import details_of
from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import DARK
from safelight.ui.translation import message_text, translate, translate_count
from safelight.ui.viewer.fitting_words import WordChips
from safelight.ui.widgets.labels import plain_label

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_WIDTH = 320
_EDGE = 12
_HISTOGRAM_SIDE = 512
"""Long side in pixels of the version that the histogram is computed from."""
_BINS = 64
_CHANNELS = ("#ff6b6b", "#51cf66", "#4dabf7")
_SHEET = f"""
QFrame#info {{ background: rgba(20, 20, 22, 225); border: none; border-radius: {DARK.radius_card}px; }}
QFrame#info QLabel {{ color: {DARK.text}; }}
QFrame#info QLabel[kind="secondary"] {{ color: {DARK.secondary}; }}
QFrame#info QToolButton:hover {{ background: {DARK.hover}; }}
QFrame#info QCheckBox {{ color: {DARK.text}; }}
QFrame#info QPushButton {{ color: {DARK.text}; border: 1px solid {DARK.disabled}; }}
QFrame#info QPushButton:hover {{ background: {DARK.hover}; color: {DARK.text}; }}
QFrame#info QPushButton:focus {{ border: 2px solid {DARK.accent}; }}
"""


def histogram(image: QImage) -> npt.NDArray[np.float32]:
    """Relative frequencies of red, green and blue, shape (3, 64), scaled so that the maximum is 1.

    The first and the last bin, which hold clipped shadows and highlights, do not affect the scale.
    """
    import numpy as np  # loaded only for this

    small = image.scaled(
        _HISTOGRAM_SIDE,
        _HISTOGRAM_SIDE,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.FastTransformation,
    ).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(small.constBits(), np.uint8).reshape(small.height(), small.bytesPerLine())
    pixels = rows[:, : 3 * small.width()].reshape(-1, 3)
    counts = np.stack([np.bincount(pixels[:, c] >> 2, minlength=_BINS) for c in range(3)]).astype(np.float32)
    top = counts[:, 1:-1].max()
    scaled: npt.NDArray[np.float32] = np.minimum(counts / (top if top else counts.max()), 1.0)
    return scaled


class HistogramView(QWidget):
    """Paints a histogram of three overlapping channels."""

    def __init__(self) -> None:
        super().__init__()
        self.bins: list[list[float]] = []
        """The displayed values, 0 to 1, by channel."""
        self.setFixedHeight(72)
        self.setAccessibleName(translate("HistogramView", "Histogram"))

    def show_image(self, image: QImage) -> None:
        """Show the histogram of an image; a null image clears it."""
        self.bins = [] if image.isNull() else histogram(image).tolist()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(255, 255, 255, 16))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Screen)
        painter.setPen(Qt.PenStyle.NoPen)
        step = self.width() / (_BINS - 1)
        for colour, values in zip(_CHANNELS, self.bins, strict=False):
            fill = QColor(colour)
            fill.setAlpha(170)
            painter.setBrush(fill)
            outline = [QPointF(i * step, self.height() * (1 - value)) for i, value in enumerate(values)]
            base = [QPointF(self.width(), self.height()), QPointF(0, self.height())]
            painter.drawPolygon(QPolygonF(outline + base))


class InfoCard(QFrame):
    """Dark in every theme, like everything shown over pictures."""

    closed = Signal()
    photo_shown = Signal(object)
    """The id of the photo whose metadata are shown now, or None."""
    faces_toggled = Signal(bool)
    """Whether faces are to be framed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("info")
        self.setStyleSheet(_SHEET)
        self.setAccessibleName(translate("InfoCard", "Details"))
        self._name = plain_label("", "section")
        close = QToolButton()
        close.setIcon(icon("close", DARK.secondary))
        close.setIconSize(QSize(16, 16))
        close.setAccessibleName(translate("InfoCard", "Close"))
        close.setToolTip(translate("InfoCard", "Close (I)"))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.histogram = HistogramView()
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 14)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.histogram)
        self.words = WordChips()
        layout.addLayout(self._form)
        layout.addWidget(self.words)
        self.faces = QCheckBox(translate("InfoCard", "Show faces"))  # the names follow with a photo
        self.faces.setChecked(True)
        self.faces.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.faces.toggled.connect(self.faces_toggled)
        self.faces.hide()
        layout.addWidget(self.faces)
        layout.addStretch(1)
        self._rows: dict[str, str] = {}
        self._room = QRect()
        self.hide()

    @property
    def rows(self) -> dict[str, str]:
        """The displayed rows by label."""
        return dict(self._rows)

    @property
    def shows_faces(self) -> bool:
        """Whether faces are to be framed."""
        return self.faces.isChecked()

    def show_photo(self, photo: Photo | None) -> None:
        """Show a photo's metadata; None clears the card."""
        while self._form.rowCount():
            self._form.removeRow(0)
        self._rows.clear()
        self.photo_shown.emit(None if photo is None else photo.id)
        self.faces.setVisible(photo is not None and bool(photo.faces))
        if photo is None:
            self._name.clear()
            return
        self._name.setText(wording.name_of(photo))
        self._add(translate("InfoCard", "Date"), wording.date_of(photo))
        for label, text in details_of(photo):
            self._add(message_text(label), message_text(text))
        self.faces.setText(
            translate_count("InfoCard", "Show {count} face", "Show {count} faces", len(photo.faces))
        )
        path = wording.path_of(photo)
        if path is not None:
            self._add(translate("InfoCard", "Folder"), wording.display_path(path.rpartition("/")[0] or path))

    def _add(self, label: str, text: str) -> None:
        if not text:
            return
        self._rows[label] = text
        name, field = QLabel(label), QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        name.setProperty("kind", "secondary")
        field.setMinimumWidth(1)
        self._form.addRow(name, field)

    def event(self, event: QEvent) -> bool:
        # Rows that were just added have no height yet. Qt tells when they have.
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and not self._room.isEmpty():
            self.place(self._room)
        return done

    def place(self, room: QRect) -> None:
        """Place the card at the left of ``room``, as high as its content."""
        self._room = room
        width = min(_WIDTH, room.width() - 2 * _EDGE)
        layout = self.layout()
        assert layout is not None
        height = max(layout.totalHeightForWidth(width), 120)
        self.setGeometry(
            room.left() + _EDGE, room.top() + _EDGE, width, min(height, room.height() - 2 * _EDGE)
        )
