"""Comparing models as the window asks for it."""

from __future__ import annotations

import queue
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from safelight.core.jobs import JobControl
from safelight.embedding import catalogue
from safelight.engine.compare_worker import CompareWorker
from safelight.engine.events import (
    ComparisonAnswered,
    ComparisonProgress,
    Event,
    RequestFailed,
)
from safelight.engine.requests import CompareModels, SearchWithBothModels, StopComparing
from safelight.services.indexing import roots
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import Library
from safelight.services.models.model import ModelService
from safelight.store import folders
from safelight.store.library import LibraryStore
from support.fake_encoder import FakeEncoder
from support.pictures import scene

pytestmark = pytest.mark.slow

E = TypeVar("E")


class WorkerHarness:
    def __init__(self, place: Path) -> None:
        pictures = place / "Pictures"
        pictures.mkdir()
        for number in range(5):
            scene(seed=number).save(pictures / f"{number}.jpg")
        shutil.copytree(catalogue.default(place).source, place / "models" / "mine")
        encoder = FakeEncoder("starter")
        model = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)
        self.library = Library(LibraryStore.create_or_open(place / "library"), DecodePool(1), model)
        root = roots.checked_root(str(pictures))
        with self.library.store.write() as db:
            folder = folders.add(db, root, roots.volume(root), 0.0).folder.id
        self.library.indexer().run({folder: None}, JobControl(), wait_for_model=True)
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.worker = CompareWorker(self.library, place / "models", self.events.put)
        self.worker.start()

    def hear(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            event = self.events.get(timeout=180)
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__}")


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerHarness]:
    made = WorkerHarness(tmp_path)
    yield made
    made.worker.close()
    made.library.close()


@pytest.mark.model
def test_a_candidate_reads_the_sample_and_both_are_asked(worker: WorkerHarness) -> None:
    worker.worker.submit(CompareModels(1, "mine"))
    assert worker.hear(ComparisonProgress, lambda e: e.done == e.total).total == 5
    worker.worker.submit(SearchWithBothModels(2, "a red rectangle"))
    answer = worker.hear(ComparisonAnswered, lambda e: bool(e.current))
    assert answer.generation == 2
    assert len(answer.current) == len(answer.candidate) == 5
    worker.worker.submit(SearchWithBothModels(3, "   "))
    assert worker.hear(RequestFailed).generation == 3
    worker.worker.submit(SearchWithBothModels(4, "a blue circle"))
    assert worker.hear(ComparisonAnswered).generation == 4
    worker.worker.submit(StopComparing())
    worker.worker.submit(CompareModels(5, "mine"))
    assert worker.hear(ComparisonProgress, lambda e: e.done == e.total).generation == 5


def test_what_cannot_be_compared_is_reported(worker: WorkerHarness) -> None:
    worker.worker.submit(CompareModels(1, "starter"))
    assert "is the one in use" in str(worker.hear(RequestFailed).message)
    worker.worker.submit(CompareModels(2, "nonsense"))
    assert worker.hear(RequestFailed).generation == 2
