"""Reference cycles are collected on the GUI thread, whichever thread created them."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from safelight.ui.window.gui_gc import GuiGarbageCollector


@pytest.fixture
def _collector() -> Iterator[None]:
    """The automatic collector, which conftest.py turns off for all tests."""
    gc.enable()
    yield
    gc.disable()


class Cycle:
    """Refers to itself, so that only the cycle collector frees it; records on which thread that happens."""

    freed_on: list[int]

    def __init__(self, freed_on: list[int]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: freed_on.append(threading.get_ident()))


@pytest.mark.usefixtures("_collector")
def test_garbage_of_another_thread_is_collected_on_this_one(qtbot: QtBot) -> None:
    freed_on: list[int] = []

    def create_garbage() -> None:
        for _ in range(5000):  # far more than the collector's threshold
            Cycle(freed_on)

    with GuiGarbageCollector():
        thread = threading.Thread(target=create_garbage)
        thread.start()
        thread.join()
        assert freed_on == []
        qtbot.waitUntil(lambda: len(freed_on) == 5000)
    assert set(freed_on) == {threading.get_ident()}
    assert gc.isenabled()
