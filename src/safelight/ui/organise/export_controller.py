"""Copies the selected photos to a folder: the dialog, the engine's answers, and the last choices."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QWidget

from safelight.core.exporting import ExportFormat, ExportRequest, PrivacySummary, PrivateInfo
from safelight.core.name_template import DEFAULT
from safelight.core.photo import Photo
from safelight.engine import requests
from safelight.ui.library.reads import ReadDisclosure, ReadPhotos
from safelight.ui.organise.export_dialog import ExportDialog, defaults
from safelight.ui.organise.export_progress import result_headline
from safelight.ui.translation import error_text, translate

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.widgets.toast import Toasts

_STATE_KEY = "export"


class ExportController(QObject):
    """One export at a time."""

    def __init__(
        self,
        services: WindowServices,
        toasts: Toasts,
        show_folder: Callable[[str], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bridge = services.bridge
        self._reader = services.background_reader
        self._state = services.state
        self._toasts = toasts
        self._show_folder = show_folder
        self._window = window
        self._generation = 0
        self.dialog: ExportDialog | None = None
        bridge = services.bridge
        bridge.export_advanced.connect(self._advance)
        bridge.export_ended.connect(self._finish)
        bridge.request_failed.connect(self._on_failed)
        bridge.engine_stopped.connect(self._on_engine_stopped)

    def open(self, ids: Sequence[int]) -> None:
        """Show the form for these photos, or the export under way."""
        if self.dialog is not None and self.dialog.running:
            self._raise(self.dialog)
            return
        if not ids:
            return
        if self.dialog is not None:
            self.dialog.accept()
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        dialog = ExportDialog(defaults(ids, self._last_request(), pictures), self._window)
        dialog.confirmed.connect(self._begin)
        dialog.cancel_requested.connect(self._cancel)
        dialog.folder_requested.connect(self._show_folder)
        dialog.finished.connect(lambda: self._forget(dialog))
        self.dialog = dialog
        self._reader.read(ReadPhotos(tuple(ids[:1])), self._show_first, key="export-first")
        self._reader.read(ReadDisclosure(tuple(ids)), self._show_disclosure, key="export-disclosure")
        self._raise(dialog)

    def stop(self) -> None:
        """The window closes. An export under way ends with the engine; complete copies stay."""
        if self.dialog is not None:
            self.dialog.hide()

    def _raise(self, dialog: ExportDialog) -> None:
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _show_first(self, photos: list[Photo]) -> None:
        if self.dialog is not None and photos:
            self.dialog.form.show_first(photos[0])

    def _show_disclosure(self, disclosure: PrivacySummary) -> None:
        if self.dialog is not None:
            self.dialog.form.show_disclosure(disclosure)

    def _forget(self, dialog: ExportDialog) -> None:
        if self.dialog is dialog and not dialog.running:
            self.dialog = None

    # --- the export -----------------------------------------------------------------------------

    def _begin(self, request: ExportRequest) -> None:
        self._remember(request)
        self._generation = next(self._bridge.generations)
        self._bridge.send(requests.ExportPhotos(self._generation, request))

    def _cancel(self) -> None:
        self._bridge.send(requests.CancelExport(self._generation))

    def _advance(self, event: events.ExportAdvanced) -> None:
        if event.generation == self._generation and self.dialog is not None:
            self.dialog.progress.show_progress(event.progress)

    def _finish(self, event: events.ExportEnded) -> None:
        if event.generation != self._generation or self.dialog is None:
            return
        result = event.result
        if self.dialog.isHidden():
            text, folder = result_headline(result), result.folder
            if result.failed:
                text += translate("Export", " · {failed:,} could not be copied").format(
                    failed=len(result.failed)
                )
            show = translate("Export", "Show folder")
            self._toasts.show_message(text, show, partial(self._show_folder, folder))
            if result.failed:
                self._raise(self.dialog)  # it lists the reasons
        self.dialog.show_result(result)

    def _on_failed(self, event: events.RequestFailed) -> None:
        if event.generation is not None and event.generation == self._generation:
            self._fail(error_text(event.message))

    def _on_engine_stopped(self, _: object) -> None:
        self._fail(
            translate("Export", "The engine stopped. Complete copies are kept; copy the other photos again.")
        )

    def _fail(self, message: str) -> None:
        if self.dialog is not None and self.dialog.running:
            self._raise(self.dialog)
            self.dialog.show_failure(message)

    # --- the last choices -----------------------------------------------------------------------

    def _remember(self, request: ExportRequest) -> None:
        chosen = {
            "folder": request.folder,
            "template": request.template,
            "format": request.format.value,
            "size": request.size,
            "withheld": sorted(each.value for each in request.withheld),
            "sidecars": request.sidecars,
            "turned": request.turned,
        }
        self._state.keep(_STATE_KEY, json.dumps(chosen))

    def _last_request(self) -> ExportRequest | None:
        try:
            saved = json.loads(self._state.text(_STATE_KEY))
            return ExportRequest(
                (),
                str(saved["folder"]),
                str(saved.get("template", DEFAULT)),
                ExportFormat(saved["format"]),
                None if saved["size"] is None else int(saved["size"]),
                frozenset(PrivateInfo(each) for each in saved["withheld"]),
                bool(saved["sidecars"]),
                bool(saved.get("turned", True)),
            )
        except (ValueError, KeyError, TypeError):
            return None
