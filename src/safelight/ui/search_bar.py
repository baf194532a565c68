"""Where a search begins: words, or a picture to find the like of."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPixmap,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QSlider, QToolButton, QVBoxLayout, QWidget

from safelight.ui import dropped
from safelight.ui.chip import Chip
from safelight.ui.icons import icon
from safelight.ui.query_text import with_part
from safelight.ui.scope import Query, SimilarQuery, TextQuery
from safelight.ui.theme import Theme

_PLACEHOLDER = "Describe a photo: dog on a beach"
_TYPING_PAUSE = 150
"""Milliseconds without a key press after which what stands there is searched for."""


class SearchField(QLineEdit):
    """A line edit in which a pasted picture is a query rather than nothing."""

    picture_pasted = Signal()
    escape_pressed = Signal()
    left_downwards = Signal()
    """The person wants to go on in the results."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste) and _clipboard_has_picture():
            self.picture_pasted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)


class SearchBar(QWidget):
    """The search field with its chip, the thumbnail-size slider and the menu button."""

    query_changed = Signal(object)  # Query, or None when there is nothing to look for
    dropped_on = Signal(object)  # dropped.Dropped that is no picture: folders
    size_changed = Signal(int)
    results_wanted = Signal()
    """The person goes on to the results by keyboard."""

    def __init__(self, theme: Theme, sizes: tuple[int, int], parent: QWidget | None = None) -> None:
        """``sizes``: smallest and largest thumbnail side in device-independent pixels."""
        super().__init__(parent)
        self._query: Query | None = None
        self._timer = QTimer(self, singleShot=True, interval=_TYPING_PAUSE)
        self._timer.timeout.connect(self._search_text)

        self.setProperty("surface", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.field = SearchField()
        self.field.setPlaceholderText(_PLACEHOLDER)
        self.field.setAccessibleName("Search")
        self.field.setAccessibleDescription("Describe a photo, or drop or paste a picture to find its like")
        self.field.setAcceptDrops(False)  # the bar takes drops; a file's address is no description
        self.field.setMinimumHeight(34)
        self._lens: QAction = self.field.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self._clear: QAction = self.field.addAction(QIcon(), QLineEdit.ActionPosition.TrailingPosition)
        self._lens.setText("Search")
        self._clear.setText("Clear the search")
        self._clear.setToolTip("Clear the search (Esc)")
        self._clear.triggered.connect(self.clear)
        self._clear.setVisible(False)
        self.chip = Chip(theme)
        self.chip.hide()
        self.chip.removed.connect(self.clear)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(*sizes)
        self.slider.setSingleStep(16)
        self.slider.setPageStep(48)
        self.slider.setFixedWidth(110)
        self.slider.setAccessibleName("Thumbnail size")
        self.slider.setToolTip("Thumbnail size (Ctrl + and Ctrl −)")
        self.slider.valueChanged.connect(self.size_changed)
        self.menu_button = QToolButton()
        self.menu_button.setIconSize(QSize(20, 20))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setToolTip("Menu (F10)")
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(2)
        self._busy.setAccessibleName("Searching")
        policy = self._busy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._busy.setSizePolicy(policy)
        self._busy.hide()
        self._lay_out()
        self.field.textEdited.connect(self._text_edited)
        self.field.returnPressed.connect(self._search_now)
        self.field.picture_pasted.connect(self.paste)
        self.field.escape_pressed.connect(self._escape)
        self.field.left_downwards.connect(self.results_wanted)
        self.field.installEventFilter(self)
        self.apply_theme(theme)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 4)
        row.setSpacing(8)
        row.addWidget(self.chip)
        row.addWidget(self.field, 1)
        row.addSpacing(8)
        row.addWidget(self.slider)
        row.addWidget(self.menu_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._busy)

    @property
    def query(self) -> Query | None:
        return self._query

    def apply_theme(self, theme: Theme) -> None:
        self._lens.setIcon(icon("search", theme.secondary))
        self._clear.setIcon(icon("close", theme.secondary))
        self.menu_button.setIcon(icon("sliders", theme.secondary))
        self.chip.apply_theme(theme)

    def show_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)

    def show_similar(self, query: SimilarQuery, title: str, thumbnail: QPixmap | None) -> None:
        """Show that what is below is like a picture. Emits nothing."""
        self._timer.stop()
        self._query = query
        self.field.clear()
        self._clear.setVisible(False)
        self.field.setPlaceholderText("Describe a photo instead")
        self.chip.show_picture(f"Similar to {title}", thumbnail)
        self.chip.show()

    def set_size(self, size: int) -> None:
        self.slider.setValue(size)

    def focus(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def set_text(self, text: str) -> None:
        """Put a query in place of the one that stands there, and search for it at once."""
        self._timer.stop()
        self.field.setText(text)
        self._clear.setVisible(bool(text))
        self._search_text()

    def add_part(self, part: str) -> None:
        """Add a part of the search language to the query, and search at once.

        A part that is there already is not added twice; one that says the opposite of it goes.
        """
        self.set_text(with_part(self.field.text(), part))

    def clear(self) -> None:
        """Back to the library."""
        self.reset()
        self._set(None)

    def reset(self) -> None:
        """Empty the field and the chip without a word to anyone."""
        self._timer.stop()
        self._query = None
        self.field.clear()
        self._clear.setVisible(False)
        self._hide_chip()

    def paste(self) -> None:
        """Look for what is like the picture on the clipboard, where there is one."""
        self._take(dropped.read(QGuiApplication.clipboard().mimeData()))

    def look_for_image(self, image: QImage) -> None:
        self._take(dropped.Dropped(picture=dropped.encode(image)))

    def _take(self, found: dropped.Dropped) -> None:
        if found.folders:
            self.dropped_on.emit(found)
        elif found:
            self._set(SimilarQuery(path=found.picture_path, image=found.picture))

    def _set(self, query: Query | None) -> None:
        self._query = query
        self.query_changed.emit(query)

    def _text_edited(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._timer.start()

    def _search_text(self) -> None:
        text = " ".join(self.field.text().split())
        if not text:
            if isinstance(self._query, TextQuery):
                self._set(None)
            return
        query = TextQuery(text)
        if query != self._query:
            self._hide_chip()
            self._set(query)

    def _search_now(self) -> None:
        self._timer.stop()
        self._search_text()
        if self.field.text().strip():
            self.results_wanted.emit()

    def _hide_chip(self) -> None:
        self.chip.hide()
        self.field.setPlaceholderText(_PLACEHOLDER)

    def _escape(self) -> None:
        if self.field.text() or self._query is not None:
            self.clear()
        else:
            self.results_wanted.emit()

    # --- drops ------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A shortcut of the window on Ctrl+V must not take the key from the field while it is typed in.
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        if event.matches(QKeySequence.StandardKey.Paste):
            event.accept()
            return True
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped.may_hold_something(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._take(dropped.read(event.mimeData()))


def _clipboard_has_picture() -> bool:
    mime = QGuiApplication.clipboard().mimeData()
    if mime.hasImage() and not mime.hasText():
        return True
    return any(url.isLocalFile() for url in mime.urls())
