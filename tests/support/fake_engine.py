"""An engine process whose model is the arithmetic one: real in all else."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safelight.core.encoder import Pixels, Vectors
from safelight.engine import stalled_work
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import Library
from safelight.services.models.model import ModelService
from safelight.services.operations.runner import OperationRunner
from safelight.store.library import LibraryStore
from support.fake_encoder import FakeEncoder


def open_with_fake_model(options: EngineOptions) -> Library:
    """Given to an engine client in place of the ordinary way to open a library."""
    encoder = FakeEncoder()
    model = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)
    return Library(LibraryStore.create_or_open(options.library), DecodePool(1), model)


class _PriorityRecorder(FakeEncoder):
    """Writes the nice value with which photos and texts are encoded to files of a folder."""

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place

    def encode_images(self, batch: Pixels) -> Vectors:
        self._record("photos")
        return super().encode_images(batch)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        if "priority" in " ".join(texts):
            self._record("query")
        return super().encode_texts(texts)

    def _record(self, name: str) -> None:
        (self._place / name).write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def open_with_recorded_priorities(options: EngineOptions) -> Library:
    """The priorities are recorded in the library's folder: of photos, and of queries for “priority”."""
    encoder = _PriorityRecorder(options.library)
    model = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)
    return Library(LibraryStore.create_or_open(options.library), DecodePool(1), model)


def open_with_a_model_that_never_loads(options: EngineOptions) -> Library:
    """Where Python takes itself down at the end, a file says so."""
    atexit.register((options.library / "finalised").touch)
    spec = FakeEncoder()
    model = ModelService(threading.Event().wait, spec.input_spec, spec.info.key, "endless")  # type: ignore[arg-type]
    return Library(LibraryStore.create_or_open(options.library), DecodePool(1), model)


def open_with_a_blocked_writer(options: EngineOptions) -> Library:
    """Changes wait until the file ``release`` is beside the models. A second counts as two minutes."""
    release = options.library.parent / "models" / "release"
    run = OperationRunner.run

    def blocked(self: OperationRunner, *what: Any) -> Any:
        while not release.exists():
            time.sleep(0.05)
        return run(self, *what)

    OperationRunner.run = blocked  # type: ignore[method-assign, assignment]
    stalled_work.STALLED_SECONDS = 1.0
    stalled_work._CHECK_INTERVAL = 0.2
    stalled_work._MIN_CPU_SHARE = 0.2  # the loop above, on a busy machine
    return open_with_fake_model(options)
