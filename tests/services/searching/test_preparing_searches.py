"""What searches compare with is ready before a model answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safelight.core.encoder import ModelInfo
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.engine.events import IndexProgress
from safelight.engine.progress_board import SHOWN_AFTER, ProgressBoard
from safelight.engine.server import EngineOptions
from safelight.services.library import Library
from safelight.services.models.references import Descriptions, References
from safelight.services.searching.searcher import Searcher
from support.fake_encoder import FakeEncoder
from support.fake_engine import open_with_fake_model


class NextEncoder(FakeEncoder):
    """The arithmetic model under another key."""

    @property
    def info(self) -> ModelInfo:
        return replace(super().info, key="next@00000000", name="next")


class TwoModels:
    """A model that answers, and one that will."""

    notice: Message | None = None

    def __init__(self) -> None:
        self.now = FakeEncoder()
        self.next: NextEncoder | None = None

    def wait(self) -> FakeEncoder:
        return self.now

    def upcoming(self) -> NextEncoder | None:
        return self.next

    def unknown_words(self, text: str, /) -> tuple[str, ...]:
        del text
        return ()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_with_fake_model(EngineOptions(tmp_path / "library", tmp_path / "models")) as library:
        yield library


def progress(searcher: Searcher) -> list[tuple[int, int] | None]:
    """After each turn until nothing is left to do."""
    found: list[tuple[int, int] | None] = []
    more = True
    while more:
        more = searcher.improve()
        now = searcher.preparation
        found.append(None if now is None else (now.done, now.total))
    return found


def test_a_model_is_prepared_before_it_answers_and_the_progress_is_told(library: Library) -> None:
    model = TwoModels()
    searcher = Searcher(library.store, library.pool, model)
    descriptions = Descriptions.load()
    total = len(descriptions.texts)
    for following in (None, NextEncoder()):
        model.next = following
        told = progress(searcher)
        steps = [each for each in told if each is not None]
        assert steps == sorted(steps)
        assert steps[0][0] < total / 10
        assert steps[-1][0] > total * 0.9
        assert {each for _, each in steps} == {total}
        assert told[-1] is None
    for info in (model.now.info, NextEncoder().info):
        assert References.load(descriptions, info, library.store.directory, {}) is not None


def test_long_preparations_are_shown_while_nothing_else_is() -> None:
    shown: list[tuple[str, int, str, float]] = []

    def send(event: IndexProgress) -> None:
        told = event.progress
        shown.append((str(told.phase), told.done, str(told.activity or ""), told.rate))

    def last() -> tuple[str, int, str, float]:
        return shown[-1]

    now = [100.0]  # seconds
    board = ProgressBoard(send, lambda: now[0])
    activity = Message("Preparing searches")
    board.report_preparation(None)
    board.report_preparation(Progress(Phase.PROCESSING, 1000, 3000, activity=activity))
    assert SHOWN_AFTER <= 2.0
    assert shown == []
    now[0] += 2.0
    board.report_preparation(Progress(Phase.PROCESSING, 1050, 3000, activity=activity))
    assert last() == ("processing", 1050, "Preparing searches", 25)
    board.report_indexing(Progress(Phase.INDEXING, 3, 10))
    assert last() == ("indexing", 3, "", 0)
    board.report_indexing(Progress(Phase.IDLE))
    assert last() == ("processing", 1050, "Preparing searches", 25)
    board.report_preparation(None)
    assert last() == ("idle", 0, "", 0)
    assert len(shown) == 4
