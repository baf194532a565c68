"""One picture of the comparison with its name and what happens to it, and up to four beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from safelight.core.duplicates import DuplicateMember
from safelight.ui import icons, wording
from safelight.ui.theme import Theme
from safelight.ui.translation import translate
from safelight.ui.widgets.elided_label import ElidedLabel
from safelight.ui.widgets.zoom_view import ZoomView

PANES = 4
_HEAD = 44
_RING = 2
_GAP = 4
_LARGEST_FIT = 64.0
"""A small version is shown as large as the others, so that the same part is compared."""


class ComparePane(QWidget):
    """Header and picture of one file."""

    chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._current = False
        self._member: DuplicateMember | None = None
        self._keep = False
        self.view = ZoomView(largest_fit=_LARGEST_FIT)
        self.view.installEventFilter(self)
        self._mark = QLabel()
        self._state = QLabel()
        self._name = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        self._why = ElidedLabel()
        self._why.setProperty("kind", "secondary")
        self._message = QLabel(self.view, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setStyleSheet("color: #f2f2f4; padding: 16px;")
        self._message.hide()
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._mark)
        line.addWidget(self._state)
        line.addWidget(self._name, 1)
        top = QWidget()
        top.setFixedHeight(_HEAD)
        head = QVBoxLayout(top)
        head.setContentsMargins(8, 5, 8, 5)
        head.setSpacing(0)
        head.addLayout(line)
        head.addWidget(self._why)
        top.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_RING, _RING, _RING, _RING)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addWidget(self.view, 1)

    @property
    def member(self) -> DuplicateMember | None:
        return self._member

    @property
    def state_text(self) -> str:
        return self._state.text()

    @property
    def message(self) -> str:
        return "" if self._message.isHidden() else self._message.text()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show_words()
        self.update()

    def show_member(self, member: DuplicateMember, *, keep: bool, current: bool) -> bool:
        """Returns True if the file is another one than before, whose picture is to be set."""
        other = self._member is None or member.file_id != self._member.file_id
        self._member, self._keep, self._current = member, keep, current
        self._show_words()
        self.update()
        if other:
            self.say("")
        return other

    def show_thumbnail(self, thumbnail: QPixmap | None) -> None:
        """The version that is loaded already, until the picture is read."""
        member = self._member
        if member is None:
            return
        image = QImage(1, 1, QImage.Format.Format_RGB32)
        image.fill(QColor(self._theme.skeleton))
        if thumbnail is not None and not thumbnail.isNull():
            image = thumbnail.toImage()
        self.view.show_picture(image, QSize(max(1, member.facts.width), max(1, member.facts.height)))

    def clear(self) -> None:
        """Release the picture."""
        self._member = None
        self.view.show_picture(QImage(), QSize())

    def say(self, message: str) -> None:
        self._message.setText(message)
        self._message.setVisible(bool(message))

    def _show_words(self) -> None:
        member = self._member
        if member is None:
            return
        theme = self._theme
        mark = "lock" if member.protected else "check" if self._keep else "trash"
        colour = theme.strong if self._keep else theme.secondary
        self._mark.setPixmap(icons.pixmap(mark, colour, 16, self.devicePixelRatioF()))
        word = translate("ComparePane", "Keep") if self._keep else translate("ComparePane", "Trash")
        self._state.setText(
            translate("ComparePane", "{word}, protected").format(word=word) if member.protected else word
        )
        self._state.setStyleSheet(f"color: {colour}; font-weight: 600;")
        self._name.setText(wording.display_name(member.path))
        self._why.setText(member.why or wording.display_path(str(Path(member.path).parent)))
        self.setAccessibleName(f"{wording.display_name(member.path)}, {self._state.text()}")
        path = wording.display_path(member.path)
        self.setToolTip(wording.tip("\n".join(text for text in (path, member.why) if text)))
        self.view.setAccessibleName(path)

    # --- events -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.surface if self._current else self._theme.window))
        if self._current:
            painter.setPen(QPen(QColor(self._theme.accent), _RING))
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


class PaneArea(QWidget):
    """Arranges its panes so that the pictures are as large as possible; all show the same part."""

    looked = Signal()
    """The panes show another part, or another zoom."""
    chosen = Signal(int)  # the pane

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes = [ComparePane(theme, self) for _ in range(PANES)]
        self._shown = 0
        self._following = False
        self.setMinimumHeight(160)
        for at, pane in enumerate(self.panes):
            pane.hide()
            pane.chosen.connect(lambda at=at: self.chosen.emit(at))
            pane.view.view_changed.connect(lambda pane=pane: self._follow(pane))
            pane.view.moved.connect(lambda pane=pane: self._follow(pane))

    @property
    def shown(self) -> Sequence[ComparePane]:
        return self.panes[: self._shown]

    def apply_theme(self, theme: Theme) -> None:
        for pane in self.panes:
            pane.apply_theme(theme)

    def show_panes(self, amount: int) -> None:
        for at, pane in enumerate(self.panes):
            pane.setVisible(at < amount)
        self._shown = amount
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

    def _follow(self, leader: ComparePane) -> None:
        if self._following or leader not in self.shown:
            return
        self._following = True
        look = leader.view.look
        for pane in self.shown:
            if pane is not leader:
                pane.view.look_at(*look)
        self._following = False
        self.looked.emit()

    def _place(self) -> None:
        if not self._shown:
            return
        # Pictures of 3:2 in a row, or in two rows: whichever shows them larger.
        across = min(range(1, self._shown + 1), key=lambda columns: -self._size(columns))
        rows = -(-self._shown // across)
        width, height = self.width() + _GAP, self.height() + _GAP
        for at, pane in enumerate(self.shown):
            row, column = divmod(at, across)
            left, top = column * width // across, row * height // rows
            right, bottom = (column + 1) * width // across, (row + 1) * height // rows
            pane.setGeometry(QRect(left, top, right - left - _GAP, bottom - top - _GAP))

    def _size(self, columns: int) -> float:
        rows = -(-self._shown // columns)
        return min(self.width() / columns / 1.5, self.height() / rows - _HEAD)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
