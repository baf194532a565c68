"""Whatever was done before: Delete moves exactly what is selected and shown to the trash."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from safelight.core.operations import TrashPhotos
from safelight.core.search import Band, SearchHit
from safelight.engine import events, requests
from safelight.ui.library.reads import ReadFavourites
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import LibraryClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("propagateSizeHints")]

PHOTOS = 12
SEQUENCES = 100
"""In each window. Nightly runs make 20 windows, others five."""


CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier
Key = Qt.Key


class Engine(LibraryClient):
    """Answers searches with photos by chance, and moves nothing."""

    def __init__(self, library: FilledLibrary, ids: list[int], rng: random.Random) -> None:
        super().__init__(library.store)
        self._ids, self._rng = ids, rng
        self._apply = self.answers
        self.answers = self._answer

    def _answer(self, request: requests.Request) -> list[events.Event]:
        match request:
            case requests.RunOperation(operation=TrashPhotos()):
                return []
            case requests.Search(generation) | requests.FindSimilar(generation):
                found = self._rng.sample(self._ids, self._rng.randint(0, PHOTOS))
                hits = [SearchHit(photo, 0.3, self._rng.choice(list(Band))) for photo in found]
                hits.sort(key=lambda hit: list(Band).index(hit.band))
                return [events.SearchResults(generation, tuple(hits))]
        return self._apply(request)


class Person:
    """Uses the window by keys, clicks and commands, chosen by chance."""

    def __init__(self, window: MainWindow, engine: Engine, picture: Path, rng: random.Random) -> None:
        self.window, self.engine, self.rng, self._picture = window, engine, rng, picture
        self._trashed = 0
        self.moved = 0
        """How often Delete moved something."""
        self.said: list[str] = []
        self.acts: dict[str, Callable[[], object]] = {
            "click": lambda: self._click(PLAIN),
            "click more": lambda: self._click(CTRL),
            "click a range": lambda: self._click(SHIFT),
            "select all": lambda: self._key(Key.Key_A, CTRL),
            "right": lambda: self._key(Key.Key_Right, rng.choice((PLAIN, SHIFT))),
            "home": lambda: self._key(Key.Key_Home),
            "end": lambda: self._key(Key.Key_End, rng.choice((PLAIN, SHIFT))),
            "escape": lambda: self._key(Key.Key_Escape),
            "view": lambda: self._key(Key.Key_Return),
            "mark": lambda: self._key(Key.Key_F),
            "search": lambda: self._search(rng.choice(("sunset", "boat -tree", "", "is:favourite"))),
            "similar": lambda: self._key(Key.Key_L, CTRL),
            "more like": lambda: self._key(Key.Key_L, CTRL | SHIFT),
            "less like": lambda: self._key(Key.Key_K, CTRL | SHIFT),
            "fold": lambda: self._key(Key.Key_J, CTRL),
            "back": lambda: self._key(Key.Key_Left, Qt.KeyboardModifier.AltModifier),
            "page": lambda: self._show(rng.choice(("library", "favourites", "recent", "duplicates"))),
            "cover": lambda: self._show(rng.choice(("settings", "models", "trashed"))),
            "folder": lambda: window.views.show_scope(ViewRequest(Place.FOLDER, 1)),
            "open a file": lambda: window.open_paths([str(self._picture)]),
            "grid": window.content.take_focus,
            "wait": self.settle,
        }

    def act(self) -> None:
        name = self.rng.choice(list(self.acts))
        self.said.append(name)
        self.acts[name]()
        QApplication.processEvents()
        if self.rng.random() < 0.3:
            self.settle()

    def selected_and_shown(self) -> set[int]:
        """What a person sees selected, by the widgets alone."""
        window, covering = self.window, self.window.pages.currentWidget()
        if covering is window.controllers.viewer:
            return set() if window.controllers.viewer.current is None else {window.controllers.viewer.current}
        if not window.grid.isVisible():
            return set()
        model, grid = window.model, window.grid
        rows = (model.index(row) for row in range(model.rowCount()))
        return {
            model.photo_id(index.row())
            for index in rows
            if grid.selectionModel().isSelected(index) and not grid.isIndexHidden(index)
        }

    def delete(self) -> None:
        """Press Delete, and compare what is asked for with what is seen."""
        self.come_back()
        wanted = self.selected_and_shown()
        if isinstance(QApplication.focusWidget(), QLineEdit):
            wanted = set()  # it deletes text
        self._key(Key.Key_Delete)
        self.settle()
        asked = [each for each in self.engine.operations if isinstance(each, TrashPhotos)]
        new = asked[self._trashed :]
        self._trashed = len(asked)
        gone = {photo for each in new for photo in each.photo_ids}
        assert gone == wanted, f"after {', '.join(self.said)}"
        self.moved += bool(gone)
        self.said.clear()

    def come_back(self) -> None:
        """A list below the search box that closes leaves no window active here, unlike on a desktop."""
        while not self.window.isActiveWindow() and QApplication.activePopupWidget() is None:
            self.window.activateWindow()
            QApplication.processEvents()

    def settle(self) -> None:
        """Until all that was asked of the library and the engine is answered."""
        for _ in range(2):
            answered: list[object] = []
            self.window.services.reader.read(ReadFavourites(()), answered.append, key=object())
            mark = requests.Rescan((len(self.engine.requests), id(answered)))
            self.window.services.bridge.send(mark)
            while not answered or mark not in self.engine.requests[-50:]:
                QApplication.processEvents()
            QApplication.processEvents()

    # --- what a person does -----------------------------------------------------------------------

    def _key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        self.come_back()
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def _click(self, modifiers: Qt.KeyboardModifier) -> None:
        grid = self.window.grid
        if grid.isVisible() and self.window.model.rowCount():
            index = self.window.model.index(self.rng.randrange(self.window.model.rowCount()))
            rect = grid.visualRect(index)
            if not rect.isEmpty() and grid.viewport().rect().contains(rect.center()):
                QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifiers, rect.center())
                grid.setFocus()

    def _search(self, text: str) -> None:
        self.window.search_bar.set_text(text)

    def _show(self, place: str) -> None:
        self.window.views.show_page(Place(place))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    drawn = FilledLibrary(tmp_path / "elsewhere")
    drawn.add(("opened.jpg", "2021-06-03T10:00:00"))
    drawn.close()
    return tmp_path


@pytest.fixture
def library(place: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(place)
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(20 if metafunc.config.getoption("--nightly") else 5))


def test_what_goes_is_what_was_selected_and_shown(
    library: FilledLibrary, place: Path, seed: int, qapp: QApplication, qtbot: QtBot
) -> None:
    rng = random.Random(seed)
    ids = library.add(*((f"{n}.jpg", f"2021-06-{n + 1:02}T10:00:00") for n in range(PHOTOS)))
    engine = Engine(library, ids, rng)
    window = build_window(qapp, library.directory, lambda: engine, ThreadedDecoder())
    bring_up(window, qtbot)
    engine.say(events.EngineReady())
    qtbot.waitUntil(lambda: window.model.rowCount() == PHOTOS)
    person = Person(window, engine, place / "elsewhere" / "Pictures" / "opened.jpg", rng)
    for _ in range(SEQUENCES):
        for _ in range(rng.randint(2, 9)):
            person.act()
        person.delete()
    assert person.moved > 10
    assert window.shutdown()
