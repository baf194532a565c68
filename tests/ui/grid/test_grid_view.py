"""The grid as a person meets it: places, selection by mouse and keys, and staying where one was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.grid.model import PhotoGridModel
from safelight.ui.grid.painter import heart_rect
from safelight.ui.grid.surface import MAX_CELL, MIN_CELL
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.grid_content import Section
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from support.waiting import PATIENCE

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key
REDUCED_MOTION = "* { widget-animation-duration: 0 }"
"""What the style answers where the system asks for reduced motion."""

BANDS = [
    Section("Strong", 0, 7, detail="7"),
    Section("Maybe", 7, 10, detail="10"),
    Section("200 less likely", 17, 200, collapsed=True, foldable=True),
]


def picture(photo_id: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (96, 64), (20, 150, photo_id % 200)).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def fetch(ids: Sequence[int]) -> Mapping[int, bytes]:
    return {photo_id: picture(photo_id) for photo_id in ids if photo_id < 100_000}


@dataclass
class Grid:
    view: PhotoGridView
    model: PhotoGridModel
    cache: ThumbnailCache
    bot: QtBot

    def rect(self, row: int) -> QRect:
        return self.view.visualRect(self.model.index(row))

    def centre(self, row: int) -> QPoint:
        return self.rect(row).center()

    def click(self, where: int | QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        position = where if isinstance(where, QPoint) else self.centre(where)
        QTest.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, modifiers, position)

    def drag(self, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press and move; the button stays down."""
        viewport = self.view.viewport()
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, modifiers, start)
        moved = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(end),
            QPointF(viewport.mapToGlobal(end)),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
            modifiers,
        )
        QApplication.sendEvent(viewport, moved)

    def drop(self) -> None:
        QTest.mouseRelease(self.view.viewport(), Qt.MouseButton.LeftButton)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, modifiers)

    @property
    def selected(self) -> list[int]:
        return list(self.view.selected_ids())

    @property
    def current(self) -> int:
        return self.view.currentIndex().row()

    @property
    def scroll(self) -> int:
        return self.view.verticalScrollBar().value()

    def scroll_to(self, value: int) -> None:
        self.view.verticalScrollBar().setValue(value)

    def top_photo(self) -> tuple[int, int]:
        """The first photo on the screen and where it is."""
        runs = self.view._rows_on_screen()
        return self.model.photo_id(runs[0][0]), self.rect(runs[0][0]).top()

    def place_of(self, photo_id: int) -> int:
        row = self.model.row_of(photo_id)
        assert row is not None
        return self.rect(row).top()


@pytest.fixture
def grid(qtbot: QtBot) -> Iterator[Grid]:
    """Five columns of cells; photo ids differ from rows, so that one is never taken for the other."""
    model = PhotoGridModel()
    cache = ThumbnailCache(lambda: fetch, lambda: lambda ids: dict.fromkeys(ids, 0x804020))
    view = PhotoGridView(model, cache, DARK)
    view.setStyleSheet(REDUCED_MOTION)
    view.set_cell_size(100)
    view.resize(560, 500)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    made = Grid(view, model, cache, qtbot)
    model.set_photos(range(1000, 1300))
    assert view._layout.columns == 5
    yield made
    assert cache.stop(PATIENCE)


# --- geometry -------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.integers(60, 1500), st.integers(200, 900), st.integers(MIN_CELL, MAX_CELL), st.floats(0, 1))
def test_hit_testing_agrees_with_visual_rects_at_any_size(
    grid: Grid, width: int, height: int, cell: int, position: float
) -> None:
    grid.model.set_photos(range(1000, 1217), [*BANDS[:2], Section("More", 17, 200)])
    grid.view.resize(width, height)
    grid.view.set_cell_size(cell)
    grid.scroll_to(round(position * grid.view.verticalScrollBar().maximum()))
    for first, stop in grid.view._rows_on_screen():
        for row in range(first, stop):
            rect = grid.rect(row)
            for corner in (rect.topLeft(), rect.bottomRight(), rect.center()):
                covered = grid.view.sticky_heading_at(corner.y()) is not None
                assert grid.view.indexAt(corner).row() == (-1 if covered else row)
            assert grid.view.indexAt(rect.bottomRight() + QPoint(1, 1)).row() != row


def test_margins_look_alike_and_the_scroll_bar_moves_nothing(grid: Grid) -> None:
    places = [grid.rect(row) for row in range(3)]
    grid.model.set_photos([1, 2, 3])
    assert grid.view.verticalScrollBar().maximum() == 0
    assert [grid.rect(row) for row in range(3)] == places


def test_collapsed_rows_have_no_place(grid: Grid) -> None:
    grid.model.set_photos(range(217), BANDS)
    hidden = grid.model.index(100)
    assert grid.view.isIndexHidden(hidden)
    assert grid.rect(100).isNull()
    assert not grid.view.isIndexHidden(grid.model.index(16))
    grid.view.scrollTo(hidden)
    assert grid.scroll == 0


def test_photos_in_collapsed_sections_are_not_selected(grid: Grid) -> None:
    grid.model.set_photos(range(1000, 1020), [Section("Strong", 0, 5), Section("More", 5, 15, foldable=True)])
    received: list[list[int]] = []
    grid.view.selection_changed.connect(lambda ids: received.append(list(ids)))
    grid.view.select_photos([1002, 1010])
    assert grid.selected == [1002, 1010]
    grid.model.set_section_collapsed(1, True)
    assert grid.selected == received[-1] == [1002]
    grid.view.select_photo(1012)
    assert grid.selected == [1002], "a hidden photo cannot be chosen"
    grid.model.set_section_collapsed(1, False)
    assert grid.selected == received[-1] == [1002, 1010]


def test_scrolling_to_a_photo_shows_all_of_it_and_its_heading(grid: Grid) -> None:
    grid.model.set_photos(range(217), [*BANDS[:2], Section("More", 17, 200)])
    viewport = grid.view.viewport().rect()
    for row in (216, 7, 100, 0):
        grid.view.scrollTo(grid.model.index(row))
        assert viewport.contains(grid.rect(row))
    assert grid.scroll == 0
    grid.view.scrollTo(grid.model.index(120), QAbstractItemView.ScrollHint.PositionAtCenter)
    assert abs(grid.centre(120).y() - viewport.center().y()) <= 4
    grid.view.scrollTo(grid.model.index(17), QAbstractItemView.ScrollHint.PositionAtTop)
    assert grid.view._fold_at(QPoint(30, 5)) is None
    assert grid.view._layout.heading_at(grid.scroll + 10) == 2


def test_region_of_a_selection_is_its_visible_cells(grid: Grid) -> None:
    grid.view.selectAll()
    region = grid.view.visualRegionForSelection(grid.view.selectionModel().selection())
    assert region.contains(grid.centre(0))
    assert not region.contains(grid.rect(0).bottomRight() + QPoint(2, 0))
    assert region.boundingRect().bottom() < grid.view.viewport().height() + grid.rect(0).height()


# --- mouse ----------------------------------------------------------------------------------------


def test_click_ctrl_click_and_shift_click(grid: Grid) -> None:
    heard: list[list[int]] = []
    grid.view.selection_changed.connect(lambda ids: heard.append(list(ids)))
    grid.click(3)
    assert grid.selected == [1003]
    grid.click(8, CTRL)
    assert grid.selected == [1003, 1008]
    grid.click(3, CTRL)
    assert grid.selected == [1008]
    grid.click(4)
    grid.click(11, SHIFT)
    assert grid.selected == list(range(1004, 1012))
    grid.click(2, SHIFT)  # the anchor stays
    assert grid.selected == [1002, 1003, 1004]
    grid.click(14, CTRL)
    grid.click(16, CTRL | SHIFT)
    assert grid.selected == [1002, 1003, 1004, 1014, 1015, 1016]
    assert heard[-1] == grid.selected


def test_a_click_on_one_of_many_selected_selects_it_alone_at_release(grid: Grid) -> None:
    grid.click(1)
    grid.click(5, SHIFT)
    QTest.mousePress(grid.view.viewport(), Qt.MouseButton.LeftButton, NONE, grid.centre(3))
    assert len(grid.selected) == 5  # it may become a drag of all five
    grid.drop()
    assert grid.selected == [1003]


def test_a_click_beside_the_photos_selects_none(grid: Grid) -> None:
    grid.click(3)
    grid.click(QPoint(2, 60))
    assert grid.selected == []


def test_rubber_band_selects_what_it_meets(grid: Grid) -> None:
    start = grid.rect(0).topLeft() - QPoint(3, 2)
    grid.drag(start, grid.centre(6))
    assert grid.selected == [1000, 1001, 1005, 1006]
    drawn = grid.rect(0).topLeft() - QPoint(1, 1)  # within the band, outside every cell
    assert not at(grid, drawn)(DARK.window)
    grid.drop()
    assert at(grid, drawn - QPoint(2, 1))(DARK.window)
    assert grid.selected == [1000, 1001, 1005, 1006]
    grid.drag(start, grid.centre(0), CTRL)
    grid.drop()
    assert grid.selected == [1000, 1001, 1005, 1006]
    grid.drag(start, grid.centre(2))
    grid.drop()
    assert grid.selected == [1000, 1001, 1002]


def test_rubber_band_scrolls_at_the_edge(grid: Grid) -> None:
    start = grid.rect(0).topLeft() - QPoint(3, 2)
    grid.drag(start, QPoint(grid.centre(4).x(), grid.view.viewport().height() + 200))
    grid.bot.waitUntil(lambda: grid.scroll > 400)
    grid.drop()
    at_release = grid.scroll
    assert grid.selected[0] == 1000
    assert len(grid.selected) >= 35
    grid.bot.wait(60)
    assert grid.scroll == at_release


def test_dragging_a_photo_offers_the_selection(grid: Grid) -> None:
    asked: list[list[int]] = []

    def no_files(ids: list[int], then: Callable[[list[list[str]]], None]) -> None:
        asked.append(ids)
        then([])  # nothing to drag, so no platform drag begins

    grid.view.set_files_reader(no_files)
    grid.click(1)
    grid.click(3, SHIFT)
    grid.drag(grid.centre(2), grid.centre(2) + QPoint(40, 0))
    grid.drop()
    assert asked == [[1001, 1002, 1003]]
    assert grid.selected == [1001, 1002, 1003]


def test_double_click_activates(grid: Grid) -> None:
    with grid.bot.waitSignal(grid.view.photo_activated) as caught:
        QTest.mouseDClick(grid.view.viewport(), Qt.MouseButton.LeftButton, NONE, grid.centre(4))
    assert caught.args == [1004]


def test_the_heart_is_clicked_without_selecting(grid: Grid) -> None:
    heart = heart_rect(grid.rect(4)).center()
    for favourite in (True, False):
        with grid.bot.waitSignal(grid.view.favourite_toggled) as caught:
            grid.click(heart)
        assert caught.args == [1004, favourite]
        grid.model.mark_favourites([1004], favourite)
    assert grid.selected == []


def test_context_menu_is_for_the_selection_or_the_photo_under_it(grid: Grid) -> None:
    def menu(position: QPoint) -> list[int]:
        viewport = grid.view.viewport()
        QTest.mouseClick(viewport, Qt.MouseButton.RightButton, NONE, position)
        with grid.bot.waitSignal(grid.view.context_menu_requested) as caught:
            reason = QContextMenuEvent.Reason.Mouse
            QApplication.sendEvent(
                viewport, QContextMenuEvent(reason, position, viewport.mapToGlobal(position))
            )
        assert caught.args is not None
        assert caught.args[0] == viewport.mapToGlobal(position)
        ids: list[int] = list(caught.args[1])
        return ids

    grid.click(1)
    grid.click(3, SHIFT)
    assert menu(grid.centre(2)) == [1001, 1002, 1003]
    assert menu(grid.centre(7)) == [1007]
    assert menu(QPoint(2, 60)) == []


def test_hover_shows_the_heart_and_moves_nothing(grid: Grid) -> None:
    QTest.mouseMove(grid.view.viewport(), grid.centre(3))
    assert grid.view._hovered == 1003
    QApplication.sendEvent(grid.view.viewport(), QEvent(QEvent.Type.Leave))
    assert grid.view._hovered is None


# --- keyboard -------------------------------------------------------------------------------------


def test_arrows_walk_across_sections_and_past_the_fold(grid: Grid) -> None:
    # Rows 0–4, 5 6 | 7–11, 12–16 | folded
    grid.model.set_photos(range(1000, 1217), BANDS)
    grid.click(6)
    grid.key(Key.Key_Right)
    assert (grid.current, grid.selected) == (7, [1007])
    grid.key(Key.Key_Left)
    grid.key(Key.Key_Down)
    assert grid.current == 8
    grid.key(Key.Key_Down)
    grid.key(Key.Key_Down)
    assert grid.current == 13
    grid.key(Key.Key_End)
    assert grid.current == 16
    grid.key(Key.Key_Right)
    assert grid.current == 16
    grid.key(Key.Key_Home)
    grid.key(Key.Key_Up)
    assert grid.current == 0


def test_pages(grid: Grid) -> None:
    grid.click(2)
    lines = grid.view.viewport().height() // grid.view._layout.step
    grid.key(Key.Key_PageDown)
    assert grid.current == 2 + 5 * lines
    assert grid.view.viewport().rect().contains(grid.rect(grid.current))
    grid.key(Key.Key_PageUp)
    assert grid.current == 2
    grid.key(Key.Key_PageUp)
    assert grid.current == 2


def test_shift_extends_and_ctrl_only_moves(grid: Grid) -> None:
    grid.click(7)
    grid.key(Key.Key_Right, SHIFT)
    grid.key(Key.Key_Down, SHIFT)
    assert grid.selected == list(range(1007, 1014))
    grid.key(Key.Key_Up, SHIFT)
    grid.key(Key.Key_Up, SHIFT)
    assert grid.selected == list(range(1003, 1008))
    grid.key(Key.Key_End, SHIFT)
    assert grid.selected == list(range(1007, 1300))
    grid.key(Key.Key_Home)
    grid.key(Key.Key_Right, CTRL)
    assert (grid.current, grid.selected) == (1, [1000])
    grid.key(Key.Key_Space, CTRL)
    assert grid.selected == [1000, 1001]


def test_extending_over_a_fold_leaves_what_is_hidden_alone(grid: Grid) -> None:
    sections = [
        Section("A", 0, 5),
        Section("B", 5, 100, collapsed=True, foldable=True),
        Section("C", 105, 5),
    ]
    grid.model.set_photos(range(1000, 1110), sections)
    grid.click(4)
    grid.key(Key.Key_Right, SHIFT)
    assert grid.selected == [1004, 1105]
    grid.key(Key.Key_A, CTRL)
    assert grid.selected == [*range(1000, 1005), *range(1105, 1110)]
    grid.key(Key.Key_Escape)
    assert grid.selected == []


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_Space])
def test_keys_that_activate(grid: Grid, key: Qt.Key) -> None:
    grid.click(5)
    with grid.bot.waitSignal(grid.view.photo_activated) as caught:
        grid.key(key)
    assert caught.args == [1005]


def test_keys_in_an_empty_grid_do_nothing(grid: Grid) -> None:
    grid.model.set_photos([])
    for key in (Key.Key_Down, Key.Key_End, Key.Key_Return, Key.Key_A, Key.Key_PageDown):
        grid.key(key)
        grid.key(key, CTRL)
        grid.key(key, SHIFT)
    assert grid.selected == []


# --- staying in place -----------------------------------------------------------------------------


def test_photos_that_arrive_above_move_nothing_on_the_screen(grid: Grid) -> None:
    grid.scroll_to(1234)
    photo, top = grid.top_photo()
    grid.click(grid.centre(70))
    chosen = grid.selected
    before = list(range(1000, 1300))
    grid.model.update_photos([1, 2, 3, *before[:37], 4, 5, *before[37:]])
    assert grid.place_of(photo) == top
    assert grid.selected == chosen
    assert grid.scroll > 1234
    grid.model.update_photos([1000, *before[3:]])
    assert grid.place_of(photo) == top
    assert grid.selected == chosen


def test_at_the_very_top_new_photos_appear(grid: Grid) -> None:
    grid.model.update_photos([1, *range(1000, 1300)])
    assert grid.scroll == 0
    assert grid.rect(0).top() == 4


def test_refreshing_the_view_keeps_photo_and_selection(grid: Grid) -> None:
    grid.scroll_to(2000)
    photo, top = grid.top_photo()
    grid.click(grid.centre(100))
    ids = [photo_id for photo_id in range(1000, 1300) if photo_id % 7 or photo_id == photo]
    sections = [Section("new", 0, 3), Section("old", 3, len(ids))]
    grid.model.update_photos([1, 2, 3, *ids], sections)
    assert grid.place_of(photo) == top
    assert grid.selected == [1100]


def test_removing_the_photo_at_the_top_stays_near(grid: Grid) -> None:
    grid.scroll_to(2000)
    photo, top = grid.top_photo()
    row = grid.model.row_of(photo)
    grid.model.update_photos([each for each in range(1000, 1300) if each != photo])
    assert row is not None
    assert grid.rect(row).top() == top


def test_zooming_keeps_the_photo_one_works_on(grid: Grid) -> None:
    grid.scroll_to(2000)
    grid.click(grid.centre(100))
    top = grid.rect(100).top()
    for size in (180, 320, 96):
        grid.view.set_cell_size(size)
        assert grid.rect(100).top() == top


def test_resizing_keeps_the_top_photo(grid: Grid) -> None:
    grid.scroll_to(2000)
    photo, top = grid.top_photo()
    grid.view.resize(900, 400)
    assert grid.place_of(photo) == top


def test_showing_something_else_begins_at_the_top_with_nothing_selected(grid: Grid) -> None:
    grid.scroll_to(2000)
    grid.click(grid.centre(100))
    with grid.bot.waitSignal(grid.view.selection_changed) as caught:
        grid.model.set_photos(range(500))
    assert caught.args == [[]]
    assert (grid.scroll, grid.selected) == (0, [])


def test_choosing_a_photo_brings_it_into_view(grid: Grid) -> None:
    grid.view.select_photo(1250)
    assert grid.selected == [1250]
    assert grid.view.viewport().rect().contains(grid.rect(250))
    grid.view.select_photo(77)
    assert grid.selected == [1250]


# --- folds, zoom, messages ------------------------------------------------------------------------


def test_a_click_on_the_fold_shows_and_hides(grid: Grid) -> None:
    grid.model.set_photos(range(1000, 1217), BANDS)
    grid.scroll_to(10_000)
    fold = QPoint(100, grid.rect(16).bottom() + 30)
    for collapsed in (False, True):
        place = grid.rect(16).top()
        with grid.bot.waitSignal(grid.view.fold_toggled) as caught:
            grid.click(fold)
        assert caught.args == [2, collapsed]
        assert grid.view.isIndexHidden(grid.model.index(17)) is collapsed
        assert grid.rect(16).top() == place


def test_zoom_by_wheel_and_keys_within_limits(grid: Grid) -> None:
    def wheel(notches: int) -> None:
        centre = QPointF(grid.view.viewport().rect().center())
        event = QWheelEvent(
            centre,
            QPointF(grid.view.viewport().mapToGlobal(centre)),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            CTRL,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(grid.view.viewport(), event)

    with grid.bot.waitSignal(grid.view.cell_size_changed) as caught:
        wheel(1)
    assert caught.args == [116]
    wheel(100)
    assert grid.view.cell_size == MAX_CELL
    wheel(-100)
    assert grid.view.cell_size == MIN_CELL
    grid.key(Key.Key_Plus, CTRL)
    assert grid.view.cell_size == MIN_CELL + 16
    grid.key(Key.Key_Minus, CTRL)
    assert grid.view.cell_size == MIN_CELL


def test_message_over_an_empty_grid(grid: Grid) -> None:
    grid.model.set_photos([])
    grid.view.set_placeholder("Nothing matches", "Try <b>fewer</b> words.", "Clear search")
    viewport = grid.view.viewport()
    words = [label.text() for label in viewport.findChildren(QLabel) if label.isVisible()]
    assert words == ["Nothing matches", "Try <b>fewer</b> words."]
    with grid.bot.waitSignal(grid.view.placeholder_pressed):
        QTest.mouseClick(viewport.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    grid.view.set_placeholder("Another")
    grid.view.clear_placeholder()
    grid.bot.waitUntil(lambda: not viewport.findChildren(QLabel))


# --- what is painted ------------------------------------------------------------------------------


def snapshot(grid: Grid) -> QImage:
    return grid.view.viewport().grab().toImage()


def near(colour: QColor, other: QColor | str, tolerance: int = 8) -> bool:
    wanted = QColor(other)
    differences = (
        colour.red() - wanted.red(),
        colour.green() - wanted.green(),
        colour.blue() - wanted.blue(),
    )
    return all(abs(difference) <= tolerance for difference in differences)


def at(grid: Grid, point: QPoint) -> Callable[[QColor | str], bool]:
    return lambda wanted: near(snapshot(grid).pixelColor(point), wanted)


def test_colour_first_then_the_picture(grid: Grid) -> None:
    grid.model.set_photos([150, 200_000])
    there, absent = at(grid, grid.centre(0)), at(grid, grid.rect(1).topLeft() + QPoint(12, 12))
    grid.bot.waitUntil(lambda: there(QColor(20, 150, 150)))
    grid.bot.waitUntil(lambda: absent(DARK.skeleton))
    assert grid.cache.colour(150) == QColor(0x80, 0x40, 0x20)


def test_pictures_fade_in_where_motion_is_wanted(grid: Grid) -> None:
    grid.view.setStyleSheet("")
    grid.model.set_photos([150])
    there = at(grid, grid.centre(0))
    grid.bot.waitUntil(lambda: 150 in grid.view._fading)
    grid.bot.waitUntil(lambda: there(QColor(20, 150, 150)) and not grid.view._frames.isActive())


def test_selected_cells_are_ringed_in_the_accent_in_either_theme(grid: Grid) -> None:
    grid.click(1)
    ring = grid.rect(1).center()
    ring.setX(grid.rect(1).left() - 1)
    beside = grid.rect(3).center()
    beside.setX(grid.rect(3).left() - 1)
    for theme in (DARK, LIGHT):
        grid.view.apply_theme(theme)
        assert at(grid, ring)(theme.accent)
        assert at(grid, beside)(theme.window)


def test_favourites_have_a_badge(grid: Grid) -> None:
    grid.model.set_favourites([1002])
    badge = [heart_rect(grid.rect(row)).center() for row in (2, 3)]
    assert at(grid, badge[0])("#ffffff")
    assert not at(grid, badge[1])("#ffffff")


def test_loading_shows_the_shape_of_what_comes(grid: Grid) -> None:
    grid.model.set_photos([])
    point = QPoint(grid.view.viewport().width() // 2, 200)
    assert at(grid, point)(DARK.window)
    grid.view.set_loading(True)
    assert at(grid, point)(DARK.skeleton)
    grid.model.set_photos([1])
    assert at(grid, point)(DARK.window)


def test_every_kind_of_heading_is_drawn(grid: Grid) -> None:
    grid.model.set_photos(range(1000, 1217), BANDS)
    before = snapshot(grid)
    grid.model.set_photos(range(1000, 1217))
    assert snapshot(grid) != before


def test_a_million_photos_can_be_walked_selected_and_added_to(grid: Grid) -> None:
    grid.model.set_photos(range(1_000_000, 2_000_000))
    grid.key(Key.Key_Home)
    grid.key(Key.Key_End)
    assert grid.current == 999_999
    assert grid.view.viewport().rect().contains(grid.rect(999_999))
    grid.key(Key.Key_A, CTRL)
    assert len(grid.selected) == 1_000_000
    photo, top = grid.top_photo()
    grid.model.update_photos([5, *range(1_000_000, 2_000_000)])
    assert grid.place_of(photo) == top
    assert grid.view.selectionModel().isSelected(grid.model.index(1_000_000))
    assert not grid.view.selectionModel().isSelected(grid.model.index(0))
