"""The chips below the search box, in up to three lines, with keyboard navigation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from safelight.ui import direction
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import reading_key
from safelight.ui.search.chip import CHIP_HEIGHT, Chip, ChipContent, Kind
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.ui.query_chips import QueryChip

_GAP = 6
_SIDES = 12
_BELOW = 6
_MAX_LINES = 3
"""The maximum; chips beyond it are counted but not shown."""
_MAX_PICTURES = 100
_MAX_CHIPS = 60
"""The maximum number of chips: a text of a thousand parts is an accident."""


class ChipRow(QWidget):
    """Chips of the part of the library that is searched, the picture, the parts of the query, suggestions."""

    picture_removed = Signal()
    place_removed = Signal()
    change_requested = Signal(object)  # QueryChip: select its text, or accept its suggestion
    remove_requested = Signal(object)  # QueryChip
    left_upwards = Signal()
    left_downwards = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: list[QueryChip] = []
        self._pool: list[Chip] = []
        self._pictures: OrderedDict[str, QPixmap] = OrderedDict()
        self.setAccessibleName(translate("ChipRow", "Search terms"))
        self.picture = self._make_chip()
        self.picture.show_content(
            ChipContent(translate("ChipRow", "Similar to a picture"), "similar", Kind.PICTURE)
        )
        self.picture.removed.connect(self.picture_removed)
        self.place = self._make_chip()
        """The part of the library that is searched."""
        self.place.show_content(
            ChipContent(translate("ChipRow", "In a part of the library"), "folder", Kind.PLACE)
        )
        self.place.removed.connect(self.place_removed)
        self._more = QLabel(self)
        self._more.setProperty("kind", "secondary")
        self._more.hide()
        self.hide()

    @property
    def chips(self) -> list[Chip]:
        """The chips in order."""
        special = [chip for chip in (self.place, self.picture) if not chip.isHidden()]
        return special + self._pool[: len(self._shown)]

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for chip in (self.place, self.picture, *self._pool):
            chip.apply_theme(theme)

    def remember_picture(self, path: str, picture: QPixmap) -> None:
        """Show this thumbnail in chips about the picture at a path."""
        self._pictures[path] = picture
        while len(self._pictures) > _MAX_PICTURES:
            self._pictures.popitem(last=False)

    def knows(self, path: str) -> bool:
        """Whether the thumbnail of a picture, with its region, is known."""
        return path in self._pictures

    def refresh(self) -> None:
        """Show thumbnails that have become known."""
        shown, self._shown = self._shown, []
        self.show_chips(shown)

    def show_picture(self, label: str, picture: QPixmap | None) -> None:
        """Show that the search is for pictures similar to one."""
        self.picture.show_content(ChipContent(label, "similar", Kind.PICTURE), picture)
        self.picture.show()
        self._place()

    def hide_picture(self) -> None:
        focused = self.picture.hasFocus()
        self.picture.hide()
        self._place()
        if focused:
            self._focus(0)

    def show_place(self, label: str, mark: str) -> None:
        """Show which part of the library is searched; an empty label means all of it."""
        focused = self.place.hasFocus()
        if label:
            self.place.show_content(ChipContent(label, mark, Kind.PLACE))
        if label == "" and self.place.isHidden():
            return
        self.place.setVisible(bool(label))
        self._place()
        if focused and not label:
            self._focus(0)

    def show_chips(self, chips: Sequence[QueryChip]) -> None:
        """Show these chips; unchanged ones are not touched."""
        chips = list(chips[:_MAX_CHIPS])
        if chips == self._shown:
            return
        focused = next((at for at, chip in enumerate(self.chips) if chip.hasFocus()), None)
        while len(self._pool) < len(chips):
            self._add()
        for chip, content in zip(self._pool, chips, strict=False):
            kind = Kind.PART if content.suggestion is None else Kind.SUGGESTION
            shown = ChipContent(content.label, content.mark, kind, content.negative)
            picture = self._pictures.get(content.picture)
            if chip.content != shown or chip.has_picture != (picture is not None):
                chip.show_content(shown, picture)
        self._shown = chips
        self._place()
        if focused is not None:
            self._focus(min(focused, len(self.chips) - 1))

    def enter(self) -> bool:
        """Focus the first chip; False if there is none."""
        if self.isHidden() or not self.chips:
            return False
        self._focus(0)
        return True

    def tab_order_after(self, widget: QWidget) -> None:
        """Put the chips after ``widget`` in the tab order."""
        for chip in (self.place, self.picture, *self._pool):
            QWidget.setTabOrder(widget, chip)
            widget = chip

    # --- parts ----------------------------------------------------------------------------------

    def _make_chip(self) -> Chip:
        chip = Chip(self._theme, self)
        chip.hide()
        return chip

    def _add(self) -> None:
        number = len(self._pool)
        chip = self._make_chip()
        chip.changed.connect(lambda: self.change_requested.emit(self._shown[number]))
        chip.removed.connect(lambda: self.remove_requested.emit(self._shown[number]))
        QWidget.setTabOrder(self._pool[-1] if self._pool else self.picture, chip)
        self._pool.append(chip)

    # --- layout ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._place()

    def _place(self) -> None:
        """Arrange the chips in lines. Chips without room in the last line are counted instead."""
        chips = self.chips
        for chip in self._pool[len(self._shown) :]:
            chip.hide()
        if not chips:
            self.hide()
            return
        places = self._flow([chip.sizeHint().width() for chip in chips])
        for chip, place in zip(chips, places, strict=False):
            box = QRect(place, QSize(min(chip.sizeHint().width(), self._room()), CHIP_HEIGHT))
            chip.setGeometry(direction.mirrored(box, self.rect()))
            chip.show()
        for chip in chips[len(places) :]:
            chip.hide()
        hidden = len(chips) - len(places)
        self._more.setText(translate("ChipRow", "and {hidden:,} more").format(hidden=hidden))
        self._more.setVisible(hidden > 0)
        last = places[-1]
        if hidden:
            self._more.adjustSize()
            end = QRect(QPoint(self.width() - _SIDES - self._more.width(), last.y() + 6), self._more.size())
            self._more.move(direction.mirrored(end, self.rect()).topLeft())
        self.setFixedHeight(last.y() + CHIP_HEIGHT + _BELOW)
        self.show()

    def _room(self) -> int:
        return max(self.width() - 2 * _SIDES, CHIP_HEIGHT)

    def _flow(self, widths: Sequence[int]) -> list[QPoint]:
        """Positions for chips of these widths from left to right, without those that do not fit."""
        places: list[QPoint] = []
        x, line = 0, 0
        for number, width in enumerate(widths):
            last_line, more_follow = line == _MAX_LINES - 1, number < len(widths) - 1
            room = self._room() - (90 if last_line and more_follow else 0)
            if x and x + min(width, self._room()) > room:
                if last_line:
                    break
                x, line = 0, line + 1
            places.append(QPoint(_SIDES + x, line * (CHIP_HEIGHT + _GAP)))
            x += min(width, self._room()) + _GAP
        return places

    # --- keys -----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        visible = [chip for chip in self.chips if not chip.isHidden()]
        at = next((number for number, chip in enumerate(visible) if chip.hasFocus()), None)
        if at is None:
            super().keyPressEvent(event)
            return
        match reading_key(event.key()):
            case Qt.Key.Key_Left:
                self._focus(max(at - 1, 0))
            case Qt.Key.Key_Right:
                self._focus(min(at + 1, len(visible) - 1))
            case Qt.Key.Key_Home:
                self._focus(0)
            case Qt.Key.Key_End:
                self._focus(len(visible) - 1)
            case Qt.Key.Key_Up | Qt.Key.Key_Escape:
                self.left_upwards.emit()
            case Qt.Key.Key_Down | Qt.Key.Key_PageDown:
                self.left_downwards.emit()
            case _:
                event.ignore()

    def _focus(self, number: int) -> None:
        visible = [chip for chip in self.chips if not chip.isHidden()]
        if not 0 <= number < len(visible):
            self.left_upwards.emit()
            return
        visible[number].setFocus(Qt.FocusReason.TabFocusReason)
