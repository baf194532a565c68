from __future__ import annotations

from collections.abc import Iterator

from safelight.core.stopwatch import Stopwatch, record_nothing


def test_each_stage_gets_the_time_since_the_last_one() -> None:
    clock: Iterator[float] = iter([10.0, 10.5, 11.5, 13.5])
    stopwatch = Stopwatch(lambda: next(clock))
    for stage in ("parse", "search", "parse"):
        stopwatch(stage)
    assert stopwatch.seconds == {"parse": 2.5, "search": 1.0}
    assert list(stopwatch.seconds) == ["parse", "search"]


def test_who_does_not_ask_pays_nothing() -> None:
    record_nothing("parse")
