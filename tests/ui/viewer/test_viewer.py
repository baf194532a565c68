"""The viewer over a real library, with a decoder that can be held back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from safelight.core.encoder import Pixels
from safelight.core.errors import FailureKind, ImageError
from safelight.core.multi_frame import AnimationPart, Page
from safelight.core.photo import FolderState, ImageMetadata
from safelight.store import folders
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.viewer.viewer import Viewer
from support.filled_library import FilledLibrary
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class HeldDecoder:
    """Answers when told to."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, int | None], Future[tuple[Pixels, ImageMetadata]]] = {}
        self.drafts: dict[str, Future[tuple[Pixels, bool]]] = {}

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
        self.open[str(source), max_side] = future
        return future

    def draft(self, path: str, max_side: int) -> Future[tuple[Pixels, bool]]:
        self.drafts[Path(path).name] = Future()
        return self.drafts[Path(path).name]

    def warm_up(self) -> None:
        """Nothing has to be started."""

    def pages(self, path: str) -> Future[tuple[Page, ...]]:
        raise NotImplementedError(path)

    def page(self, path: str, number: int, max_side: int | None) -> Future[tuple[Pixels, ImageMetadata]]:
        raise NotImplementedError(path)

    def animation(self, path: str, first: int, max_side: int, max_bytes: int) -> Future[AnimationPart]:
        raise NotImplementedError(path)

    def film_inside(self, path: str) -> Future[bytes]:
        raise NotImplementedError(path)

    def film_frames(self, path: str, count: int, max_side: int) -> Future[AnimationPart]:
        raise NotImplementedError(path)

    def picture_size(self, path: str) -> Future[tuple[int, int]]:
        raise NotImplementedError(path)

    def close(self) -> None:
        for future in self.open.values():
            future.cancel()

    def wanted(self) -> list[tuple[str, int | None]]:
        """(File name, side) of every request that was not cancelled."""
        return [(Path(path).name, side) for (path, side), f in self.open.items() if not f.cancelled()]

    def find(self, name: str, side: int) -> Future[tuple[Pixels, ImageMetadata]]:
        return next(f for (path, s), f in self.open.items() if Path(path).name == name and s == side)

    def answer(self, name: str, side: int, colour: tuple[int, int, int]) -> None:
        pixels = np.empty((side * 3 // 4, side, 3), np.uint8)
        pixels[:] = colour
        self.find(name, side).set_result((pixels, ImageMetadata()))


@pytest.fixture
def ids(library: FilledLibrary) -> list[int]:
    return library.add(*((f"photo{n}.jpg", f"2020-01-0{9 - n}T00:00:00") for n in range(4)))


@pytest.fixture
def decoder() -> HeldDecoder:
    return HeldDecoder()


@pytest.fixture
def viewer(library: FilledLibrary, decoder: HeldDecoder, qtbot: QtBot) -> Iterator[Viewer]:
    reader = LibraryReader(library.directory)
    reader.start()
    loader = PictureLoader(decoder)
    made = Viewer(loader, reader, _green)
    made.resize(400, 300)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_viewer()
    loader.close()
    assert reader.stop(PATIENCE)


def _green(_: int) -> QPixmap:
    pixmap = QPixmap(384, 288)
    pixmap.fill(Qt.GlobalColor.green)
    return pixmap


def centre(viewer: Viewer) -> QColor:
    return viewer.view.grab().toImage().pixelColor(200, 150)


def is_shown(viewer: Viewer, photo_id: int) -> Callable[[], bool]:
    return lambda: (
        viewer.photo is not None and viewer.photo.id == photo_id and viewer.display.shown == photo_id
    )


def test_thumbnail_first_then_the_picture_and_the_neighbours_ahead(
    viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    viewer.open(ids, ids[1])
    qtbot.waitUntil(is_shown(viewer, ids[1]))
    assert centre(viewer) == Qt.GlobalColor.green
    assert decoder.wanted() == [("photo1.jpg", 400)], "the neighbours would delay it"
    decoder.answer("photo1.jpg", 400, (250, 0, 0))
    qtbot.waitUntil(lambda: centre(viewer) == QColor(250, 0, 0))
    names = ["photo1.jpg", "photo2.jpg", "photo0.jpg"]  # the one shown, the next, the one before
    qtbot.waitUntil(lambda: decoder.wanted() == [(name, 400) for name in names])
    decoder.answer("photo2.jpg", 400, (0, 0, 250))
    qtbot.waitUntil(lambda: viewer.display.pictures.best(ids[2]) is not None)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(is_shown(viewer, ids[2]))
    assert centre(viewer) == QColor(0, 0, 250), "the neighbour was there already"


def open_large(viewer: Viewer, library: FilledLibrary, ids: list[int], photo_id: int) -> None:
    """Open a photo that is large enough for a draft."""
    with library.store.write() as db:
        db.execute("UPDATE photo SET width = 6000, height = 4000 WHERE id = ?", (photo_id,))
    viewer.open(ids, photo_id)


def test_a_draft_is_shown_until_the_complete_picture_is_loaded(
    viewer: Viewer, library: FilledLibrary, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    open_large(viewer, library, ids, ids[1])
    qtbot.waitUntil(lambda: "photo1.jpg" in decoder.drafts)
    assert decoder.wanted() == []
    decoder.drafts["photo1.jpg"].set_result((np.full((300, 400, 3), (200, 0, 0), np.uint8), False))
    qtbot.waitUntil(lambda: centre(viewer) == QColor(200, 0, 0))
    assert decoder.wanted() == [("photo1.jpg", 400)], "the complete picture precedes the neighbours"
    decoder.answer("photo1.jpg", 400, (250, 0, 0))
    qtbot.waitUntil(lambda: centre(viewer) == QColor(250, 0, 0))
    qtbot.waitUntil(lambda: ("photo2.jpg", 400) in decoder.wanted())


def test_a_draft_that_is_complete_is_the_picture(
    viewer: Viewer, library: FilledLibrary, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    open_large(viewer, library, ids, ids[1])
    qtbot.waitUntil(lambda: "photo1.jpg" in decoder.drafts)
    decoder.drafts["photo1.jpg"].set_result((np.full((300, 400, 3), (200, 0, 0), np.uint8), True))
    qtbot.waitUntil(lambda: centre(viewer) == QColor(200, 0, 0))
    assert ("photo1.jpg", 400) not in decoder.wanted()


def test_the_complete_picture_is_not_read_for_a_photo_left_during_its_draft(
    viewer: Viewer, library: FilledLibrary, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    open_large(viewer, library, ids, ids[0])
    qtbot.waitUntil(lambda: "photo0.jpg" in decoder.drafts)
    QTest.keyClick(viewer, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: ("photo3.jpg", 400) in decoder.wanted())
    assert decoder.drafts["photo0.jpg"].cancelled()
    assert ("photo0.jpg", 400) not in decoder.wanted()


def test_a_thumbnail_that_comes_late_takes_the_place_of_the_colour(
    viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    late: dict[int, QPixmap] = {}
    viewer.display._thumbnail = late.get
    viewer.open(ids, ids[1])
    qtbot.waitUntil(is_shown(viewer, ids[1]))
    assert centre(viewer) == QColor(0x808080)
    late[ids[1]] = _green(ids[1])
    viewer.take_thumbnail(ids[2])
    assert centre(viewer) == QColor(0x808080)
    viewer.take_thumbnail(ids[1])
    assert centre(viewer) == Qt.GlobalColor.green
    decoder.answer("photo1.jpg", 400, (250, 0, 0))
    qtbot.waitUntil(lambda: centre(viewer) == QColor(250, 0, 0))
    viewer.take_thumbnail(ids[1])
    assert centre(viewer) == QColor(250, 0, 0)


def test_answers_for_photos_left_behind_are_dropped(
    viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    viewer.open(ids, ids[0])
    qtbot.waitUntil(is_shown(viewer, ids[0]))
    stale = decoder.find("photo0.jpg", 400)
    QTest.keyClick(viewer, Qt.Key.Key_End)
    qtbot.waitUntil(is_shown(viewer, ids[3]))
    assert stale.cancelled()
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.current == ids[3], "the end is the end"
    assert ("photo3.jpg", 400) in decoder.wanted()


def test_zooming_in_asks_for_full_size_once(
    viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    viewer.open(ids, ids[0])
    qtbot.waitUntil(is_shown(viewer, ids[0]))
    decoder.answer("photo0.jpg", 400, (250, 0, 0))
    QTest.keyClick(viewer, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: ("photo0.jpg", 9459) in decoder.wanted())
    pixels = np.full((480, 640, 3), (0, 0, 250), np.uint8)
    decoder.find("photo0.jpg", 9459).set_result((pixels, ImageMetadata()))
    qtbot.waitUntil(lambda: centre(viewer) == QColor(0, 0, 250))
    assert viewer.view.zoom == 1.0
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.view.fitting


@pytest.mark.parametrize(
    ("width", "height", "side"), [(9000, 9000, 8192), (30_000, 2_500, 28_377), (1, 2**17, 32_767)]
)
def test_a_panorama_has_its_detail_when_zoomed_in(
    viewer: Viewer,
    library: FilledLibrary,
    decoder: HeldDecoder,
    ids: list[int],
    qtbot: QtBot,
    width: int,
    height: int,
    side: int,
) -> None:
    with library.store.write() as db:
        db.execute(
            "UPDATE photo SET width = ?, height = ?, format = 'PNG' WHERE id = ?", (width, height, ids[0])
        )
    viewer.open(ids, ids[0])
    qtbot.waitUntil(is_shown(viewer, ids[0]))
    decoder.answer("photo0.jpg", 400, (250, 0, 0))
    QTest.keyClick(viewer, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: ("photo0.jpg", side) in decoder.wanted())
    assert min(side * min(width, height) // max(width, height), side) * side <= 8192 * 8192
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(is_shown(viewer, ids[1]))
    assert ("photo0.jpg", side) not in decoder.wanted(), "the full size is not kept for neighbours"


def test_a_file_that_cannot_be_read_says_so_over_its_thumbnail(
    viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    viewer.open(ids, ids[0])
    qtbot.waitUntil(is_shown(viewer, ids[0]))
    decoder.answer("photo0.jpg", 400, (250, 0, 0))
    qtbot.waitUntil(lambda: centre(viewer) == QColor(250, 0, 0))
    qtbot.waitUntil(lambda: ("photo1.jpg", 400) in decoder.wanted())
    decoder.find("photo1.jpg", 400).set_exception(ImageError(FailureKind.BROKEN, "It is damaged."))
    qtbot.waitUntil(lambda: viewer.display.pictures.failure(ids[1]) is not None)
    assert viewer.message == ""
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: viewer.message == "It is damaged.")
    assert centre(viewer) == Qt.GlobalColor.green
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    qtbot.waitUntil(is_shown(viewer, ids[0]))
    assert viewer.message == ""


def test_an_offline_photo_shows_its_thumbnail_and_says_why(
    viewer: Viewer, library: FilledLibrary, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    with library.store.write() as db:
        folders.set_state(db, library.folder_id, FolderState.OFFLINE)
    viewer.open(ids, ids[0])
    qtbot.waitUntil(lambda: "offline" in viewer.message)
    assert centre(viewer) == Qt.GlobalColor.green
    assert decoder.wanted() == []


def test_keys_leave_the_viewer_and_name_the_photo(viewer: Viewer, ids: list[int], qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Return):
        viewer.open(ids, ids[2])
        with qtbot.waitSignal(viewer.closed) as closed:
            QTest.keyClick(viewer, key)
        assert closed.args == [ids[2]]
        assert viewer.current is None


def test_the_set_below_may_change(viewer: Viewer, ids: list[int], qtbot: QtBot) -> None:
    viewer.open(ids, ids[1])
    viewer.update_ids([99, *ids])
    assert viewer.current == ids[1]
    viewer.update_ids([ids[0], ids[2]])
    assert viewer.current == ids[2], "the photo is gone: its neighbour takes its place"
    with qtbot.waitSignal(viewer.closed):
        viewer.update_ids([])


def test_favourite_asks_for_the_opposite(viewer: Viewer, ids: list[int], qtbot: QtBot) -> None:
    viewer.open(ids, ids[0])
    qtbot.waitUntil(is_shown(viewer, ids[0]))
    with qtbot.waitSignal(viewer.favourite_toggled) as toggled:
        viewer.controls.favourite_toggled.emit()
    assert toggled.args == [ids[0], True]


def test_the_controls_leave_and_come_back(viewer: Viewer, ids: list[int], qtbot: QtBot) -> None:
    viewer.open(ids, ids[0])
    opacity = viewer.controls._effect.opacity
    assert opacity() == 1.0
    viewer.controls.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # wherever the pointer is
    viewer.controls._rest.start(1)
    qtbot.waitUntil(lambda: opacity() == 0.0)
    viewer.controls.wake()
    assert opacity() == 1.0


def test_the_film_strip_shows_neighbours_and_leads_to_them(
    viewer: Viewer, ids: list[int], qtbot: QtBot
) -> None:
    viewer.open(ids, ids[1])
    qtbot.waitUntil(is_shown(viewer, ids[1]))
    assert not viewer.film.isVisible()
    assert viewer.view.height() == viewer.height()
    QTest.keyClick(viewer, Qt.Key.Key_T)
    assert viewer.film.isVisible()
    assert viewer.film.geometry().top() == viewer.view.geometry().bottom() + 1
    assert viewer.film.geometry().bottom() == viewer.height() - 1
    QTest.mouseClick(viewer.film, Qt.MouseButton.LeftButton, pos=viewer.film.cell(3).center())
    qtbot.waitUntil(is_shown(viewer, ids[3]))
    viewer.controls.film_requested.emit()
    assert not viewer.film.isVisible()
    assert viewer.view.height() == viewer.height()


def test_details_in_the_viewer(viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot) -> None:
    viewer.open(ids, ids[1])
    qtbot.waitUntil(is_shown(viewer, ids[1]))
    assert viewer.info.isHidden()
    QTest.keyClick(viewer, Qt.Key.Key_I)
    assert viewer.info.isVisible()
    assert viewer.info.rows["Date"].startswith("8 January 2020") or "2020" in viewer.info.rows["Date"]
    assert viewer.photo is not None
    assert viewer.info.rows["Folder"] == str(viewer.photo.files[0].path.rpartition("/")[0])
    assert viewer.info.histogram.bins == []
    decoder.answer("photo1.jpg", 400, (250, 130, 4))
    qtbot.waitUntil(lambda: bool(viewer.info.histogram.bins))
    red, green, blue = viewer.info.histogram.bins
    assert (red.index(1.0), green.index(1.0), blue.index(1.0)) == (62, 32, 1)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(is_shown(viewer, ids[2]))
    assert viewer.info.isVisible()
    QTest.keyClick(viewer, Qt.Key.Key_I)
    assert viewer.info.isHidden()


def test_the_zoom_is_shown_in_percent(
    viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    viewer.open(ids, ids[1])
    qtbot.waitUntil(is_shown(viewer, ids[1]))
    QTest.keyClick(viewer, Qt.Key.Key_1)
    assert viewer.controls._zoom.text() == "100 %"


def test_the_info_card_is_as_high_as_its_rows_when_the_picture_is_there_already(
    viewer: Viewer, decoder: HeldDecoder, ids: list[int], qtbot: QtBot
) -> None:
    viewer.resize(900, 700)
    viewer.open(ids, ids[1])
    qtbot.waitUntil(lambda: ("photo1.jpg", 900) in decoder.wanted())
    decoder.answer("photo1.jpg", 900, (200, 0, 0))
    qtbot.waitUntil(lambda: viewer.display.pictures.best(ids[1]) is not None)
    QTest.keyClick(viewer, Qt.Key.Key_I)
    texts = viewer.info.findChildren(QLabel)

    def rows_have_room() -> bool:
        rows = sorted(text.geometry().top() for text in texts if text.text() in viewer.info.rows)
        below = viewer.info.histogram.geometry().bottom()
        return len(rows) == len(viewer.info.rows) and all(
            top - before > 8 for before, top in pairwise((below - 8, *rows))
        )

    qtbot.waitUntil(rows_have_room)
