"""Cycles are collected on the GUI thread, whoever made them."""

from __future__ import annotations

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from safelight.ui.gui_gc import GuiGarbageCollector


class Knot:
    """Refers to itself, so that only the cycle collector frees it; says on which thread that was."""

    freed_on: list[int]

    def __init__(self, freed_on: list[int]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: freed_on.append(threading.get_ident()))


def test_garbage_of_another_thread_is_collected_on_this_one(qtbot: QtBot) -> None:
    freed_on: list[int] = []

    def litter() -> None:
        for _ in range(5000):  # far more than the collector's threshold
            Knot(freed_on)

    with GuiGarbageCollector():
        thread = threading.Thread(target=litter)
        thread.start()
        thread.join()
        assert freed_on == []
        qtbot.waitUntil(lambda: len(freed_on) == 5000, timeout=10_000)
    assert set(freed_on) == {threading.get_ident()}
    assert gc.isenabled()
