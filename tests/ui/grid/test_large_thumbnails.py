"""Sharp pictures in large cells and on high-resolution screens."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.encoder import Pixels
from safelight.core.errors import FailureKind, ImageError
from safelight.core.operations import TurnPhotos
from safelight.core.photo import ImageMetadata
from safelight.core.settings import LARGE_THUMBNAILS
from safelight.services.operations.runner import OperationRunner
from safelight.store import files, large_thumbnails, marks, photos
from safelight.store.large_thumbnails import FOLDER, LargeThumbnails, bytes_used, drop_forgotten
from safelight.store.library import Connection
from safelight.ui.library import large_thumbnails as large_pictures
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary, drawn
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

DATE = "2021-06-03T10:00:00"
MEGABYTE = 1_000_000


# --- the files ------------------------------------------------------------------------------------------


def key(number: int) -> bytes:
    return bytes([number]) * 20


def test_files_are_found_again_and_belong_to_their_owner_only(tmp_path: Path) -> None:
    LargeThumbnails(tmp_path, MEGABYTE).put(key(1), b"one")
    again = LargeThumbnails(tmp_path, MEGABYTE)
    assert again.get(key(1)) == b"one"
    assert again.get(key(2)) is None
    assert bytes_used(tmp_path) == 3
    (file,) = (tmp_path / FOLDER).iterdir()
    assert file.stat().st_mode & 0o077 == 0
    file.unlink()
    assert again.get(key(1)) is None, "anybody may delete them"


def test_the_files_that_were_not_used_for_longest_go_first(tmp_path: Path) -> None:
    cache = LargeThumbnails(tmp_path, 40)
    for number in (1, 2, 3, 4):
        cache.put(key(number), b"x" * 10)
        name = tmp_path / FOLDER / f"{key(number).hex()}.jpg"
        os.utime(name, (number, number))
    assert cache.get(key(1)) is not None
    cache.put(key(5), b"x" * 10)
    assert [number for number in range(1, 6) if cache.get(key(number))] == [1, 4, 5]
    # The same after a restart, from the times of the files; and a lower limit deletes at once.
    again = LargeThumbnails(tmp_path, 20)
    assert bytes_used(tmp_path) == 10
    again.set_limit(0)
    assert bytes_used(tmp_path) == 0
    again.put(key(6), b"x")
    assert bytes_used(tmp_path) == 0


def test_files_that_are_deleted_while_they_are_listed_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LargeThumbnails(tmp_path, MEGABYTE).put(key(1), b"one")
    list_entries = large_thumbnails._entries

    def listed_before_another_process_deletes_them(folder: Path) -> list[os.DirEntry[str]]:
        found = list_entries(folder)
        for entry in found:
            Path(entry.path).unlink()
        return found

    monkeypatch.setattr(large_thumbnails, "_entries", listed_before_another_process_deletes_them)
    again = LargeThumbnails(tmp_path, MEGABYTE)
    assert again.get(key(1)) is None
    again.put(key(2), b"two")
    assert bytes_used(tmp_path) == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that cannot be written")
def test_a_folder_that_takes_nothing_is_no_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    cache = LargeThumbnails(tmp_path, MEGABYTE)
    cache.put(key(1), b"one")
    assert cache.get(key(1)) is None
    tmp_path.chmod(0o700)


def test_pictures_of_forgotten_photos_are_deleted(tmp_path: Path) -> None:
    library = FilledLibrary(tmp_path)
    (photo,) = library.add(("a.jpg", DATE))
    with library.store.read() as db:
        content = db.execute("SELECT content_hash FROM photo WHERE id = ?", (photo,)).get
        cache = LargeThumbnails(library.directory, MEGABYTE)
        cache.put(content, b"kept")
        cache.put(key(9), b"forgotten")
        (library.directory / FOLDER / "0102.jpg.77.part").write_bytes(b"interrupted")
        drop_forgotten(db, library.directory)
    library.close()
    assert [path.name for path in (library.directory / FOLDER).iterdir()] == [f"{content.hex()}.jpg"]


# --- the window -----------------------------------------------------------------------------------------


Open = Callable[[FilledLibrary], MainWindow]


@pytest.fixture
def decoder() -> ThreadedDecoder:
    return ThreadedDecoder()


@pytest.fixture
def open_window(qapp: QApplication, decoder: ThreadedDecoder, qtbot: QtBot) -> Iterator[Open]:
    opened: list[MainWindow] = []

    def make(library: FilledLibrary) -> MainWindow:
        window = build_window(qapp, library.directory, ScriptedClient, decoder)
        opened.append(window)
        bring_up(window, qtbot)
        window.services.large.set_limit(LARGE_THUMBNAILS.default)
        return window

    yield make
    for window in opened:
        assert window.shutdown()


def add_detailed(library: FilledLibrary, name: str, size: tuple[int, int]) -> int:
    """A photo whose file is larger than its thumbnail."""
    (photo,) = library.add((name, DATE))
    Image.effect_noise(size, 80).convert("RGB").save(library.folder / name, quality=90)
    small = Image.open(library.folder / name)
    small.thumbnail((384, 384))
    small.save(library.directory / "small.jpg")
    with library.store.write() as db:
        db.execute(
            "UPDATE thumbs.thumbnail SET jpeg = ? WHERE photo_id = ?",
            ((library.directory / "small.jpg").read_bytes(), photo),
        )
    return photo


def test_large_cells_get_larger_pictures_and_small_ones_do_not(
    library: FilledLibrary, open_window: Open, decoder: ThreadedDecoder, qtbot: QtBot
) -> None:
    photo = add_detailed(library, "a.jpg", (1500, 1000))
    window = open_window(library)
    window.grid.set_cell_size(120)
    qtbot.waitUntil(lambda: window.services.cache.get(photo) is not None)
    window.grid._request_large()
    assert decoder.asked == []
    window.grid.set_cell_size(320)
    qtbot.waitUntil(lambda: window.services.large.get(photo) is not None)
    assert decoder.asked == [(str(library.folder / "a.jpg"), 1024)]
    qtbot.waitUntil(lambda: bytes_used(library.directory) > 10_000)
    # It is kept on the disk: another window decodes nothing.
    assert window.shutdown()
    again = open_window(library)
    again.grid.set_cell_size(320)
    qtbot.waitUntil(lambda: again.services.large.get(photo) is not None)
    assert len(decoder.asked) == 1
    sharp = again.services.large.get(photo)
    assert sharp is not None
    assert sharp.height() >= 320 * 0.87, "no smaller than the cell"


def test_what_cannot_be_read_keeps_its_thumbnail_until_the_folder_is_back(
    library: FilledLibrary, open_window: Open, decoder: ThreadedDecoder, qtbot: QtBot
) -> None:
    photo = add_detailed(library, "a.jpg", (1500, 1000))
    hidden = library.folder / "a.jpg"
    content = hidden.read_bytes()
    hidden.unlink()
    window = open_window(library)
    window.grid.set_cell_size(320)
    qtbot.waitUntil(lambda: bool(decoder.asked))
    qtbot.waitUntil(lambda: not window.services.large._decoding)
    window.grid._request_large()
    assert window.services.large.get(photo) is None
    assert len(decoder.asked) == 1
    hidden.write_bytes(content)
    window.services.large.retry()
    window.grid._request_large()
    qtbot.waitUntil(lambda: window.services.large.get(photo) is not None)


class HeldDecoder(ThreadedDecoder):
    """Answers when a test says so. What was begun can no longer be cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.futures: list[Future[tuple[Pixels, ImageMetadata]]] = []

    def load(
        self,
        source: str | bytes,
        max_side: int | None = None,
        seconds: float | None = None,
        *,
        developed: bool = False,
        checkered: bool = False,
    ) -> Future[tuple[Pixels, ImageMetadata]]:
        future: Future[tuple[Pixels, ImageMetadata]] = Future()
        future.set_running_or_notify_cancel()
        self.futures.append(future)
        return future


PIXELS = np.zeros((682, 1024, 3), np.uint8)


Held = tuple[large_pictures.LargeThumbnails, HeldDecoder]


@pytest.fixture
def held(library: FilledLibrary, qtbot: QtBot) -> Iterator[Held]:
    """Larger pictures whose decoding a test finishes."""
    decoder = HeldDecoder()
    loader = PictureLoader(decoder)
    large = large_pictures.LargeThumbnails(library.directory, loader)
    large.set_limit(LARGE_THUMBNAILS.default)
    yield large, decoder
    loader.close()
    assert large.stop(PATIENCE)


def turn(library: FilledLibrary, photo: int) -> None:
    OperationRunner(library.store).run(TurnPhotos((photo,), 1))


def is_tall(large: large_pictures.LargeThumbnails, photo: int) -> bool:
    pixmap = large.get(photo)
    return pixmap is not None and pixmap.height() > pixmap.width()


def test_a_photo_that_is_turned_while_it_is_decoded_is_shown_turned(
    library: FilledLibrary, held: Held, qtbot: QtBot
) -> None:
    large, decoder = held
    (photo,) = library.add(("a.jpg", DATE))
    large.request({photo: 1024})
    qtbot.waitUntil(lambda: len(decoder.futures) == 1)
    turn(library, photo)
    large.invalidate([photo])
    decoder.futures[0].set_result((PIXELS, ImageMetadata()))
    large.request({photo: 1024})
    qtbot.waitUntil(lambda: len(decoder.futures) == 2 or large.get(photo) is not None)
    assert large.get(photo) is None
    decoder.futures[1].set_result((PIXELS, ImageMetadata()))
    qtbot.waitUntil(lambda: large.get(photo) is not None)
    assert is_tall(large, photo)


def test_a_photo_that_is_turned_while_its_file_is_looked_up_is_shown_turned(
    library: FilledLibrary, held: Held, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, _ = held
    (photo,) = library.add(("a.jpg", DATE))
    with library.store.read() as db:
        (content,) = photos.content_hashes(db, [photo]).values()
    LargeThumbnails(library.directory, MEGABYTE).put(content, drawn("a.jpg"))
    looked_up, go_on = threading.Event(), threading.Event()
    read_turns = marks.turns

    def turns_read_before_the_change(db: Connection, ids: Sequence[int]) -> dict[int, int]:
        found = read_turns(db, ids)
        looked_up.set()
        assert go_on.wait(PATIENCE)
        return found

    monkeypatch.setattr(marks, "turns", turns_read_before_the_change)
    large.request({photo: 640})
    assert looked_up.wait(PATIENCE)
    turn(library, photo)
    large.invalidate([photo])
    with qtbot.waitSignal(large._answered):
        go_on.set()
    large.request({photo: 640})
    qtbot.waitUntil(lambda: large.get(photo) is not None)
    assert is_tall(large, photo)


def test_a_file_that_could_not_be_read_before_its_folder_came_back_is_tried_again(
    library: FilledLibrary, held: Held, qtbot: QtBot
) -> None:
    large, decoder = held
    (photo,) = library.add(("a.jpg", DATE))
    large.request({photo: 1024})
    qtbot.waitUntil(lambda: len(decoder.futures) == 1)
    large.retry()
    decoder.futures[0].set_exception(ImageError(FailureKind.UNREADABLE, "The folder was not connected."))
    large.request({photo: 1024})
    qtbot.waitUntil(lambda: len(decoder.futures) == 2)
    decoder.futures[1].set_result((PIXELS, ImageMetadata()))
    qtbot.waitUntil(lambda: large.get(photo) is not None)


def test_a_limit_of_zero_makes_none_and_deletes_what_there_is(
    library: FilledLibrary, open_window: Open, decoder: ThreadedDecoder, qtbot: QtBot
) -> None:
    add_detailed(library, "a.jpg", (1500, 1000))
    LargeThumbnails(library.directory, MEGABYTE).put(key(1), b"one")
    window = open_window(library)
    window.services.large.set_limit(0)
    qtbot.waitUntil(lambda: bytes_used(library.directory) == 0)
    window.grid.set_cell_size(320)
    window.grid._request_large()
    assert decoder.asked == []


def test_forgetting_photos_deletes_their_larger_pictures(library: FilledLibrary) -> None:
    from safelight.services.forgetting import forget_now

    (photo,) = library.add(("a.jpg", DATE))
    with library.store.write() as db:
        content = db.execute("SELECT content_hash FROM photo WHERE id = ?", (photo,)).get
        files.remove(db, [row.id for row in files.of_photo(db, photo)])
    LargeThumbnails(library.directory, MEGABYTE).put(content, b"gone")
    forget_now(library.store)
    assert bytes_used(library.directory) == 0
