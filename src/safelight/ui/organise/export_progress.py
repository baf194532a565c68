"""The progress of copying photos, and then the result."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QProgressBar, QPushButton, QVBoxLayout, QWidget

from safelight.core.exporting import ExportProgress, ExportResult
from safelight.ui import wording
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import button_row

_ROWS_SHOWN = 5


class ExportProgressPane(QWidget):
    """A bar with how far copying has come. At the end, the photos that could not be copied."""

    stop_requested = Signal()
    background_requested = Signal()
    folder_requested = Signal()
    close_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.result_text = ""
        """Empty until copying has ended."""
        self._headline = plain_label(translate("Export", "Copying …"), "section")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(translate("Export", "Progress of copying"))
        self._details = plain_label("", "secondary")
        self.failures = QListWidget()
        self.failures.setAccessibleName(translate("Export", "Photos that were not copied"))
        self.failures.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.failures.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.failures.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.failures.hide()
        self.stop = QPushButton(translate("Export", "Stop"))
        self.stop.clicked.connect(self._stop)
        self.background = QPushButton(translate("Export", "Continue in background"))
        self.background.clicked.connect(self.background_requested)
        self.show_folder = QPushButton(translate("Export", "Show folder"))
        self.show_folder.hide()
        self.show_folder.clicked.connect(self.folder_requested)
        self.close_button = QPushButton(translate("Export", "Close"))
        self.close_button.setProperty("kind", "primary")
        self.close_button.hide()
        self.close_button.clicked.connect(self.close_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._headline, self.bar, self._details):
            column.addWidget(widget)
        column.addWidget(self.failures, 1)
        column.addStretch(1)
        buttons = (self.stop, self.background, self.show_folder, self.close_button)
        for button in buttons:
            button.setAutoDefault(False)
        column.addLayout(button_row(*buttons))

    def show_progress(self, progress: ExportProgress) -> None:
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.done)
        text = translate("Export", "{done:,} of {total:,}").format(done=progress.done, total=progress.total)
        if progress.failed:
            text += translate("Export", " · {failed:,} could not be copied").format(failed=progress.failed)
        self._details.setText(text)

    def show_result(self, result: ExportResult) -> None:
        """Copying has ended."""
        self._show_end(result_headline(result), _result_details(result))
        rows = [f"{wording.display_path(path)}\n{error_text(reason)}" for path, reason in result.failed]
        if rows:
            self.failures.addItems(rows)
            self.failures.ensurePolished()
            height = self.failures.sizeHintForRow(0) * min(len(rows), _ROWS_SHOWN) + 4
            self.failures.setMinimumHeight(height)
            self.failures.show()
        self.show_folder.setVisible(result.copied > 0)

    def show_failure(self, message: str) -> None:
        """Copying could not begin, or it is not known how many photos were copied."""
        self._show_end(message, [])

    def _show_end(self, headline: str, details: Sequence[str]) -> None:
        self.result_text = "\n".join((headline, *details))
        self._headline.setText(headline)
        self._details.setText("\n".join(details))
        self.bar.hide()
        self.stop.hide()
        self.background.hide()
        self.close_button.show()
        self.close_button.setDefault(True)
        self.close_button.setFocus()

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.stop_requested.emit()


def result_headline(result: ExportResult) -> str:
    """What was done, in one line."""
    if result.stopped is not None:
        return error_text(result.stopped)
    copied = wording.count_of(result.copied, "photo")
    if result.cancelled:
        return translate("Export", "Stopped. {copied} of {total:,} copied").format(
            copied=copied, total=result.total
        )
    return translate("Export", "{copied} copied to {folder}").format(
        copied=copied, folder=wording.display_name(result.folder)
    )


def _result_details(result: ExportResult) -> list[str]:
    """Further facts about the result, one per line."""
    lines = []
    if result.stopped is not None:
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
            translate("Export", "{photos} became JPEG, because their own format cannot be written.").format(
                photos=wording.count_of(result.converted, "photo")
            )
        )
    if result.unturned:
        lines.append(
            translate(
                "Export",
                "Not turned, because their format cannot store it: {photos}. Choose JPEG to turn pictures.",
            ).format(photos=wording.count_of(result.unturned, "photo"))
        )
    if result.inside:
        lines.append(translate("Export", "The folder is part of the library, so the copies are added to it."))
    if result.failed:
        files = wording.count_of(len(result.failed), "file")
        lines.append(translate("Export", "{files} could not be copied:").format(files=files))
    return lines
