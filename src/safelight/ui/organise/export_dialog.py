"""The dialog that copies photos to a folder: first a form, then the progress, and at the end the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from safelight.core.exporting import ExportRequest, ExportResult
from safelight.ui import wording
from safelight.ui.organise.export_form import ExportForm
from safelight.ui.organise.export_progress import ExportProgressPane
from safelight.ui.translation import translate


class ExportDialog(QDialog):
    """Does not block the window, so that the user can work while photos are copied."""

    confirmed = Signal(object)  # ExportRequest
    cancel_requested = Signal()
    folder_requested = Signal(str)

    def __init__(self, last: ExportRequest, parent: QWidget) -> None:
        """``last``: the photos, and the choices of the last export."""
        super().__init__(parent)
        self._running = False
        count = wording.count_of(len(last.photo_ids), "photo")
        self.setWindowTitle(translate("Export", "Copy {photos} to a folder").format(photos=count))
        self.setMinimumWidth(560)
        self.form = ExportForm(last)
        self.form.confirmed.connect(self._begin)
        self.form.cancelled.connect(self.reject)
        self.progress = ExportProgressPane()
        self.progress.stop_requested.connect(self.cancel_requested)
        self.progress.background_requested.connect(self.hide)
        self.progress.folder_requested.connect(lambda: self.folder_requested.emit(self.form.request.folder))
        self.progress.close_requested.connect(self.accept)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.form)
        self._pages.addWidget(self.progress)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._pages)
        self.finished.connect(self._end)
        self.form.folder.setFocus()

    @property
    def running(self) -> bool:
        return self._running

    def _begin(self, request: ExportRequest) -> None:
        self._running = True
        self.progress.bar.setRange(0, max(1, len(request.photo_ids)))
        self.progress.bar.setValue(0)
        self._pages.setCurrentWidget(self.progress)
        self.progress.stop.setFocus()
        self.confirmed.emit(request)

    def show_result(self, result: ExportResult) -> None:
        """The export is over."""
        self.progress.show_result(result)
        self._finish()

    def show_failure(self, message: str) -> None:
        """The export could not begin, or it is not known how many photos were copied."""
        self.progress.show_failure(message)
        self._finish()

    def _finish(self) -> None:
        self._running = False
        if self.isHidden():
            self.accept()

    def reject(self) -> None:
        """Escape while photos are copied only hides the dialog."""
        if self._running:
            self.hide()
        else:
            super().reject()

    def _end(self) -> None:
        if not self._running:
            self.deleteLater()


def defaults(ids: Sequence[int], last: ExportRequest | None, folder: str) -> ExportRequest:
    """The choices of the last export for other photos, or the usual ones."""
    return ExportRequest(tuple(ids), folder) if last is None else replace(last, photo_ids=tuple(ids))
