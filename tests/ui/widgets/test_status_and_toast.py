"""The status line and the toasts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.encoder import ModelInfo
from safelight.core.jobs import Phase, Progress
from safelight.core.photo import LibraryCounts
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.widgets.status_bar import StatusBar
from safelight.ui.widgets.toast import Toasts

# The offscreen platform says this of every window with a fixed size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    made = StatusBar(DARK)
    qtbot.addWidget(made)
    made.show()
    return made


def _button(bar: StatusBar, name: str) -> QToolButton:
    return next(b for b in bar.findChildren(QToolButton) if b.accessibleName() == name)


def test_idle_says_that_all_is_done(bar: StatusBar) -> None:
    bar.show_counts(LibraryCounts(1130, 1130, 0, 0, 1130, 0))
    assert bar.text == "1,130 photos · Everything is indexed"
    bar.show_counts(LibraryCounts(100, 110, 2, 0, 90, 5))
    assert bar.text == "100 photos · 15 waiting to be indexed · 2 could not be read"
    bar.show_counts(LibraryCounts(0, 0, 0, 0, 0, 0))
    assert bar.text == "No photos yet"


def test_work_can_be_paused_resumed_and_stopped(bar: StatusBar, qtbot: QtBot) -> None:
    bar.show_progress(Progress(Phase.INDEXING, 12480, 48000, rate=35))
    assert bar.text == "12,480 of 48,000 · 35/s · about 17 min"
    with qtbot.waitSignal(bar.pause_requested):
        _button(bar, "Pause indexing").click()
    bar.show_progress(Progress(Phase.PAUSED, 12480, 48000))
    with qtbot.waitSignal(bar.resume_requested):
        _button(bar, "Resume indexing").click()
    with qtbot.waitSignal(bar.cancel_requested):
        _button(bar, "Stop indexing").click()
    bar.show_progress(Progress(Phase.IDLE))
    assert not _button(bar, "Stop indexing").isVisible()


def test_trouble_comes_before_everything_and_offers_one_button(bar: StatusBar, qtbot: QtBot) -> None:
    restart = next(b for b in bar.findChildren(QPushButton) if b.text() == "Try again")
    bar.show_progress(Progress(Phase.INDEXING, 1, 2))
    bar.show_engine_error("The engine stopped and is being started again.", restartable=False)
    assert bar.text == "The engine stopped and is being started again."
    assert not restart.isVisible()
    bar.show_engine_error("It does not stay up.", restartable=True)
    with qtbot.waitSignal(bar.restart_requested):
        restart.click()
    bar.clear_engine_error()
    assert bar.text == "1 of 2"
    assert not restart.isVisible()


def test_the_model_and_its_device_are_named(bar: StatusBar) -> None:
    bar.show_model(ModelInfo("starter@1", "starter", 512, "cuda", "Starter (built in)"))
    assert any("Starter (built in) · CUDA" in w.text() for w in bar.findChildren(type(bar._model)))
    bar.apply_theme(LIGHT)


@pytest.fixture
def host(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    widget.resize(900, 600)
    qtbot.addWidget(widget)
    widget.show()
    yield widget
    for timer_owner in widget.findChildren(Toasts):
        timer_owner.clear()


def test_toasts_come_one_at_a_time_and_never_twice(host: QWidget) -> None:
    toasts = Toasts(host, DARK)
    toasts.show_message("one")
    toasts.show_message("one")
    toasts.show_message("two")
    assert toasts.text == "one"
    assert toasts.isVisible()
    assert abs(toasts.geometry().center().x() - host.rect().center().x()) <= 1
    toasts._close.click()
    assert toasts.text == "two"
    toasts._close.click()
    assert toasts.text == ""
    assert not toasts.isVisible()


def test_an_error_does_not_wait_behind_other_messages(host: QWidget) -> None:
    toasts = Toasts(host, DARK)
    toasts.show_message("Moved “a.jpg” to the trash", "Undo", lambda: None)
    toasts.show_message("Copied the path")
    toasts.show_error("The disk is full.")
    toasts.show_error("The disk is full.")
    assert toasts.text == "The disk is full."
    shown = []
    while toasts.text:
        shown.append(toasts.text)
        toasts._show_next()
    assert shown == ["The disk is full.", "Moved “a.jpg” to the trash", "Copied the path"]


def test_the_action_acts_once_and_ends_the_toast(host: QWidget) -> None:
    toasts = Toasts(host, DARK)
    done: list[str] = []
    toasts.show_message("Removed", "Undo", lambda: done.append("undone"))
    button = next(b for b in toasts.findChildren(QPushButton) if b.text() == "Undo")
    button.click()
    assert done == ["undone"]
    assert not toasts.isVisible()


def test_the_pointer_keeps_a_toast(host: QWidget, qtbot: QtBot) -> None:
    toasts = Toasts(host, DARK)
    toasts.show_message("Wait for me")
    assert toasts._timer.isActive()
    middle = QPointF(toasts.rect().center())
    QApplication.sendEvent(toasts, QEnterEvent(middle, middle, middle))
    assert not toasts._timer.isActive()
    QApplication.sendEvent(toasts, QEvent(QEvent.Type.Leave))
    assert toasts._timer.isActive()
    toasts._timer.setInterval(1)
    toasts._timer.start()
    qtbot.waitUntil(lambda: not toasts.isVisible())
