"""Who pauses and who goes on, and that the window is told what is the case."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from safelight.core.jobs import Phase, Progress
from safelight.services.indexing.live import Listener, LiveIndexer
from services.conftest import Bench, started
from support.waiting import wait_until

BATTERY = "on battery"
PAUSED = Progress(Phase.PAUSED)
IDLE = Progress(Phase.IDLE)


class Told:
    """What was told; ``meanwhile`` is called when the phase it is for is about to arrive, once."""

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
def told(bench: Bench) -> Iterator[Told]:
    told = Told(bench)
    with started(bench, told.live):
        yield told


def test_a_pause_of_the_person_outlasts_one_of_the_battery(told: Told) -> None:
    told.live.pause()
    told.live.pause(BATTERY)
    assert told.last == PAUSED
    told.live.resume_from(BATTERY)
    assert told.last == PAUSED
    told.live.resume()
    assert told.last == IDLE


def test_a_pause_of_the_battery_becomes_the_person_s(told: Told) -> None:
    told.live.pause(BATTERY)
    assert told.last == Progress(Phase.PAUSED, reason=BATTERY)
    told.live.pause()
    told.live.resume_from(BATTERY)
    assert told.last == PAUSED


def test_nobody_pauses_between_a_look_at_the_reason_and_going_on(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = told.live.resume

    def paused_just_before() -> None:
        told.live.pause()
        going_on()

    # Going on as a second step would undo a pause that came after the first.
    monkeypatch.setattr(told.live, "resume", paused_just_before)
    told.live.pause(BATTERY)
    told.live.resume_from(BATTERY)
    assert told.all[-2:] == [Progress(Phase.PAUSED, reason=BATTERY), IDLE]


def test_giving_up_between_runs_ends_the_pause(told: Told, bench: Bench) -> None:
    told.live.pause()
    bench.draw("a.jpg", 1)
    told.live.look()
    assert bench.photos() == []
    told.live.cancel()
    assert PAUSED not in told.all[-1:]
    wait_until(lambda: len(bench.photos()) == 1, "the photo that waited", 20)


def test_a_pause_while_the_end_of_a_run_is_told(told: Told) -> None:
    told.meanwhile[Phase.IDLE] = told.live.pause
    told.live.look()
    wait_until(lambda: not told.meanwhile and told.live.wait_until_idle(0.1), "the end of the run")
    assert told.last == PAUSED


def test_a_pause_while_the_start_of_a_run_is_told(told: Told, bench: Bench) -> None:
    told.meanwhile[Phase.SCANNING] = told.live.pause
    bench.draw("a.jpg", 1)
    told.live.look()
    wait_until(lambda: told.all[-2:] == [Progress(Phase.SCANNING), PAUSED], "the pause to be told")
    assert bench.photos() == []
    told.live.resume()
    assert told.last.phase is not Phase.PAUSED  # also where the scan goes on for long
    wait_until(lambda: len(bench.photos()) == 1, "the photo")
    assert told.live.wait_until_idle(30)
    assert told.last == IDLE
