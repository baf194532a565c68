"""Actions on models: list, download, import, choose, delete. Those with consequences ask first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QInputDialog, QMessageBox, QWidget

from safelight.core.jobs import Phase, Progress
from safelight.core.models import ModelRow
from safelight.engine import events, requests
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.models import words as model_words
from safelight.ui.translation import error_text, translate

if TYPE_CHECKING:
    from safelight.ui.lazy_page import LazyPage
    from safelight.ui.models.page import ModelsPage

_COVERAGE_SECONDS = 3


class Notify(Protocol):
    """Shows a short message, perhaps with a button."""

    def __call__(self, text: str, action: str = "", act: Callable[[], None] | None = None) -> None: ...


class ModelCommands(QObject):
    """Connects the models page with the engine. Nothing blocks: dialogs report by signals."""

    active_changed = Signal(object)  # ModelRow of the model in use

    def __init__(
        self, bridge: EngineBridge, page: LazyPage[ModelsPage], window: QWidget, notify: Notify
    ) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._page = page
        self._window = window
        self._notify = notify
        self._asked = 0
        self._models: tuple[ModelRow, ...] = ()
        self._transfers: dict[str, tuple[int, int]] = {}
        """Downloads and imports under way: bytes done and total."""
        self._coming: dict[str, requests.DownloadModel | requests.ImportModel] = {}
        """Requests that have not ended. They are repeated when the engine restarts."""
        self._chosen: tuple[ModelRow, ModelRow | None] | None = None
        """The model just chosen, and the one used before."""
        # Indexing changes how many photos each model covers, so the list is refreshed at intervals.
        self._again = QTimer(self, singleShot=True, interval=_COVERAGE_SECONDS * 1000)
        self._again.timeout.connect(self.refresh)
        bridge.engine_ready.connect(self._on_engine_ready)
        bridge.models_listed.connect(self._on_models_listed)
        bridge.model_transferred.connect(self._on_transfer)
        bridge.model_chosen.connect(self._on_model_chosen)
        bridge.progress_changed.connect(self._on_progress)
        page.when_made(self._connect_page)

    @property
    def active(self) -> ModelRow | None:
        """The model in use."""
        return next((row for row in self._models if row.active), None)

    def _connect_page(self, page: ModelsPage) -> None:
        page.download_requested.connect(self.ask_to_download)
        page.pause_requested.connect(self.pause)
        page.discard_requested.connect(self.discard)
        page.use_requested.connect(self.use)
        page.delete_requested.connect(self.ask_to_delete)
        page.import_requested.connect(self.choose_folder)
        page.other_requested.connect(self.ask_for_name)
        for name, (done, total) in self._transfers.items():
            page.show_transfer(name, done, total)
        if self._models:
            page.show_models(self._models)

    def refresh(self) -> None:
        """Request the list again."""
        self._again.stop()
        self._asked = next(self._bridge.generations)
        self._bridge.send(requests.ListModels(self._asked))

    def stop(self) -> None:
        self._again.stop()

    # --- the user's actions -------------------------------------------------------------------

    def ask_to_download(self, row: ModelRow) -> None:
        """Ask with the size and the licence, then download. An interrupted download resumes at once."""
        if row.partial:
            self.download(row)
            return
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setText(translate("ModelCommands", "Download {title}?").format(title=row.title))
        box.setInformativeText(model_words.about_download(row))
        if row.page:
            box.setTextFormat(Qt.TextFormat.RichText)
            text = model_words.about_download(row).replace("\n", "<br>")
            box.setInformativeText(
                translate("ModelCommands", '{text}<br><a href="{page}">Open the model\'s page</a>').format(
                    text=text, page=row.page
                )
            )
        accept = box.addButton(translate("ModelCommands", "Download"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(accept)
        if row.research_only:
            agreed = QCheckBox(
                translate("ModelCommands", "I use it for research only"), box
            )  # setCheckBox does not take ownership
            box.setCheckBox(agreed)
            accept.setEnabled(False)
            agreed.toggled.connect(accept.setEnabled)
        accept.clicked.connect(lambda: self.download(row))
        box.finished.connect(box.deleteLater)
        box.open()

    def download(self, row: ModelRow) -> None:
        self._fetch(row.name, requests.DownloadModel(_engine_name(row)))

    def download_named(self, name: str) -> None:
        """Download a model that is not listed. It is listed once its download has begun."""
        if name.strip():
            self._bridge.send(requests.DownloadModel(name.strip()))
            self._notify(translate("ModelCommands", "Contacting the model hub …"))

    def choose_folder(self) -> None:
        """Let the user choose a folder with a model and install a copy."""
        dialog = QFileDialog(self._window, translate("ModelCommands", "Import a model: choose its folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.import_from)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def import_from(self, path: str) -> None:
        name = path.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
        self._fetch(name.lower(), requests.ImportModel(path))
        self._notify(translate("ModelCommands", "Copying {name} …").format(name=name))

    def ask_for_name(self) -> None:
        """Ask for the name of any other model on the hub."""
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(translate("ModelCommands", "Other model"))
        dialog.setLabelText(
            translate(
                "ModelCommands",
                "hf-hub:owner/name of an open_clip export on the hub, or NAME/TAG as open_clip lists them.\n"
                "The model's page states its licence.",
            )
        )
        dialog.setOkButtonText(translate("ModelCommands", "Download"))
        dialog.setTextValue("hf-hub:")
        dialog.textValueSelected.connect(self.download_named)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def pause(self, name: str) -> None:
        self._coming.pop(name, None)
        self._bridge.send(requests.CancelTransfer(name))

    def discard(self, name: str) -> None:
        self._coming.pop(name, None)
        self._bridge.send(requests.CancelTransfer(name, discard=True))

    def use(self, row: ModelRow) -> None:
        self._chosen = (row, self.active)
        self._bridge.send(requests.UseModel(row.name))

    def ask_to_delete(self, row: ModelRow) -> None:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setText(translate("ModelCommands", "Delete {title}?").format(title=row.title))
        box.setInformativeText(model_words.about_delete(row))
        delete = box.addButton(translate("ModelCommands", "Delete"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self._bridge.send(requests.DeleteModel(row.name)))
        box.finished.connect(box.deleteLater)
        box.open()

    # --- the engine's events ------------------------------------------------------------------

    def _on_engine_ready(self) -> None:
        for request in self._coming.values():
            self._bridge.send(request)
        self.refresh()

    def _on_models_listed(self, listed: events.ModelsListed) -> None:
        if listed.generation != self._asked:
            return
        self._models = listed.models
        if self._page.made is not None:
            self._page.made.show_models(listed.models)
        if self.active is not None:
            self.active_changed.emit(self.active)

    def _on_transfer(self, transfer: events.ModelTransfer) -> None:
        if transfer.total:
            self._show_transfer(transfer.name, transfer.done, transfer.total)
            listed = any(row.name == transfer.name for row in self._models)
            if not listed and not self._again.isActive():
                self._again.start()
            return
        self._coming.pop(transfer.name, None)
        self._transfers.pop(transfer.name, None)
        error = "" if transfer.error is None else error_text(transfer.error)
        if self._page.made is not None:
            self._page.made.end_transfer(transfer.name, error)
        self.refresh()
        if error and not (self._page.made is not None and self._page.made.isVisible()):
            self._notify(
                translate("ModelCommands", "{name} could not be installed. {error}").format(
                    name=transfer.name, error=error
                )
            )
        if transfer.installed:
            name = transfer.name
            self._notify(
                translate("ModelCommands", "{name} is installed.").format(name=name),
                translate("ModelCommands", "Use"),
                lambda: self._bridge.send(requests.UseModel(name)),
            )

    def _on_model_chosen(self, name: str) -> None:
        """Restart the engine with the chosen model."""
        chosen, self._chosen = self._chosen, None
        self._bridge.restart()
        if chosen is None or chosen[0].name != name:
            self._notify(translate("ModelCommands", "{name} is now in use.").format(name=name))
            return
        row, former = chosen
        back = None if former is None else (lambda: self.use(former))
        self._notify(
            model_words.about_use(row, former), translate("ModelCommands", "Go back") if back else "", back
        )

    def _on_progress(self, progress: Progress) -> None:
        if progress.phase is Phase.IDLE:
            self.refresh()
        elif self._page.made is not None and self._page.made.isVisible() and not self._again.isActive():
            self._again.start()

    def _fetch(self, name: str, request: requests.DownloadModel | requests.ImportModel) -> None:
        self._coming[name] = request
        self._show_transfer(name, 0, 0)
        self._bridge.send(request)

    def _show_transfer(self, name: str, done: int, total: int) -> None:
        self._transfers[name] = (done, total)
        if self._page.made is not None:
            self._page.made.show_transfer(name, done, total)


def _engine_name(row: ModelRow) -> str:
    """The name under which the engine knows a model: an offer's name, else its repository."""
    hub = "https://huggingface.co/"
    return f"hf-hub:{row.page.removeprefix(hub)}" if row.page and not row.note else row.name
