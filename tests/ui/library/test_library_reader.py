"""Reading the library off the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from safelight.store import marks
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import Read, ReadFailures, ReadOverview, ReadPhotos, ReadRows, ScopeRows
from safelight.ui.view_request import Place, ViewRequest
from support.filled_library import FilledLibrary
from support.waiting import PATIENCE

T = TypeVar("T")


@pytest.fixture
def reader(library: FilledLibrary) -> Iterator[LibraryReader]:
    made = LibraryReader(library.directory)
    made.start()
    yield made
    assert made.stop(PATIENCE)
    assert "library-reader" not in {thread.name for thread in threading.enumerate()}


def _rows(reader: LibraryReader, qtbot: QtBot, scope: ViewRequest) -> ScopeRows:
    return answer(reader, qtbot, ReadRows(scope))


def answer(reader: LibraryReader, qtbot: QtBot, question: Read[T]) -> T:
    answers: list[T] = []
    reader.read(question, answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    return answers[0]


def test_scopes_are_read_newest_first(reader: LibraryReader, library: FilledLibrary, qtbot: QtBot) -> None:
    old, new, middle = library.add(
        ("a.jpg", "2001-01-01T00:00:00"), ("b.jpg", "2020-01-01T00:00:00"), ("c.jpg", "2010-01-01T00:00:00")
    )
    with library.store.write() as db:
        marks.set_favourite(db, [middle], True)
    everything = _rows(reader, qtbot, ViewRequest())
    assert tuple(everything.ids) == (new, middle, old)
    assert everything.days == (("2020-01-01", 1), ("2010-01-01", 1), ("2001-01-01", 1))
    assert tuple(_rows(reader, qtbot, ViewRequest(Place.FAVOURITES)).ids) == (middle,)
    assert tuple(_rows(reader, qtbot, ViewRequest(Place.FOLDER, library.folder_id)).ids) == (new, middle, old)
    assert tuple(_rows(reader, qtbot, ViewRequest(Place.FOLDER, library.folder_id + 1)).ids) == ()
    assert set(_rows(reader, qtbot, ViewRequest(Place.RECENT)).ids) == {new, middle, old}


def test_rows_of_photos_and_overview(reader: LibraryReader, library: FilledLibrary, qtbot: QtBot) -> None:
    first, second = library.add(("a.jpg", "2001-01-01T00:00:00"), ("b.jpg", "2020-01-01T00:00:00"))
    library.fail("broken.jpg", "The picture is damaged.")
    photos = answer(reader, qtbot, ReadPhotos([second, 999, first]))
    assert [photo.id for photo in photos] == [second, first]
    overview = answer(reader, qtbot, ReadOverview())
    assert (overview.counts.photos, overview.counts.failures) == (2, 1)
    assert overview.counts.embedded == 2, "without a model nothing is said to wait for it"
    assert [folder.path for folder in overview.folders] == [str(library.folder)]
    failures = answer(reader, qtbot, ReadFailures())
    assert [str(failure.reason) for failure in failures] == ["The picture is damaged."]


def test_what_is_asked_before_there_is_a_library_is_answered_when_there_is(
    tmp_path: Path, qtbot: QtBot
) -> None:
    reader = LibraryReader(tmp_path / "library")
    reader.start()
    answers: list[int] = []
    complaints: list[str] = []
    reader.failed.connect(complaints.append)
    reader.read(ReadRows(ViewRequest()), lambda _: answers.append(1), key="rows")
    qtbot.waitUntil(lambda: reader._library_missing)
    library = FilledLibrary(tmp_path)
    reader.read(ReadRows(ViewRequest()), lambda _: answers.append(2), key="rows")
    reader.open_library()
    qtbot.waitUntil(lambda: answers == [2])
    assert complaints == []
    assert reader.stop(PATIENCE)
    library.close()


def test_a_newer_request_of_a_kind_replaces_one_that_waits(
    tmp_path: Path, library: FilledLibrary, qtbot: QtBot
) -> None:
    reader = LibraryReader(library.directory)
    answers: list[int] = []

    def ask(generation: int) -> None:
        reader.read(ReadRows(ViewRequest()), lambda _: answers.append(generation), key="rows")

    for generation in range(1, 50):
        ask(generation)
    reader.start()
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [49]
    assert reader.stop(PATIENCE)
    ask(50)
    qtbot.wait(0)
    assert answers == [49]


class Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[ScopeRows] = []

    def take(self, rows: ScopeRows) -> None:
        self.answers.append(rows)


def test_an_outdated_or_unrequested_answer_is_dropped(
    reader: LibraryReader, library: FilledLibrary, qtbot: QtBot
) -> None:
    gone, there = Receiver(), Receiver()
    reader.read(ReadRows(ViewRequest(Place.RECENT)), gone.take)
    shiboken6.delete(gone)
    reader.read(ReadRows(ViewRequest(Place.RECENT)), there.take)
    answer(reader, qtbot, ReadFailures())  # the first may be answered, but not handed over, by then
    library.add(("a.jpg", "2001-01-01T00:00:00"))
    reader.read(ReadRows(ViewRequest()), there.take)
    qtbot.waitUntil(lambda: bool(there.answers) and len(there.answers[-1].ids) == 1)
    assert gone.answers == []


def test_the_copy_in_the_open_folder_comes_first(
    reader: LibraryReader, library: FilledLibrary, qtbot: QtBot
) -> None:
    (photo,) = library.add(("a/one.jpg", "2020-01-01T00:00:00"))
    library.add_copy("b/c/two.jpg", photo)
    library.add_copy("bc/three.jpg", photo)

    def names() -> list[str]:
        (found,) = answer(reader, qtbot, ReadPhotos([photo]))
        return [Path(file.path).name for file in found.files]

    assert names() == ["one.jpg", "two.jpg", "three.jpg"]
    reader.set_scope(ViewRequest(Place.FOLDER, library.folder_id, below="b"))
    assert names() == ["two.jpg", "one.jpg", "three.jpg"]
    reader.set_scope(None)  # a search, which is limited to the folder
    assert names() == ["two.jpg", "one.jpg", "three.jpg"]
    reader.set_scope(ViewRequest(Place.FOLDER, library.folder_id))
    assert names() == ["one.jpg", "two.jpg", "three.jpg"]
    reader.set_scope(ViewRequest())
    assert names() == ["one.jpg", "two.jpg", "three.jpg"]
