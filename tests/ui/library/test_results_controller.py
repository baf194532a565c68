"""Answers of searches that were found before photos were removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.search import Band, SearchHit
from safelight.engine import events
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.grid_content import GridContent
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.view_request import TextQuery
from support.scripted_client import ScriptedClient


class Search:
    """A search for ``dog`` whose engine is played by the test."""

    def __init__(self, client: ScriptedClient, library: Path) -> None:
        self.bridge = EngineBridge(lambda: client)  # never started
        self.results = ResultsController(self.bridge, LibraryReader(library))
        self.shown: list[int] = []
        self.results.content_changed.connect(self._show)
        self.results.search(TextQuery("dog"))

    def _show(self, content: GridContent, refreshed: bool) -> None:
        self.shown = list(content.ids)

    @property
    def _generation(self) -> int:
        assert self.results.request is not None
        return self.results.request.generation

    def answer(self, ids: Sequence[int], others: int = 0) -> None:
        hits = tuple(SearchHit(photo, 0.3, Band.STRONG) for photo in ids)
        self.bridge.results_arrived.emit(events.SearchResults(self._generation, hits, others=others))

    def answer_further(self, ids: Sequence[int]) -> None:
        self.bridge.further_arrived.emit(events.FurtherResults(self._generation, tuple(ids)))

    def change(self, *, added: tuple[int, ...] = (), removed: tuple[int, ...] = ()) -> None:
        self.bridge.library_changed.emit(LibraryChanged(added=added, removed=removed))


@pytest.fixture
def search(client: ScriptedClient, tmp_path: Path, qapp: object) -> Search:
    return Search(client, tmp_path)


def test_photos_that_were_removed_during_the_search_are_not_shown(search: Search) -> None:
    search.change(removed=(2,))
    search.answer([1, 2, 3], others=2)
    assert search.shown == [1, 3]
    search.change(removed=(3, 4))
    assert search.shown == [1]
    search.answer_further([4, 5])
    assert search.shown == [1, 5]
    search.results.stop()


def test_photos_that_were_removed_and_restored_during_the_search_are_shown(search: Search) -> None:
    search.change(removed=(2,))
    search.change(added=(2,))
    search.answer([1, 2])
    assert search.shown == [1, 2]
    search.results.stop()


def test_a_search_after_the_removal_decides_by_itself(search: Search) -> None:
    search.change(removed=(2,))
    search.results.search(TextQuery("dog"))
    search.answer([1, 2])
    assert search.shown == [1, 2]
    search.results.stop()
