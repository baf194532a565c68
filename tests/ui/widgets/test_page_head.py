"""The head of a page: nothing is cut off where the page is narrow."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.page_head import PageHead

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

TEXT = "26 files could not be added to the library. Retried after each change."


@pytest.mark.parametrize(("width", "beside"), [(440, False), (900, True)])
def test_buttons_are_below_the_words_in_a_narrow_page(qtbot: QtBot, width: int, beside: bool) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    title, hint = QLabel("Problems"), plain_label(TEXT)
    buttons = [QPushButton(text) for text in ("Show in file manager", "Ignore", "Retry", "Retry all")]
    column = QVBoxLayout(page)
    column.addWidget(PageHead(title, hint, buttons))
    column.addStretch(1)
    page.resize(width, 400)
    page.show()

    def top(widget: QWidget) -> int:
        return widget.mapTo(page, QPoint(0, 0)).y()

    def is_laid_out() -> bool:
        return all((top(button) < top(hint) + hint.height()) == beside for button in buttons)

    qtbot.waitUntil(is_laid_out)
    for widget in (title, *buttons):
        assert widget.width() >= widget.sizeHint().width()
    assert hint.height() >= hint.heightForWidth(hint.width())
    assert page.width() == width
