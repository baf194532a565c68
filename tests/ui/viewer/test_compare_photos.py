"""Photos beside each other: opened, zoomed and marked as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.operations import SetRating
from safelight.engine.requests import RunOperation
from safelight.ui.viewer.compare import PhotoCompare
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import LibraryClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Bench:
    """A window over five photos, whose engine applies operations."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        self.library = FilledLibrary(place)
        self.ids = self.library.add(*((f"photo{n}.jpg", f"2021-06-0{9 - n}T10:00:00") for n in range(5)))
        self.client = LibraryClient(self.library.store)
        self.window: MainWindow = build_window(
            app, self.library.directory, lambda: self.client, ThreadedDecoder()
        )
        self.bot = bot
        bring_up(self.window, bot)
        bot.waitUntil(lambda: self.window.model.rowCount() == len(self.ids))

    @property
    def page(self) -> PhotoCompare:
        page = self.window.controllers.compare.page.made
        assert page is not None
        return page

    def select(self, *ids: int) -> None:
        self.window.grid.select_photos(ids)
        self.window.grid.setFocus()
        self.bot.waitUntil(lambda: set(self.window.controllers.selection.ids) == set(ids))

    def compare(self, *ids: int) -> None:
        self.select(*ids)
        self.bot.waitUntil(self.window.commands["compare"].isEnabled)
        self.key(Qt.Key.Key_C)
        assert self.page.ids == ids
        self.bot.waitUntil(lambda: all(pane.photo is not None for pane in self.page.area.shown))
        self.bot.waitUntil(lambda: self.window.controllers.selection.ids == ids[:1])

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)


@pytest.fixture
def bench(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_c_compares_two_to_four_selected_photos_and_esc_selects_them_again(bench: Bench) -> None:
    action = bench.window.commands["compare"]
    for amount, possible in ((1, False), (2, True), (4, True), (5, False)):
        bench.select(*bench.ids[:amount])
        bench.bot.waitUntil(lambda possible=possible: action.isEnabled() is possible)  # type: ignore[misc]
        assert action.isVisible() is possible
        assert bench.window.commands["view"].isVisible() is not possible
    three = tuple(bench.ids[:3])
    bench.compare(*three)
    assert bench.window.pages.currentWidget() is bench.page
    assert bench.page.title == "Comparing 3 photos"
    assert not action.isEnabled(), "one photo is in use, and it is compared already"
    bench.key(Qt.Key.Key_Escape)
    assert not bench.page.is_open
    assert bench.window.grid.isVisible()
    bench.bot.waitUntil(lambda: bench.window.controllers.selection.ids == three)


def test_all_panes_show_the_same_part(bench: Bench) -> None:
    bench.compare(*bench.ids[:2])
    first, second = (pane.view for pane in bench.page.area.shown)
    bench.key(Qt.Key.Key_Plus)
    bench.key(Qt.Key.Key_Plus)
    assert not second.fitting
    second.pan(QPointF(20, 10))
    assert first.viewpoint == second.viewpoint
    bench.key(Qt.Key.Key_Z)
    assert all(pane.view.fitting for pane in bench.page.area.shown)
    bench.key(Qt.Key.Key_Z)
    assert first.zoom == pytest.approx(1.0)


def test_marks_apply_to_the_photo_in_use_only(bench: Bench) -> None:
    first, second, third = bench.ids[:3]
    bench.compare(first, second, third)
    panes = bench.page.area.shown
    assert [bool(pane.accessibleDescription()) for pane in panes] == [True, False, False]
    bench.key(Qt.Key.Key_Right)
    assert [bool(pane.accessibleDescription()) for pane in panes] == [False, True, False]
    bench.bot.waitUntil(lambda: bench.window.controllers.selection.ids == (second,))
    bench.key(Qt.Key.Key_1)
    bench.bot.waitUntil(lambda: "1 star" in panes[1].accessibleName())
    bench.key(Qt.Key.Key_F)
    bench.bot.waitUntil(lambda: "favourite" in panes[1].accessibleName())
    QTest.mouseClick(panes[2].view, Qt.MouseButton.LeftButton)
    bench.bot.waitUntil(lambda: bench.window.controllers.selection.ids == (third,))
    bench.key(Qt.Key.Key_X)
    bench.bot.waitUntil(lambda: "Rejected" in panes[2].accessibleName())
    assert "star" not in panes[0].accessibleName()
    assert "favourite" not in panes[0].accessibleName()
    rated = [r.operation for r in bench.client.requests if isinstance(r, RunOperation)]
    assert [each.photo_ids for each in rated if isinstance(each, SetRating)] == [(second,), (third,)]


def test_a_picture_that_cannot_be_read_says_so_in_its_pane(bench: Bench) -> None:
    broken, whole = bench.library.folder / "photo0.jpg", bench.library.folder / "photo1.jpg"
    broken.write_bytes(b"no picture")
    Image.new("RGB", (800, 600), "#306090").save(whole)
    bench.compare(*bench.ids[:2])
    panes = bench.page.area.shown
    bench.bot.waitUntil(lambda: panes[0].message != "")
    bench.bot.waitUntil(lambda: panes[1].view.image_side > 300)
    assert panes[1].message == ""
