"""Models at work: memory that runs out, rest, speed; and how much of the machine they may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.core.encoder import Encoder, Pixels, Vectors
from safelight.core.errors import OutOfMemoryError, UsageError
from safelight.core.jobs import JobControl
from safelight.core.keeper import DEFAULT_RULES, KeeperRule
from safelight.core.settings import KEEPER_RULES, MachineShare, Settings
from safelight.services import power, settings
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.indexer import Indexer
from safelight.services.library import Library, shared_cores
from safelight.services.models import installed as models
from safelight.services.models.model import ModelService
from safelight.services.models.speed import SpeedMeter
from safelight.store import decisions, folders, photos, vectors
from safelight.store import settings as stored
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.listening import failures_into
from support.waiting import wait_until


def service(encoder: FakeEncoder) -> ModelService:
    return ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)


class Short(FakeEncoder):
    """Memory ends at the ``at``-th batch, once, in spite of all that the encoder itself could do."""

    def __init__(self, at: int) -> None:
        super().__init__("short", batch_size=3)
        self._at = at
        self._batches = 0

    def encode_images(self, batch: Pixels) -> Vectors:
        self._batches += 1
        if self._batches == self._at:
            raise OutOfMemoryError("There is too little free memory.")
        return super().encode_images(batch)


@pytest.mark.parametrize("at", range(1, 7))
def test_memory_that_ends_at_any_batch_is_made_up_for_and_held_against_no_file(
    bench: Bench, pool: DecodePool, at: int
) -> None:
    for number in range(16):
        bench.draw(f"{number}.jpg", number)
    library = Library(bench.store, pool, service(Short(at)))
    said: list[str] = []
    live = library.live(failures_into(said))
    live._retry_seconds = 0.01
    library.model.when_ready(lambda _: live.embed())
    library.model.start()
    live.start()

    def embedded() -> int:
        with bench.store.read() as db:
            model_id = vectors.model_id(db, library.model.key)
            return 0 if model_id is None else photos.counts(db, model_id).embedded

    try:
        wait_until(lambda: embedded() == 16, "all vectors")
        assert bench.failures() == []
        assert len(said) <= 1
    finally:
        live.close()
        library.vectors.close()


def test_an_unused_model_is_unloaded_and_loaded_again_when_needed() -> None:
    now = 0.0
    loaded: list[Encoder] = []

    def load() -> Encoder:
        loaded.append(FakeEncoder())
        return loaded[-1]

    spec = FakeEncoder().input_spec
    model = ModelService(load, spec, "fake@0", "fake", clock=lambda: now)
    ready: list[Encoder] = []
    model.when_ready(ready.append)
    assert model.unload_if_idle(0) is None
    first = model.wait()
    now = 50.0
    assert model.unload_if_idle(60) is None
    assert model.get() is first  # which is a use of it
    now = 109.0
    assert model.unload_if_idle(60) is None
    now = 110.0
    assert model.unload_if_idle(60) == first.info
    assert model.get() is None
    assert model.unload_if_idle(0) is None
    again = model.wait()
    assert again is not first
    assert loaded == [first, again]
    wait_until(lambda: ready == loaded, "the listener")  # called on the thread that loads


def test_photos_that_come_while_the_model_rests_wake_it(bench: Bench, pool: DecodePool) -> None:
    bench.draw("a.jpg", 1)
    model = service(bench.encoder)
    indexer = Indexer(bench.store, pool, model)
    with bench.store.read() as db:
        assert vectors.models(db) == []
    model.wait()
    assert model.unload_if_idle(0) is not None
    with bench.store.read() as db:
        scope = {folder.id: None for folder in folders.all_folders(db)}
    indexer.run(scope, JobControl())
    assert model.join(30)
    indexer.run({}, JobControl())
    with bench.store.read() as db:
        model_id = vectors.model_id(db, model.key)
        assert model_id is not None
        assert photos.counts(db, model_id).embedded == 1


def test_the_speed_seen_is_remembered_once_enough_was_seen(bench: Bench) -> None:
    now = 0.0
    gauge = SpeedMeter(lambda: now)
    with gauge.timing(40):
        now += 2.0
    gauge.store_if_enough(bench.store, "fake")
    with bench.store.read() as db:
        assert models.measured_speed(db, "fake") is None
    now += 100.0  # waiting does not count
    with gauge.timing(40):
        now += 2.0
    gauge.store_if_enough(bench.store, "fake", at_least=1000)
    with bench.store.read() as db:
        assert models.measured_speed(db, "fake") is None
    with pytest.raises(OutOfMemoryError), gauge.timing(40):
        raise OutOfMemoryError("short")
    gauge.store_if_enough(bench.store, "fake")
    with bench.store.read() as db:
        assert models.measured_speed(db, "fake") == pytest.approx(20.0)


def test_indexing_measures_the_model(bench: Bench) -> None:
    for number in range(70):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    with bench.store.read() as db:
        assert (models.measured_speed(db, bench.encoder.info.name) or 0) > 0


def test_preferences_are_kept_and_nonsense_is_refused(bench: Bench) -> None:
    with bench.store.read() as db:
        assert settings.read(db) == Settings()
    settings.change(bench.store, "machine-share", "gentle")
    settings.change(bench.store, "pause-on-battery", "Yes")
    changed = settings.change(bench.store, "idle-minutes", "0")
    gentle: dict[str, object] = {"machine-share": MachineShare.GENTLE, "pause-on-battery": True}
    assert changed == Settings({**gentle, "idle-minutes": 0})
    for name, text in (("machine-share", "half"), ("idle-minutes", "-1"), ("pause-on-battery", "maybe")):
        with pytest.raises(UsageError, match=name):
            settings.change(bench.store, name, text)
    with pytest.raises(UsageError, match="no setting “speed”"):
        settings.change(bench.store, "speed", "1")
    with bench.store.read() as db:
        assert settings.read(db) == changed
    with bench.store.write() as db:
        stored.put(db, "idle-minutes", "forever")
    with bench.store.read() as db:
        assert settings.read(db) == Settings(gentle)


def test_the_order_of_the_keepers_rules_is_a_preference(bench: Bench) -> None:
    changed = settings.change(bench.store, "keeper-rules", "age, Folder")
    assert changed[KEEPER_RULES][:3] == (KeeperRule.AGE, KeeperRule.FOLDER, KeeperRule.MARKS)
    assert sorted(changed[KEEPER_RULES]) == sorted(KeeperRule)
    with bench.store.read() as db:
        assert settings.read(db) == changed
        assert decisions.keeper_rules(db) == changed[KEEPER_RULES]
    texts = changed.texts()["keeper-rules"]
    assert texts.startswith("age,folder,marks,")
    assert settings.change(bench.store, "keeper-rules", texts) == changed
    for nonsense in ("beauty", "", "age,,folder", "age;folder"):
        with pytest.raises(UsageError, match="keeper-rules"):
            settings.change(bench.store, "keeper-rules", nonsense)
    assert settings.change(bench.store, "keeper-rules", "marks") == Settings()  # the usual order
    with bench.store.read() as db:
        assert decisions.keeper_rules(db) == DEFAULT_RULES


@pytest.mark.parametrize("cores", [1, 2, 4, 6, 16, 64])
def test_a_gentle_share_leaves_half_the_machine(cores: int) -> None:
    decoders, threads = shared_cores(cores, MachineShare.GENTLE)
    assert 1 <= decoders <= 8
    assert 1 <= threads <= max(1, cores // 2)
    more = shared_cores(cores, MachineShare.FULL)
    assert more[0] >= decoders
    assert more[1] >= threads


def supply(place: Path, name: str, **facts: str) -> None:
    folder = place / name
    folder.mkdir(parents=True)
    for fact, value in facts.items():
        (folder / fact).write_text(f"{value}\n")


def test_a_battery_that_discharges_is_noticed(tmp_path: Path) -> None:
    def power_of(**supplies: dict[str, str]) -> bool:
        place = tmp_path / str(len(list(tmp_path.iterdir())))
        place.mkdir()
        for name, facts in supplies.items():
            supply(place, name, **facts)
        return power.linux(place)

    discharging = {"type": "Battery", "status": "Discharging"}
    assert not power_of()
    assert power_of(BAT0=discharging)
    assert power_of(AC={"type": "Mains", "online": "0"}, BAT0=discharging)
    assert not power_of(AC={"type": "Mains", "online": "1"}, BAT0=discharging)
    assert not power_of(BAT0={"type": "Battery", "status": "Full"})
    assert not power_of(mouse={**discharging, "scope": "Device"})
    assert isinstance(power.on_battery(), bool)
