"""Full screen without controls, and pinching."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.ui.widgets.zoom_view import ZoomView
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


_SHORT, _LONG = 10, 3_600_000
"""Milliseconds until controls and pointer are hidden. While a test looks at what a movement shows, they must
not be hidden again, however slow the machine is."""


@pytest.fixture
def window(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    library = FilledLibrary(tmp_path)
    library.add(("a.jpg", "2021-01-02T00:00:00"), ("b.jpg", "2021-01-01T00:00:00"))
    made = build_window(qapp, library.directory, ScriptedClient, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: made.model.rowCount() == 2)
    yield made
    assert made.shutdown()
    library.close()


def opacity(window: MainWindow) -> float:
    return window.controllers.viewer.controls._effect.opacity()


def test_full_screen_has_no_controls_until_the_pointer_moves_to_the_top(
    window: MainWindow, qtbot: QtBot
) -> None:
    viewer = window.controllers.viewer
    window.views.open_viewer(window.model.photo_id(0))
    qtbot.waitUntil(lambda: viewer.photo is not None)
    rest = viewer.controls._rest
    rest.setInterval(_LONG)
    QTest.mouseMove(viewer, QPoint(500, 400))
    assert opacity(window) == 1
    QTest.keyClick(viewer, Qt.Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    QTest.mouseMove(viewer, QPoint(505, 410))

    def pointer_is_hidden() -> bool:
        # Without a screen, no event says that the pointer left the controls while the window moved.
        viewer.controls.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        return viewer.view.cursor().shape() is Qt.CursorShape.BlankCursor

    rest.setInterval(_SHORT)
    qtbot.waitUntil(pointer_is_hidden)
    qtbot.waitUntil(lambda: opacity(window) == 0)
    rest.setInterval(_LONG)
    QTest.mouseMove(viewer, QPoint(510, 420))
    assert opacity(window) == 0, "nothing covers the picture"
    assert viewer.view.cursor().shape() is not Qt.CursorShape.BlankCursor
    rest.setInterval(_SHORT)
    qtbot.waitUntil(pointer_is_hidden)
    rest.setInterval(_LONG)
    QTest.mouseMove(viewer, QPoint(510, 20))
    qtbot.waitUntil(lambda: opacity(window) == 1)
    QTest.keyClick(viewer, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: not window.isFullScreen())


def test_z_goes_between_actual_size_and_fit(window: MainWindow, qtbot: QtBot) -> None:
    viewer = window.controllers.viewer
    window.views.open_viewer(window.model.photo_id(0))
    qtbot.waitUntil(lambda: viewer.display.shown is not None)
    viewer.view.zoom_to(2.0)
    QTest.keyClick(viewer, Qt.Key.Key_Z)
    assert viewer.view.fitting


def test_pinching_zooms_about_the_fingers(qtbot: QtBot) -> None:
    view = ZoomView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    view.show_picture(
        QImage(1600, 1200, QImage.Format.Format_RGB32), QImage(1600, 1200, QImage.Format.Format_RGB32).size()
    )
    at = QPointF(100, 80)

    def fraction() -> tuple[float, float]:
        shown = view.picture_rect()
        return (at.x() - shown.left()) / shown.width(), (at.y() - shown.top()) / shown.height()

    before, zoom = fraction(), view.zoom
    for _ in range(4):
        event = QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture,
            QPointingDevice.primaryPointingDevice(),
            2,
            at,
            at,
            QPointF(view.mapToGlobal(at.toPoint())),
            0.25,
            QPointF(),
        )
        QApplication.sendEvent(view, event)
    assert view.zoom == pytest.approx(zoom * 1.25**4)
    assert fraction() == pytest.approx(before, abs=0.01)
