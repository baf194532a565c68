"""Edits the marks, title, caption and tags of the selected photos in the details panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.errors import UsageError
from safelight.core.operations import (
    AddTag,
    Operation,
    Outcome,
    RemoveTag,
    SetCaption,
    SetLabel,
    SetRating,
    SetTitle,
)
from safelight.core.organising_rules import LABELS, REJECTED, clean_tag
from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.label_colours import LABEL_COLOURS
from safelight.ui.appearance.theme import Theme
from safelight.ui.organise.completion import NameCompleter
from safelight.ui.translation import translate
from safelight.ui.widgets.flow_layout import FlowLayout
from safelight.ui.widgets.layouts import clear_layout

T = TypeVar("T")

_CAPTION_HEIGHT = 64
_DOT = 14
_MAX_TAG_WIDTH = 130
"""Pixels of the name of a tag, so that its button is not wider than the panel."""
_MAX_TAGS = 60
"""Tags that have a button; of more, the number is shown."""

_LABEL_NAMES = {
    "red": translate("MarksEditor", "Red label"),
    "yellow": translate("MarksEditor", "Yellow label"),
    "green": translate("MarksEditor", "Green label"),
    "blue": translate("MarksEditor", "Blue label"),
    "purple": translate("MarksEditor", "Purple label"),
}


class MarksEditor(QWidget):
    """Shows what is common to the photos and "(differs)" for the rest. Each edit is one operation."""

    edited = Signal(object)  # Operation

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ids: tuple[int, ...] = ()
        self._photos: list[Photo] = []
        self._title = self._caption = ""
        """The texts that are stored; an edit that ends with the same text changes nothing."""
        self.stars = [self._tool(wording.count_of(n, "star")) for n in range(1, 6)]
        for number, button in enumerate(self.stars, 1):
            button.clicked.connect(lambda _, rating=number: self._rate(rating))
            button.setStyleSheet(
                "QToolButton:checked { background: transparent; }"
            )  # the icon alone shows a star that is set
        self.reject = self._tool(translate("MarksEditor", "Reject (X)"))
        self.reject.clicked.connect(lambda: self._rate(REJECTED))
        self.labels = {label: self._tool(_LABEL_NAMES[label]) for label in LABELS}
        for label, button in self.labels.items():
            button.clicked.connect(lambda _, colour=label: self._label(colour))
        self.rating_differs, self.label_differs = _make_differs_label(), _make_differs_label()
        self.title = QLineEdit()
        self.title.setAccessibleName(translate("MarksEditor", "Title"))
        self.title.editingFinished.connect(self._commit_title)
        self.caption = QPlainTextEdit()
        self.caption.setAccessibleName(translate("MarksEditor", "Caption"))
        self.caption.setFixedHeight(_CAPTION_HEIGHT)
        self.caption.setTabChangesFocus(True)
        self.caption.installEventFilter(self)
        self.tag = QLineEdit()
        self.tag.setPlaceholderText(translate("MarksEditor", "Add a tag"))
        self.tag.setAccessibleName(translate("MarksEditor", "Add a tag"))
        self.tag.returnPressed.connect(self._add_tag)
        self._completer = NameCompleter(self.tag)
        self._tags = QWidget()
        self._flow = FlowLayout(self._tags, spacing=4)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._more = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._more.setProperty("kind", "secondary")
        self._lay_out()
        self.apply_theme(theme)
        self.show_photos((), [])

    def _tool(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setCheckable(True)
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(24, 24)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self) -> None:
        marks = QHBoxLayout()
        marks.setSpacing(0)
        for button in (*self.stars, self.reject):
            marks.addWidget(button)
        marks.addSpacing(4)
        marks.addWidget(self.rating_differs)
        marks.addStretch(1)
        colours = QHBoxLayout()
        colours.setSpacing(0)
        for button in self.labels.values():
            colours.addWidget(button)
        colours.addSpacing(28)  # one button fewer than in the row above, so that both labels align
        colours.addWidget(self.label_differs)
        colours.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(marks)
        column.addLayout(colours)
        # The field for tags comes above the tags, so that it does not move with their number.
        for widget in (self.title, self.caption, self.tag, self._tags, self._more):
            column.addWidget(widget)

    def add_suggestions(self, row: QWidget) -> None:
        """Add the row of suggested tags below the tags."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(row)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.reject.setIcon(icon("close", theme.secondary))
        for label, button in self.labels.items():
            button.setIcon(_dot(LABEL_COLOURS[label], self.devicePixelRatioF()))
        self._show_stars()

    # --- showing --------------------------------------------------------------------------------

    def show_photos(self, ids: tuple[int, ...], photos: Sequence[Photo]) -> None:
        """Show these photos; a text that is being edited stays while they are the same."""
        are_others = ids != self._ids
        if are_others:
            self._commit_texts()
        self._ids, self._photos = ids, list(photos)
        self.setVisible(bool(self._photos))
        self._show_stars()
        label = self._common(lambda photo: photo.label)
        for name, button in self.labels.items():
            button.setChecked(label == name)
        self.label_differs.setVisible(label is None)
        title, caption = (self._common(lambda photo: photo.title), self._common(lambda photo: photo.caption))
        self._title, self._caption = title or "", caption or ""
        if are_others or not self.title.hasFocus():
            self.title.setText(self._title)
        if are_others or not self.caption.hasFocus():
            self.caption.setPlainText(self._caption)
        self.title.setPlaceholderText(
            translate("MarksEditor", "Title (differs)")
            if title is None
            else translate("MarksEditor", "Title")
        )
        self.caption.setPlaceholderText(
            translate("MarksEditor", "Caption (differs)")
            if caption is None
            else translate("MarksEditor", "Caption")
        )
        if are_others:
            self.tag.clear()
            self.show_tags({})

    def show_tags(self, counts: Mapping[str, int]) -> None:
        """Show a button for each tag, which removes it. ``counts``: how many of the photos have each tag. Of
        more than :data:`_MAX_TAGS`, those of the most photos are shown.
        """
        clear_layout(self._flow)
        for name, count in sorted(counts.items(), key=lambda each: -each[1])[:_MAX_TAGS]:
            self._flow.addWidget(self._tag_button(name, count))
        self._tags.setVisible(bool(counts))
        left = len(counts) - _MAX_TAGS
        self._more.setVisible(left > 0)
        self._more.setText(translate("MarksEditor", "and {n} more tags").format(n=left))
        self._tags.updateGeometry()

    def _tag_button(self, name: str, count: int) -> QPushButton:
        everywhere = count >= len(self._ids)
        number = "" if everywhere else f" ({count:,})"
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _MAX_TAG_WIDTH)
        # Bidirectional isolates keep the number after a name that is written from right to left.
        button = QPushButton(f"\u2068{shown}\u2069{number}\u2002×".replace("&", "&&"))
        button.setAccessibleName(translate("MarksEditor", "Remove the tag {tag}").format(tag=name))
        tip = translate("MarksEditor", "Remove the tag {tag}")
        if not everywhere:
            tip = translate("MarksEditor", "{n:,} of {all:,} photos have the tag {tag}. Remove it from them")
        button.setToolTip(wording.tip(tip.format(tag=name, n=count, all=len(self._ids))))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._edit(RemoveTag(self._ids, name)))
        return button

    def show_known_tags(self, names: Sequence[str]) -> None:
        """Set the tags that completion offers."""
        self._completer.set_names(names)

    def _show_stars(self) -> None:
        rating = self._common(lambda photo: photo.rating)
        for number, button in enumerate(self.stars, 1):
            filled = rating is not None and number <= rating
            button.setChecked(filled)
            button.setIcon(
                icon("star-filled", self._theme.accent) if filled else icon("star", self._theme.secondary)
            )
        self.reject.setChecked(rating == REJECTED)
        self.rating_differs.setVisible(rating is None and bool(self._photos))

    def _common(self, value: Callable[[Photo], T]) -> T | None:
        """The value that all photos have; None where they differ."""
        values = {value(photo) for photo in self._photos}
        return values.pop() if len(values) == 1 else None

    # --- editing --------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.caption and event.type() == QEvent.Type.FocusOut:
            self._commit_caption()
        return super().eventFilter(watched, event)

    def _rate(self, rating: int) -> None:
        """Set a rating; the one that is set already is removed."""
        same = self._common(lambda photo: photo.rating) == rating
        self._show_stars()
        self._edit(SetRating(self._ids, 0 if same else rating))

    def _label(self, label: str) -> None:
        same = self._common(lambda photo: photo.label) == label
        self._edit(SetLabel(self._ids, "" if same else label))

    def _commit_texts(self) -> None:
        self._commit_title()
        self._commit_caption()

    def _commit_title(self) -> None:
        text = " ".join(self.title.text().split())
        if text != self._title:
            self._title = text
            self._edit(SetTitle(self._ids, text))

    def _commit_caption(self) -> None:
        text = self.caption.toPlainText().strip()
        if text != self._caption:
            self._caption = text
            self._edit(SetCaption(self._ids, text))

    def _add_tag(self) -> None:
        try:
            name = clean_tag(self.tag.text())
        except UsageError:
            return
        self.tag.clear()
        self._edit(AddTag(self._ids, name))

    def _edit(self, operation: Operation[Outcome]) -> None:
        if self._ids:
            self.edited.emit(operation)


def _make_differs_label() -> QLabel:
    """A label that says that a mark is not the same for all photos."""
    label = QLabel(translate("MarksEditor", "(differs)"), textFormat=Qt.TextFormat.PlainText)
    label.setProperty("kind", "secondary")
    label.hide()
    return label


def _dot(colour: str, ratio: float) -> QIcon:
    pixmap = QPixmap(round(_DOT * ratio), round(_DOT * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(1, 1, _DOT - 2, _DOT - 2)
    painter.end()
    return QIcon(pixmap)
