"""Reading the library off the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from safelight.core.photo import Failure, Photo
from safelight.store import marks
from safelight.ui.library_reader import LibraryReader, Overview, ScopeRows
from safelight.ui.view_request import Place, ViewRequest
from support.filled_library import FilledLibrary


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    yield made
    made.close()


@pytest.fixture
def reader(library: FilledLibrary) -> Iterator[LibraryReader]:
    made = LibraryReader(library.directory)
    made.start()
    yield made
    assert made.stop()
    assert "library-reader" not in {thread.name for thread in threading.enumerate()}


def _rows(reader: LibraryReader, qtbot: QtBot, scope: ViewRequest) -> ScopeRows:
    with qtbot.waitSignal(reader.rows_loaded) as loaded:
        reader.load_rows(5, scope)
    generation, rows = loaded.args
    assert generation == 5
    assert isinstance(rows, ScopeRows)
    return rows


def test_scopes_are_read_newest_first(reader: LibraryReader, library: FilledLibrary, qtbot: QtBot) -> None:
    old, new, middle = library.add(
        ("a.jpg", "2001-01-01T00:00:00"), ("b.jpg", "2020-01-01T00:00:00"), ("c.jpg", "2010-01-01T00:00:00")
    )
    with library.store.write() as db:
        marks.set_favourite(db, [middle], True)
    everything = _rows(reader, qtbot, ViewRequest())
    assert tuple(everything.ids) == (new, middle, old)
    assert everything.dates == ("2020-01-01T00:00:00", "2010-01-01T00:00:00", "2001-01-01T00:00:00")
    assert tuple(_rows(reader, qtbot, ViewRequest(Place.FAVOURITES)).ids) == (middle,)
    assert tuple(_rows(reader, qtbot, ViewRequest(Place.FOLDER, library.folder_id)).ids) == (new, middle, old)
    assert tuple(_rows(reader, qtbot, ViewRequest(Place.FOLDER, library.folder_id + 1)).ids) == ()
    assert set(_rows(reader, qtbot, ViewRequest(Place.RECENT)).ids) == {new, middle, old}


def test_rows_of_photos_and_overview(reader: LibraryReader, library: FilledLibrary, qtbot: QtBot) -> None:
    first, second = library.add(("a.jpg", "2001-01-01T00:00:00"), ("b.jpg", "2020-01-01T00:00:00"))
    library.fail("broken.jpg", "The picture is damaged.")
    with qtbot.waitSignal(reader.photos_loaded) as loaded:
        reader.load_photos("me", [second, 999, first])
    who, photos = loaded.args
    assert who == "me"
    assert [photo.id for photo in photos if isinstance(photo, Photo)] == [second, first]
    with qtbot.waitSignal(reader.overview_loaded) as loaded:
        reader.load_overview()
    overview = loaded.args[0]
    assert isinstance(overview, Overview)
    assert (overview.counts.photos, overview.counts.failures) == (2, 1)
    assert overview.counts.embedded == 2, "without a model nothing is said to wait for it"
    assert [folder.path for folder in overview.folders] == [str(library.folder)]
    with qtbot.waitSignal(reader.failures_loaded) as loaded:
        reader.load_failures()
    assert [f.reason for f in loaded.args[0] if isinstance(f, Failure)] == ["The picture is damaged."]


def test_what_is_asked_before_there_is_a_library_is_answered_when_there_is(
    tmp_path: Path, qtbot: QtBot
) -> None:
    reader = LibraryReader(tmp_path / "library")
    reader.start()
    answers: list[int] = []
    reader.rows_loaded.connect(lambda generation, _: answers.append(generation))
    complaints: list[str] = []
    reader.failed.connect(complaints.append)
    reader.load_rows(1, ViewRequest())
    qtbot.waitUntil(lambda: reader._blocked)
    library = FilledLibrary(tmp_path)
    reader.load_rows(2, ViewRequest())
    reader.open_library()
    qtbot.waitUntil(lambda: answers == [2])
    assert complaints == []
    assert reader.stop()
    library.close()


def test_a_newer_request_of_a_kind_replaces_one_that_waits(
    tmp_path: Path, library: FilledLibrary, qtbot: QtBot
) -> None:
    reader = LibraryReader(library.directory)
    answers: list[int] = []
    reader.rows_loaded.connect(lambda generation, _: answers.append(generation))
    for generation in range(1, 50):
        reader.load_rows(generation, ViewRequest())
    reader.start()
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [49]
    assert reader.stop()
    reader.load_rows(50, ViewRequest())
    qtbot.wait(0)
    assert answers == [49]
