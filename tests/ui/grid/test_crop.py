from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from pytestqt.qtbot import QtBot

from safelight.ui.grid.crop import square_of

pytestmark = pytest.mark.usefixtures("qapp")


def picture(width: int, height: int, subject: int | None) -> QPixmap:
    """A plain picture, with a chequered square of a third of the width at a height."""
    pixmap = QPixmap(width, height)
    pixmap.fill(QColor(120, 150, 190))
    if subject is not None:
        painter = QPainter(pixmap)
        painter.fillRect(QRect(width // 3, subject, width // 3, width // 3), Qt.GlobalColor.black)
        painter.fillRect(QRect(width // 3 + 15, subject + 15, width // 6, width // 6), Qt.GlobalColor.white)
        painter.end()
    return pixmap


@pytest.mark.parametrize("subject", [5, 60, 200, 310])
def test_a_tall_picture_shows_its_subject(qtbot: QtBot, subject: int) -> None:
    square = square_of(picture(180, 384, subject))
    assert (square.width(), square.height(), square.left()) == (180, 180, 0)
    assert square.contains(QRect(60, subject, 60, 60))


@pytest.mark.parametrize(("width", "height"), [(384, 200), (300, 300), (300, 340), (180, 384)])
def test_other_shapes_and_plain_pictures_show_their_middle(qtbot: QtBot, width: int, height: int) -> None:
    square = square_of(picture(width, height, None))
    side = min(width, height)
    assert abs(square.center().x() - width // 2) <= 1
    assert abs(square.center().y() - height // 2) <= side // 12
    assert square.size().width() == side


def test_a_strip_is_no_trouble(qtbot: QtBot) -> None:
    assert square_of(picture(2, 384, None)).size().width() == 2
