"""Videos in the viewer: the frame that matched, and playing from there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from safelight.imaging.read import decode_photo
from safelight.services.indexing.decoding import DecodePool
from safelight.store import file_metadata, thumbnail_info
from safelight.ui.grid.badges import Badge, badges_of, title_of
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.viewer.video import TemporaryFilms, make_player
from safelight.ui.viewer.viewer import Viewer
from support.filled_library import FilledLibrary
from support.motion_photos import google
from support.pictures import encoded, scene
from support.videos import plain_shots, write_clip
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def require_player() -> None:
    """Skip where QtMultimedia, or a library of the system that it needs, is missing; the reason names it."""
    pytest.importorskip("PySide6.QtMultimediaWidgets", exc_type=ImportError)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", plain_shots(4))


@pytest.fixture
def video_id(library: FilledLibrary, clip: Path) -> int:
    """A photo whose row and file are those of the clip."""
    (photo_id,) = library.add(("clip.mp4", "2020-01-01T00:00:00"))
    with library.store.write() as db:
        db.execute("UPDATE photo SET duration = 4.0, format = 'MP4' WHERE id = ?", (photo_id,))
        root = library.store.directory.parent
        db.execute("UPDATE folder SET path = ?", (bytes(clip.parent),))
    assert root.is_dir()
    return photo_id


@pytest.fixture
def moments() -> dict[int, float]:
    return {}


@pytest.fixture
def viewer(library: FilledLibrary, moments: dict[int, float], qtbot: QtBot) -> Iterator[Viewer]:
    reader = LibraryReader(library.directory)
    reader.start()
    loader = PictureLoader(DecodePool(1))
    made = Viewer(loader, reader, lambda _: QPixmap(), moment=moments.get)
    made.resize(640, 480)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_viewer()
    loader.close()
    assert reader.stop(PATIENCE)


@pytest.mark.slow
def test_the_frame_that_matched_is_shown_and_played_from(
    viewer: Viewer, video_id: int, moments: dict[int, float], clip: Path, qtbot: QtBot
) -> None:
    moments[video_id] = 2.5
    opened: list[str] = []

    def take(path: str) -> bool:
        opened.append(path)
        return True

    viewer.video._opener = take
    viewer.video._make_player = lambda _: None
    viewer.open([video_id], video_id)
    qtbot.waitUntil(lambda: viewer.display.pictures.best(video_id) is not None, timeout=30_000)
    image = viewer.display.pictures.best(video_id)
    assert image is not None
    colour = image.pixelColor(20, 200)
    shown = colour.red(), colour.green(), colour.blue()
    near = [
        sum(abs(wanted - found) for wanted, found in zip(pixel, shown, strict=True))
        for pixel in (shot.crop((20, 200, 21, 201)).tobytes() for shot in plain_shots(4))
    ]
    assert near.index(min(near)) == 2
    assert viewer.video.button.isVisible()
    assert viewer.video.button.text() == "Play from 0:02  ·  0:04"
    QTest.mouseClick(viewer.video.button, Qt.MouseButton.LeftButton)
    assert opened == [str(clip)]
    QTest.keyClick(viewer, Qt.Key.Key_P)
    assert opened == [str(clip)] * 2


def test_pictures_have_no_button_and_a_computer_without_a_player_says_so(
    viewer: Viewer, library: FilledLibrary, video_id: int, qtbot: QtBot
) -> None:
    (still,) = library.add(("still.jpg", "2020-01-02T00:00:00"))
    viewer.video._make_player = lambda _: None
    viewer.video._opener = lambda _: False
    viewer.open([still, video_id], still)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    assert not viewer.video.button.isVisible()
    viewer.video.play()
    viewer.go(1)
    qtbot.waitUntil(lambda: viewer.photo is not None and viewer.photo.id == video_id)
    viewer.video.play()
    assert viewer.message == "No program on this computer plays clip.mp4."


@pytest.mark.qt_log_ignore(".*")
def test_the_player_begins_at_the_moment_and_escape_returns_to_the_picture(
    viewer: Viewer,
    video_id: int,
    moments: dict[int, float],
    qtbot: QtBot,
    capfd: pytest.CaptureFixture[str],
) -> None:
    require_player()
    moments[video_id] = 2.0
    viewer.open([video_id], video_id)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    QTest.keyClick(viewer, Qt.Key.Key_P)
    player = viewer.video.player
    assert player is not None
    assert viewer.video.is_playing
    qtbot.waitUntil(lambda: player.player.position() >= 2000, timeout=20_000)
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert player.isHidden()
    assert viewer.current == video_id
    printed = capfd.readouterr()
    # FFmpeg describes what it plays on standard error, but must not name it.
    assert "clip" not in printed.err + printed.out


class BlankPlayer(QWidget):
    """Has the interface of a player and plays nothing."""

    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.free = 0
        self.hide()

    def leave_free(self, height: int) -> None:
        self.free = height

    def start(self, path: str, seconds: float) -> None:
        self.show()

    def end(self) -> None:
        self.hide()


def test_the_player_covers_the_picture_also_behind_the_controls(
    viewer: Viewer, video_id: int, qtbot: QtBot
) -> None:
    made: list[BlankPlayer] = []

    def make(parent: QWidget) -> Any:
        made.append(BlankPlayer(parent))
        return made[-1]

    viewer.video._make_player = make
    viewer.open([video_id], video_id)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    viewer.video.play()
    (player,) = made
    for size in (QSize(640, 480), QSize(700, 500)):
        viewer.resize(size)
        assert player.geometry() == viewer.view.geometry(), "the picture is seen once the controls fade"
        assert player.free == viewer.controls.height(), "the controls cover no part of the video"
        placed = (viewer.video.button, player, viewer.controls)
        assert [each for each in viewer.children() if each in placed] == list(placed)


@pytest.mark.qt_log_ignore(".*")
def test_a_video_that_cannot_be_opened_is_reported(
    viewer: Viewer, video_id: int, qtbot: QtBot, tmp_path: Path
) -> None:
    require_player()
    player = make_player(viewer)
    assert player is not None
    said: list[str] = []
    player.failed.connect(said.append)
    player.start(str(tmp_path / "gone.mp4"), 0.0)
    assert len(said) == 1
    assert player.isHidden()


# --- motion photos ------------------------------------------------------------------------------------------


@pytest.fixture
def motion_photo(library: FilledLibrary, clip: Path) -> int:
    """A photo that contains the clip, indexed as every photo is."""
    name = "PXL_1.jpg"
    (library.folder / name).write_bytes(google(encoded(scene(320, 240), "JPEG"), clip.read_bytes()))
    photo_id = library.add_file(name, "2020-01-01T00:00:00")
    metadata = decode_photo(str(library.folder / name), None).metadata
    with library.store.write() as db:
        file_metadata.merge_metadata(db, [(photo_id, metadata)])
    return photo_id


def test_a_motion_photo_has_a_button_and_a_badge(
    viewer: Viewer, library: FilledLibrary, motion_photo: int, qtbot: QtBot
) -> None:
    viewer.open([motion_photo], motion_photo)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    assert viewer.video.button.isVisible()
    assert viewer.video.button.text() == "Play  ·  0:04"
    with library.store.read() as db:
        info = thumbnail_info.read_info(db, [motion_photo])[motion_photo]
    assert badges_of(info) == (Badge(text="LIVE"),)
    assert "LIVE" in title_of(info)


@pytest.mark.qt_log_ignore(".*")
def test_the_film_of_a_motion_photo_plays_and_escape_returns_to_the_picture(
    viewer: Viewer, motion_photo: int, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    require_player()
    viewer.open([motion_photo], motion_photo)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    QTest.keyClick(viewer, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: viewer.video.is_playing, timeout=30_000)
    player = viewer.video.player
    assert player is not None
    qtbot.waitUntil(lambda: player.player.position() >= 500, timeout=30_000)
    assert player.player.duration() == pytest.approx(4000, abs=200)
    sink = player.player.videoSink()
    assert sink is not None
    qtbot.waitUntil(lambda: not sink.videoFrame().toImage().isNull(), timeout=30_000)
    viewer.resize(700, 500)
    placed = (viewer.video.button, player, viewer.controls)
    assert [each for each in viewer.children() if each in placed] == list(placed), (
        "the player covers the button, also in another size, but not the controls"
    )
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert player.isHidden()
    assert viewer.current == motion_photo
    assert "PXL" not in "".join(capfd.readouterr())


def test_without_a_player_the_film_is_in_a_private_file_that_goes(
    viewer: Viewer, motion_photo: int, clip: Path, qtbot: QtBot
) -> None:
    opened: list[Path] = []

    def take(path: str) -> bool:
        opened.append(Path(path))
        return True

    viewer.video._opener = take
    viewer.video._make_player = lambda _: None
    viewer.open([motion_photo], motion_photo)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    viewer.video.play()
    viewer.video.play()  # while the first request is under way
    qtbot.waitUntil(lambda: len(opened) == 1, timeout=30_000)
    (film,) = opened
    assert film.name == "PXL_1.mp4"
    assert film.read_bytes() == clip.read_bytes()
    if os.name == "posix":
        assert film.stat().st_mode & 0o777 == 0o600
        assert film.parent.stat().st_mode & 0o777 == 0o700
    viewer.video.play()
    qtbot.waitUntil(lambda: len(opened) == 2, timeout=30_000)
    assert not film.exists()
    folder = opened[1].parent.parent
    films, viewer.video._films = viewer.video._films, TemporaryFilms()
    del films
    qtbot.waitUntil(lambda: not folder.exists(), timeout=30_000)


def test_leaving_a_motion_photo_forgets_its_film(
    viewer: Viewer, library: FilledLibrary, motion_photo: int, qtbot: QtBot
) -> None:
    (still,) = library.add(("still.jpg", "2020-01-02T00:00:00"))
    opened: list[str] = []

    def take(path: str) -> bool:
        opened.append(path)
        return True

    viewer.video._opener = take
    viewer.video._make_player = lambda _: None
    viewer.open([motion_photo, still], motion_photo)
    qtbot.waitUntil(lambda: viewer.photo is not None)
    viewer.video.play()
    viewer.go(1)
    qtbot.waitUntil(lambda: viewer.photo is not None and viewer.photo.id == still)
    assert not viewer.video.button.isVisible()
    viewer.go(-1)
    qtbot.waitUntil(lambda: viewer.photo is not None and viewer.photo.id == motion_photo)
    viewer.video.play()
    qtbot.waitUntil(lambda: bool(opened), timeout=30_000)
    assert len(opened) == 1


def test_a_film_that_is_gone_is_reported(
    viewer: Viewer, library: FilledLibrary, motion_photo: int, qtbot: QtBot
) -> None:
    viewer.video._make_player = lambda _: None
    viewer.open([motion_photo], motion_photo)
    qtbot.waitUntil(lambda: viewer.display.pictures.best(motion_photo) is not None, timeout=30_000)
    (library.folder / "PXL_1.jpg").write_bytes(encoded(scene(320, 240), "JPEG"))
    viewer.video.play()
    qtbot.waitUntil(
        lambda: viewer.message == "This photo contains no film that can be played.", timeout=30_000
    )
