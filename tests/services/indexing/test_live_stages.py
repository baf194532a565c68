"""The live index runs background stages after indexing, and idle stages once nothing else happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure
from safelight.services.indexing.live import Listener, LiveIndexer
from safelight.services.stages.registry import coverage
from safelight.services.stages.runner import StageRunner
from safelight.services.stages.stage import Stage, StageItem
from services.conftest import Bench
from support.waiting import wait_until


class Held(Stage[int]):
    """An idle stage that stops at each photo until it is let go."""

    declaration = StageDeclaration(
        "held", Message("Held"), Message("Holding"), 1, frozenset({Input.THUMBNAIL}), CostClass.IDLE, batch=1
    )

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.released = threading.Semaphore(0)
        self.seen: list[int] = []

    def process(self, batch: Sequence[StageItem]) -> Sequence[int | StageFailure]:
        self.seen += [item.photo_id for item in batch]
        self.begun.release()
        assert self.released.acquire(timeout=60)
        return [0 for _ in batch]


@pytest.fixture
def filled(bench: Bench) -> Bench:
    for number in range(4):
        bench.draw(f"{number}.jpg", number)
    return bench


@contextmanager
def live_with(
    bench: Bench, stages: StageRunner, idle_seconds: float
) -> Iterator[tuple[LiveIndexer, list[Progress]]]:
    received: list[Progress] = []
    listener = Listener(received.append, lambda _: None, lambda _: None)
    indexer = bench.library.indexer(listener.progress, listener.changed)
    live = LiveIndexer(bench.store, indexer, listener, stages=stages, idle_seconds=idle_seconds)
    bench.library.model.wait()
    live.start()
    try:
        yield live, received
    finally:
        live.close()


def done(bench: Bench, name: str) -> int:
    with bench.store.read() as db:
        return next(each.done for each in coverage(db) if each.name == name)


def test_background_stages_follow_the_index_and_idle_stages_wait(filled: Bench) -> None:
    with live_with(filled, filled.library.stages, idle_seconds=3600) as (live, received):
        assert live.wait_until_idle(60)
        assert done(filled, "fingerprint") == 4
        assert done(filled, "sharpness") == 0
        assert any(
            each.phase is Phase.PROCESSING and str(each.activity) == "Making fingerprints"
            for each in received
        )
        assert received[-1].phase is Phase.IDLE


def test_idle_stages_run_once_nothing_happened_for_a_while(filled: Bench) -> None:
    with live_with(filled, filled.library.stages, idle_seconds=0.0) as (_, received):
        wait_until(lambda: done(filled, "sharpness") == 4, "sharpness is measured")
        wait_until(lambda: received[-1].phase is Phase.IDLE, "the live index is idle again")
        assert [str(each.activity) for each in received if each.activity][-1] == "Measuring sharpness"


def test_a_search_stops_idle_stages_after_the_photo_under_way(filled: Bench) -> None:
    stage = Held()
    stages = StageRunner(filled.store, filled.library.pool, [stage], filled.library.model.key)
    with live_with(filled, stages, idle_seconds=0.0) as (live, _):
        assert stage.begun.acquire(timeout=60)
        live.note_activity()
        for _ in range(4):
            stage.released.release()
        # It goes on by itself, as the time to wait is none here, with the photos that were left.
        wait_until(lambda: len(stage.seen) == 4, "the other photos are processed")
        wait_until(lambda: live.wait_until_idle(0), "the live index is idle")
    assert len(stage.seen) == len(set(stage.seen)) == 4


def test_new_photos_go_before_idle_stages(filled: Bench) -> None:
    stage = Held()
    stages = StageRunner(filled.store, filled.library.pool, [stage], filled.library.model.key)
    with live_with(filled, stages, idle_seconds=0.0) as (live, _):
        assert stage.begun.acquire(timeout=60)
        filled.draw("new.jpg", 99)
        live.scan()
        stage.released.release()
        wait_until(lambda: len(filled.photos()) == 5, "the new photo is indexed")
        for _ in range(8):
            stage.released.release()
        wait_until(lambda: len(stage.seen) == 5, "all photos are processed")
    assert len(set(stage.seen)) == 5
