"""Searches of programs let those of the window go first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import cast

import pytest

from safelight.engine.program_searches import ProgramSearches
from safelight.engine.requests import Search
from safelight.engine.search_worker import SearchWorker
from safelight.engine.server import EngineOptions
from safelight.services.library import Library
from safelight.services.program_access import Access
from safelight.services.searching.program_view import ProgramView
from safelight.services.searching.results import FoundPhotos
from safelight.services.searching.searcher import Searcher
from support.fake_engine import open_with_fake_model

LONG = 600.0
"""Seconds that no test waits."""


class HeldSearcher:
    """Answers when it is released."""

    def __init__(self, order: list[str]) -> None:
        self._order = order
        self.began = threading.Event()
        self.release = threading.Event()

    def search(self, text: str, limit: int | None) -> FoundPhotos:
        del limit
        self.began.set()
        assert self.release.wait(LONG)
        self._order.append(text)
        return FoundPhotos(())

    def improve(self) -> bool:
        return False


class Bench:
    """A window's searches beside those of programs."""

    def __init__(self, library: Library) -> None:
        self.order: list[str] = []
        self.searcher = HeldSearcher(self.order)
        self.window = SearchWorker(cast(Searcher, self.searcher), lambda _: None)
        self.programs = ProgramSearches(library, lambda _: None, self._wait)
        self.patience = LONG
        self.waiting = threading.Semaphore(0)
        """Released each time a search of a program begins to wait for the window."""
        self.window.start()
        self.programs.start()

    def _wait(self, _: float) -> bool:
        self.waiting.release()
        return self.window.let_window_go_first(self.patience)

    def ask(self, name: str, hold: threading.Event | None = None) -> Future[None]:
        def work(_: ProgramView) -> None:
            assert hold is None or hold.wait(LONG)
            self.order.append(name)

        return self.programs.ask(Access(), work)

    def close(self) -> None:
        self.searcher.release.set()
        self.programs.close()
        self.window.close()
        for thread in (self.programs.thread, self.window.thread, self.window.heat_map_worker.thread):
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    place = tmp_path_factory.mktemp("programs")
    with open_with_fake_model(EngineOptions(place / "library", place / "models")) as library:
        yield library


@pytest.fixture
def bench(library: Library) -> Iterator[Bench]:
    bench = Bench(library)
    yield bench
    bench.close()


def test_a_program_waits_for_the_search_of_the_window(bench: Bench) -> None:
    bench.window.submit(Search(1, "window"))
    assert bench.searcher.began.wait(60)
    found = bench.ask("program")
    assert bench.waiting.acquire(timeout=60)
    assert not found.done()
    bench.searcher.release.set()
    found.result(60)
    assert bench.order == ["window", "program"]


def test_a_search_of_the_window_overtakes_programs_that_wait(bench: Bench) -> None:
    hold = threading.Event()
    found = [bench.ask("first", hold), bench.ask("second"), bench.ask("third")]
    assert bench.waiting.acquire(timeout=60)
    bench.window.submit(Search(1, "window"))
    assert bench.searcher.began.wait(60)
    hold.set()
    assert bench.waiting.acquire(timeout=60)  # the second
    assert bench.order == ["first"]
    bench.searcher.release.set()
    for each in found:
        each.result(60)
    assert bench.order == ["first", "window", "second", "third"]


def test_a_window_that_searches_without_a_pause_does_not_stop_programs(bench: Bench) -> None:
    bench.patience = 0.01
    bench.window.submit(Search(1, "window"))
    assert bench.searcher.began.wait(60)
    bench.ask("program").result(60)
    assert bench.order == ["program"]


def test_a_program_does_not_wait_for_an_engine_that_closes(bench: Bench) -> None:
    bench.window.submit(Search(1, "window"))
    assert bench.searcher.began.wait(60)
    found = bench.ask("program")
    assert bench.waiting.acquire(timeout=60)
    bench.window.close()
    found.result(60)
    assert bench.order == ["program"]
