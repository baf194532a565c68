"""The base of the engine's workers: order, replacement, delays, errors and closing."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from safelight.core.errors import SafelightError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine import worker as worker_module
from safelight.engine.events import Event, RequestFailed
from safelight.engine.worker import Worker


class Watched:
    """A worker, what it sent, and the order of what it ran."""

    def __init__(self) -> None:
        self.sent: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.ran: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.worker = Worker(
            "watched", self.sent.put, fault=Message("The test failed because of a fault in Safelight.")
        )

    def post(self, name: str, **how: object) -> None:
        self.worker.post(lambda _: self.ran.put(name), **how)  # type: ignore[arg-type]

    def order(self, count: int) -> list[str]:
        return [self.ran.get(timeout=30) for _ in range(count)]


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.worker.close()


def test_the_lowest_priority_number_goes_first_and_equals_in_order(watched: Watched) -> None:
    for name, priority in (("b", 1), ("c", 1), ("a", 0), ("d", 2)):
        watched.post(name, priority=priority)
    watched.worker.start()
    assert watched.order(4) == ["a", "b", "c", "d"]


def test_a_newer_job_replaces_a_waiting_one_with_the_same_key(watched: Watched) -> None:
    watched.post("old", key="search")
    watched.post("other", key="why")
    watched.post("new", key="search")
    assert watched.worker.is_queued("search")
    watched.worker.drop("why")
    watched.post("last")
    watched.worker.start()
    assert watched.order(2) == ["new", "last"]
    assert watched.ran.empty()


def test_a_delayed_job_does_not_hold_up_others_and_keeps_the_earlier_time(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(worker_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    watched.post("soon", key="k", delay=0.01)
    watched.post("sooner than asked", key="k", delay=3600)
    watched.post("now", priority=9)
    watched.worker.start()
    assert watched.order(1) == ["now"]
    now[0] = 1.0  # the worker looks at its clock every 0.01 real seconds, because that is how long it waits
    assert watched.order(1) == ["sooner than asked"]


@pytest.mark.expected_log("The test failed because of a fault")
def test_failures_are_reported_and_the_next_job_runs(watched: Watched) -> None:
    def known(_: JobControl) -> None:
        raise SafelightError("The disk is full.")

    def bug(_: JobControl) -> None:
        raise RuntimeError("never shown")

    watched.worker.post(known, generation=7)
    watched.worker.post(bug, generation=8)
    watched.post("next")
    watched.worker.start()
    assert watched.order(1) == ["next"]
    assert watched.sent.get_nowait() == RequestFailed(Message("The disk is full."), 7)
    assert watched.sent.get_nowait() == RequestFailed(
        Message("The test failed because of a fault in Safelight."), 8
    )


def test_closing_cancels_the_job_under_way_and_drops_the_rest(watched: Watched) -> None:
    begun = threading.Event()

    def waits(control: JobControl) -> None:
        begun.set()
        while True:
            control.pause()  # blocks until cancelled
            control.checkpoint()

    watched.worker.post(waits)
    watched.post("never")
    watched.worker.start()
    assert begun.wait(30)
    watched.worker.close()
    assert not watched.worker.thread.is_alive()
    assert watched.ran.empty()
    watched.post("nor this")
    assert not watched.worker.is_queued(None)
    assert watched.sent.empty()  # cancelled work is not a failure
