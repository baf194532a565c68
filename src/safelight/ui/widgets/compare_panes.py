"""Up to four pictures beside each other that are zoomed and panned together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from safelight.ui import direction
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.zoom_view import ZoomView

MAX_PANES = 4
"""The maximum number of pictures beside each other."""
_HEAD_HEIGHT = 44
_RING_WIDTH = 2
_GAP = 4
_DEFAULT_SHAPE = 1.5
_MAX_FIT_ZOOM = 64.0
"""A small version is enlarged to the size of the others, so that all panes show the same part."""


class ComparePane(QWidget):
    """A picture below a head, which subclasses fill. The pane in use has a ring around it."""

    chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._current = False
        self.view = ZoomView(max_fit_zoom=_MAX_FIT_ZOOM)
        self.view.installEventFilter(self)
        self._message = QLabel(self.view, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setStyleSheet("color: #f2f2f4; padding: 16px;")
        self._message.hide()
        top = QWidget()
        top.setFixedHeight(_HEAD_HEIGHT)
        top.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._head = QVBoxLayout(top)
        self._head.setContentsMargins(8, 5, 8, 5)
        self._head.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_RING_WIDTH, _RING_WIDTH, _RING_WIDTH, _RING_WIDTH)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addWidget(self.view, 1)

    @property
    def message(self) -> str:
        return "" if self._message.isHidden() else self._message.text()

    def show_current(self, current: bool) -> None:
        """Show whether commands apply to this picture."""
        if current != self._current:
            self._current = current
            said = translate("ComparePane", "Commands apply to this one") if current else ""
            self.setAccessibleDescription(said)
            self.update()

    def show_placeholder(self, thumbnail: QPixmap | None, size: QSize) -> None:
        """Show a thumbnail, or a plain colour, until the picture is loaded. ``size`` is the original's."""
        image = QImage(1, 1, QImage.Format.Format_RGB32)
        image.fill(QColor(self._theme.skeleton))
        if thumbnail is not None and not thumbnail.isNull():
            image = thumbnail.toImage()
        self.view.show_picture(image, size.expandedTo(QSize(1, 1)))

    def clear(self) -> None:
        """Release the picture."""
        self.view.show_picture(QImage(), QSize())

    def show_message(self, message: str) -> None:
        """Show a message over the picture; hide it if empty."""
        self._message.setText(message)
        self._message.setVisible(bool(message))

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    # --- events -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.surface if self._current else self._theme.window))
        if self._current:
            painter.setPen(QPen(QColor(self._theme.accent), _RING_WIDTH))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress:
            self.chosen.emit()
        elif event.type() == QEvent.Type.Resize:
            self._message.setGeometry(self.view.rect())
        return False


_Pane = TypeVar("_Pane", bound=ComparePane)


class PaneArea(QWidget, Generic[_Pane]):
    """Arranges panes so that the pictures are as large as possible. All panes show the same part."""

    view_changed = Signal()
    """The zoom or the position changed."""
    chosen = Signal(int)  # index of the pane

    def __init__(self, make_pane: Callable[[], _Pane], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes: Sequence[_Pane] = [make_pane() for _ in range(MAX_PANES)]
        self._shown = 0
        self._following = False
        self._shapes: list[float] = []
        """Width by height of the pictures for which the panes are placed."""
        self.setMinimumHeight(160)
        for at, pane in enumerate(self.panes):
            pane.setParent(self)
            pane.hide()
            pane.chosen.connect(lambda at=at: self.chosen.emit(at))
            pane.view.view_changed.connect(lambda pane=pane: self._on_view_changed(pane))
            pane.view.moved.connect(lambda pane=pane: self._synchronise(pane))

    @property
    def shown(self) -> Sequence[_Pane]:
        return self.panes[: self._shown]

    def apply_theme(self, theme: Theme) -> None:
        for pane in self.panes:
            pane.apply_theme(theme)

    def show_panes(self, count: int) -> None:
        for at, pane in enumerate(self.panes):
            pane.setVisible(at < count)
        self._shown = count
        self._place()

    def clear(self) -> None:
        for pane in self.panes:
            pane.clear()
        self.show_panes(0)

    def fit(self) -> None:
        self._ask_first(ZoomView.fit)

    def actual_size(self) -> None:
        self._ask_first(lambda view: view.zoom_to(1.0))

    def zoom_in(self) -> None:
        self._ask_first(ZoomView.zoom_in)

    def zoom_out(self) -> None:
        self._ask_first(ZoomView.zoom_out)

    def _ask_first(self, act: Callable[[ZoomView], None]) -> None:
        if self._shown:
            act(self.panes[0].view)

    def _on_view_changed(self, pane: _Pane) -> None:
        if self._shapes != self._shapes_shown():
            self._place()
        self._synchronise(pane)

    def _synchronise(self, leader: _Pane) -> None:
        if self._following or leader not in self.shown:
            return
        self._following = True
        viewpoint = leader.view.viewpoint
        for pane in self.shown:
            if pane is not leader:
                pane.view.show_viewpoint(*viewpoint)
        self._following = False
        self.view_changed.emit()

    def _place(self) -> None:
        if not self._shown:
            return
        self._shapes = self._shapes_shown()
        across = min(range(1, self._shown + 1), key=lambda columns: -self._size(columns))
        rows = -(-self._shown // across)
        width, height = self.width() + _GAP, self.height() + _GAP
        for at, pane in enumerate(self.shown):
            row, column = divmod(at, across)
            left, top = column * width // across, row * height // rows
            right, bottom = (column + 1) * width // across, (row + 1) * height // rows
            place = QRect(left, top, right - left - _GAP, bottom - top - _GAP)
            pane.setGeometry(direction.mirrored(place, self.rect()))

    def _shapes_shown(self) -> list[float]:
        """The shape of each picture; that of most cameras where there is none yet."""
        sizes = (pane.view.picture_size for pane in self.shown)
        return [_DEFAULT_SHAPE if size.isEmpty() else size.width() / size.height() for size in sizes]

    def _size(self, columns: int) -> float:
        """The area that the pictures cover together in so many columns."""
        rows = -(-self._shown // columns)
        width, height = self.width() / columns, max(1.0, self.height() / rows - _HEAD_HEIGHT)
        return sum(min(width, height * shape) ** 2 / shape for shape in self._shapes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()


def compare_button(tip: str, act: Callable[[], object]) -> QToolButton:
    """A button above the panes. ``tip`` ends with the key in parentheses."""
    button = QToolButton()
    button.setIconSize(QSize(20, 20))
    button.setMinimumSize(30, 30)
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the pictures need the arrow keys
    button.clicked.connect(act)
    return button
