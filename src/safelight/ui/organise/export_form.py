"""The form of the dialog that copies photos: the folder, the names, the format, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.errors import UsageError
from safelight.core.exporting import (
    LARGEST_SIZE,
    SAFE_TO_SHARE,
    ExportFormat,
    ExportRequest,
    PrivacySummary,
    PrivateInfo,
    without_private_info,
)
from safelight.core.name_template import FIELDS, NamedPhoto, NameTemplate
from safelight.core.photo import Photo
from safelight.core.user_paths import expanded
from safelight.ui import wording
from safelight.ui.translation import constant_text, error_text, translate
from safelight.ui.widgets.inputs import ChoiceBox, NumberBox
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import button_row

_FORMATS: Mapping[ExportFormat, str] = {
    ExportFormat.ORIGINAL: translate("Export", "As they are"),
    ExportFormat.JPEG: "JPEG",
    ExportFormat.PNG: "PNG",
    ExportFormat.WEBP: translate("Export", "WebP"),
}

_PRIVATE: Mapping[PrivateInfo, str] = {
    PrivateInfo.PLACE: translate("Export", "Place"),
    PrivateInfo.NAMES: translate("Export", "Names of people"),
    PrivateInfo.TEXTS: translate("Export", "Title, caption, tags, rating"),
    PrivateInfo.CAMERA: translate("Export", "Camera and exposure"),
    PrivateInfo.AUTHOR: translate("Export", "Author and copyright"),
    PrivateInfo.DATE: translate("Export", "Date"),
}

_LINE_HEIGHT = 18
"""Pixels of a line of secondary text. Labels have a fixed height, so that a change does not move the rest."""
_SIZE_STEP = 256


class ExportForm(QWidget):
    """Shows an example name and what the copies disclose while the user makes choices."""

    confirmed = Signal(object)  # ExportRequest
    cancelled = Signal()

    def __init__(self, last: ExportRequest) -> None:
        """``last``: the photos, and the choices of the last export."""
        super().__init__()
        self._ids = last.photo_ids
        self._first: Photo | None = None
        self._disclosure: PrivacySummary | None = None
        self.folder = QLineEdit(wording.path_text(last.folder))
        choose = QPushButton(translate("Export", "Choose …"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose_folder)
        folder_row = QHBoxLayout()
        folder_row.setSpacing(8)
        folder_row.addWidget(self.folder, 1)
        folder_row.addWidget(choose)
        self.template = QLineEdit(last.template)
        self.template.setToolTip(_fields_text())
        self._example = plain_label("", "secondary")
        self._example.setFixedHeight(_LINE_HEIGHT)
        self.format = ChoiceBox()
        for each, name in _FORMATS.items():
            self.format.addItem(name, each)
        self.format.setCurrentIndex(list(_FORMATS).index(last.format))
        self.size_limit = NumberBox()
        self.size_limit.setRange(0, LARGEST_SIZE)
        self.size_limit.setSingleStep(_SIZE_STEP)
        self.size_limit.setSpecialValueText(translate("Export", "Full size"))
        self.size_limit.setSuffix(translate("Export", " pixels at most"))
        self.size_limit.setValue(last.size or 0)
        format_row = QHBoxLayout()
        format_row.setSpacing(8)
        format_row.addWidget(self.format)
        format_row.addWidget(self.size_limit)
        format_row.addStretch(1)
        self.sidecars = QCheckBox(translate("Export", "Copy XMP sidecars along"))
        self.sidecars.setChecked(last.sidecars)
        self.turned = QCheckBox(translate("Export", "Turn the copies of photos that you turned"))
        self.turned.setChecked(last.turned)
        form = QFormLayout()
        form.setSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Export", "F&older"), folder_row)
        form.addRow(translate("Export", "&Names"), self.template)
        form.addRow("", self._example)
        form.addRow(translate("Export", "For&mat"), format_row)
        form.addRow("", self.sidecars)
        form.addRow("", self.turned)
        form.setRowVisible(self.turned, False)
        self._form = form
        for field, row in ((self.folder, folder_row), (self.format, format_row)):
            label = form.labelForField(row)
            if isinstance(label, QLabel):
                label.setBuddy(field)
        self.folder.setAccessibleName(translate("Export", "Folder"))
        self.size_limit.setAccessibleName(translate("Export", "Size"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(form)
        column.addSpacing(8)
        column.addWidget(self._make_privacy_section(last))
        column.addSpacing(8)
        column.addLayout(self._buttons())
        self.folder.textChanged.connect(self._update)
        self.template.textChanged.connect(self._update)
        self.format.currentIndexChanged.connect(self._update)
        self.size_limit.valueChanged.connect(self._update)
        self._update()

    def _make_privacy_section(self, last: ExportRequest) -> QWidget:
        section = QWidget()
        grid = QGridLayout(section)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self.safe = QCheckBox(translate("Export", "&Safe to share: leave out places and names"))
        grid.addWidget(plain_label(translate("Export", "Leave out"), "section"), 0, 0, 1, 2)
        grid.addWidget(self.safe, 1, 0, 1, 2)
        self.withheld: dict[PrivateInfo, QCheckBox] = {}
        for number, (private, name) in enumerate(_PRIVATE.items()):
            box = QCheckBox(name)
            box.setChecked(private in last.withheld)
            box.toggled.connect(self._update)
            self.withheld[private] = box
            grid.addWidget(box, 2 + number // 2, number % 2)
        self._disclosure_label = plain_label("", "secondary")
        self._disclosure_label.setFixedHeight(2 * _LINE_HEIGHT)
        self._disclosure_label.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._disclosure_label, 5, 0, 1, 2)
        self.safe.clicked.connect(self._withhold_unsafe)
        return section

    def _buttons(self) -> QHBoxLayout:
        cancel = QPushButton(translate("Export", "Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.cancelled)
        self.button = QPushButton(translate("Export", "Copy"))
        self.button.setProperty("kind", "primary")
        self.button.setDefault(True)
        self.button.clicked.connect(lambda: self.confirmed.emit(self.request))
        return button_row(cancel, self.button)

    def show_first(self, photo: Photo) -> None:
        """Use the first of the photos as the example of the names."""
        self._first = photo
        self._update()

    def show_disclosure(self, disclosure: PrivacySummary) -> None:
        """Show what the copies would disclose, and offer to turn them if any of the photos was turned."""
        self._form.setRowVisible(self.turned, disclosure.turned > 0)
        self._disclosure = disclosure
        self._update()

    @property
    def request(self) -> ExportRequest:
        """The request that the form describes now."""
        return ExportRequest(
            self._ids,
            str(expanded(self.folder.text().strip())) if self.folder.text().strip() else "",
            self.template.text(),
            ExportFormat(self.format.currentData()),
            self.size_limit.value() or None,
            frozenset(private for private, box in self.withheld.items() if box.isChecked()),
            self.sidecars.isChecked(),
            self.turned.isChecked(),
        )

    @property
    def example(self) -> str:
        return self._example.text()

    @property
    def disclosure_text(self) -> str:
        return self._disclosure_label.text()

    def _update(self) -> None:
        """Show what the choices mean, and enable the button if they are valid."""
        request = self.request
        is_template_valid = self._show_example(request)
        self.button.setEnabled(is_template_valid and Path(request.folder).is_absolute())
        converted = request.format is not ExportFormat.ORIGINAL or request.size or request.withheld
        self.sidecars.setEnabled(not converted)
        self.sidecars.setToolTip(
            translate("Export", "Converted copies contain their metadata themselves.") if converted else ""
        )
        self.safe.setChecked(request.withheld >= SAFE_TO_SHARE)
        if self._disclosure is not None:
            self._disclosure_label.setText(_disclosure_text(self._disclosure, request.withheld))
            self.button.setAccessibleDescription(self.disclosure_text)

    def _show_example(self, request: ExportRequest) -> bool:
        """Show the name of the first copy, or what is wrong with the template; return whether it is valid."""
        try:
            template = NameTemplate(request.template)
        except UsageError as error:
            self._example.setText(error_text(error))
            return False
        photo, text = self._first, ""
        if photo is not None and photo.files:
            path = photo.files[0].path
            metadata = replace(photo.metadata, title=photo.title, rating=photo.rating)
            fields = NamedPhoto.of(
                photo,
                path,
                1,
                len(self._ids),
                without_private_info(metadata, request.withheld),
                with_date=PrivateInfo.DATE not in request.withheld,
            )
            extension = request.format_for(photo).extension or Path(path).suffix
            name = "/".join(template.render(fields)) + extension
            text = translate("Export", "For example {name}").format(name=wording.display_path(name))
        self._example.setText(text)
        return True

    def _withhold_unsafe(self, checked: bool) -> None:
        for private in SAFE_TO_SHARE:
            self.withheld[private].setChecked(checked)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, translate("Export", "Copy photos to"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _disclosure_text(disclosure: PrivacySummary, withheld: frozenset[PrivateInfo]) -> str:
    """What copies would disclose, as far as the library knows."""
    parts = [
        translate("Export", "{what} ({count:,})").format(what=name.lower(), count=disclosure.counts[private])
        for private, name in _PRIVATE.items()
        if private not in withheld and disclosure.counts.get(private)
    ]
    if not parts:
        return translate("Export", "As far as Safelight knows, the copies reveal none of this.")
    return translate("Export", "The copies reveal: {parts}.").format(parts=", ".join(parts))


def _fields_text() -> str:
    """The tooltip that lists the fields of a name template."""
    lines = [f"{{{name}}}: {constant_text(text)}" for name, text in FIELDS.items()]
    return "\n".join([translate("Export", "A name can contain these fields, and / for folders:"), *lines])
