"""Parts of the window that are made when they are needed, and steps that are taken one at a time."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from safelight.ui.lazy_page import LazyPage
from safelight.ui.window.staged_startup import StagedStartup


def test_it_is_made_once_and_not_before_it_is_needed() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    later = LazyPage(make)
    assert later.made is None
    assert made == []
    assert later.get() is later.get() is later.made is made[0]
    assert len(made) == 1


def test_waiting_callbacks_run_in_order_and_late_ones_at_once() -> None:
    received: list[str] = []
    later = LazyPage(lambda: "page")
    later.when_made(lambda page: received.append(f"first {page}"))
    later.when_made(lambda page: received.append(f"second {page}"))
    assert received == []
    later.get()
    later.get()
    assert received == ["first page", "second page"]
    later.when_made(lambda page: received.append(f"late {page}"))
    assert received[2:] == ["late page"]


def test_a_listener_may_use_the_model() -> None:
    later = LazyPage(lambda: ["page"])
    later.when_made(lambda page: later.get().append("used"))
    assert later.get() == ["page", "used"]


def test_steps_leave_room_for_other_work_between_them(qtbot: QtBot) -> None:
    taken: list[str] = []

    def step(name: str) -> None:
        taken.append(name)
        QTimer.singleShot(0, lambda: taken.append(f"between {name}"))

    owner = QObject()
    steps = StagedStartup((lambda: step("one"), lambda: step("two")), owner)
    steps.begin()
    assert taken == []
    qtbot.waitUntil(lambda: steps.done and len(taken) == 4)
    assert taken == ["one", "between one", "two", "between two"]


def test_what_is_left_can_be_finished_at_once(qtbot: QtBot) -> None:
    taken: list[int] = []
    owner = QObject()
    steps = StagedStartup([partial(taken.append, number) for number in range(4)], owner)
    steps.begin()
    qtbot.waitUntil(lambda: bool(taken))
    steps.finish()
    assert taken == [0, 1, 2, 3]
    assert steps.done
    steps.finish()
    assert taken == [0, 1, 2, 3]


def test_a_step_that_is_added_comes_last_or_at_once_when_all_are_done() -> None:
    taken: list[str] = []
    owner = QObject()
    steps = StagedStartup((lambda: taken.append("own"),), owner)
    steps.add(lambda: taken.append("added"))
    assert taken == []
    steps.finish()
    assert taken == ["own", "added"]
    steps.add(lambda: taken.append("late"))
    assert taken == ["own", "added", "late"]


def test_steps_that_are_stopped_are_never_taken(qtbot: QtBot) -> None:
    taken: list[int] = []
    owner = QObject()
    steps = StagedStartup((lambda: taken.append(1),), owner)
    steps.begin()
    steps.stop()
    steps.finish()
    qtbot.wait(20)
    assert taken == []
