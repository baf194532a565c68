"""The small picture that shows which part of a magnified photo is visible."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from safelight.ui.viewer.navigator import Navigator
from safelight.ui.widgets.zoom_view import ZoomView


@pytest.fixture
def view(qtbot: QtBot) -> ZoomView:
    made = ZoomView()
    made.resize(800, 600)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def navigator(view: ZoomView) -> Navigator:
    made = Navigator(view)
    made._rest.setInterval(3_600_000)
    view.show()
    image = QImage(1600, 800, QImage.Format.Format_RGB32)
    image.fill(QColor("#2060c0"))
    view.show_picture(image, QSize(1600, 800))
    return made


def test_it_appears_only_where_a_part_of_the_picture_is_outside_the_view(
    view: ZoomView, navigator: Navigator
) -> None:
    assert navigator.isHidden()
    view.zoom_to(1.0)
    assert navigator.isVisible()
    part = navigator.visible_part
    assert (part.center().x(), part.center().y()) == pytest.approx((0.5, 0.5))
    assert (part.width(), part.height()) == pytest.approx((0.5, 0.75))
    assert navigator.size() == QSize(168, 84)
    assert navigator.geometry().right() < view.width()
    view.fit()
    assert navigator.isHidden()


def test_it_follows_the_view_and_leads_it(view: ZoomView, navigator: Navigator) -> None:
    view.zoom_to(2.0)
    view.pan(QPointF(10_000, 10_000))
    assert navigator.visible_part.topLeft() == QPointF(0, 0)
    inside = navigator.grab().toImage()
    ratio = inside.devicePixelRatio()
    assert inside.pixelColor(round(20 * ratio), round(15 * ratio)) == QColor("#2060c0")
    assert inside.pixelColor(round(150 * ratio), round(70 * ratio)).blue() < 0xC0, "dimmed"
    QTest.mousePress(navigator, Qt.MouseButton.LeftButton, pos=QPoint(126, 42))
    QTest.mouseRelease(navigator, Qt.MouseButton.LeftButton, pos=QPoint(126, 42))
    assert navigator.visible_part.center().x() == pytest.approx(0.75, abs=0.02)
    assert view.zoom == pytest.approx(2.0)
    QTest.mouseDClick(navigator, Qt.MouseButton.LeftButton, pos=QPoint(60, 42))
    assert not view.fitting, "a double-click belongs to the navigator"


def test_it_is_hidden_when_the_view_rests(view: ZoomView, navigator: Navigator, qtbot: QtBot) -> None:
    navigator.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # wherever the pointer is
    navigator._rest.setInterval(1)
    view.zoom_to(1.0)
    qtbot.waitUntil(navigator.isHidden)
    navigator._rest.setInterval(3_600_000)
    view.pan(QPointF(5, 5))
    assert navigator.isVisible()


def test_a_small_view_has_no_room_for_it(view: ZoomView, navigator: Navigator) -> None:
    view.resize(400, 300)
    view.zoom_to(1.0)
    assert navigator.isHidden()
