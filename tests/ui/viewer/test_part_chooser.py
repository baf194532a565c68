"""Choosing a part of a picture: by mouse, by keyboard, at any zoom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.ui.search.refining import cut
from safelight.ui.viewer.part_chooser import PartChooser
from safelight.ui.widgets.zoom_view import ZoomView

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def view(qtbot: QtBot) -> ZoomView:
    """A picture of 800 × 600 fitted into 400 × 300: every pixel here is two of it."""
    made = ZoomView()
    made.resize(400, 300)
    qtbot.addWidget(made)
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    made.show_picture(image, QSize(800, 600))
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def chooser(view: ZoomView) -> PartChooser:
    made = PartChooser(view)
    made.begin()
    return made


def on_screen(chooser: PartChooser) -> tuple[int, int, int, int]:
    shown = chooser._part_rect()
    return (round(shown.left()), round(shown.top()), round(shown.right()), round(shown.bottom()))


def drag(chooser: PartChooser, start: tuple[int, int], end: tuple[int, int]) -> None:
    QTest.mousePress(chooser, Qt.MouseButton.LeftButton, pos=QPoint(*start))
    QTest.mouseMove(chooser, QPoint(*end))
    QTest.mouseRelease(chooser, Qt.MouseButton.LeftButton, pos=QPoint(*end))


def test_it_begins_with_the_middle_and_has_the_keyboard(chooser: PartChooser) -> None:
    assert on_screen(chooser) == (100, 75, 300, 225)
    assert chooser.hasFocus()
    assert (
        chooser.accessibleDescription()
        == "50 by 50 percent of the picture, 25 from the left, 25 from the top"
    )


@pytest.mark.parametrize(
    ("start", "end", "becomes"),
    [
        ((20, 20), (80, 60), (20, 20, 80, 60)),  # a new one
        ((90, 60), (20, 10), (20, 10, 90, 60)),  # drawn backwards
        ((200, 150), (220, 140), (120, 65, 320, 215)),  # moved
        ((200, 150), (900, 150), (200, 75, 400, 225)),  # moved as far as the edge
        ((100, 75), (80, 55), (80, 55, 300, 225)),  # by a corner
        ((300, 225), (310, 235), (100, 75, 310, 235)),
        ((300, 75), (310, 55), (100, 55, 310, 225)),
        ((100, 150), (50, 20), (50, 75, 300, 225)),  # by a side: the others stay
        ((200, 225), (0, 260), (100, 75, 300, 260)),
        ((300, 150), (60, 150), (60, 75, 100, 225)),  # one side pulled over the other
        ((20, 20), (21, 21), (20, 20, 36, 36)),  # never too small to take hold of
    ],
)
def test_by_mouse(
    chooser: PartChooser, start: tuple[int, int], end: tuple[int, int], becomes: tuple[int, int, int, int]
) -> None:
    drag(chooser, start, end)
    assert on_screen(chooser) == becomes


def test_by_keyboard(chooser: PartChooser) -> None:
    heard: list[QRectF] = []
    chooser.chosen.connect(heard.append)
    key, shift, ctrl = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(chooser, key.Key_Left)
    QTest.keyClick(chooser, key.Key_Up)
    assert on_screen(chooser) == (92, 67, 292, 217)
    QTest.keyClick(chooser, key.Key_Right, shift)
    QTest.keyClick(chooser, key.Key_Up, shift)
    assert on_screen(chooser) == (92, 67, 300, 209)
    QTest.keyClick(chooser, key.Key_Down, ctrl)
    QTest.keyClick(chooser, key.Key_Right, shift | ctrl)
    assert on_screen(chooser) == (92, 68, 301, 210)
    for _ in range(60):
        QTest.keyClick(chooser, key.Key_Left)
        QTest.keyClick(chooser, key.Key_Up, shift)
    assert on_screen(chooser) == (0, 68, 209, 84)
    assert chooser.accessibleDescription().startswith("52 by 5 percent")
    QTest.keyClick(chooser, key.Key_Return)
    assert heard == [chooser.part]
    assert not chooser.isVisible()


def test_the_button_chooses_and_is_reached_by_tab(chooser: PartChooser) -> None:
    heard: list[QRectF] = []
    chooser.chosen.connect(heard.append)
    QTest.keyClick(chooser, Qt.Key.Key_Tab)
    assert chooser.button.hasFocus()
    QTest.keyClick(chooser.button, Qt.Key.Key_Space)
    assert heard == [QRectF(0.25, 0.25, 0.5, 0.5)]


def test_the_button_is_always_in_view(chooser: PartChooser) -> None:
    for start, end in (((10, 10), (390, 295)), ((360, 250), (398, 298)), ((2, 2), (30, 20))):
        chooser._set_part(QRectF(0.4, 0.4, 0.05, 0.05))
        drag(chooser, start, end)
        assert chooser.rect().contains(chooser.button.geometry())


def test_escape_gives_up(chooser: PartChooser) -> None:
    heard: list[str] = []
    chooser.chosen.connect(lambda _: heard.append("chosen"))
    chooser.left.connect(lambda: heard.append("left"))
    QTest.keyClick(chooser, Qt.Key.Key_Escape)
    chooser.leave()
    assert heard == ["left"]
    assert not chooser.isVisible()


def test_it_goes_where_the_picture_goes(view: ZoomView, chooser: PartChooser) -> None:
    part = chooser.part
    view.zoom_to(1.0)
    assert on_screen(chooser) == (0, 0, 400, 300), "twice as large, about the same middle"
    view.pan(QPointF(30, 0))
    assert on_screen(chooser)[0] == 30
    view.fit()
    view.resize(200, 150)
    assert on_screen(chooser) == (50, 38, 150, 112)
    assert chooser.part == part
    view.zoom_to(1.0)
    chooser.begin()
    assert on_screen(chooser) == (50, 38, 150, 112), "it begins with the middle of what is seen"


def test_what_is_outside_is_shaded(view: ZoomView, chooser: PartChooser) -> None:
    image = view.grab().toImage()
    assert image.pixelColor(200, 150) == Qt.GlobalColor.white
    assert image.pixelColor(20, 20).lightness() < 120


@given(
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(1, 50), st.integers(1, 50)
)
def test_a_part_is_cut_within_the_picture(
    left: float, top: float, width: float, height: float, across: int, down: int
) -> None:
    image = QImage(across, down, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    piece = cut(image, QRectF(left, top, (1 - left) * width, (1 - top) * height))
    assert 1 <= piece.width() <= across
    assert 1 <= piece.height() <= down
    assert piece.pixelColor(piece.width() - 1, piece.height() - 1) == Qt.GlobalColor.red
