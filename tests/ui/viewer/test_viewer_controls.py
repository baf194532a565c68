"""The bar of the viewer in wide and narrow windows."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from safelight.ui.viewer.controls import ViewerControls

NAME, DATE = "A long name of a photo of a holiday in Chania.jpg", "18 September 2020, 12:00"


@pytest.mark.parametrize(("width", "dated"), [(720, False), (1440, True)])
def test_the_name_is_shortened_and_the_date_left_out_where_there_is_no_room(
    qtbot: QtBot, width: int, dated: bool
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    bar = ViewerControls(window)
    bar.show_photo(NAME, DATE, "1 of 78", favourite=False)
    bar.setFixedWidth(width)
    window.resize(width, 48)
    window.show()
    labels = {label.text(): label for label in bar.findChildren(QLabel)}
    qtbot.waitUntil(lambda: labels[DATE].isVisible() == dated)
    qtbot.waitUntil(lambda: labels[NAME].width() > 40)
    assert bar.minimumSizeHint().width() <= width
    if dated:
        assert labels[DATE].width() >= labels[DATE].sizeHint().width(), "it is shown whole"
