"""Models for the window: listed, downloaded, imported, chosen and deleted, on a thread of their own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from safelight.core.errors import CancelledError, SafelightError
from safelight.core.jobs import JobControl
from safelight.embedding import install
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.install import Transfer
from safelight.embedding.load import prove
from safelight.embedding.offers import find_offer
from safelight.engine.messages import (
    DeleteModel,
    DownloadModel,
    Event,
    ImportModel,
    ListModels,
    ModelChosen,
    ModelsListed,
    ModelTransfer,
    RequestFailed,
    UseModel,
)
from safelight.services import models
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

ModelRequest = ListModels | DownloadModel | ImportModel | UseModel | DeleteModel

_EVERY = 0.25
"""Seconds between two reports of a transfer."""


class ModelDesk:
    """Carries out one request after the other; listing and choosing do not wait for a download."""

    def __init__(self, store: LibraryStore, models_dir: Path, send: Callable[[Event], None]) -> None:
        self._store = store
        self._models_dir = models_dir
        self._send = send
        self._waiting: queue.SimpleQueue[DownloadModel | ImportModel | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._control: JobControl | None = None
        self._closing = False
        # A daemon, since a connection that hangs ends only with its time limit.
        self._thread = threading.Thread(target=self._run, name="models", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: ModelRequest) -> None:
        """Raises SafelightError for what can be refused at once."""
        match request:
            case ListModels(generation):
                with self._store.read() as db:
                    rows = models.rows(db, self._models_dir)
                self._send(ModelsListed(generation, tuple(rows)))
            case UseModel(name):
                spec = models.choose(self._store, name, self._models_dir)
                self._send(ModelChosen(spec.name))
            case DeleteModel(name):
                models.forget(self._store, name, self._models_dir)
                self._send(ModelTransfer(name, 0, 0))
            case DownloadModel() | ImportModel():
                self._waiting.put(request)

    def cancel(self) -> None:
        """Break off the transfer under way; what came stays, and the next attempt goes on from there."""
        with self._lock:
            if self._control is not None:
                self._control.cancel()

    def close(self) -> None:
        self._closing = True
        self.cancel()
        self._waiting.put(None)

    def _run(self) -> None:
        while (request := self._waiting.get()) is not None and not self._closing:
            control = JobControl()
            with self._lock:
                self._control = control
            name = request.name if isinstance(request, DownloadModel) else Path(request.path).name
            try:
                spec = self._carry_out(request, control, self._reporter(name))
            except CancelledError:
                self._send(ModelTransfer(name, 0, 0))
            except SafelightError as error:
                self._send(ModelTransfer(name, 0, 0))
                self._send(RequestFailed(str(error)))
            except Exception:
                log.exception("installing a model ended by a fault of Safelight's own")
                self._send(ModelTransfer(name, 0, 0))
                self._send(RequestFailed("The model could not be installed because of a fault in Safelight."))
            else:
                self._send(ModelTransfer(spec.name, 0, 0, installed=True))
            finally:
                with self._lock:
                    self._control = None

    def _carry_out(
        self, request: DownloadModel | ImportModel, control: JobControl, report: Callable[[Transfer], None]
    ) -> ModelSpec:
        match request:
            case DownloadModel(name):
                return install.download(find_offer(name), self._models_dir, prove, control, report)
            case ImportModel(path):
                return install.import_folder(Path(path), self._models_dir, prove, control, advanced=report)

    def _reporter(self, name: str) -> Callable[[Transfer], None]:
        last = 0.0

        def report(transfer: Transfer) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= _EVERY or transfer.done >= transfer.total:
                last = now
                self._send(ModelTransfer(name, transfer.done, transfer.total))

        return report
