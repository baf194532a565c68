"""Moving the pointer over a video or motion photo shows its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.imaging.read import decode_photo
from safelight.store import file_metadata, stored_thumbnails
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.motion_photos import google
from support.open_windows import bring_up
from support.pictures import encoded
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder
from support.videos import write_clip

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

COLOURS = ("#d02020", "#20a020", "#2030d0", "#c0b020")


def jpeg(colour: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (160, 120), colour).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def window(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    video, _ = library.add(("a.mp4", "2021-01-02T00:00:00"), ("b.jpg", "2021-01-01T00:00:00"))
    with library.store.write() as db:
        db.execute("UPDATE photo SET duration = 8.0, format = 'MP4' WHERE id = ?", (video,))
        stored_thumbnails.put_frames(db, video, [(2.0 * n, jpeg(each)) for n, each in enumerate(COLOURS)])
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: made.model.rowCount() == 2)
    qtbot.waitUntil(lambda: all(made.info_cache.get(made.model.photo_id(row)) for row in range(2)))
    yield made
    assert made.shutdown()


def shows(window: MainWindow, row: int, colour: str) -> Callable[[], bool]:
    """Whether the middle of a cell has this colour."""
    wanted = QColor(colour)

    def looked() -> bool:
        rect = window.grid.visualRect(window.model.index(row))
        found = window.grid.viewport().grab().toImage().pixelColor(rect.center())
        channels = (
            (found.red(), wanted.red()),
            (found.green(), wanted.green()),
            (found.blue(), wanted.blue()),
        )
        return all(abs(one - other) < 12 for one, other in channels)

    return looked


def move(window: MainWindow, row: int, fraction: float) -> None:
    rect = window.grid.visualRect(window.model.index(row))
    QTest.mouseMove(
        window.grid.viewport(), QPoint(rect.left() + round(rect.width() * fraction), rect.center().y())
    )


def test_the_frames_follow_the_pointer_and_the_poster_returns(window: MainWindow, qtbot: QtBot) -> None:
    for fraction, colour in ((0.05, COLOURS[0]), (0.3, COLOURS[1]), (0.95, COLOURS[3]), (0.6, COLOURS[2])):
        move(window, 0, fraction)
        qtbot.waitUntil(shows(window, 0, colour))
    move(window, 1, 0.5)
    qtbot.waitUntil(lambda: not any(shows(window, 0, each)() for each in COLOURS))


def test_a_picture_has_no_frames(window: MainWindow, qtbot: QtBot) -> None:
    move(window, 1, 0.9)
    move(window, 0, 0.1)
    qtbot.waitUntil(shows(window, 0, COLOURS[0]))
    assert not any(shows(window, 1, each)() for each in COLOURS)


def test_frames_that_change_under_the_pointer_are_read_again(
    library: FilledLibrary, client: ScriptedClient, window: MainWindow, qtbot: QtBot
) -> None:
    move(window, 0, 0.05)
    qtbot.waitUntil(shows(window, 0, COLOURS[0]))
    video = window.model.photo_id(0)
    with library.store.write() as db:
        stored_thumbnails.put_frames(
            db, video, [(2.0 * n, jpeg(each)) for n, each in enumerate(reversed(COLOURS))]
        )
    client.say(LibraryChanged(ChangeKind.PIXELS, updated=(video,)))
    qtbot.waitUntil(shows(window, 0, COLOURS[3]))


# --- motion photos ------------------------------------------------------------------------------------------


@pytest.fixture
def motion_window(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    """The first photo contains a film of the four colours; the second one is alike, but its file has changed
    to a picture without a film.
    """
    film = write_clip(
        library.folder.parent / "film.mp4", [Image.new("RGB", (320, 240), each) for each in COLOURS]
    )
    stills = [encoded(Image.new("RGB", (320, 240), grey), "JPEG") for grey in ("#808080", "#707070")]
    for name, date, still in (
        ("a.jpg", "2021-01-02T00:00:00", stills[0]),
        ("b.jpg", "2021-01-01T00:00:00", stills[1]),
    ):
        path = library.folder / name
        path.write_bytes(google(still, film.read_bytes()))
        photo = library.add_file(name, date)
        with library.store.write() as db:
            file_metadata.merge_metadata(db, [(photo, decode_photo(str(path), None).metadata)])
    path.write_bytes(stills[1])
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: made.model.rowCount() == 2)
    qtbot.waitUntil(lambda: all(made.info_cache.get(made.model.photo_id(row)) for row in range(2)))
    yield made
    assert made.shutdown()


def test_the_film_of_a_motion_photo_follows_the_pointer(motion_window: MainWindow, qtbot: QtBot) -> None:
    move(motion_window, 1, 0.9)  # Qt reports no move to where an earlier test left the pointer
    for fraction, colour in ((0.05, COLOURS[0]), (0.3, COLOURS[1]), (0.95, COLOURS[3]), (0.6, COLOURS[2])):
        move(motion_window, 0, fraction)
        qtbot.waitUntil(shows(motion_window, 0, colour))
    move(motion_window, 1, 0.5)
    qtbot.waitUntil(lambda: not any(shows(motion_window, 0, each)() for each in COLOURS))


def test_a_motion_photo_without_its_film_stays_a_picture(motion_window: MainWindow, qtbot: QtBot) -> None:
    failed: list[object] = []
    motion_window.services.loader.picture_failed.connect(lambda key, _: failed.append(key))
    move(motion_window, 1, 0.3)
    qtbot.waitUntil(lambda: len(failed) == 1)
    assert not any(shows(motion_window, 1, each)() for each in COLOURS)
    assert not motion_window.toasts.text
    move(motion_window, 0, 0.3)
    qtbot.waitUntil(shows(motion_window, 0, COLOURS[1]))
