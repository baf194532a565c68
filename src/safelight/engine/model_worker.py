"""Models for the window: listed, downloaded, imported, chosen and deleted, on a thread of their own."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from safelight.core.errors import CancelledError, ModelError, SafelightError
from safelight.core.jobs import JobControl
from safelight.embedding import install, model_references
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.install import Transfer
from safelight.embedding.load import prove
from safelight.engine.events import (
    Event,
    ModelChosen,
    ModelsListed,
    ModelTransfer,
    RequestFailed,
)
from safelight.engine.requests import (
    CancelTransfer,
    DeleteModel,
    DownloadModel,
    ImportModel,
    ListModels,
    UseModel,
)
from safelight.services.models import installed as models
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

ModelRequest = ListModels | DownloadModel | ImportModel | CancelTransfer | UseModel | DeleteModel

_EVERY = 0.25
"""Seconds between two reports of a transfer."""


@dataclass(slots=True)
class _Job:
    """A model on its way here."""

    name: str
    begin: Callable[[JobControl, Callable[[Transfer], None]], ModelSpec]
    control: JobControl = field(default_factory=JobControl)
    discard: bool = False


class ModelWorker:
    """Carries out one transfer after the other; listing and choosing do not wait for them."""

    def __init__(
        self,
        store: LibraryStore,
        models_dir: Path,
        send: Callable[[Event], None],
        in_use: str | None = None,
    ) -> None:
        """``in_use`` names the model in use where it may be another than the library's own."""
        self._store = store
        self._models_dir = models_dir
        self._send = send
        self._in_use = in_use
        self._changed = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._current: _Job | None = None
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
                    rows = models.rows(db, self._models_dir, self._in_use)
                self._send(ModelsListed(generation, tuple(rows)))
            case UseModel(name):
                spec = models.choose(self._store, name, self._models_dir)
                self._send(ModelChosen(spec.name))
            case DeleteModel(name):
                if name == self._in_use:
                    raise ModelError(f"The model “{name}” is in use. Choose another first.")
                models.forget(self._store, name, self._models_dir)
                self._send(ModelTransfer(name, 0, 0))
            case DownloadModel(name):
                offer = model_references.named(name)
                self._add(
                    _Job(
                        offer.name,
                        lambda control, report: install.download(
                            offer, self._models_dir, prove, control, report
                        ),
                    )
                )
            case ImportModel(path):
                source = Path(path)
                self._add(
                    _Job(
                        install.name_of(source),
                        lambda control, report: install.import_folder(
                            source, self._models_dir, prove, control, advanced=report
                        ),
                    )
                )
            case CancelTransfer(name, discard):
                self.cancel(name, discard=discard)

    def cancel(self, name: str | None = None, *, discard: bool = False) -> None:
        """Break off the transfer of the model named, or all; what came stays unless it is discarded."""
        with self._changed:
            dropped = [job for job in self._waiting if name in (None, job.name)]
            self._waiting = deque(job for job in self._waiting if job not in dropped)
            current = self._current
            if current is not None and name in (None, current.name):
                current.discard = discard
                current.control.cancel()
            elif discard and name is not None:
                install.discard_partial(name, self._models_dir)
                self._send(ModelTransfer(name, 0, 0))
        for job in dropped:
            self._send(ModelTransfer(job.name, 0, 0))

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._waiting.clear()
            if self._current is not None:
                self._current.control.cancel()
            self._changed.notify()

    def _add(self, job: _Job) -> None:
        with self._changed:
            current = () if self._current is None else (self._current,)
            if any(job.name == other.name for other in (*self._waiting, *current)):
                return
            self._waiting.append(job)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or bool(self._waiting))
                if self._closing:
                    return
                job = self._current = self._waiting.popleft()
            try:
                spec = job.begin(job.control, self._reporter(job.name))
            except CancelledError:
                self._end(job)
            except SafelightError as error:
                self._end(job)
                self._send(RequestFailed(str(error)))
            except Exception:
                log.exception("installing a model ended by a fault of Safelight's own")
                self._end(job)
                self._send(RequestFailed("The model could not be installed because of a fault in Safelight."))
            else:
                self._end(job, installed=True)
                log.debug("%s is installed", spec.name)

    def _end(self, job: _Job, *, installed: bool = False) -> None:
        with self._changed:
            self._current = None
        if job.discard and not installed:
            install.discard_partial(job.name, self._models_dir)
        self._send(ModelTransfer(job.name, 0, 0, installed=installed))

    def _reporter(self, name: str) -> Callable[[Transfer], None]:
        last = 0.0

        def report(transfer: Transfer) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= _EVERY or transfer.done >= transfer.total:
                last = now
                self._send(ModelTransfer(name, transfer.done, transfer.total))

        return report
