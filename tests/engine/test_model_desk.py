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
    RequestFailed,
)
from safelight.engine.model_desk import ModelDesk
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


class Desk:
    def __init__(self, place: Path) -> None:
        self.models_dir = place / "models"
        self.store = LibraryStore.create_or_open(place / "library")
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.desk = ModelDesk(self.store, self.models_dir, self.events.put)

    def hear(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            event = self.events.get(timeout=60)
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__}")

    def listed(self) -> dict[str, bool]:
        """Name → installed."""
        self.desk.submit(ListModels(1))
        return {row.name: row.installed for row in self.hear(ModelsListed).models}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.desk.start()
    yield desk
    desk.desk.close()
    desk.store.close()


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


def test_what_can_be_had_is_listed_beside_what_is_there(desk: Desk) -> None:
    listed = desk.listed()
    assert listed["starter"]
    assert not listed["vit-b-32-256"]


@pytest.mark.model
def test_a_model_is_fetched_proved_chosen_and_deleted(desk: Desk, hub: StandInHub) -> None:
    desk.desk.submit(DownloadModel(f"hf-hub:{REPO}"))
    some = desk.hear(ModelTransfer, lambda e: e.total > 0)
    assert some.total == len(hub.files[WEIGHTS_NAME])
    assert desk.hear(ModelTransfer, lambda e: e.total == 0).installed
    assert desk.listed()["starter-again"]

    desk.desk.submit(UseModel("starter-again"))
    assert desk.hear(ModelChosen).name == "starter-again"
    with desk.store.read() as db:
        assert models.chosen(db, desk.models_dir).name == "starter-again"
    with pytest.raises(ModelError, match="in use"):
        desk.desk.submit(DeleteModel("starter-again"))

    desk.desk.submit(UseModel("starter"))
    desk.desk.submit(DeleteModel("starter-again"))
    assert "starter-again" not in desk.listed()


def test_what_fails_is_said_and_the_next_request_is_served(
    desk: Desk, hub: StandInHub, tmp_path: Path
) -> None:
    hub.status = 500
    desk.desk.submit(DownloadModel(f"hf-hub:{REPO}"))
    assert "error (500)" in desk.hear(RequestFailed).message
    broken = tmp_path / "broken"
    shutil.copytree(catalogue.default(tmp_path).source, broken)
    (broken / CONFIG_NAME).write_text(json.dumps({"model_cfg": {}}))
    desk.desk.submit(ImportModel(str(broken)))
    assert "vision_cfg" in desk.hear(RequestFailed).message
    with pytest.raises(ModelError, match="nonsense"):
        desk.desk.submit(DownloadModel("nonsense"))


def test_a_model_that_was_deleted_by_hand_is_not_missed(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(catalogue.default(tmp_path).source, desk.models_dir / "mine")
    desk.desk.submit(UseModel("mine"))
    shutil.rmtree(desk.models_dir / "mine")
    with desk.store.read() as db:
        assert models.chosen(db, desk.models_dir).name == "starter"


def test_a_download_can_wait_be_paused_gone_on_with_and_discarded(desk: Desk, hub: StandInHub) -> None:
    name = "starter-again"
    partial = desk.models_dir / ".partial" / name
    desk.desk.submit(DownloadModel(f"hf-hub:{REPO}"))
    desk.desk.submit(DownloadModel(f"hf-hub:{REPO}"))  # asked for twice, fetched once
    desk.desk.submit(ImportModel(str(partial)))  # waits behind it, and is called as its folder
    desk.hear(ModelTransfer, lambda e: 0 < e.done < e.total)
    desk.desk.submit(CancelTransfer(name))
    assert desk.hear(ModelTransfer, lambda e: e.total == 0) == ModelTransfer(name, 0, 0)
    desk.desk.submit(ListModels(2))
    (row,) = [row for row in desk.hear(ModelsListed).models if row.name == name]
    assert 0 < row.partial == (partial / WEIGHTS_NAME).stat().st_size
    assert row.page.endswith(REPO)
    assert not row.installed
    desk.desk.submit(CancelTransfer(name, discard=True))
    assert desk.hear(ModelTransfer, lambda e: e.total == 0).name == name
    assert not partial.exists()
    assert name not in desk.listed()


def test_a_transfer_that_waits_can_be_given_up(desk: Desk, hub: StandInHub, tmp_path: Path) -> None:
    mine = tmp_path / "Mine"
    shutil.copytree(catalogue.default(tmp_path).source, mine)
    desk.desk.submit(DownloadModel(f"hf-hub:{REPO}"))
    desk.desk.submit(ImportModel(str(mine / CONFIG_NAME)))
    desk.desk.submit(CancelTransfer("mine"))
    assert desk.hear(ModelTransfer, lambda e: e.name == "mine") == ModelTransfer("mine", 0, 0)
    desk.desk.submit(CancelTransfer())
    assert desk.hear(ModelTransfer, lambda e: e.total == 0).name == "starter-again"


def test_the_model_in_use_is_not_deleted(tmp_path: Path) -> None:
    shutil.copytree(catalogue.default(tmp_path).source, tmp_path / "models" / "mine")
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        events: list[Event] = []
        desk = ModelDesk(store, tmp_path / "models", events.append, "mine")
        desk.submit(ListModels(1))
        (listed,) = events
        assert isinstance(listed, ModelsListed)
        assert [row.name for row in listed.models if row.active] == ["mine"]
        with pytest.raises(ModelError, match="in use"):
            desk.submit(DeleteModel("mine"))


def test_closing_breaks_off_a_download(desk: Desk, hub: StandInHub) -> None:
    desk.desk.submit(DownloadModel(f"hf-hub:{REPO}"))
    desk.hear(ModelTransfer, lambda e: 0 < e.done < e.total)
    desk.desk.cancel()
    assert not desk.hear(ModelTransfer, lambda e: e.total == 0).installed
    assert (desk.models_dir / ".partial" / "starter-again" / WEIGHTS_NAME).stat().st_size > 0
