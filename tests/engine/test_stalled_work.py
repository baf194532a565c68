"""A blocked worker is reported, and one that works, however long, is not."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.operations import SaveSearch
from safelight.engine.client import EngineClient
from safelight.engine.events import Event, WorkStalled
from safelight.engine.options import EngineOptions
from safelight.engine.requests import RunOperation
from safelight.engine.stalled_work import STALLED_SECONDS, StalledWork, WatchedWorker, stalled_change
from safelight.engine.worker import Worker
from support.engine_talk import EngineTalk
from support.fake_engine import open_with_a_blocked_writer
from support.waiting import wait_until

CHECK = STALLED_SECONDS / 4
"""Seconds that pass between two checks, as the tests say."""


class Watched:
    """A worker with one job, which goes on step by step, and what is reported of it."""

    def __init__(self) -> None:
        self.sent: list[Event] = []
        self.excused = False
        self.worker = Worker("watched", lambda _: None, fault=Message("A fault."))
        self.work = StalledWork(
            [WatchedWorker(self.worker, stalled_change, lambda: self.excused)], self.sent.append
        )
        self._steps: queue.SimpleQueue[Callable[[JobControl], object] | None] = queue.SimpleQueue()
        self._done = threading.Semaphore(0)
        self.worker.start()

    def begin(self) -> None:
        started = threading.Event()

        def job(control: JobControl) -> None:
            started.set()
            while (step := self._steps.get()) is not None:
                step(control)
                self._done.release()

        self.worker.post(job)
        assert started.wait(60)
        self.work.check(CHECK)  # the first check sees the job begin

    def step(self, step: Callable[[JobControl], object]) -> None:
        self._steps.put(step)
        assert self._done.acquire(timeout=60)

    def end(self) -> None:
        self._steps.put(None)
        wait_until(lambda: self.worker.current_job is None, "the end of the job")

    def reports(self) -> list[int | None]:
        """Seconds of each report since the last call, None where the work went on."""
        said: list[int | None] = []
        for event in self.sent:
            assert isinstance(event, WorkStalled)
            said.append(None if event.message is None else int(str(event.message.params["seconds"])))
        self.sent.clear()
        return said


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched()
    yield made
    made._steps.put(None)
    made.worker.close()


def test_a_blocked_job_is_reported_until_it_goes_on(watched: Watched) -> None:
    watched.begin()
    for _ in range(3):
        watched.work.check(CHECK)
    assert watched.reports() == []
    watched.work.check(CHECK)
    assert watched.reports() == [120]
    for _ in range(4):
        watched.work.check(CHECK)
    assert watched.reports() == [240]
    watched.step(JobControl.checkpoint)
    watched.end()
    watched.work.check(CHECK)
    assert watched.reports() == [None]
    for _ in range(8):
        watched.work.check(CHECK)  # idle
    assert watched.reports() == []


def compute(_: JobControl) -> None:
    """Use a hundredth of a processor for the time between two checks."""
    begun = time.thread_time()
    while time.thread_time() - begun < CHECK / 100:
        pass


def read(_: JobControl) -> None:
    Path(os.__file__).read_bytes()


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the bytes of a thread")

ADVANCES: list[Any] = [
    pytest.param(lambda control: control.checkpoint(), id="checkpoint"),
    pytest.param(compute, id="compute"),
    pytest.param(
        read,
        id="read",
        marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux counts bytes a thread"),
    ),
]


@pytest.mark.parametrize("advance", ADVANCES)
def test_a_job_that_works_is_not_reported(watched: Watched, advance: Callable[[JobControl], object]) -> None:
    watched.begin()
    for _ in range(12):
        watched.step(advance)
        watched.work.check(CHECK)
    assert watched.reports() == []


def test_short_jobs_one_after_the_other_are_not_reported(watched: Watched) -> None:
    for _ in range(12):
        watched.begin()
        watched.end()
    assert watched.reports() == []


def test_a_job_that_waits_for_a_model_is_excused(watched: Watched) -> None:
    watched.begin()
    watched.excused = True
    for _ in range(12):
        watched.work.check(CHECK)
    watched.excused = False
    assert watched.reports() == []


@pytest.mark.slow
def test_the_window_is_told_of_a_blocked_writer_though_the_engine_answers(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    options = EngineOptions(tmp_path / "library", tmp_path / "models")
    with EngineTalk(tmp_path, EngineClient(options, open_with_a_blocked_writer)) as talk:
        talk.client.send(RunOperation(7, SaveSearch("sea", "sea")))
        stalled = talk.hear(WorkStalled)
        assert str(stalled.message).startswith("A change has made no progress for ")
        (tmp_path / "models" / "release").touch()
        talk.hear(WorkStalled, lambda event: event.message is None)
        assert talk.restarts == 0
