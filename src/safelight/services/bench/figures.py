"""Results of measurements: named numbers with units, and helpers for measuring."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Report = Callable[[str], None]
"""Receives one-line messages about what is being measured."""


@dataclass(frozen=True, slots=True)
class Figure:
    section: str
    name: str
    value: float
    unit: str
    note: str = ""
    """How it was measured, or what it is compared with. May be empty."""


@dataclass(slots=True)
class Sheet:
    """The figures of one section, in order."""

    section: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, note: str = "") -> None:
        """Add a figure, rounded to four significant digits."""
        self.figures.append(Figure(self.section, name, float(f"{value:.4g}"), unit, note))


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    vectors: tuple[int, ...]
    """Sizes of the libraries to search."""
    queries: int
    large_pictures: int
    small_pictures: int
    unchanged_files: int
    window_photos: int
    """Size of the library that the window opens."""
    grid_rows: tuple[int, ...]
    compared: tuple[int, ...]
    """Sizes of the libraries for duplicate detection."""
    repeats: int


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a part is measured, and with what data."""

    scratch: Path
    """A temporary folder."""
    effort: Effort
    cores: int
    report: Report
    photos: Path | None = None
    """A folder of the user's own pictures, only read."""
    vectors: Path | None = None
    """A NumPy file of vectors, float32 (n, dim)."""


class SkippedError(Exception):
    """A part cannot be measured here. The message says why."""


QUICK = Effort(
    vectors=(1_000, 10_000, 100_000),
    queries=40,
    large_pictures=24,
    small_pictures=240,
    unchanged_files=20_000,
    window_photos=20_000,
    grid_rows=(1_000, 100_000),
    compared=(10_000,),
    repeats=3,
)
"""A few minutes on two cores."""

FULL = Effort(
    vectors=(1_000, 10_000, 100_000, 1_000_000),
    queries=100,
    large_pictures=96,
    small_pictures=1_000,
    unchanged_files=100_000,
    window_photos=100_000,
    grid_rows=(1_000, 100_000, 1_000_000),
    compared=(10_000, 100_000),
    repeats=5,
)


def timed(work: Callable[[], object]) -> float:
    """Duration of ``work`` in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(works: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, list[float]]:
    """Durations of each of ``works`` in seconds, called with 0, 1, … alternately, so that other load on the
    machine affects all of them equally. Each is called once before without measuring.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work(0)
    for number in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            work(number)
            seconds[name].append(time.perf_counter() - start)
    return seconds


def percentile(seconds: Sequence[float], share: float) -> float:
    """The ``share`` percentile, linearly interpolated."""
    ordered = sorted(seconds)
    place = (len(ordered) - 1) * share / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def machine(cores: int) -> dict[str, str | int]:
    """A description of the machine."""
    return {
        "system": platform.platform(terse=True),
        "processor": _processor() or platform.machine(),
        "cores": cores,
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            return next(
                (line.partition(":")[2].strip() for line in file if line.startswith("model name")), ""
            )
    except OSError:
        return platform.processor()
