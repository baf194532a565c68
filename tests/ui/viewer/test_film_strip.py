"""The row of thumbnails in the viewer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.ui.viewer.film_strip import FilmStrip

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

MANY = range(1_000_000)


class Thumbnails:
    """Each of a colour of its own; remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: set[int] = set()
        self.changed: dict[int, QColor] = {}

    def __call__(self, photo_id: int) -> QPixmap:
        self.asked.add(photo_id)
        pixmap = QPixmap(90, 60)
        pixmap.fill(self.changed.get(photo_id, colour_of(photo_id)))
        return pixmap


def colour_of(photo_id: int) -> QColor:
    return QColor(photo_id % 200 + 55, photo_id // 200 % 200 + 55, 120)


@pytest.fixture
def thumbnails() -> Thumbnails:
    return Thumbnails()


@pytest.fixture
def strip(thumbnails: Thumbnails, qtbot: QtBot) -> FilmStrip:
    made = FilmStrip(thumbnails)
    qtbot.addWidget(made)
    made.resize(400, made.height())
    made.show()
    return made


def middle_of(strip: FilmStrip, place: int) -> QColor:
    return strip.grab().toImage().pixelColor(strip.cell(place).center())


def wheel(strip: FilmStrip, notches: int) -> None:
    at = QPointF(50, 30)
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        at,
        at,
        QPoint(),
        QPoint(0, 120 * notches),
        none,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip, event)


def test_the_present_photo_is_in_the_middle_among_its_neighbours(
    strip: FilmStrip, thumbnails: Thumbnails
) -> None:
    strip.show_photos(MANY, 500_000)
    assert abs(strip.cell(500_000).center().x() - 200) <= 1
    assert middle_of(strip, 500_001) == colour_of(500_001)
    assert len(thumbnails.asked) <= 8, "only what can be seen, of a million"
    strip.show_photos(MANY, 0)
    assert strip.cell(0).left() == 4
    strip.show_photos(MANY, 999_999)
    assert strip.cell(999_999).right() == 400 - 4 - 1


def test_few_photos_are_centred(strip: FilmStrip) -> None:
    strip.show_photos([7, 8], 1)
    assert strip.cell(0).left() - 0 == 399 - strip.cell(1).right()
    wheel(strip, 3)
    assert strip.cell(0).left() - 0 == 399 - strip.cell(1).right()


def test_a_click_chooses(strip: FilmStrip) -> None:
    heard: list[int] = []
    strip.chosen.connect(heard.append)
    strip.show_photos(MANY, 500)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.cell(502).center())
    gap = QPoint(strip.cell(502).right() + 2, 30)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=gap)
    assert heard == [502]


def test_the_wheel_scrolls_and_stops_at_the_ends(strip: FilmStrip) -> None:
    strip.show_photos(MANY, 20)
    before = strip.cell(20).left()
    wheel(strip, -1)
    assert strip.cell(20).left() < before
    wheel(strip, 100)
    assert strip.cell(0).left() == 4
    wheel(strip, -1)
    assert strip.cell(0).left() < 4, "nothing has to be scrolled back first"
    strip.show_photos(MANY, 21)
    assert abs(strip.cell(21).center().x() - 200) <= 1


def test_a_thumbnail_that_comes_later_is_drawn(qtbot: QtBot) -> None:
    held: dict[int, QPixmap] = {}
    strip = FilmStrip(held.get)
    qtbot.addWidget(strip)
    strip.resize(400, strip.height())
    strip.show()
    strip.show_photos([1, 2, 3], 0)
    assert middle_of(strip, 1) != colour_of(2)
    held[2] = Thumbnails()(2)
    strip.refresh(2)
    assert middle_of(strip, 1) == colour_of(2)
    strip.forget()
    assert strip.place_at(200) is None


def test_a_thumbnail_that_changes_while_the_strip_is_hidden_is_shown(
    strip: FilmStrip, thumbnails: Thumbnails
) -> None:
    strip.show_photos([7, 8], 0)
    assert middle_of(strip, 1) == colour_of(8)
    strip.hide()
    thumbnails.changed[8] = QColor("#204060")
    strip.refresh(8)
    strip.show()
    assert middle_of(strip, 1) == QColor("#204060")
