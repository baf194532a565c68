"""The arrangement of panes for pictures of different shapes."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.ui.appearance.theme import DARK
from safelight.ui.widgets.compare_panes import ComparePane, PaneArea


@pytest.fixture
def area(qtbot: QtBot) -> PaneArea[ComparePane]:
    made: PaneArea[ComparePane] = PaneArea(partial(ComparePane, DARK))
    made.resize(1200, 700)
    qtbot.addWidget(made)
    made.show()
    return made


def columns(area: PaneArea[ComparePane]) -> int:
    return len({pane.x() for pane in area.shown})


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(3000, 2000)] * 2, 2),
        ([(2000, 3000)] * 2, 2),
        ([(8000, 1500)] * 2, 1),
        ([(2000, 3000)] * 3, 3),
        ([(9000, 1500)] * 3, 1),
        ([(3000, 2000)] * 4, 2),
        ([(1500, 3000)] * 4, 4),
        ([(12000, 1000)] * 4, 1),
    ],
)
def test_pictures_are_arranged_so_that_they_are_largest(
    area: PaneArea[ComparePane], sizes: list[tuple[int, int]], expected: int
) -> None:
    area.show_panes(len(sizes))
    for pane, size in zip(area.shown, sizes, strict=True):
        pane.show_placeholder(None, QSize(*size))
    assert columns(area) == expected


def test_another_picture_and_another_size_of_the_window_change_the_arrangement(
    area: PaneArea[ComparePane],
) -> None:
    area.show_panes(2)
    for pane in area.shown:
        pane.show_placeholder(None, QSize(3000, 2000))
    assert columns(area) == 2
    for pane in area.shown:
        pane.show_placeholder(None, QSize(8000, 1500))
    assert columns(area) == 1
    area.resize(3000, 300)
    assert columns(area) == 2
    viewpoints = [pane.view.viewpoint[0] for pane in area.shown]
    area.zoom_in()
    assert all(pane.view.viewpoint[0] > before for pane, before in zip(area.shown, viewpoints, strict=True))
    assert columns(area) == 2, "magnifying does not move the panes"


def test_panes_run_from_right_to_left_as_the_columns_of_their_facts(
    area: PaneArea[ComparePane], qapp: QApplication
) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        area.show_panes(2)
        first, second = area.shown
        assert second.geometry().right() < first.geometry().left()
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
