"""Moving the pointer over a video or a Live Photo shows its frames."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.store import stored_thumbnails
from support.window_driver import WindowDriver

RED, BLUE = "#d02020", "#2030d0"


def jpeg(colour: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (160, 120), colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def shows(driver: WindowDriver, number: int, fraction: float, colour: str) -> bool:
    """Move the pointer to a place in a cell; whether the cell then has this colour."""
    grid = driver.window.grid
    cell = grid.visualRect(driver.window.model.index(number))
    QTest.mouseMove(grid.viewport(), QPoint(cell.left() + round(fraction * cell.width()), cell.center().y()))
    middle = QPoint(cell.center().x(), cell.center().y() - cell.height() // 6)
    seen, wanted = grid.viewport().grab().toImage().pixelColor(middle), QColor(colour)
    differences = seen.red() - wanted.red(), seen.green() - wanted.green(), seen.blue() - wanted.blue()
    return max(map(abs, differences)) < 24


@pytest.mark.parametrize("live", [False, True])
def test_the_frames_under_the_pointer_are_shown(driver: WindowDriver, live: bool) -> None:
    photo, film = driver.ids[2], driver.ids[3]
    with driver.library.store.write() as db:
        if live:
            db.execute("INSERT INTO pair (photo_id, owner_id, kind) VALUES (?, ?, 'live')", (film, photo))
        else:
            film = photo
            db.execute("UPDATE photo SET duration = 4.0 WHERE id = ?", (photo,))
        stored_thumbnails.put_frames(db, film, [(0.0, jpeg(RED)), (1.0, jpeg(BLUE))])
    driver.client.say(LibraryChanged(ChangeKind.FILES, updated=(photo, film)))
    driver.wait(lambda: shows(driver, driver.shown().index(photo), 0.2, RED))
    driver.wait(lambda: shows(driver, driver.shown().index(photo), 0.9, BLUE))
    driver.wait(lambda: not shows(driver, driver.shown().index(driver.ids[0]), 0.9, BLUE))
