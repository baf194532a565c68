"""The main job from end to end: the window, a real engine, real files. Only the model is a stand-in."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.engine import client as client_module
from safelight.engine.client import EngineClient
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.search.saved_searches import NameDialog
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.drops import drop, urls
from support.fake_engine import open_with_fake_model
from support.pictures import scene
from support.processes import stopped

pytestmark = [
    pytest.mark.slow,
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.skipif(os.name == "nt", reason="kills processes by POSIX signals"),
]

COLOURS = {"red": (250, 10, 10), "green": (0, 160, 0), "blue": (10, 10, 250), "white": (255, 255, 255)}
_WAIT = 120_000
"""Milliseconds: a limit for a machine under load, not a time that is expected."""


class WindowDriver:
    """A folder of pictures, and the window over a library of its own."""

    def __init__(self, place: Path, qapp: QApplication, qtbot: QtBot) -> None:
        self.pictures = place / "Pictures"
        self.pictures.mkdir()
        self.bot = qtbot
        self.clients: list[EngineClient] = []
        options = EngineOptions(place / "library", place / "models")

        def connect() -> EngineClient:
            self.clients.append(EngineClient(options, open_with_fake_model))
            return self.clients[-1]

        self.window: MainWindow = build_window(qapp, options.library, connect, DecodePool())
        qtbot.addWidget(self.window)
        self.window.resize(1100, 700)
        self.window.show()
        self.window.start()

    def paint(self, name: str, colour: tuple[int, int, int]) -> Path:
        """A picture of one colour with a corner of its own, so that no two are the same."""
        path = self.pictures / f"{name}.png"
        image = Image.new("RGB", (64, 48), colour)
        image.paste((len(name), len(name) * 31 % 256, 7), (0, 0, 4, 4))
        image.save(path)
        return path

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=_WAIT)

    def add_folder(self) -> None:
        assert drop(self.window, urls(self.pictures))

    @property
    def count(self) -> int:
        return self.window.model.rowCount()

    @property
    def page(self) -> str:
        """The name of the page in the middle, as a screen reader says it."""
        page = self.window.content.page
        return page.accessibleName() if page is not None else ""

    def shows_first(self, name: str) -> bool:
        """Whether the first photo in the grid is this one (selecting it reads its row)."""
        if not self.count:
            return False
        self.window.grid.select_photo(self.window.model.photo_id(0))
        return self.window.details.heading == f"{name}.png"

    def search(self, text: str) -> None:
        self.window.search_bar.field.setFocus()
        self.window.search_bar.field.selectAll()
        QTest.keyClicks(self.window.search_bar.field, text)


@pytest.fixture
def session(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    for name, colour in COLOURS.items():
        made.paint(name, colour)
    yield made
    assert made.window.shutdown()


def test_index_search_find_similar_and_follow_the_folder(session: WindowDriver) -> None:
    window = session.window
    assert session.page == "Welcome"
    session.add_folder()
    session.until(lambda: session.count == 4)
    session.until(lambda: window.status.text == "4 photos · Everything is indexed")
    assert session.page == "Photos"

    session.search("red")
    session.until(lambda: window.results.query is not None and session.shows_first("red"))
    session.search("blue")
    session.until(lambda: session.shows_first("blue"))

    window.context_menu.actions()[0].trigger()
    session.until(
        lambda: window.search_bar.chip.said == "Similar to blue.png" and session.shows_first("blue")
    )

    window.search_bar.field.setFocus()
    QTest.keyClick(window.search_bar.field, Qt.Key.Key_Escape)
    session.until(lambda: session.count == 4 and window.results.query is None)
    new = session.paint("new", (255, 255, 0))
    session.until(lambda: session.count == 5)
    new.unlink()
    session.until(lambda: session.count == 4)


def test_a_picture_from_outside_finds_its_like(session: WindowDriver, tmp_path: Path) -> None:
    session.add_folder()
    session.until(lambda: session.window.status.text == "4 photos · Everything is indexed")
    outside = tmp_path / "outside.jpg"
    Image.new("RGB", (300, 200), (0, 150, 0)).save(outside)
    assert drop(session.window.search_bar, urls(outside))
    session.until(lambda: session.window.results.query is not None and session.shows_first("green"))


def test_a_picture_and_words_are_looked_for_together(session: WindowDriver, tmp_path: Path) -> None:
    session.add_folder()
    session.until(lambda: session.window.status.text == "4 photos · Everything is indexed")
    outside = tmp_path / "outside.jpg"
    Image.new("RGB", (300, 200), (0, 150, 0)).save(outside)
    assert drop(session.window.search_bar, urls(outside))
    session.until(lambda: session.shows_first("green"))
    session.window.search_bar.field.setFocus()
    QTest.keyClicks(session.window.search_bar.field, "red name:re")  # red and green bear it, in their names
    session.until(lambda: session.count == 2)
    session.until(lambda: session.shows_first("green") or session.shows_first("red"))
    QTest.keyClick(session.window.search_bar.chip, Qt.Key.Key_Delete)
    session.until(lambda: session.shows_first("red"))


def test_a_saved_search_stays_live(session: WindowDriver) -> None:
    window = session.window
    session.add_folder()
    session.until(lambda: window.status.text == "4 photos · Everything is indexed")
    session.search("name:red")
    session.until(lambda: session.count == 1)
    window.commands["save_search"].trigger()
    (dialog,) = window.findChildren(NameDialog)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    session.until(lambda: [each.name for each in window.controllers.saved_searches.searches] == ["Named red"])
    session.paint("reddish", (200, 40, 40))
    session.until(lambda: session.count == 2)
    window.search_bar.clear()
    session.until(lambda: session.count == 5)
    session.paint("redder", (255, 0, 1))
    session.until(lambda: window.status.text == "6 photos · Everything is indexed")
    window.controllers.search.open(window.controllers.saved_searches.searches[0])
    session.until(lambda: session.count == 3)


def test_an_answer_is_explained_and_refined(session: WindowDriver) -> None:
    window = session.window
    session.add_folder()
    session.until(lambda: window.status.text == "4 photos · Everything is indexed")
    session.search("red -white")
    session.until(lambda: window.results.query is not None and session.shows_first("red"))
    window.views.open_viewer(window.model.photo_id(0))
    QTest.keyClick(window.controllers.viewer, Qt.Key.Key_W)
    why = window.controllers.viewer.why.card.why
    session.until(lambda: why.explanation is not None)
    assert why.explanation is not None
    assert [(part.text, part.excluded) for part in why.explanation.parts] == [
        ("red", False),
        ("-white", True),
    ]
    window.controllers.viewer.close_viewer()
    window.search_bar.clear()
    session.until(lambda: session.count == 4 and window.results.query is None)
    session.until(lambda: any(session.shows_first(name) for name in COLOURS))
    first = window.details.heading
    window.commands["more_like"].trigger()
    session.until(lambda: [chip.said for chip in window.search_bar.chips.chips] == [f"Like {first}"])
    session.until(
        lambda: window.results.query is not None and session.shows_first(first.removesuffix(".png"))
    )
    window.views.open_viewer(window.model.photo_id(0))
    session.until(lambda: window.controllers.viewer.photo is not None)
    QTest.keyClick(window.controllers.viewer, Qt.Key.Key_S)
    QTest.keyClick(window.controllers.viewer.chooser, Qt.Key.Key_Return)
    session.until(lambda: [chip.said for chip in window.search_bar.chips.chips] == [f"Like part of {first}"])
    session.until(
        lambda: window.results.query is not None and session.shows_first(first.removesuffix(".png"))
    )


def test_the_window_survives_the_engine(session: WindowDriver) -> None:
    session.add_folder()
    session.until(lambda: session.window.status.text == "4 photos · Everything is indexed")
    session.search("red")
    session.until(lambda: session.window.results.query is not None and session.shows_first("red"))
    (client,) = session.clients
    first = client.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    session.until(lambda: client.pid not in (None, first))
    session.until(lambda: session.window.status.text == "4 photos · Everything is indexed")
    session.search("blue")
    session.until(lambda: session.shows_first("blue"))


def test_an_engine_that_does_not_answer(session: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stopped, as by a debugger; waiting for a disk or for memory looks the same."""
    window = session.window
    session.add_folder()
    session.until(lambda: window.status.text == "4 photos · Everything is indexed")
    session.search("red")
    session.until(lambda: window.results.query is not None and session.shows_first("red"))
    monkeypatch.setattr(client_module, "SILENT_SECONDS", 0.5)
    (client,) = session.clients
    first = client.pid
    assert first is not None
    with stopped(first):
        session.search("blue")
        session.until(lambda: "The engine has not answered for" in window.status.text)
        assert window.status._restart.isVisible()
        assert window.status._restart.text() == "Restart"
    session.until(lambda: session.shows_first("blue"))
    session.until(lambda: window.status.text == "4 photos · Everything is indexed")
    assert not window.status._restart.isVisible()
    assert client.pid == first


def test_an_engine_that_does_not_answer_is_restarted(
    session: WindowDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = session.window
    session.add_folder()
    session.until(lambda: window.status.text == "4 photos · Everything is indexed" and session.count == 4)
    photo = window.model.photo_id(0)
    window.grid.select_photo(photo)
    monkeypatch.setattr(client_module, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(client_module, "_SHUTDOWN_TIMEOUT", 1.0)
    first = session.clients[0].pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    window.commands["favourite"].trigger()
    session.until(lambda: "The engine has not answered for" in window.status.text)
    QTest.mouseClick(window.status._restart, Qt.MouseButton.LeftButton)
    session.until(lambda: len(session.clients) == 2 and session.clients[1].pid is not None)
    session.until(lambda: window.status.text == "4 photos · Everything is indexed" and session.count == 4)
    session.until(lambda: not window.model.is_favourite(photo))  # the change was not confirmed
    window.grid.select_photo(photo)
    window.commands["favourite"].trigger()
    session.until(lambda: window.model.is_favourite(photo))


def test_problems_favourites_and_the_viewer_work_together(session: WindowDriver) -> None:
    window = session.window
    (session.pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff but no picture")
    session.add_folder()
    session.until(lambda: "1 could not be read" in window.status.text and session.count == 4)
    window.views.show_scope(window.sidebar.scopes[-1])
    session.until(lambda: window.content.problems.model.rowCount() == 1)
    window.commands["library"].trigger()
    session.until(lambda: session.count == 4)
    photo = window.model.photo_id(1)
    window.grid.select_photo(photo)
    window.commands["view"].trigger()
    session.until(
        lambda: (
            window.controllers.viewer.photo is not None and window.controllers.viewer.view.image_side == 64
        )
    )
    window.commands["favourite"].trigger()
    session.until(lambda: window.model.is_favourite(photo))
    QTest.keyClick(window.controllers.viewer, Qt.Key.Key_Escape)
    window.commands["favourites"].trigger()
    session.until(lambda: session.count == 1 and window.model.photo_id(0) == photo)


def test_closing_while_indexing_ends_everything_and_loses_nothing(
    session: WindowDriver, tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    for number in range(300):
        scene(480, 360, seed=number).save(session.pictures / f"scene{number}.jpg")
    session.add_folder()
    session.until(lambda: session.count > 0)
    began = time.monotonic()
    session.window.close()
    assert session.window.shutdown()
    assert session.clients[0].pid is None
    assert time.monotonic() - began < _WAIT / 1000
    before = session.count
    options = EngineOptions(tmp_path / "library", tmp_path / "models")
    again = build_window(
        qapp, options.library, lambda: EngineClient(options, open_with_fake_model), DecodePool()
    )
    qtbot.addWidget(again)
    again.start()
    qtbot.waitUntil(lambda: again.model.rowCount() >= before, timeout=_WAIT)
    assert again.shutdown()
