"""Pausing and resuming by the user and by the battery, and what is reported to the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.services.indexing.live import Listener, LiveIndexer
from services.conftest import Bench, started
from support.waiting import wait_until

BATTERY = Message("on battery")
PAUSED = Progress(Phase.PAUSED)
IDLE = Progress(Phase.IDLE)


class Recorder:
    """What was reported; ``meanwhile`` is called once, when its phase is about to be reported."""

    def __init__(self, bench: Bench) -> None:
        self.all: list[Progress] = []
        self.meanwhile: dict[Phase, Callable[[], None]] = {}
        self.live: LiveIndexer = bench.library.live(Listener(self._take, lambda _: None, lambda _: None))

    def _take(self, progress: Progress) -> None:
        self.meanwhile.pop(progress.phase, lambda: None)()
        self.all.append(progress)

    @property
    def last(self) -> Progress:
        return self.all[-1]


@pytest.fixture
def received(bench: Bench) -> Iterator[Recorder]:
    received = Recorder(bench)
    with started(bench, received.live):
        yield received


def test_a_pause_of_the_person_outlasts_one_of_the_battery(received: Recorder) -> None:
    received.live.activity.pause()
    received.live.activity.pause(BATTERY)
    assert received.last == PAUSED
    received.live.activity.resume_from(BATTERY)
    assert received.last == PAUSED
    received.live.activity.resume()
    assert received.last == IDLE


def test_a_pause_of_the_battery_becomes_the_person_s(received: Recorder) -> None:
    received.live.activity.pause(BATTERY)
    assert received.last == Progress(Phase.PAUSED, reason=BATTERY)
    received.live.activity.pause()
    received.live.activity.resume_from(BATTERY)
    assert received.last == PAUSED


def test_no_pause_between_reading_the_reason_and_resuming_is_lost(
    received: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = received.live.activity.resume

    def paused_just_before() -> None:
        received.live.activity.pause()
        going_on()

    # Going on as a second step would undo a pause that came after the first.
    monkeypatch.setattr(received.live.activity, "resume", paused_just_before)
    received.live.activity.pause(BATTERY)
    received.live.activity.resume_from(BATTERY)
    assert received.all[-2:] == [Progress(Phase.PAUSED, reason=BATTERY), IDLE]


def test_giving_up_between_runs_ends_the_pause(received: Recorder, bench: Bench) -> None:
    received.live.activity.pause()
    bench.draw("a.jpg", 1)
    received.live.scan()
    assert bench.photos() == []
    received.live.activity.cancel()
    assert PAUSED not in received.all[-1:]
    wait_until(lambda: len(bench.photos()) == 1, "the photo that waited")


def test_a_pause_during_the_report_of_a_runs_end(received: Recorder) -> None:
    received.meanwhile[Phase.IDLE] = received.live.activity.pause
    received.live.scan()
    # Pausing reports itself, then comes the report that was interrupted; the last word is the pause.
    wait_until(lambda: received.all[-3:] == [PAUSED, IDLE, PAUSED], "the pause to be reported again")


def test_a_pause_during_the_report_of_a_runs_start(received: Recorder, bench: Bench) -> None:
    received.meanwhile[Phase.SCANNING] = received.live.activity.pause
    bench.draw("a.jpg", 1)
    received.live.scan()
    wait_until(lambda: received.all[-2:] == [Progress(Phase.SCANNING), PAUSED], "the pause to be reported")
    assert bench.photos() == []
    received.live.activity.resume()
    assert received.last.phase is not Phase.PAUSED  # also where the scan goes on for long
    wait_until(lambda: len(bench.photos()) == 1, "the photo")
    wait_until(lambda: received.last == IDLE, "the end of the run")
