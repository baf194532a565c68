"""Models as the window asks for them: listed, fetched, chosen, deleted; what is refused is said."""

from __future__ import annotations

import json
import queue
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from safelight.core.errors import ModelError
from safelight.embedding import catalogue
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.engine.events import (
    Event,
    ModelChosen,
    ModelsListed,
    ModelTransfer,
)
from safelight.engine.model_worker import ModelWorker
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
from support.stand_in_hub import StandInHub, stand_in_hub

E = TypeVar("E")
REPO = "someone/starter-again"


class WorkerHarness:
    def __init__(self, place: Path) -> None:
        self.models_dir = place / "models"
        self.store = LibraryStore.create_or_open(place / "library")
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.worker = ModelWorker(self.store, self.models_dir, self.events.put)

    def hear(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            event = self.events.get(timeout=180)
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__}")

    def listed(self) -> dict[str, bool]:
        """Name → installed."""
        self.worker.submit(ListModels(1))
        return {row.name: row.installed for row in self.hear(ModelsListed).models}


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerHarness]:
    worker = WorkerHarness(tmp_path)
    worker.worker.start()
    yield worker
    worker.worker.close()
    worker.store.close()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandInHub]:
    """The starter, as if somebody had put it on the hub."""
    source = catalogue.default(tmp_path).source
    files = {name: (source / name).read_bytes() for name in (CONFIG_NAME, WEIGHTS_NAME)}
    with stand_in_hub(REPO, files) as standing:
        monkeypatch.setenv("HF_ENDPOINT", standing.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield standing


def test_what_can_be_had_is_listed_beside_what_is_there(worker: WorkerHarness) -> None:
    listed = worker.listed()
    assert listed["starter"]
    assert not listed["vit-b-32-256"]


@pytest.mark.model
def test_a_model_is_fetched_proved_chosen_and_deleted(worker: WorkerHarness, hub: StandInHub) -> None:
    worker.worker.submit(DownloadModel(f"hf-hub:{REPO}"))
    some = worker.hear(ModelTransfer, lambda e: e.total > 0)
    assert some.total == len(hub.files[WEIGHTS_NAME])
    assert worker.hear(ModelTransfer, lambda e: e.total == 0).installed
    assert worker.listed()["starter-again"]

    worker.worker.submit(UseModel("starter-again"))
    assert worker.hear(ModelChosen).name == "starter-again"
    with worker.store.read() as db:
        assert models.chosen_model(db, worker.models_dir).name == "starter-again"
    with pytest.raises(ModelError, match="in use"):
        worker.worker.submit(DeleteModel("starter-again"))

    worker.worker.submit(UseModel("starter"))
    worker.worker.submit(DeleteModel("starter-again"))
    assert "starter-again" not in worker.listed()


def test_what_fails_is_reported_and_the_next_request_is_served(
    worker: WorkerHarness, hub: StandInHub, tmp_path: Path
) -> None:
    hub.status = 500
    worker.worker.submit(DownloadModel(f"hf-hub:{REPO}"))
    failed = worker.hear(ModelTransfer, lambda each: not each.total)
    assert (failed.name, failed.total) == ("starter-again", 0)
    assert "error (500)" in str(failed.error)
    broken = tmp_path / "broken"
    shutil.copytree(catalogue.default(tmp_path).source, broken)
    (broken / CONFIG_NAME).write_text(json.dumps({"model_cfg": {}}))
    worker.worker.submit(ImportModel(str(broken)))
    failed = worker.hear(ModelTransfer, lambda each: not each.total)
    assert failed.name == "broken"
    assert "vision_cfg" in str(failed.error)
    with pytest.raises(ModelError, match="nonsense"):
        worker.worker.submit(DownloadModel("nonsense"))


def test_a_model_that_was_deleted_by_hand_is_not_missed(worker: WorkerHarness, tmp_path: Path) -> None:
    shutil.copytree(catalogue.default(tmp_path).source, worker.models_dir / "mine")
    worker.worker.submit(UseModel("mine"))
    shutil.rmtree(worker.models_dir / "mine")
    with worker.store.read() as db:
        assert models.chosen_model(db, worker.models_dir).name == "starter"


def test_a_download_can_wait_be_paused_continued_and_discarded(
    worker: WorkerHarness, hub: StandInHub
) -> None:
    name = "starter-again"
    partial = worker.models_dir / ".partial" / name
    worker.worker.submit(DownloadModel(f"hf-hub:{REPO}"))
    worker.worker.submit(DownloadModel(f"hf-hub:{REPO}"))  # asked for twice, fetched once
    worker.worker.submit(ImportModel(str(partial)))  # waits behind it, and is called as its folder
    worker.hear(ModelTransfer, lambda e: 0 < e.done < e.total)
    worker.worker.submit(CancelTransfer(name))
    assert worker.hear(ModelTransfer, lambda e: e.total == 0) == ModelTransfer(name, 0, 0)
    worker.worker.submit(ListModels(2))
    (row,) = [row for row in worker.hear(ModelsListed).models if row.name == name]
    assert 0 < row.partial == (partial / WEIGHTS_NAME).stat().st_size
    assert row.page.endswith(REPO)
    assert not row.installed
    worker.worker.submit(CancelTransfer(name, discard=True))
    assert worker.hear(ModelTransfer, lambda e: e.total == 0).name == name
    assert not partial.exists()
    assert name not in worker.listed()


def test_a_transfer_that_waits_can_be_given_up(
    worker: WorkerHarness, hub: StandInHub, tmp_path: Path
) -> None:
    mine = tmp_path / "Mine"
    shutil.copytree(catalogue.default(tmp_path).source, mine)
    worker.worker.submit(DownloadModel(f"hf-hub:{REPO}"))
    worker.worker.submit(ImportModel(str(mine / CONFIG_NAME)))
    worker.worker.submit(CancelTransfer("mine"))
    assert worker.hear(ModelTransfer, lambda e: e.name == "mine") == ModelTransfer("mine", 0, 0)
    worker.worker.submit(CancelTransfer())
    assert worker.hear(ModelTransfer, lambda e: e.total == 0).name == "starter-again"


def test_the_model_in_use_is_not_deleted(tmp_path: Path) -> None:
    shutil.copytree(catalogue.default(tmp_path).source, tmp_path / "models" / "mine")
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        events: list[Event] = []
        worker = ModelWorker(store, tmp_path / "models", events.append, "mine")
        worker.submit(ListModels(1))
        (listed,) = events
        assert isinstance(listed, ModelsListed)
        assert [row.name for row in listed.models if row.active] == ["mine"]
        with pytest.raises(ModelError, match="in use"):
            worker.submit(DeleteModel("mine"))


def test_closing_breaks_off_a_download(worker: WorkerHarness, hub: StandInHub) -> None:
    worker.worker.submit(DownloadModel(f"hf-hub:{REPO}"))
    worker.hear(ModelTransfer, lambda e: 0 < e.done < e.total)
    worker.worker.cancel()
    assert not worker.hear(ModelTransfer, lambda e: e.total == 0).installed
    assert (worker.models_dir / ".partial" / "starter-again" / WEIGHTS_NAME).stat().st_size > 0
