"""Lists, downloads, imports, chooses and deletes models for the window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from safelight.core.errors import CancelledError, ModelError, SafelightError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.embedding import install, model_references
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.install import Transfer
from safelight.embedding.load import prove
from safelight.engine.events import ModelChosen, ModelsListed, ModelTransfer
from safelight.engine.requests import (
    CancelTransfer,
    DeleteModel,
    DownloadModel,
    ImportModel,
    ListModels,
    UseModel,
)
from safelight.engine.worker import ReportInterval, Send, Worker
from safelight.services.models import installed as models
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

ModelRequest = ListModels | DownloadModel | ImportModel | CancelTransfer | UseModel | DeleteModel

_REPORT_INTERVAL = 0.25
"""Seconds between two reports of a transfer."""

_StartTransfer = Callable[[JobControl, Callable[[Transfer], None]], ModelSpec]


class ModelWorker(Worker):
    """Runs one transfer after the other; listing and choosing do not wait for them."""

    def __init__(
        self,
        store: LibraryStore,
        models_dir: Path,
        send: Send,
        in_use: str | None = None,
    ) -> None:
        """``in_use`` names the model in use where it may be another than the library's own."""
        # Do not wait on closing: a connection that hangs ends only with its time limit.
        super().__init__(
            "models",
            send,
            fault=Message("Installing the model failed because of a fault in Safelight."),
            close_timeout=0,
        )
        self._store = store
        self._models_dir = models_dir
        self._in_use = in_use
        self._discarded: set[str] = set()
        """Transfers whose partial files are deleted when they end."""

    def submit(self, request: ModelRequest) -> None:
        """Raises SafelightError for what can be refused at once."""
        match request:
            case ListModels(generation):
                with self._store.read() as db:
                    rows = models.model_rows(db, self._models_dir, self._in_use)
                self._send(ModelsListed(generation, tuple(rows)))
            case UseModel(name):
                spec = models.choose(self._store, name, self._models_dir)
                self._send(ModelChosen(spec.name))
            case DeleteModel(name):
                if name == self._in_use:
                    raise ModelError("The model “{name}” is in use. Choose another first.", name=name)
                models.delete_model(self._store, name, self._models_dir)
                self._send(ModelTransfer(name, 0, 0))
            case DownloadModel(name):
                offer = model_references.named(name)
                self._add(
                    offer.name,
                    lambda control, report: install.download(offer, self._models_dir, prove, control, report),
                )
            case ImportModel(path):
                source = Path(path)
                self._add(
                    install.name_of(source),
                    lambda control, report: install.import_folder(
                        source, self._models_dir, prove, control, advanced=report
                    ),
                )
            case CancelTransfer(name, discard):
                self.cancel(name, discard=discard)

    def cancel(self, name: str | None = None, *, discard: bool = False) -> None:
        """Stop the transfer of the model named, or all; what arrived stays unless it is discarded."""
        with self._changed:
            dropped = [str(job.key) for job in self._jobs if name in (None, job.key)]
            self.drop(*dropped)
            current = self._current
            if current is not None and name in (None, current.key):
                if discard:
                    self._discarded.add(str(current.key))
                current.control.cancel()
            elif discard and name is not None:
                install.discard_partial(name, self._models_dir)
                self._send(ModelTransfer(name, 0, 0))
        for each in dropped:
            self._send(ModelTransfer(each, 0, 0))

    def _add(self, name: str, begin: _StartTransfer) -> None:
        with self._changed:
            under_way = self._current is not None and self._current.key == name
            if not under_way and not self.is_queued(name):
                self.post(lambda control: self._transfer(name, begin, control), key=name)

    # --- the worker's thread --------------------------------------------------------------------------

    def _transfer(self, name: str, begin: _StartTransfer, control: JobControl) -> None:
        installed = False
        failure: Message | None = None
        try:
            spec = begin(control, self._reporter(name))
            installed = True
            log.debug("%s is installed", spec.name)
        except CancelledError:
            raise
        except SafelightError as error:
            failure = error.message  # shown on the card of this model rather than as a general error
        finally:
            with self._changed:
                self._current = None
                discard = name in self._discarded
                self._discarded.discard(name)
            if discard and not installed:
                install.discard_partial(name, self._models_dir)
            self._send(ModelTransfer(name, 0, 0, installed=installed, error=failure))

    def _reporter(self, name: str) -> Callable[[Transfer], None]:
        interval = ReportInterval(_REPORT_INTERVAL)

        def report(transfer: Transfer) -> None:
            if interval.passed() or transfer.done >= transfer.total:
                self._send(ModelTransfer(name, transfer.done, transfer.total))

        return report
