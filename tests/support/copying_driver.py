"""Drives a window whose engine also copies photos to a folder."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.exporting import CopySpec
from safelight.engine.events import Event
from safelight.engine.export_worker import ExportWorker
from safelight.engine.requests import CancelExport, ExportPhotos, Request
from safelight.imaging.exporting import made_copy
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.organise.export_dialog import ExportDialog
from support.window_driver import WindowDriver

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class InProcess(DecodePool):
    """Converts at once, without a process."""

    def __init__(self) -> None:
        super().__init__(1)

    def copy_of(self, path: str, spec: CopySpec) -> Future[bytes]:
        future: Future[bytes] = Future()
        future.set_result(made_copy(path, [], spec))
        return future


class CopyingDriver(WindowDriver):
    """A window whose engine also copies photos."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        super().__init__(place, app, bot)
        self.target = place / "Copies"
        self.pool = InProcess()
        self.worker = ExportWorker(self.library.store, self.pool, self.client.say)
        self.worker.start()
        self.copies = True
        run = self.client.answers

        def answer(request: Request) -> list[Event]:
            if isinstance(request, ExportPhotos | CancelExport) and self.copies:
                self.worker.submit(request)
            return run(request)

        self.client.answers = answer

    def open_form(self, *numbers: int) -> ExportDialog:
        self.return_to_grid()
        self.select(*numbers)
        self.key(Qt.Key.Key_E, CTRL_SHIFT)
        self.wait(lambda: self.window.controllers.exports.dialog is not None)
        dialog = self.window.controllers.exports.dialog
        assert dialog is not None
        self.wait(lambda: bool(dialog.form.example and dialog.form.disclosure_text))
        dialog.form.folder.setText(str(self.target))
        return dialog

    def asked(self) -> ExportPhotos:
        """The export that the engine was asked for."""
        self.wait(lambda: any(isinstance(each, ExportPhotos) for each in self.client.requests))
        return next(each for each in self.client.requests if isinstance(each, ExportPhotos))

    def close(self) -> None:
        assert self.window.shutdown()
        self.worker.close()
        self.pool.close()
        self.library.close()
