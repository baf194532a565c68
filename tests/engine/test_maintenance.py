"""What the engine looks after by itself: rest of models, and waiting for the mains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.encoder import Encoder
from safelight.core.errors import UsageError
from safelight.core.jobs import Phase, Progress
from safelight.core.settings import MachineShare, Settings
from safelight.engine.events import Event, ModelUnloaded, SettingsRead
from safelight.engine.maintenance import ON_BATTERY, Maintenance
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.live import Listener, LiveIndexer
from safelight.services.library import Library
from safelight.services.models.model import ModelService
from safelight.store.library import LibraryStore
from safelight.ui.wording import progress_text
from support.fake_encoder import FakeEncoder


class World:
    def __init__(self, place: Path) -> None:
        self.now = 0.0
        self.battery = False
        self.events: list[Event] = []
        self.progress: list[Progress] = []
        spec = FakeEncoder().input_spec
        model = ModelService(self._load, spec, FakeEncoder().info.key, "fake", clock=lambda: self.now)
        self.library = Library(LibraryStore.create_or_open(place), DecodePool(1), model)
        self.live: LiveIndexer = self.library.live(
            Listener(self.progress.append, lambda _: None, lambda _: None)
        )
        self.maintenance = Maintenance(
            self.library, self.live, self.events.append, battery=lambda: self.battery
        )

    def _load(self) -> Encoder:
        return FakeEncoder()

    @property
    def phase(self) -> tuple[Phase, str]:
        latest = self.progress[-1]
        return latest.phase, str(latest.reason or "")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.library.close()


def test_work_waits_for_the_mains_where_that_is_wished(world: World) -> None:
    world.battery = True
    world.maintenance.do_due_work()
    assert world.progress == []  # nothing requested it
    world.maintenance.change_setting(1, "pause-on-battery", "on")
    assert world.events == [SettingsRead(1, Settings({"pause-on-battery": True}))]
    assert world.phase == (Phase.PAUSED, str(ON_BATTERY))
    assert progress_text(world.progress[-1]) == "Paused on battery"
    world.battery = False
    world.maintenance.do_due_work()
    assert world.phase == (Phase.IDLE, "")


def test_what_the_person_says_goes_ahead_of_the_battery(world: World) -> None:
    world.battery = True
    world.maintenance.change_setting(1, "pause-on-battery", "on")
    world.live.activity.resume()
    world.maintenance.do_due_work()
    assert world.phase == (Phase.IDLE, "")  # it is not stopped again
    world.live.activity.pause()
    world.battery = False
    world.maintenance.do_due_work()
    assert world.phase == (Phase.PAUSED, "")  # nor set going


def test_the_plug_pulled_and_put_back_ends_no_pause_of_the_person(world: World) -> None:
    world.maintenance.change_setting(1, "pause-on-battery", "on")
    world.live.activity.pause()
    for battery in (True, False):
        world.battery = battery
        world.maintenance.do_due_work()
        assert world.phase == (Phase.PAUSED, "")


def test_an_unused_model_leaves_memory_and_the_window_hears_of_it(world: World) -> None:
    encoder = world.library.model.wait()
    world.now = 60.0 * 19
    world.maintenance.do_due_work()
    assert world.events == []
    world.now = 60.0 * 20
    world.maintenance.do_due_work()
    assert world.events == [ModelUnloaded(encoder.info)]
    assert world.library.model.wait().info == encoder.info
    world.maintenance.change_setting(1, "idle-minutes", "0")
    world.now = 1e9
    world.maintenance.do_due_work()
    assert [type(event) for event in world.events] == [ModelUnloaded, SettingsRead]


def test_nonsense_is_refused_and_what_was_set_stays(world: World) -> None:
    world.maintenance.change_setting(1, "machine-share", "gentle")
    with pytest.raises(UsageError, match="machine-share is one of"):
        world.maintenance.change_setting(2, "machine-share", "everything")
    world.maintenance.send_settings(3)
    assert world.events[-1] == SettingsRead(3, Settings({"machine-share": MachineShare.GENTLE}))
