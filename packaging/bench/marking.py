"""Measures searches, and pressing F, while photos are indexed.

    python packaging/bench/marking.py PHOTOS [--json]

Starts the real engine with the built-in model over an empty library in a temporary folder. Half of the files
in PHOTOS are indexed first, and searched at rest. Then the other half is added, and while it is indexed the
same searches run and a favourite is changed 200 times. Prints the median and the 95th percentile of searches
(request to answer) at rest and meanwhile, and those of F (request to confirmation), in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from safelight import paths
from safelight.core.changes import LibraryChanged
from safelight.core.jobs import Phase
from safelight.core.operations import AddFolder, SetFavourite
from safelight.engine.client import EngineClient
from safelight.engine.events import (
    EngineReady,
    Event,
    IndexProgress,
    ModelReady,
    OperationDone,
    SearchResults,
)
from safelight.engine.options import EngineOptions
from safelight.engine.requests import RunOperation, Search

QUERIES = ("beach", "a dog", "people at night", "red flowers", "mountains in snow", "a street with cars")
PRESSES = 200
_LIMIT = 1800.0
"""Seconds after which nothing more is waited for."""


class Measured:
    """An engine, and how long its answers took."""

    def __init__(self, place: Path) -> None:
        self.client = EngineClient(EngineOptions(place / "library", paths.models_dir()))
        self.client.start()
        self.photos: list[int] = []
        self.idle = False
        self._number = 0

    def next_event(self) -> Event:
        deadline = time.monotonic() + _LIMIT
        while time.monotonic() < deadline:
            event = self.client.receive(1.0)
            if isinstance(event, LibraryChanged):
                self.photos += event.added
            if isinstance(event, IndexProgress):
                self.idle = event.progress.phase is Phase.IDLE
            if event is not None:
                return event
        raise TimeoutError("The engine says nothing.")

    def wait(self, kind: type[Event]) -> None:
        while not isinstance(self.next_event(), kind):
            pass

    def index(self, folder: Path) -> None:
        self.idle = False
        self.client.send(RunOperation(self.number(), AddFolder(str(folder))))

    def number(self) -> int:
        self._number += 1
        return self._number

    def timed(self, request: Search | RunOperation) -> float:
        """Milliseconds until the answer to a request."""
        started = time.perf_counter()
        self.client.send(request)
        while True:
            event = self.next_event()
            if isinstance(event, SearchResults | OperationDone) and event.generation == request.generation:
                return 1000 * (time.perf_counter() - started)


def queries() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{QUERIES[number % len(QUERIES)]} {number}"  # each is new, so that none comes from a cache


def summary(times: list[float]) -> dict[str, float]:
    return {
        "count": len(times),
        "median": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20)[-1], 1),
    }


def measure(photos: Path) -> dict[str, dict[str, float]]:
    files = sorted(path for path in photos.rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as place:
        halves = [Path(place) / name for name in ("first", "second")]
        for number, path in enumerate(files):
            target = halves[number % 2] / f"{number}{path.suffix}"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target)
        engine = Measured(Path(place))
        engine.wait(EngineReady)
        engine.wait(ModelReady)
        engine.index(halves[0])
        while not (engine.idle and engine.photos):
            engine.next_event()
        words = queries()
        marked = engine.photos[0]
        at_rest = [engine.timed(Search(engine.number(), next(words))) for _ in range(100)]
        engine.index(halves[1])
        meanwhile, presses = [], []
        for press in range(PRESSES):
            operation = SetFavourite((marked,), press % 2 == 0)
            presses.append(engine.timed(RunOperation(engine.number(), operation)))
            meanwhile.append(engine.timed(Search(engine.number(), next(words))))
        still_indexing = not engine.idle
        engine.client.close()
    return {
        "search at rest": summary(at_rest),
        "search meanwhile": summary(meanwhile),
        "F meanwhile": summary(presses),
        "indexing went on to the end": {"yes": float(still_indexing)},
    }


def report(figures: dict[str, dict[str, float]], *, as_json: bool) -> None:
    """Print a line of figures for each thing measured, or all as JSON."""
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    for name, values in figures.items():
        print(f"{name:28}", "  ".join(f"{key} {value:g}" for key, value in values.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report(measure(arguments.photos), as_json=arguments.json)


if __name__ == "__main__":
    main()
