"""The widgets of the search bar and their layout."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.search.bookmark import Bookmark
from safelight.ui.search.chip import Chip
from safelight.ui.search.chip_row import ChipRow
from safelight.ui.search.field import SearchField
from safelight.ui.translation import translate
from safelight.ui.widgets.arrange_button import ArrangeButton
from safelight.ui.widgets.busy_line import BusyLine
from safelight.ui.widgets.size_slider import SizeSlider

_ORDER_LABEL_FROM, _SLIDER_FROM = 560, 500
"""Widths in pixels from which there is room for the label of the sort order, and for the slider."""


class SearchBarFace(QWidget):
    """The search field with its chips, the sort order, the thumbnail-size slider and the menu button.

    It searches for nothing itself. The widgets get the bar as their parent from the layout, so none of them
    may be shown before the layout exists: it would appear as a window of its own.
    """

    size_changed = Signal(int)

    def __init__(self, theme: Theme, sizes: tuple[int, int], parent: QWidget | None = None) -> None:
        """``sizes``: smallest and largest thumbnail side in device-independent pixels."""
        super().__init__(parent)
        self.setProperty("surface", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.field = SearchField()
        self.chips = ChipRow(theme, self)
        self.arrange = ArrangeButton(theme)
        self._sizes_photos = True
        self._set_up_field()
        self._make_controls(sizes)
        self._lay_out()
        self._draw_icons(theme)

    def _set_up_field(self) -> None:
        field = self.field
        field.setAccessibleName(translate("SearchBarFace", "Search"))
        field.setAccessibleDescription(
            translate("SearchBarFace", "Describe a photo, or drop or paste a picture to find similar ones")
        )
        field.setAcceptDrops(False)  # the bar takes drops; a file's address is not a description
        field.setMinimumHeight(34)
        self._lens: QAction = field.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self.clear_action: QAction = field.addAction(QIcon(), QLineEdit.ActionPosition.TrailingPosition)
        self.bookmark = Bookmark(field)
        self._lens.setText(translate("SearchBarFace", "Search"))
        self.clear_action.setText(translate("SearchBarFace", "Clear the search"))
        self.clear_action.setToolTip(translate("SearchBarFace", "Clear the search (Esc)"))

    def _make_controls(self, sizes: tuple[int, int]) -> None:
        self.slider = SizeSlider(sizes)
        self.slider.valueChanged.connect(self.size_changed)
        self.menu_button = QToolButton()
        self.menu_button.setIconSize(QSize(20, 20))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setAccessibleName(translate("SearchBarFace", "Menu"))
        self.menu_button.setToolTip(translate("SearchBarFace", "Menu (F10)"))
        self._busy = BusyLine(translate("SearchBarFace", "Searching"))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 4)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.arrange)
        row.addWidget(self.slider)
        row.addWidget(self.menu_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.chips)
        column.addWidget(self._busy)
        self.chips.tab_order_after(self.field)

    @property
    def chip(self) -> Chip:
        """The chip of the picture that is searched for; hidden if there is none."""
        return self.chips.picture

    def apply_theme(self, theme: Theme) -> None:
        self._draw_icons(theme)
        self.arrange.apply_theme(theme)
        self.chips.apply_theme(theme)

    def _draw_icons(self, theme: Theme) -> None:
        self._lens.setIcon(icon("search", theme.secondary))
        self.clear_action.setIcon(icon("close", theme.secondary))
        self.menu_button.setIcon(icon("menu", theme.secondary))
        self.bookmark.apply_theme(theme)

    def show_busy(self, busy: bool) -> None:
        """Show or hide the line that says that a search is running."""
        self._busy.setVisible(busy)

    def show_photo_controls(self, shown: bool) -> None:
        """Show or hide what arranges photos and sets their size."""
        self.arrange.setVisible(shown)
        self._sizes_photos = shown
        self._show_slider()

    def _show_slider(self) -> None:
        # In a narrow bar, keys and the wheel do the same.
        self.slider.setVisible(self._sizes_photos and self.width() >= _SLIDER_FROM)

    def set_size(self, size: int) -> None:
        """Set the thumbnail side in device-independent pixels."""
        self.slider.setValue(size)

    def focus(self) -> None:
        """Move the keyboard focus to the field and select its text."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange.set_compact(event.size().width() < _ORDER_LABEL_FROM)
        self._show_slider()
