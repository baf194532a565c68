"""Favourites and ratings by key: what is stored, shown, undone, and read from the library meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.operations import SetRating
from safelight.ui.library.reads import Read, ReadFavourites, ReadMarks, ReadPhotos, ReadThumbnailInfo
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import LibraryClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Bench:
    """A window over four photos, whose engine applies operations."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        self.library = FilledLibrary(place)
        self.ids = self.library.add(*((f"photo{n}.jpg", f"2021-06-0{9 - n}T10:00:00") for n in range(4)))
        self.client = LibraryClient(self.library.store)
        self.window: MainWindow = build_window(
            app, self.library.directory, lambda: self.client, ThreadedDecoder()
        )
        self.bot = bot
        bring_up(self.window, bot)
        bot.waitUntil(lambda: self.window.model.rowCount() == len(self.ids))
        bot.waitUntil(lambda: all(self.window.info_cache.get(photo_id) for photo_id in self.ids))

    def select(self, photo_id: int) -> None:
        self.window.grid.select_photo(photo_id)
        self.window.grid.setFocus()
        self.bot.waitUntil(lambda: [photo.id for photo in self.window.details.photos] == [photo_id])

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def rating(self, photo_id: int) -> int | None:
        """As its badge shows."""
        info = self.window.info_cache.get(photo_id)
        return None if info is None else info.rating

    @property
    def favourites(self) -> int:
        """As the sidebar counts them."""
        counts = self.window.sidebar._counts
        return 0 if counts is None else counts.favourites

    def undo(self) -> None:
        self.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


@pytest.fixture
def bench(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


def test_a_rating_by_key_is_stored_shown_and_undone(bench: Bench) -> None:
    first, second = bench.ids[:2]
    bench.select(first)
    bench.key(Qt.Key.Key_4)
    bench.bot.waitUntil(lambda: bench.rating(first) == 4)
    bench.key(Qt.Key.Key_0)
    bench.bot.waitUntil(lambda: bench.rating(first) == 0)
    bench.select(second)
    bench.key(Qt.Key.Key_1)
    bench.bot.waitUntil(lambda: bench.rating(second) == 1)
    bench.undo()
    bench.bot.waitUntil(lambda: bench.rating(second) == 0)
    bench.bot.waitUntil(lambda: bench.window.toasts.text == "Undone: rated 1 photo")
    bench.undo()
    bench.bot.waitUntil(lambda: bench.rating(first) == 4)
    bench.undo()
    bench.bot.waitUntil(lambda: bench.rating(first) == 0)
    bench.undo()
    bench.bot.waitUntil(lambda: bench.window.toasts.text == "There is nothing to undo.")


def test_a_rating_in_the_viewer_is_shown_in_its_details(bench: Bench) -> None:
    bench.select(bench.ids[0])
    bench.key(Qt.Key.Key_Return)
    viewer = bench.window.controllers.viewer
    bench.bot.waitUntil(lambda: viewer.photo is not None)
    viewer.toggle_info()
    assert "Rating" not in viewer.info.rows
    bench.window.commands["rate_4"].trigger()
    bench.bot.waitUntil(lambda: viewer.info.rows.get("Rating") == "★★★★")


def test_f_reads_only_what_it_changed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It used to read counts and all favourites again, and to discard the thumbnail."""
    window, first = bench.window, bench.ids[0]
    bench.select(first)
    bench.bot.waitUntil(lambda: all(window.services.cache.get(photo_id) for photo_id in bench.ids))
    asked: list[Read[Any]] = []
    reader = window.services.reader
    ordinary = reader.read

    def read(question: Read[Any], answered: Callable[[Any], object], *, key: Hashable | None = None) -> None:
        asked.append(question)
        ordinary(question, answered, key=key)

    monkeypatch.setattr(reader, "read", read)
    bench.key(Qt.Key.Key_F)
    bench.bot.waitUntil(lambda: window.model.is_favourite(first))
    bench.bot.waitUntil(lambda: window.controllers.selection.all_favourites)
    bench.bot.waitUntil(lambda: window.info_cache.get(first) is not None)
    bench.bot.waitUntil(lambda: bench.favourites == 1)
    assert window.services.cache.get(first) is not None
    kinds = Counter(type(question) for question in asked)
    assert kinds == {ReadFavourites: 1, ReadPhotos: 1, ReadThumbnailInfo: 1, ReadMarks: 1}
    for question in asked:
        assert isinstance(question, ReadFavourites | ReadPhotos | ReadThumbnailInfo | ReadMarks)
        assert tuple(question.ids or ()) == (first,)
    bench.key(Qt.Key.Key_F)
    bench.bot.waitUntil(lambda: not window.model.is_favourite(first))
    bench.bot.waitUntil(lambda: bench.favourites == 0)


def test_in_the_viewer_0_and_1_zoom_and_2_to_5_rate(bench: Bench) -> None:
    bench.select(bench.ids[0])
    bench.key(Qt.Key.Key_Return)
    bench.bot.waitUntil(lambda: bench.window.controllers.viewer.photo is not None)
    bench.window.controllers.viewer.setFocus()
    for key in (Qt.Key.Key_1, Qt.Key.Key_0, Qt.Key.Key_3):
        bench.key(key)
    bench.bot.waitUntil(lambda: bench.rating(bench.ids[0]) == 3)
    assert bench.client.operations == [SetRating((bench.ids[0],), 3)]
