"""The width of a page's content does not depend on whether it needs a scroll bar."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from safelight.ui.widgets.page_scroll import PageScroll

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_a_growing_page_keeps_its_width(qtbot: QtBot) -> None:
    text = QLabel("short", wordWrap=True)
    area = PageScroll(text)
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    width = text.width()
    assert width == 300 - area.bar_width
    assert not area.verticalScrollBar().isEnabled()
    text.setText("many words " * 200)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert text.width() == width
    assert area.verticalScrollBar().isEnabled()


def test_the_bar_shows_nothing_where_there_is_nothing_to_scroll(qtbot: QtBot) -> None:
    area = PageScroll(QLabel("short"))
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    grabbed = area.verticalScrollBar().grab().toImage()
    assert len({grabbed.pixelColor(6, y).rgba() for y in range(grabbed.height())}) == 1
