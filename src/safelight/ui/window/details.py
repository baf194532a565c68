"""The panel at the right with the details of the selected photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.fields import details_of
from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.lazy_page import LazyPage
from safelight.ui.translation import message_text, translate
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.page_scroll import PageScroll

if TYPE_CHECKING:
    from safelight.ui.explanation.why_view import WhyView

_COPIES_SHOWN = 5
_BREAK = "\u200b"  # zero-width space: a line may break here
_NO_BREAK = "\u00a0"


class Preview(QWidget):
    """A picture as wide as the panel, and at most as high as wide."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(translate("Preview", "Preview"))

    def show_pixmap(self, pixmap: QPixmap | None) -> None:
        self._pixmap = pixmap if pixmap is not None else QPixmap()
        self._fit()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return False

    def _fit(self) -> None:
        size = self._shown_size()
        self.setFixedHeight(max(1, size.height()))

    def _shown_size(self) -> QSize:
        if self._pixmap.isNull():
            return QSize(self.width(), 120)
        return self._pixmap.size().scaled(self.width(), self.width(), Qt.AspectRatioMode.KeepAspectRatio)

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap.isNull():
            return
        size = self._shown_size()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        left = (self.width() - size.width()) // 2
        path = QPainterPath()
        path.addRoundedRect(left, 0, size.width(), size.height(), 4, 4)
        painter.setClipPath(path)
        painter.drawPixmap(left, 0, size.width(), size.height(), self._pixmap)


class DetailsPanel(QWidget):
    """Details of one photo, a summary of several, or a hint."""

    favourite_toggled = Signal(object, bool)  # tuple of photo ids, favourite
    similar_requested = Signal(int)
    why_requested = Signal(int)

    def __init__(
        self, thumbnail: Callable[[int], QPixmap | None], theme: Theme, parent: QWidget | None = None
    ) -> None:
        """``thumbnail`` returns the cached thumbnail, if any, without waiting."""
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._unset_heart = QIcon()
        self._set_heart = QIcon()
        self._photos: list[Photo] = []
        self._total = 0
        self._file: str | None = None
        """The file that is named if the photo has several."""
        self._rows: dict[str, str] = {}
        self.setProperty("surface", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(translate("DetailsPanel", "Details"))
        self.setMinimumWidth(220)

        self._preview = Preview()
        self._name = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._name.setProperty("kind", "section")
        self._date = plain_label("", "secondary", narrow=True)
        self._heart = QToolButton()
        self._heart.setIconSize(QSize(20, 20))
        self._heart.clicked.connect(self._toggle_favourite)
        self._similar = QPushButton(
            translate("DetailsPanel", "\u2002Find similar")
        )  # the style puts the icon too close to the text
        self._similar.setAccessibleName(translate("DetailsPanel", "Find similar"))
        self._similar.setToolTip(translate("DetailsPanel", "Find photos like this one (Ctrl+L)"))
        self._similar.clicked.connect(self._find_similar)
        self.ask_why = QPushButton(translate("DetailsPanel", "Why did this match?"))
        self.ask_why.setCheckable(True)
        self.ask_why.toggled.connect(lambda _: self._show_why())
        self._theme = theme
        self.why_view = LazyPage(self._make_why)
        self._explainable = False
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(8)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._hint = QLabel(
            translate("DetailsPanel", "Select a photo to see its details."),
            wordWrap=True,
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        self._hint.setProperty("kind", "secondary")
        self._lay_out()
        self.apply_theme(theme)
        self.show_photos([], 0)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._similar, 1)
        buttons.addWidget(self._heart)
        buttons.addStretch()  # the heart is at the left where several photos are selected
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 16, 4, 16)  # the scroll bar is at the right
        column.setSpacing(8)
        column.addWidget(self._preview)
        column.addSpacing(4)
        column.addWidget(self._name)
        column.addWidget(self._date)
        column.addSpacing(4)
        column.addLayout(buttons)
        column.addWidget(self.ask_why)
        self._editor_place = QVBoxLayout()
        column.addLayout(self._editor_place)
        self._why_place = QVBoxLayout()
        column.addLayout(self._why_place)
        column.addSpacing(8)
        column.addLayout(self._form)
        column.addWidget(self._hint, 1)
        column.addStretch(1)
        scroll = PageScroll(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll)

    def add_editor(self, editor: QWidget) -> None:
        """Add the widget that edits the photos which are shown."""
        self._editor_place.addWidget(editor)

    @property
    def why(self) -> WhyView:
        """Made when it is first used."""
        return self.why_view.get()

    def _make_why(self) -> WhyView:
        from safelight.ui.explanation.why_view import WhyView

        view = WhyView(self._theme)
        view.hide()
        self._why_place.addWidget(view)
        return view

    @property
    def photos(self) -> list[Photo]:
        return self._photos

    @property
    def rows(self) -> dict[str, str]:
        """The rows, by their labels."""
        return dict(self._rows)

    @property
    def heading(self) -> str:
        return self._name.text().replace(_BREAK, "")

    def apply_theme(self, theme: Theme) -> None:
        self._similar.setIcon(icon("similar", theme.text))
        self._unset_heart = icon("heart", theme.secondary)
        self._set_heart = icon("heart-filled", theme.accent)
        self._theme = theme
        if self.why_view.made is not None:
            self.why_view.made.apply_theme(theme)
        self._show_heart()

    def show_photos(self, photos: Sequence[Photo], total: int) -> None:
        """Show the selection of ``total`` photos, of which some may be missing from ``photos``."""
        self._photos = list(photos)
        self._total = total
        self._clear_form()
        single = self._photos[0] if total == 1 and self._photos else None
        chosen = bool(self._photos)
        for widget in (self._name, self._date, self._heart):
            widget.setVisible(chosen)
        self._similar.setVisible(single is not None)
        self._preview.setVisible(single is not None)
        self._hint.setVisible(not chosen)
        if single is not None:
            self._show_one(single)
        elif chosen:
            self._show_many()
        self._show_heart()
        self._show_why()

    def set_explainable(self, explainable: bool) -> None:
        """Set whether the photos shown are results of a search."""
        self._explainable = explainable
        self._show_why()

    def _show_why(self) -> None:
        """Request the explanation again, if it is shown and possible."""
        photo = self._photos[0] if self._total == 1 and self._photos else None
        possible = self._explainable and photo is not None
        self.ask_why.setVisible(possible)
        wanted = possible and self.ask_why.isChecked()
        if wanted or self.why_view.made is not None:
            self.why.setVisible(wanted)
        if photo is not None and wanted:
            self.why.show_waiting()
            self.why_requested.emit(photo.id)

    def refresh_thumbnail(self, photo_id: int) -> None:
        """Show a thumbnail that has arrived."""
        if self._total == 1 and self._photos and self._photos[0].id == photo_id:
            self._preview.show_pixmap(self._thumbnail(photo_id))

    def show_file(self, path: str | None) -> None:
        """Name this file, if it is one of the photo's, instead of the photo's first one."""
        if path != self._file:
            self._file = path
            if self._total == 1 and len(self._photos) == 1 and len(self._photos[0].files) > 1:
                self.show_photos(self._photos, self._total)

    def _show_one(self, photo: Photo) -> None:
        self._preview.show_pixmap(self._thumbnail(photo.id))
        files = sorted(photo.files, key=lambda file: file.path != self._file)
        is_named = bool(files) and files[0].path == self._file
        name = wording.display_name(files[0].path) if is_named else wording.name_of(photo)
        self._name.setText(_allow_breaks(name))
        self._date.setText(wording.date_of(photo))
        for row, text in details_of(photo):
            self._add(message_text(row), _prevent_breaks(message_text(text)))
        for note in photo.metadata.notes:
            self._add(translate("DetailsPanel", "Not used"), wording.metadata_note(note))
        for number, file in enumerate(files[:_COPIES_SHOWN]):
            label = (
                translate("DetailsPanel", "File")
                if len(photo.files) == 1
                else translate("DetailsPanel", "Copy{NO_BREAK}{value}").format(
                    NO_BREAK=_NO_BREAK, value=number + 1
                )
            )
            offline = "" if file.online else "\n" + translate("DetailsPanel", "(offline)")
            field = self._add(label, _allow_breaks(wording.display_path(file.path)) + offline)
            field.setToolTip(wording.tip(wording.display_path(file.path)))
        if len(photo.files) > _COPIES_SHOWN:
            self._add(
                "",
                translate("DetailsPanel", "and {value} more copies").format(
                    value=len(photo.files) - _COPIES_SHOWN
                ),
            )

    def _show_many(self) -> None:
        self._name.setText(wording.count_of(self._total, "photo"))
        dates = sorted(photo.date for photo in self._photos)
        first, last = (wording.date(moment).rpartition(",")[0] for moment in (dates[0], dates[-1]))
        self._date.setText(first if first == last else f"{first} – {last}")
        if len(self._photos) == self._total:
            self._add(
                translate("DetailsPanel", "Size"),
                wording.file_size(sum(photo.size for photo in self._photos)),
            )
        formats = sorted({photo.format for photo in self._photos})
        self._add(translate("DetailsPanel", "Kind"), ", ".join(formats))
        cameras = sorted({photo.metadata.camera for photo in self._photos if photo.metadata.camera})
        self._add(translate("DetailsPanel", "Camera"), ", ".join(cameras[:4]))

    def _add(self, label: str, text: str) -> QLabel:
        field = plain_label(narrow=True)
        field.setText(text)
        if text:
            self._rows[label.replace(_NO_BREAK, " ")] = text.replace(_BREAK, "").replace(_NO_BREAK, " ")
            name = plain_label("", "secondary", narrow=True)
            name.setText(label)
            self._form.addRow(name, field)
        return field

    def _clear_form(self) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self._rows.clear()

    def _all_favourites(self) -> bool:
        return bool(self._photos) and all(photo.favourite for photo in self._photos)

    def _show_heart(self) -> None:
        favourite = self._all_favourites()
        self._heart.setIcon(self._set_heart if favourite else self._unset_heart)
        words = (
            translate("DetailsPanel", "Remove from favourites")
            if favourite
            else translate("DetailsPanel", "Add to favourites")
        )
        self._heart.setToolTip(f"{words} (F)")
        self._heart.setAccessibleName(words)

    def _toggle_favourite(self) -> None:
        ids = tuple(photo.id for photo in self._photos)
        if ids:
            self.favourite_toggled.emit(ids, not self._all_favourites())

    def _find_similar(self) -> None:
        if self._photos:
            self.similar_requested.emit(self._photos[0].id)


def _prevent_breaks(text: str) -> str:
    """Keeps a number and its unit in one line: lines break only between values."""
    return " · ".join(part.replace(" ", _NO_BREAK) if len(part) < 24 else part for part in text.split(" · "))


def _allow_breaks(text: str) -> str:
    """Lets a long name or path break where a label would otherwise widen the panel."""
    return "".join(c + _BREAK if c in "/\\_-." else c for c in text)
