"""The picture area of the viewer: fit, zoom about a point, pan, sharpness."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.ui.widgets.zoom_view import ZoomView


def picture(width: int, height: int) -> QImage:
    """Red at the left, blue at the right."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    for x in range(width // 2, width):
        for y in range(height):
            image.setPixelColor(x, y, Qt.GlobalColor.blue)
    return image


@pytest.fixture
def view(qtbot: QtBot) -> ZoomView:
    made = ZoomView()
    made.resize(400, 300)
    qtbot.addWidget(made)
    made.show()
    return made


def wheel(view: ZoomView, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at,
        at,
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_a_large_picture_is_fitted_and_a_small_one_enlarged_at_most_twice(view: ZoomView) -> None:
    view.show_picture(picture(80, 20), QSize(8000, 2000))
    assert view.zoom == pytest.approx(400 / 8000)
    assert view.wanted_side == 400
    view.show_picture(picture(40, 20), QSize(40, 20))
    assert view.zoom == 2.0 * view.devicePixelRatioF()


def test_the_wheel_keeps_the_point_under_the_pointer(view: ZoomView) -> None:
    view.show_picture(picture(80, 60), QSize(800, 600))
    pointer = QPointF(100, 75)
    before = view.picture_rect()
    wheel(view, pointer, 4)
    after = view.picture_rect()
    assert not view.fitting
    assert (pointer.x() - after.left()) / after.width() == pytest.approx(
        (pointer.x() - before.left()) / before.width()
    )
    assert (pointer.y() - after.top()) / after.height() == pytest.approx(
        (pointer.y() - before.top()) / before.height()
    )
    wheel(view, pointer, -9)
    assert view.fitting


def test_a_sharper_version_changes_neither_zoom_nor_place(view: ZoomView) -> None:
    view.show_picture(picture(40, 30), QSize(800, 600))
    view.zoom_to(1.0, QPointF(0, 0))
    place = view.picture_rect()
    view.set_image(picture(800, 600))
    assert view.picture_rect() == place
    assert view.image_side == view.wanted_side == 800


def test_panning_stops_at_the_edges(view: ZoomView) -> None:
    view.show_picture(picture(80, 60), QSize(800, 600))
    view.pan(QPointF(50, 50))
    assert view.fitting
    view.zoom_to(1.0)
    view.pan(QPointF(10_000, 10_000))
    assert (view.picture_rect().left(), view.picture_rect().top()) == (0, 0)
    view.pan(QPointF(-10_000, -10_000))
    assert (view.picture_rect().right(), view.picture_rect().bottom()) == (400, 300)


def test_what_is_painted_is_where_it_should_be(view: ZoomView) -> None:
    view.show_picture(picture(80, 60), QSize(800, 600))
    shown = view.grab().toImage()
    assert shown.pixelColor(100, 150) == Qt.GlobalColor.red
    assert shown.pixelColor(300, 150) == Qt.GlobalColor.blue
    view.zoom_to(1.0, QPointF(400, 150))
    view.pan(QPointF(-10_000, 0))
    shown = view.grab().toImage()
    assert shown.pixelColor(20, 150) == Qt.GlobalColor.blue


def test_a_view_without_a_picture_is_the_plain_ground(view: ZoomView) -> None:
    view.show_picture(QImage(), QSize())
    view.zoom_in()
    assert view.grab().toImage().pixelColor(200, 150) == Qt.GlobalColor.black
