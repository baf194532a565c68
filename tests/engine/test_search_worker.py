"""Searches one after the other, and what follows an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.jobs import JobControl
from safelight.core.operations import TeachConcept, Undo
from safelight.core.search import Band
from safelight.core.tag_words import Suggestion
from safelight.engine.events import (
    Event,
    ExamplesProposed,
    FurtherResults,
    HitExplained,
    RequestFailed,
    SearchResults,
    TagsSuggested,
)
from safelight.engine.requests import ExplainHit, FindSimilar, ProposeExamples, Search, SuggestTags
from safelight.engine.search_worker import SearchWorker
from safelight.engine.server import EngineOptions
from safelight.services.indexing.roots import checked_root, volume
from safelight.services.library import Library
from safelight.services.operations.runner import OperationRunner
from safelight.services.searching import calibration, ranked_search, results
from safelight.services.searching.searcher import Searcher
from safelight.store import folders
from support.fake_engine import open_with_fake_model
from support.pictures import encoded, scene
from support.waiting import wait_until

PHOTOS = 30


class Heard:
    """Everything that a worker sends."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.hold = threading.Event()
        self.hold.set()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        assert self.hold.wait(60)

    def of(self, generation: int, kind: type[Event]) -> list[Event]:
        return [
            e for e in self.events if isinstance(e, kind) and getattr(e, "generation", None) == generation
        ]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    place = tmp_path_factory.mktemp("worker")
    root = place / "Pictures"
    root.mkdir()
    for number in range(PHOTOS):
        (root / f"IMG_{number:04}.jpg").write_bytes(encoded(scene(160, 120, seed=number), "JPEG"))
    library = open_with_fake_model(EngineOptions(place / "library", place / "models"))
    with library:
        checked = checked_root(str(root))
        with library.store.write() as db:
            folder = folders.add(db, checked, volume(checked), 1.0).folder.id
        library.indexer(_ignore, _ignore).run({folder: None}, JobControl(), wait_for_model=True)
        yield library


def _ignore(event: object) -> None:
    del event


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a library of thirty photos were a large one."""
    for module in (results, ranked_search):
        monkeypatch.setattr(module, "MAX_SCORED_HITS", 5)
    for module in (calibration, ranked_search):
        monkeypatch.setattr(module, "MIN_COMPARED", 5)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def worker(library: Library, heard: Heard) -> Iterator[SearchWorker]:
    worker = SearchWorker(library.searcher(), heard)
    worker.start()
    yield worker
    heard.hold.set()
    worker.close()
    for thread in (worker.thread, worker.heat_map_worker.thread):
        thread.join(60)
        assert not thread.is_alive()


def wait_for(heard: Heard, generation: int, kind: type[Event]) -> None:
    wait_until(lambda: bool(heard.of(generation, kind)), f"{kind.__name__} {generation}")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("request_", [Search(1, "qwertyuiop"), FindSimilar(1, photo_id=1)])
def test_photos_beyond_the_first_follow(
    worker: SearchWorker, heard: Heard, request_: Search | FindSimilar
) -> None:
    worker.submit(request_)
    wait_for(heard, 1, FurtherResults)
    first, further = heard.events
    assert isinstance(first, SearchResults)
    assert isinstance(further, FurtherResults)
    sent = [hit.photo_id for hit in first.hits] + [photo for ids in first.also.values() for photo in ids]
    assert len(first.hits) == 5
    assert first.others == len(further.photo_ids) > 0
    assert sorted([*sent, *further.photo_ids]) == list(range(1, PHOTOS + 1))


def test_nothing_follows_where_all_were_sent(worker: SearchWorker, heard: Heard) -> None:
    worker.submit(Search(1, "is:landscape"))
    wait_for(heard, 1, SearchResults)
    worker.submit(Search(2, "red"))
    wait_for(heard, 2, SearchResults)
    assert not [event for event in heard.events if isinstance(event, FurtherResults)]
    (answer,) = heard.of(1, SearchResults)
    assert isinstance(answer, SearchResults)
    assert {hit.band for hit in answer.hits} == {Band.STRONG}


@pytest.mark.usefixtures("small")
def test_a_newer_search_goes_before_the_rest_of_the_older(worker: SearchWorker, heard: Heard) -> None:
    heard.hold.clear()
    worker.submit(Search(1, "qwertyuiop"))
    wait_for(heard, 1, SearchResults)
    worker.submit(Search(2, "asdfghjkl"))
    heard.hold.set()
    wait_for(heard, 2, FurtherResults)
    assert not heard.of(1, FurtherResults)


def test_a_search_goes_before_a_question_why(worker: SearchWorker, heard: Heard) -> None:
    heard.hold.clear()
    worker.submit(Search(1, "red"))
    wait_for(heard, 1, SearchResults)
    worker.submit(ExplainHit(2, 1, Search(1, "red")))
    worker.submit(Search(3, "blue"))
    heard.hold.set()
    wait_until(lambda: len(heard.of(2, HitExplained)) == 2, "both answers")
    kinds = [type(event) for event in heard.events]
    assert kinds.index(HitExplained) > max(n for n, kind in enumerate(kinds) if kind is SearchResults)
    quick, whole = heard.of(2, HitExplained)
    assert isinstance(quick, HitExplained)
    assert isinstance(whole, HitExplained)
    assert (quick.complete, whole.complete) == (False, True)
    assert quick.explanation.parts == whole.explanation.parts
    assert not quick.explanation.heat
    assert whole.explanation.heat


def test_what_goes_wrong_is_reported_with_its_number(
    worker: SearchWorker, heard: Heard, tmp_path: Path
) -> None:
    worker.submit(ExplainHit(1, 987, Search(1, "red")))
    wait_for(heard, 1, RequestFailed)
    worker.submit(Search(2, f"like:{tmp_path / 'missing.jpg'}"))
    wait_for(heard, 2, RequestFailed)
    worker.submit(Search(3, "red"))
    wait_for(heard, 3, SearchResults)


@pytest.fixture
def idle(library: Library, heard: Heard) -> Iterator[SearchWorker]:
    """Not started yet, over the library on the disk."""
    worker = SearchWorker(Searcher(library.store, library.pool, library.answering), heard)
    yield worker
    worker.close()
    for thread in (worker.thread, worker.heat_map_worker.thread):
        thread.join(60)


def test_what_is_to_follow_the_preparation_follows_it_once(idle: SearchWorker, heard: Heard) -> None:
    followed = threading.Semaphore(0)
    idle.start()
    idle.prepare(followed.release)
    assert followed.acquire(timeout=60)
    for generation in (1, 2):
        idle.submit(Search(generation, "red"))
        wait_for(heard, generation, SearchResults)
    assert not followed.acquire(blocking=False)


def test_it_follows_a_search_that_came_before_the_preparation(idle: SearchWorker, heard: Heard) -> None:
    answered: list[bool] = []
    followed = threading.Event()

    def follow() -> None:
        answered.append(bool(heard.of(1, SearchResults)))
        followed.set()

    idle.prepare(follow)
    idle.submit(Search(1, "red"))
    idle.start()
    assert followed.wait(60)
    assert answered == [True]


def test_examples_are_proposed_and_tags_suggested_between_searches(
    library: Library, worker: SearchWorker, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary, begun, go_on = Searcher.suggest, threading.Event(), threading.Event()

    def suggest(searcher: Searcher, photo_ids: tuple[int, ...]) -> dict[int, tuple[Suggestion, ...]] | None:
        if begun.is_set():
            return ordinary(searcher, photo_ids)
        begun.set()
        assert go_on.wait(60)
        return None  # as while the words are being encoded

    monkeypatch.setattr(Searcher, "suggest", suggest)
    runner = OperationRunner(library.store)
    runner.run(TeachConcept("bruno", (1, 2)))
    worker.submit(ProposeExamples(1, "bruno", 5))
    worker.submit(SuggestTags(2, (3, 4)))
    assert begun.wait(60)
    worker.submit(Search(3, "my:bruno"))
    go_on.set()
    for generation, kind in ((1, ExamplesProposed), (2, TagsSuggested), (3, SearchResults)):
        wait_for(heard, generation, kind)
    (proposed,) = heard.of(1, ExamplesProposed)
    assert isinstance(proposed, ExamplesProposed)
    assert 1 <= len(proposed.proposals) <= 5
    assert {1, 2}.isdisjoint(each.photo_id for each in proposed.proposals)
    (found,) = heard.of(3, SearchResults)
    assert isinstance(found, SearchResults)
    assert {1, 2} <= {hit.photo_id for hit in found.hits}
    # The words take several turns, and the search did not wait for the second one.
    assert heard.events.index(found) < heard.events.index(heard.of(2, TagsSuggested)[0])
    runner.run(Undo())


def test_a_concept_that_is_gone_proposes_nothing(worker: SearchWorker, heard: Heard) -> None:
    worker.submit(ProposeExamples(1, "gone", 5))
    wait_for(heard, 1, ExamplesProposed)
    assert heard.of(1, ExamplesProposed) == [ExamplesProposed(1, ())]


@pytest.mark.slow
def test_tags_for_many_photos_are_suggested_in_parts_and_stopped(
    worker: SearchWorker, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.engine.search_worker._SUGGEST_BATCH", 10)
    asked: list[tuple[int, ...]] = []

    def suggest(_: Searcher, photo_ids: tuple[int, ...]) -> dict[int, tuple[Suggestion, ...]]:
        asked.append(photo_ids)
        return {each: (Suggestion("dog", 0.9),) for each in photo_ids}

    monkeypatch.setattr(Searcher, "suggest", suggest)
    worker.submit(SuggestTags(1, tuple(range(1, 26))))
    wait_until(lambda: len(heard.of(1, TagsSuggested)) == 3, "three parts")
    parts = [each for each in heard.of(1, TagsSuggested) if isinstance(each, TagsSuggested)]
    assert [each.done for each in parts] == [10, 20, None]
    assert [len(each.suggestions[0].photo_ids) for each in parts] == [10, 20, 25]
    assert asked == [tuple(range(1, 11)), tuple(range(11, 21)), tuple(range(21, 26))]

    heard.hold.clear()  # the worker waits where it reports the first part
    worker.submit(SuggestTags(2, tuple(range(1, 26))))
    wait_for(heard, 2, TagsSuggested)
    worker.submit(Search(3, "red"))
    worker.submit(SuggestTags(4, ()))
    heard.hold.set()
    wait_for(heard, 3, SearchResults)
    worker.submit(SuggestTags(5, (1,), "viewer"))
    wait_for(heard, 5, TagsSuggested)
    assert len(heard.of(2, TagsSuggested)) == 1
