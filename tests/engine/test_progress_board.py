from __future__ import annotations

from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.engine.events import IndexProgress
from safelight.engine.progress_board import SHOWN_AFTER, ProgressBoard
from safelight.services.duplicates.comparing import Comparison


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def make() -> tuple[ProgressBoard, list[Progress], Clock]:
    received: list[Progress] = []

    def send(event: IndexProgress) -> None:
        received.append(event.progress)

    clock = Clock()
    return ProgressBoard(send, clock), received, clock


def test_comparing_is_shown_instead_of_idle_until_it_ends() -> None:
    board, received, clock = make()
    board.report_indexing(Progress(Phase.IDLE))
    board.report_comparison(Comparison(0, 200))
    assert [each.phase for each in received] == [Phase.IDLE]
    clock.now += SHOWN_AFTER
    board.report_comparison(Comparison(50, 200))
    assert (received[-1].phase, received[-1].done, received[-1].total) == (Phase.PROCESSING, 50, 200)
    assert str(received[-1].activity) == "Comparing photos"
    assert received[-1].rate == 50
    board.report_comparison(None)
    assert received[-1].phase is Phase.IDLE


def test_a_short_comparison_is_not_shown() -> None:
    board, received, _ = make()
    board.report_comparison(Comparison(1, 2))
    board.report_comparison(Comparison(2, 2))
    board.report_comparison(None)
    assert received == []


def test_an_index_run_goes_before_the_comparison() -> None:
    board, received, clock = make()
    board.report_comparison(Comparison(0, 200))
    clock.now += SHOWN_AFTER
    board.report_indexing(Progress(Phase.INDEXING, 3, 10))
    board.report_comparison(Comparison(50, 200))
    assert {each.phase for each in received} == {Phase.INDEXING}
    board.report_indexing(Progress(Phase.IDLE))
    assert (received[-1].phase, received[-1].done) == (Phase.PROCESSING, 50)
    board.report_indexing(Progress(Phase.PAUSED, reason=Message("on battery")))
    assert received[-1].phase is Phase.PAUSED
