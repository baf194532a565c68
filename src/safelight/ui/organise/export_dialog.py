"""The dialog that copies photos to a folder: first a form, then the progress, and at the end the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from safelight.core.errors import UsageError
from safelight.core.exporting import (
    LARGEST_SIZE,
    SAFE_TO_SHARE,
    Disclosure,
    ExportFormat,
    ExportProgress,
    ExportRequest,
    ExportResult,
    Private,
)
from safelight.core.name_template import FIELDS, NamedPhoto, NameTemplate
from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.translation import translate
from safelight.ui.widgets.labels import plain_label

_FORMATS: Mapping[ExportFormat, str] = {
    ExportFormat.ORIGINAL: translate("Export", "As they are"),
    ExportFormat.JPEG: "JPEG",
    ExportFormat.PNG: "PNG",
    ExportFormat.WEBP: translate("Export", "WebP"),
}

PRIVATE: Mapping[Private, str] = {
    Private.PLACE: translate("Export", "Place"),
    Private.NAMES: translate("Export", "Names of people"),
    Private.TEXTS: translate("Export", "Title, caption, tags, rating"),
    Private.CAMERA: translate("Export", "Camera and exposure"),
    Private.AUTHOR: translate("Export", "Author and copyright"),
    Private.DATE: translate("Export", "Date"),
}

_ROWS_SHOWN = 5
_LINE = 18
"""Pixels of a line of secondary text. Texts that change do not move what is below them."""
_SIZE_STEP = 256


class ExportDialog(QDialog):
    """Does not block the window, so that work goes on while photos are copied."""

    confirmed = Signal(object)  # ExportRequest
    cancel_requested = Signal()
    folder_requested = Signal(str)

    def __init__(self, last: ExportRequest, parent: QWidget) -> None:
        """``last``: the photos, and what was chosen the last time."""
        super().__init__(parent)
        self._ids = last.photo_ids
        self._first: Photo | None = None
        self._disclosure: Disclosure | None = None
        self._running = False
        self.result_text = ""
        count = wording.count_of(len(last.photo_ids), "photo")
        self.setWindowTitle(translate("Export", "Copy {photos} to a folder").format(photos=count))
        self.setMinimumWidth(560)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._form(last))
        self._pages.addWidget(self._working())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._pages)
        self.finished.connect(self._end)
        self._judge()
        self.folder.setFocus()

    # --- the form -------------------------------------------------------------------------------

    def _form(self, last: ExportRequest) -> QWidget:
        page = QWidget()
        self.folder = QLineEdit(wording.display_path(last.folder))
        choose = QPushButton(translate("Export", "Choose …"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose_folder)
        place = QHBoxLayout()
        place.setSpacing(8)
        place.addWidget(self.folder, 1)
        place.addWidget(choose)
        self.template = QLineEdit(last.template)
        self.template.setToolTip(_fields_text())
        self._example = plain_label("", "secondary")
        self._example.setFixedHeight(_LINE)
        self.format = QComboBox()
        for each, name in _FORMATS.items():
            self.format.addItem(name, each)
        self.format.setCurrentIndex(list(_FORMATS).index(last.format))
        self.size_limit = QSpinBox()
        self.size_limit.setRange(0, LARGEST_SIZE)
        self.size_limit.setSingleStep(_SIZE_STEP)
        self.size_limit.setSpecialValueText(translate("Export", "Full size"))
        self.size_limit.setSuffix(translate("Export", " pixels at most"))
        self.size_limit.setValue(last.size or 0)
        look = QHBoxLayout()
        look.setSpacing(8)
        look.addWidget(self.format)
        look.addWidget(self.size_limit)
        look.addStretch(1)
        self.sidecars = QCheckBox(translate("Export", "Copy XMP sidecars along"))
        self.sidecars.setChecked(last.sidecars)
        form = QFormLayout()
        form.setSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Export", "F&older"), place)
        form.addRow(translate("Export", "&Names"), self.template)
        form.addRow("", self._example)
        form.addRow(translate("Export", "For&mat"), look)
        form.addRow("", self.sidecars)
        for field, row in ((self.folder, place), (self.format, look)):
            label = form.labelForField(row)
            if isinstance(label, QLabel):
                label.setBuddy(field)
        self.folder.setAccessibleName(translate("Export", "Folder"))
        self.size_limit.setAccessibleName(translate("Export", "Size"))
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(form)
        column.addSpacing(8)
        column.addWidget(self._leaving_out(last))
        column.addSpacing(8)
        column.addLayout(self._form_buttons())
        self.folder.textChanged.connect(self._judge)
        self.template.textChanged.connect(self._judge)
        self.format.currentIndexChanged.connect(self._judge)
        self.size_limit.valueChanged.connect(self._judge)
        return page

    def _leaving_out(self, last: ExportRequest) -> QWidget:
        section = QWidget()
        grid = QGridLayout(section)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self.safe = QCheckBox(translate("Export", "&Safe to share: leave out places and names"))
        grid.addWidget(plain_label(translate("Export", "Leave out"), "section"), 0, 0, 1, 2)
        grid.addWidget(self.safe, 1, 0, 1, 2)
        self.withheld: dict[Private, QCheckBox] = {}
        for number, (private, name) in enumerate(PRIVATE.items()):
            box = QCheckBox(name)
            box.setChecked(private in last.withheld)
            box.toggled.connect(self._judge)
            self.withheld[private] = box
            grid.addWidget(box, 2 + number // 2, number % 2)
        self._given_away = plain_label("", "secondary")
        self._given_away.setFixedHeight(2 * _LINE)
        self._given_away.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._given_away, 5, 0, 1, 2)
        self.safe.clicked.connect(self._be_safe)
        return section

    def _form_buttons(self) -> QHBoxLayout:
        cancel = QPushButton(translate("Export", "Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.button = QPushButton(translate("Export", "Copy"))
        self.button.setProperty("kind", "primary")
        self.button.setDefault(True)
        self.button.clicked.connect(self._confirm)
        return _row(cancel, self.button)

    def show_first(self, photo: Photo) -> None:
        """The first of the photos, which serves as an example of the names."""
        self._first = photo
        self._judge()

    def show_disclosure(self, disclosure: Disclosure) -> None:
        self._disclosure = disclosure
        self._judge()

    @property
    def request(self) -> ExportRequest:
        """What the form says now."""
        return ExportRequest(
            self._ids,
            str(Path(self.folder.text().strip()).expanduser()) if self.folder.text().strip() else "",
            self.template.text(),
            ExportFormat(self.format.currentData()),
            self.size_limit.value() or None,
            frozenset(private for private, box in self.withheld.items() if box.isChecked()),
            self.sidecars.isChecked(),
        )

    @property
    def example(self) -> str:
        return self._example.text()

    @property
    def given_away(self) -> str:
        return self._given_away.text()

    def _judge(self) -> None:
        """Show what the choices mean, and whether they can be carried out."""
        request = self.request
        wrong = self._show_example(request)
        absolute = Path(request.folder).is_absolute()
        self.button.setEnabled(not wrong and absolute)
        converted = request.format is not ExportFormat.ORIGINAL or request.size or request.withheld
        self.sidecars.setEnabled(not converted)
        self.sidecars.setToolTip(
            translate("Export", "Converted copies contain their metadata themselves.") if converted else ""
        )
        self.safe.setChecked(request.withheld >= SAFE_TO_SHARE)
        if self._disclosure is not None:
            self._given_away.setText(_given_away_text(self._disclosure, request.withheld))
            self.button.setAccessibleDescription(self.given_away)

    def _show_example(self, request: ExportRequest) -> bool:
        """Returns whether the template is wrong."""
        try:
            template = NameTemplate(request.template)
        except UsageError as error:
            self._example.setText(str(error))
            return True
        photo, text = self._first, ""
        if photo is not None and photo.files:
            path = Path(photo.files[0].path)
            fields = NamedPhoto(
                path.stem,
                1,
                len(self._ids),
                photo.date,
                photo.title,
                photo.rating,
                photo.metadata.camera or "",
                path.parent.name,
            )
            written = request.format_of(photo.format)
            name = "/".join(template.render(fields)) + (written.extension or path.suffix)
            text = translate("Export", "For example {name}").format(name=wording.display_path(name))
        self._example.setText(text)
        return False

    def _be_safe(self, checked: bool) -> None:
        for private in SAFE_TO_SHARE:
            self.withheld[private].setChecked(checked)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, translate("Export", "Copy photos to"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _confirm(self) -> None:
        self._running = True
        self._bar.setRange(0, max(1, len(self._ids)))
        self._bar.setValue(0)
        self._pages.setCurrentIndex(1)
        self.stop.setFocus()
        self.confirmed.emit(self.request)

    # --- progress and result --------------------------------------------------------------------

    def _working(self) -> QWidget:
        page = QWidget()
        self._headline = plain_label(translate("Export", "Copying …"), "section")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(translate("Export", "Progress of copying"))
        self._details = plain_label("", "secondary")
        self.failures = QListWidget()
        self.failures.setAccessibleName(translate("Export", "Photos that were not copied"))
        self.failures.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.failures.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.failures.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.failures.hide()
        self.stop = QPushButton(translate("Export", "Stop"))
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self._stop)
        self.background = QPushButton(translate("Export", "Continue in background"))
        self.background.setAutoDefault(False)
        self.background.clicked.connect(self.hide)
        self.show_folder = QPushButton(translate("Export", "Show folder"))
        self.show_folder.setAutoDefault(False)
        self.show_folder.hide()
        self.show_folder.clicked.connect(lambda: self.folder_requested.emit(self.request.folder))
        self.close_button = QPushButton(translate("Export", "Close"))
        self.close_button.setProperty("kind", "primary")
        self.close_button.setAutoDefault(False)
        self.close_button.hide()
        self.close_button.clicked.connect(self.accept)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._headline, self._bar, self._details):
            column.addWidget(widget)
        column.addWidget(self.failures, 1)
        column.addStretch(1)
        column.addLayout(_row(self.stop, self.background, self.show_folder, self.close_button))
        return page

    @property
    def running(self) -> bool:
        return self._running

    def show_progress(self, progress: ExportProgress) -> None:
        self._bar.setRange(0, max(1, progress.total))
        self._bar.setValue(progress.done)
        text = translate("Export", "{done:,} of {total:,}").format(done=progress.done, total=progress.total)
        if progress.failed:
            text += translate("Export", " · {failed:,} could not be copied").format(failed=progress.failed)
        self._details.setText(text)

    def show_result(self, result: ExportResult) -> None:
        """The export is over."""
        self._show_end(result_headline(result), result_details(result))
        rows = [f"{wording.display_path(path)}\n{reason}" for path, reason in result.failed]
        if rows:
            self.failures.addItems(rows)
            self.failures.ensurePolished()
            height = self.failures.sizeHintForRow(0) * min(len(rows), _ROWS_SHOWN) + 4
            self.failures.setMinimumHeight(height)
            self.failures.show()
        self.show_folder.setVisible(result.copied > 0)

    def show_failure(self, message: str) -> None:
        """The export could not begin, or nobody knows how far it came."""
        self._show_end(message, [])

    def _show_end(self, headline: str, details: Sequence[str]) -> None:
        self._running = False
        self.result_text = "\n".join((headline, *details))
        self._headline.setText(headline)
        self._details.setText("\n".join(details))
        self._bar.hide()
        self.stop.hide()
        self.background.hide()
        self.close_button.show()
        self.close_button.setDefault(True)
        self.close_button.setFocus()
        if self.isHidden():
            self.accept()

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.cancel_requested.emit()

    def reject(self) -> None:
        """Escape while photos are copied only hides the dialog."""
        if self._running:
            self.hide()
        else:
            super().reject()

    def _end(self) -> None:
        if not self._running:
            self.deleteLater()


def result_headline(result: ExportResult) -> str:
    """What was done, in one line."""
    if result.stopped:
        return result.stopped
    copied = wording.count_of(result.copied, "photo")
    if result.cancelled:
        return translate("Export", "Stopped. {copied} of {total:,} copied").format(
            copied=copied, total=result.total
        )
    return translate("Export", "{copied} copied to {folder}").format(
        copied=copied, folder=wording.display_name(result.folder)
    )


def result_details(result: ExportResult) -> list[str]:
    """What else there is to say, a line each."""
    lines = []
    if result.stopped:
        lines.append(
            translate("Export", "{copied:,} of {total:,} photos were copied.").format(
                copied=result.copied, total=result.total
            )
        )
    if result.sidecars:
        sidecars = wording.count_of(result.sidecars, "sidecar")
        lines.append(translate("Export", "{sidecars} copied along.").format(sidecars=sidecars))
    if result.converted:
        lines.append(
            translate("Export", "{photos} became JPEG, since their own format cannot be written.").format(
                photos=wording.count_of(result.converted, "photo")
            )
        )
    if result.inside:
        lines.append(
            translate("Export", "The folder belongs to the library: the copies become photos of it.")
        )
    if result.failed:
        files = wording.count_of(len(result.failed), "file")
        lines.append(translate("Export", "{files} could not be copied:").format(files=files))
    return lines


def defaults(ids: Sequence[int], last: ExportRequest | None, folder: str) -> ExportRequest:
    """The choices of the last export for other photos, or the usual ones."""
    return ExportRequest(tuple(ids), folder) if last is None else replace(last, photo_ids=tuple(ids))


def _given_away_text(disclosure: Disclosure, withheld: frozenset[Private]) -> str:
    """What copies would give away, as far as the library knows."""
    parts = [
        translate("Export", "{what} ({count:,})").format(what=name.lower(), count=disclosure.counts[private])
        for private, name in PRIVATE.items()
        if private not in withheld and disclosure.counts.get(private)
    ]
    if not parts:
        return translate("Export", "As far as Safelight knows, the copies give nothing of this away.")
    return translate("Export", "The copies give away: {parts}.").format(parts=", ".join(parts))


def _fields_text() -> str:
    lines = [f"{{{name}}}: {text}" for name, text in FIELDS.items()]
    return "\n".join([translate("Export", "A name can contain these fields, and / for folders:"), *lines])


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch(1)
    for button in buttons:
        button.setIcon(QIcon())
        row.addWidget(button)
    return row
