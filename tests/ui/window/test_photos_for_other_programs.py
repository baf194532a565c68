"""What other programs get of the selected photos: by dragging and by the clipboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtTest import QTest

from safelight.core.pairs import PairKind
from safelight.core.photo import FolderState
from safelight.store import folders
from safelight.ui.grid import selection, view
from safelight.ui.view_request import Place, ViewRequest
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CONTROL = Qt.KeyboardModifier.ControlModifier


class Drag:
    """Stands for the platform's drag, which needs a mouse."""

    begun: list[list[QUrl]]

    def __init__(self, source: object) -> None:
        del source
        self._data = QMimeData()

    def setMimeData(self, data: QMimeData) -> None:
        self._data = data

    def setPixmap(self, picture: QPixmap) -> None:
        assert not picture.isNull()

    def setHotSpot(self, spot: QPoint) -> None:
        del spot

    def exec(self, action: Qt.DropAction) -> Qt.DropAction:
        assert action is Qt.DropAction.CopyAction
        self.begun.append(self._data.urls())
        return action


@pytest.fixture
def drags(monkeypatch: pytest.MonkeyPatch) -> list[list[QUrl]]:
    """The files of each drag."""
    begun: list[list[QUrl]] = []
    monkeypatch.setattr(Drag, "begun", begun, raising=False)
    monkeypatch.setattr(view, "QDrag", Drag)
    return begun


def press_and_move(driver: WindowDriver, number: int) -> QPoint:
    grid = driver.window.grid
    row = driver.window.model.row_of(driver.ids[number])
    assert row is not None
    at = grid.visualRect(driver.window.model.index(row)).center()
    QTest.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    grid._gestures.move(at + QPoint(40, 0))  # offscreen, moves of the mouse have no button
    return at


def release(driver: WindowDriver, at: QPoint) -> None:
    QTest.mouseRelease(driver.window.grid.viewport(), Qt.MouseButton.LeftButton, pos=at)


def urls(driver: WindowDriver, *names: str) -> list[QUrl]:
    return [QUrl.fromLocalFile(str(driver.library.folder / name)) for name in names]


def make_pair(driver: WindowDriver, owner: int, half: int) -> None:
    with driver.library.store.write() as db:
        db.execute(
            "INSERT INTO pair (photo_id, owner_id, kind) VALUES (?, ?, ?)",
            (driver.ids[half], driver.ids[owner], PairKind.LIVE.value),
        )


def test_all_selected_photos_are_dragged_however_many_they_are(
    driver: WindowDriver, drags: list[list[QUrl]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "_MAX_ROWS", 2)  # the details show only so many
    driver.select(0, 1, 3, 4, 5)
    at = press_and_move(driver, 3)
    driver.wait(lambda: bool(drags))
    assert drags == [urls(driver, *(f"photo{n}.jpg" for n in (0, 1, 3, 4, 5)))]
    release(driver, at)


def test_a_photo_can_be_dragged_as_soon_as_it_is_pressed(
    driver: WindowDriver, drags: list[list[QUrl]]
) -> None:
    at = press_and_move(driver, 2)
    driver.wait(lambda: bool(drags))
    assert drags == [urls(driver, "photo2.jpg")]
    release(driver, at)


def test_no_drag_begins_after_the_release(
    driver: WindowDriver, drags: list[list[QUrl]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    driver.window.grid.set_files_reader(lambda ids, then: answers.append(then))
    release(driver, press_and_move(driver, 2))
    (then,) = answers
    then([["/photos/photo2.jpg"]])
    assert drags == []


def test_both_halves_of_a_pair_are_dragged_and_copied(driver: WindowDriver, drags: list[list[QUrl]]) -> None:
    make_pair(driver, owner=1, half=4)
    both = urls(driver, "photo1.jpg", "photo4.jpg")
    at = press_and_move(driver, 1)
    driver.wait(lambda: drags == [both])
    release(driver, at)
    driver.select(1)
    driver.key(Qt.Key.Key_C, CONTROL)
    clipboard = QGuiApplication.clipboard()
    driver.wait(lambda: getattr(clipboard.mimeData(), "urls", list)() == both)
    driver.wait(lambda: driver.window.toasts.text == "Copied 2 files")
    driver.wait(lambda: clipboard.mimeData().hasImage())
    assert clipboard.mimeData().urls() == both


def test_the_copy_in_the_open_folder_is_dragged(driver: WindowDriver, drags: list[list[QUrl]]) -> None:
    driver.library.add_copy("Backup/copy.jpg", driver.ids[2])
    driver.window.views.open_scope(ViewRequest(Place.FOLDER, driver.library.folder_id, below="Backup"))
    driver.wait(lambda: driver.shown() == [driver.ids[2]])
    at = press_and_move(driver, 2)
    driver.wait(lambda: drags == [urls(driver, "Backup/copy.jpg")])
    release(driver, at)


def test_photos_of_a_drive_that_is_not_connected_are_not_copied(driver: WindowDriver) -> None:
    with driver.library.store.write() as db:
        folders.set_state(db, driver.library.folder_id, FolderState.OFFLINE)
    QGuiApplication.clipboard().setText("before")
    driver.select(1, 2)
    driver.key(Qt.Key.Key_C, CONTROL)
    driver.wait(
        lambda: driver.window.toasts.text == "Nothing was copied: the drive with the files is not connected."
    )
    assert QGuiApplication.clipboard().text() == "before"
