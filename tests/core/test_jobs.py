"""Cancelling, pausing and rates."""

from __future__ import annotations

import contextlib
import threading

import pytest

from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl, Phase, Progress, RateMeter


def test_a_cancelled_job_ends_at_its_next_checkpoint() -> None:
    control = JobControl()
    control.checkpoint()
    control.cancel()
    with pytest.raises(CancelledError):
        control.checkpoint()


def test_a_paused_job_waits_until_it_is_resumed_or_cancelled() -> None:
    for end in (JobControl.resume, JobControl.cancel):
        control = JobControl()
        control.pause()
        passed = threading.Event()

        def work(control: JobControl = control, passed: threading.Event = passed) -> None:
            with contextlib.suppress(CancelledError):
                control.checkpoint()
            passed.set()

        thread = threading.Thread(target=work)
        thread.start()
        assert not passed.wait(0.05)
        assert control.paused
        end(control)
        assert passed.wait(60)
        thread.join()


def test_a_cancelled_job_cannot_be_paused() -> None:
    control = JobControl()
    control.cancel()
    control.pause()
    assert not control.paused


def test_the_rate_follows_the_last_seconds() -> None:
    meter = RateMeter(window=10)
    assert meter.rate == 0
    meter.add(0, 0.0)
    for second in range(1, 11):
        meter.add(100, float(second))
    assert meter.rate == pytest.approx(100)
    for second in range(11, 31):
        meter.add(10, float(second))
    assert meter.rate == pytest.approx(10)


@pytest.mark.parametrize(
    ("done", "rate", "left"), [(0, 0.0, None), (10, 5.0, None), (0, 5.0, 2.0), (5, 2.5, 2.0)]
)
def test_time_left(done: int, rate: float, left: float | None) -> None:
    assert Progress(Phase.INDEXING, done, 10, 0, rate).seconds_left == left
