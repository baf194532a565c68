"""Delete and Ctrl+Z by real keys, in the window over a real engine and the system's trash."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from safelight.engine.client import EngineClient
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.pages.declarations import PROBLEMS
from safelight.ui.view_request import ViewRequest
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.drops import drop, urls
from support.fake_engine import open_with_fake_model
from support.pictures import scene
from support.undo_questions import answer_undo_question

pytestmark = [
    pytest.mark.slow,
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="there a person puts files back"),
]

_WAIT = 120_000
"""Milliseconds: a limit for a machine under load, not a time that is expected."""


class WindowDriver:
    def __init__(self, place: Path, qapp: QApplication, qtbot: QtBot) -> None:
        self.pictures = place / "Pictures"
        self.pictures.mkdir()
        for number in range(5):
            scene(64, 48, seed=number).save(self.pictures / f"{number}.png")
        self._options = EngineOptions(place / "library", place / "models")
        self._qapp, self._bot = qapp, qtbot
        self.window = self.open()
        assert drop(self.window, urls(self.pictures))
        self.until(lambda: self.window.model.rowCount() == 5)

    def open(self) -> MainWindow:
        """A new window, as after a restart."""
        window = build_window(
            self._qapp,
            self._options.library,
            lambda: EngineClient(self._options, open_with_fake_model),
            DecodePool(),
        )
        self._bot.addWidget(window)
        window.resize(1100, 700)
        window.show()
        window.start()
        self.window = window
        return window

    def until(self, condition: Callable[[], bool]) -> None:
        self._bot.waitUntil(condition, timeout=_WAIT)

    def in_place(self) -> int:
        return len(list(self.pictures.iterdir()))

    def press(self, key: Qt.Key, control: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        self.window.activateWindow()
        target = (
            self.window.controllers.viewer
            if self.window.controllers.viewer.current is not None
            else self.window.grid
        )
        target.setFocus()
        QTest.keyClick(target, key, modifier)


@pytest.fixture
def session(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WindowDriver]:
    monkeypatch.setenv("HOME", str(tmp_path))
    session = WindowDriver(tmp_path, qapp, qtbot)
    yield session
    assert session.window.shutdown()


def test_photos_go_by_key_one_after_the_other_and_come_back_across_a_restart(session: WindowDriver) -> None:
    window = session.window
    ids = [window.model.photo_id(row) for row in range(5)]
    window.grid.select_photo(ids[1])
    for left in (4, 3):
        session.press(Qt.Key.Key_Delete)
        session.until(lambda left=left: window.model.rowCount() == left)  # type: ignore[misc]
        session.until(lambda: window.toasts.text.startswith("Moved “"))
        if left == 4:
            session.press(Qt.Key.Key_Right)
            session.until(lambda: len(window.controllers.selection.ids) == 1)
    assert session.in_place() == 3
    assert window.shutdown()

    window = session.open()
    session.until(lambda: window.model.rowCount() == 3)
    for back in (4, 5):
        session.press(Qt.Key.Key_Z, control=True)
        session.until(lambda back=back: window.model.rowCount() == back)  # type: ignore[misc]
    assert session.in_place() == 5
    assert sorted(window.model.photo_id(row) for row in range(5)) == sorted(ids)
    session.press(Qt.Key.Key_Z, control=True)  # the step before: adding the folder
    answer_undo_question(window, "Remove from library", session.until)
    session.until(lambda: window.model.rowCount() == 0)
    window.activateWindow()
    session.until(window.isActiveWindow)
    window.toasts.clear()
    session.press(Qt.Key.Key_Z, control=True)
    session.until(lambda: window.toasts.text == "There is nothing to undo.")


def test_the_viewer_continues_to_the_next_photo_and_the_toast_undoes(session: WindowDriver) -> None:
    window = session.window
    first, second = window.model.photo_id(0), window.model.photo_id(1)
    window.views.open_viewer(first)
    session.until(lambda: window.controllers.viewer.photo is not None)
    session.press(Qt.Key.Key_Delete)
    session.until(lambda: window.controllers.viewer.current == second)
    session.until(lambda: window.controllers.selection.ids == (second,))
    session.until(lambda: window.toasts.text.startswith("Moved “"))
    undo = window.toasts.findChild(QPushButton)
    assert isinstance(undo, QPushButton)
    undo.click()
    session.until(lambda: window.model.rowCount() == 5)
    assert session.in_place() == 5


def test_delete_does_nothing_while_the_photos_are_out_of_sight_or_a_word_is_typed(
    session: WindowDriver,
) -> None:
    window = session.window
    window.grid.select_photo(window.model.photo_id(0))
    session.until(lambda: len(window.controllers.selection.ids) == 1)
    window.search_bar.focus()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Delete)
    window.views.show_scope(ViewRequest(PROBLEMS))
    session.until(lambda: not window.grid.isVisible())
    window.commands["trash"].trigger()
    window.views.show_scope(ViewRequest())
    session.until(window.grid.isVisible)
    # Answered after whatever was asked before. The latest step is adding the folder, not a deletion.
    session.press(Qt.Key.Key_Z, control=True)
    answer_undo_question(window, "Keep", session.until)
    assert session.in_place() == 5
    assert window.model.rowCount() == 5


def test_holding_the_key_moves_one_photo_and_no_more(session: WindowDriver) -> None:
    for name in ("trash", "undo"):
        assert not session.window.commands[name].autoRepeat()
    assert session.window.commands["larger"].autoRepeat()


def test_delete_in_a_comparison_moves_only_the_photo_in_use(session: WindowDriver) -> None:
    window = session.window
    ids = [window.model.photo_id(row) for row in range(5)]
    window.grid.select_photos(ids[:3])
    session.until(lambda: window.controllers.selection.ids == tuple(ids[:3]))
    session.until(window.commands["compare"].isEnabled)
    session.press(Qt.Key.Key_C)
    page = window.controllers.compare.page.made
    assert page is not None
    session.until(lambda: len(page.area.shown) == 3 and all(pane.photo for pane in page.area.shown))
    page.choose(1)
    session.until(lambda: window.controllers.selection.ids == (ids[1],))
    name = Path(page.area.shown[1].photo.files[0].path).name if page.area.shown[1].photo else ""
    assert page.trash.accessibleName() == f"Move “{name}” to trash"
    QTest.keyClick(page, Qt.Key.Key_Delete)
    session.until(lambda: page.ids == (ids[0], ids[2]))
    session.until(lambda: window.toasts.text.startswith(f"Moved “{name}” to the trash"))
    assert session.in_place() == 4
    session.until(lambda: window.controllers.selection.ids == (ids[2],))
    page.trash.click()
    session.until(lambda: not page.is_open)
    session.until(lambda: window.model.rowCount() == 3)
    assert session.in_place() == 3
    session.until(lambda: window.controllers.selection.ids == (ids[0],))
