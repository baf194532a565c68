"""Animations and pages in the viewer, decoded in a process of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.imaging.read import decode_photo
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.worker_process import Limits
from safelight.store import thumbnail_info
from safelight.ui.grid.badges import Badge, badges_of, title_of
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.viewer import frames as viewer_frames
from safelight.ui.viewer.viewer import Viewer
from support import hostile_worker
from support.filled_library import FilledLibrary
from support.several_frames import COLOURS, animation, document
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

_WAIT = 30_000


@pytest.fixture
def viewer(library: FilledLibrary, qtbot: QtBot) -> Iterator[Viewer]:
    reader = LibraryReader(library.directory)
    reader.start()
    loader = PictureLoader(DecodePool(1, Limits(seconds=600.0), serve=hostile_worker.run))
    made = Viewer(loader, reader, lambda _: QPixmap())
    made.resize(640, 480)
    made.controls._rest.setInterval(3_600_000)  # the controls stay
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_viewer()
    loader.close()
    assert reader.stop(PATIENCE)


def near(one: QColor, other: str) -> bool:
    wanted = QColor(other)
    return all(
        abs(a - b) < 8
        for a, b in zip(
            (one.red(), one.green(), one.blue()),
            (wanted.red(), wanted.green(), wanted.blue()),
            strict=True,
        )
    )


def shows(viewer: Viewer, number: int) -> Callable[[], bool]:
    """Whether the middle of the picture has the colour of this frame."""

    def looked() -> bool:
        view = viewer.view
        return near(view.grab().toImage().pixelColor(view.width() // 2, view.height() // 2), COLOURS[number])

    return looked


@pytest.mark.slow
def test_an_animation_plays_pauses_and_steps(viewer: Viewer, library: FilledLibrary, qtbot: QtBot) -> None:
    animation(library.folder / "a.gif", 4, milliseconds=60)
    photo = library.add_file("a.gif", "2020-01-01T00:00:00")
    viewer.open([photo], photo)
    qtbot.waitUntil(lambda: viewer.frames.is_playing, timeout=_WAIT)
    for number in (2, 0, 1):  # it goes round
        qtbot.waitUntil(shows(viewer, number), timeout=_WAIT)
    QTest.keyClick(viewer, Qt.Key.Key_Space)
    assert viewer.current == photo, "Space pauses, and does not close"
    assert viewer.frames.bar.play.accessibleName() == "Play"
    at = viewer.frames.at
    assert shows(viewer, at)()
    assert viewer.frames.bar.text.text() == f"{at + 1} / 4"
    for step in range(1, 5):
        QTest.keyClick(viewer, Qt.Key.Key_Period)
        assert shows(viewer, (at + step) % 4)()
    QTest.keyClick(viewer, Qt.Key.Key_Comma)
    assert shows(viewer, (at + 3) % 4)()
    QTest.mouseClick(viewer.frames.bar.play, Qt.MouseButton.LeftButton)
    assert viewer.frames.bar.play.accessibleName() == "Pause"
    QTest.keyClick(viewer, Qt.Key.Key_P)
    assert viewer.frames.bar.play.accessibleName() == "Play"
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert viewer.current is None


@pytest.mark.slow
def test_parts_of_a_long_animation_are_loaded_as_it_plays_and_at_most_two_are_kept(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_frames = 2 * 160 * 120 * 3
    monkeypatch.setattr(viewer_frames, "_FIRST_PART_BYTES", two_frames)
    monkeypatch.setattr(viewer_frames, "_PART_BYTES", two_frames)
    animation(library.folder / "a.webp", 9, milliseconds=40)
    photo = library.add_file("a.webp", "2020-01-01T00:00:00")
    viewer.open([photo], photo)
    for number in (0, 3, 6, 8, 1):
        qtbot.waitUntil(shows(viewer, number), timeout=_WAIT)
        assert sum(len(part.images) for part in viewer.frames._parts) <= 4


@pytest.mark.slow
def test_leaving_an_animation_stops_it(viewer: Viewer, library: FilledLibrary, qtbot: QtBot) -> None:
    animation(library.folder / "a.gif", 4)
    moving = library.add_file("a.gif", "2020-01-01T00:00:00")
    (still,) = library.add(("b.jpg", "2020-01-02T00:00:00"))
    viewer.open([moving, still], moving)
    qtbot.waitUntil(lambda: viewer.frames.is_playing, timeout=_WAIT)
    viewer.go(1)
    qtbot.waitUntil(lambda: viewer.photo is not None and viewer.photo.id == still)
    assert not viewer.frames.is_animated
    assert not viewer.frames.bar.isVisible()
    QTest.keyClick(viewer, Qt.Key.Key_Space)
    assert viewer.current is None


@pytest.mark.slow
def test_every_page_of_a_document_is_reached_by_key_and_button(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    document(library.folder / "a.tiff", [(160, 120), (120, 160), (160, 120)])
    photo = library.add_file("a.tiff", "2020-01-01T00:00:00")
    viewer.open([photo], photo)
    bar = viewer.frames.bar
    qtbot.waitUntil(bar.isVisible, timeout=_WAIT)
    assert bar.text.text() == "Page 1 of 3"
    assert not bar.play.isVisible()
    assert not bar.previous.isEnabled()
    qtbot.waitUntil(shows(viewer, 0), timeout=_WAIT)
    QTest.keyClick(viewer, Qt.Key.Key_Period)
    assert bar.text.text() == "Page 2 of 3"
    qtbot.waitUntil(shows(viewer, 1), timeout=_WAIT)
    shown = viewer.view.picture_rect()
    assert shown.height() > shown.width(), "this page is upright"
    QTest.keyClick(viewer, Qt.Key.Key_R)
    shown = viewer.view.picture_rect()
    assert shown.width() > shown.height()
    QTest.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shows(viewer, 2), timeout=_WAIT)
    assert not bar.next.isEnabled()
    QTest.keyClick(viewer, Qt.Key.Key_Period)
    assert bar.text.text() == "Page 3 of 3"
    QTest.keyClick(viewer, Qt.Key.Key_Comma)
    QTest.keyClick(viewer, Qt.Key.Key_Comma)
    qtbot.waitUntil(shows(viewer, 0), timeout=_WAIT)
    QTest.keyClick(viewer, Qt.Key.Key_Space)
    assert viewer.current is None, "a document has nothing to pause"


@pytest.mark.slow
def test_zooming_in_loads_the_page_in_full_size(viewer: Viewer, library: FilledLibrary, qtbot: QtBot) -> None:
    document(library.folder / "a.tiff", [(1600, 1200), (1600, 1200)])
    photo = library.add_file("a.tiff", "2020-01-01T00:00:00")
    viewer.open([photo], photo)
    qtbot.waitUntil(viewer.frames.bar.isVisible, timeout=_WAIT)
    QTest.keyClick(viewer, Qt.Key.Key_Period)
    qtbot.waitUntil(shows(viewer, 1), timeout=_WAIT)
    QTest.keyClick(viewer, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: viewer.view.image_side == 1600, timeout=_WAIT)
    assert shows(viewer, 1)()


@pytest.mark.slow
def test_a_file_that_hangs_the_decoder_does_not_hold_up_the_next_photo(
    viewer: Viewer, library: FilledLibrary, qtbot: QtBot
) -> None:
    animation(library.folder / "a.gif", 4)
    hanging = library.add_file("a.gif", "2020-01-01T00:00:00", stored_as="stuck.gif")
    stills = library.add(*((f"{n}.jpg", "2020-01-02T00:00:00") for n in range(3)))
    viewer.open([hanging, *stills], hanging)
    qtbot.waitUntil(lambda: viewer.display.pictures.best(hanging) is not None, timeout=_WAIT)
    viewer.go(2)
    qtbot.waitUntil(lambda: viewer.display.pictures.best(stills[1]) is not None, timeout=_WAIT)
    assert viewer.message == ""


@pytest.mark.slow
def test_a_page_that_cannot_be_read_says_so(viewer: Viewer, library: FilledLibrary, qtbot: QtBot) -> None:
    document(library.folder / "a.tiff", [(160, 120)] * 4)
    photo = library.add_file("a.tiff", "2020-01-01T00:00:00")
    viewer.open([photo], photo)
    qtbot.waitUntil(viewer.frames.bar.isVisible, timeout=_WAIT)
    QTest.keyClick(viewer, Qt.Key.Key_Period)
    qtbot.waitUntil(shows(viewer, 1), timeout=_WAIT)
    (library.folder / "a.tiff").write_bytes(b"II*\0" + bytes(30))
    QTest.keyClick(viewer, Qt.Key.Key_Period)
    QTest.keyClick(viewer, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: "TIFF" in viewer.message, timeout=_WAIT)
    assert viewer.frames.bar.text.text() == "Page 4 of 4"


def test_the_grid_marks_animations_and_documents(library: FilledLibrary) -> None:
    animation(library.folder / "a.gif", 4)
    document(library.folder / "b.tif", [(40, 30)] * 7)
    ids = [library.add_file(name, "2020-01-01T00:00:00") for name in ("a.gif", "b.tif")]
    with library.store.read() as db:
        info = thumbnail_info.read_info(db, ids)
    assert badges_of(info[ids[0]]) == (Badge("play", "GIF"),)
    assert badges_of(info[ids[1]]) == (Badge("copy", "7"),)
    assert title_of(info[ids[0]]) == "a.gif · animation"
    assert title_of(info[ids[1]]) == "b.tif · 7 pages"
    assert badges_of(replace(info[ids[0]], frames=1)) == ()
    assert decode_photo(str(library.folder / "b.tif"), None).frames == 7
