"""The parts of the panel by themselves: the table, the list under the mouse, pictures and overlays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageDraw
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, FileFacts
from safelight.engine import events, requests
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.duplicates.commands import help_line
from safelight.ui.duplicates.delegate import GroupDelegate, marks_text, part_text
from safelight.ui.duplicates.list import GroupList
from safelight.ui.duplicates.pictures import AlignedPair, OverlayMaker, align_pair
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.duplicates.session import DuplicatesSession
from safelight.ui.duplicates.table import FactsModel, FactsTable, fact_rows
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.picture_loader import to_image
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.widgets.elided_label import ElidedLabel
from safelight.ui.widgets.flow_layout import FlowLayout
from support.likenesses import photograph
from support.scripted_client import ScriptedClient
from support.some_duplicates import group, member
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RESAVED = DuplicateKind.RESAVED

# --- the table --------------------------------------------------------------------------------------


def texts(*members: DuplicateMember, kind: DuplicateKind = RESAVED) -> dict[str, list[str]]:
    """Rows of the table by name, as they are read."""
    model = FactsModel(DARK)
    model.show_members(members, kind)
    return {
        str(model.headerData(row, Qt.Orientation.Vertical)): [
            str(model.index(row, column).data()) for column in range(model.columnCount())
        ]
        for row in range(model.rowCount())
    }


def test_better_values_are_marked_in_words() -> None:
    good = member(1, keep=True, favourite=True)
    poor = member(
        2,
        keep=False,
        size=90_000,
        width=800,
        height=600,
        jpeg_quality=40,
        sharpness=20.0,
        date="2026-01-01T09:00:00",
        date_is_taken=False,
        camera=None,
    )
    assert texts(good, poor) == {
        "Size": ["4.0 MB  ✓ largest", "90 kB"],
        "Pixels": ["4000 × 3000  ✓ most", "800 × 600"],
        "JPEG quality": ["about 95  ✓ least compressed", "about 40"],
        "Sharpness": ["120  ✓ sharpest", "20"],
        "Date": ["3 June 2021, 10:00  ✓ taken", "1 January 2026, 09:00 (file date)"],
        "Camera": ["Drawn  ✓ known", "–"],
        "Folder": ["/photos/best", "/photos/copies"],
        "Marks": ["♥ favourite  ✓ marked by you", "–"],
        "Similarity": ["–", "98.7 %"],
    }


def test_only_what_differs_is_listed_and_the_rest_named() -> None:
    rows, same = fact_rows([member(1, keep=True), member(2, keep=True)], DuplicateKind.IDENTICAL)
    assert [row.name for row in rows] == []
    assert same[:4] == ["size (4.0 MB)", "pixels (4000 × 3000)", "format (JPEG)", "JPEG quality (about 95)"]


def test_sizes_of_different_formats_say_nothing_and_the_cameras_own_is_named() -> None:
    found = texts(member(1, keep=True, format="DNG", jpeg_quality=None), member(2, keep=False, size=1))
    assert found["Size"] == ["4.0 MB", "1 byte"]
    assert found["Format"] == ["DNG  ✓ camera original", "JPEG"]
    assert found["JPEG quality"] == ["–", "about 95"]


def test_companions_and_locks_are_listed() -> None:
    raw = replace(member(1, keep=True, rating=3), companions=("/photos/best/1.xmp",), protected=True)
    found = texts(raw, member(2, keep=False))
    assert found["Companion files"] == ["1.xmp", "–"]
    assert found["Marks"] == ["★★★ · protected  ✓ marked by you", "–"]


def test_the_table_is_a_sound_model_in_colour_and_for_the_ear(qtbot: QtBot) -> None:
    model = FactsModel(DARK)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_members([member(1, keep=True), member(2, keep=False, width=800)], RESAVED)
    names = [model.headerData(row, Qt.Orientation.Vertical) for row in range(model.rowCount())]
    row = names.index("Pixels")
    better, other = model.index(row, 0), model.index(row, 1)
    assert better.data(Qt.ItemDataRole.ForegroundRole) == QColor(DARK.strong)
    assert other.data(Qt.ItemDataRole.ForegroundRole) is None
    assert better.data(Qt.ItemDataRole.AccessibleTextRole) == "Pixels: 4000 × 3000, better: most"
    model.apply_theme(LIGHT)
    assert better.data(Qt.ItemDataRole.ForegroundRole) == QColor(LIGHT.strong)
    table = FactsTable(model)
    qtbot.addWidget(table)
    high = table.height()
    table.set_limit(70)
    assert table.height() == 70
    model.show_members([member(3, keep=True)], RESAVED)
    assert table.height() < 70 < high
    del tester


# --- the list ---------------------------------------------------------------------------------------


class Shelf:
    """The list by itself, with groups put straight into the session."""

    def __init__(self, qtbot: QtBot) -> None:
        self.client = ScriptedClient()
        self.bridge = EngineBridge(lambda: self.client)
        self.session = DuplicatesSession(self.bridge)
        self.review = DuplicatesReview(self.session)
        self.review.show_kind(RESAVED)
        self.cache = ThumbnailCache(lambda: lambda _: {})
        self.list = GroupList(self.review, self.cache, DARK)
        qtbot.addWidget(self.list)
        self.list.resize(600, 500)
        self.list.show()
        self.bridge.start()
        self.client.say(events.EngineReady())
        qtbot.waitUntil(lambda: bool(self.client.requests))
        self.bot = qtbot

    def put(self, *groups: DuplicateGroup) -> None:
        request = self.client.requests[0]
        assert isinstance(request, requests.FindDuplicates)
        with self.bot.waitSignal(self.session.groups_changed):
            self.client.say(events.DuplicatesFound(request.generation, groups, True))

    def point(self, row: int, number: int) -> QPoint:
        """The middle of a thumbnail."""
        rect = self.list.visualRect(self.review.model.index(row))
        return QPoint(rect.left() + 16 + 140 * number + 40, rect.top() + 100)


@pytest.fixture
def shelf(qtbot: QtBot) -> Iterator[Shelf]:
    made = Shelf(qtbot)
    yield made
    assert made.bridge.stop(PATIENCE)
    assert made.cache.stop(PATIENCE)


def test_a_click_goes_to_the_file_under_the_pointer(shelf: Shelf) -> None:
    shelf.put(group(1, 3), group(11, 3))
    viewport = shelf.list.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=shelf.point(1, 2))
    assert shelf.review.position == (2, 2)
    assert shelf.review.member_number == 2
    asked: list[None] = []
    shelf.list.compare_requested.connect(lambda: asked.append(None))
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=shelf.point(1, 2))
    assert asked == [None]
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, 480))
    assert asked == [None]


def test_a_part_of_a_longer_video_is_marked_on_its_line(shelf: Shelf) -> None:
    made = group(1, 2, DuplicateKind.VIDEO_PART)
    whole, part = made.members
    shelf.review.show_kind(DuplicateKind.VIDEO_PART)
    shelf.put(replace(made, members=(whole, replace(part, part=(6.0, 9.0)))))  # of 12 seconds
    rect = shelf.list.visualRect(shelf.review.model.index(0))
    image = shelf.list.viewport().grab().toImage()
    row, left = rect.top() + 54 + 96 + 4, rect.left() + 16 + 140

    def is_accent(share: float) -> bool:
        colour = image.pixelColor(round(left + share * 132), row)
        return colour.name() == QColor(DARK.accent).name()

    assert [is_accent(share) for share in (0.1, 0.4, 0.55, 0.7, 0.8, 0.95)] == [
        *(False, False, True, True, False, False)
    ]
    before = {image.pixelColor(left - 140 + x, row).name() for x in range(0, 132, 6)}
    assert QColor(DARK.accent).name() not in before, "the longer video has no line"
    assert part_text((6.0, 69.0)) == "0:06–1:09 of the longer"


def test_a_menu_is_for_the_file_it_was_asked_on(shelf: Shelf) -> None:
    shelf.put(group(1, 3), group(11, 3))
    menus: list[QPoint] = []
    shelf.list.menu_requested.connect(menus.append)
    viewport = shelf.list.viewport()

    def ask(reason: QContextMenuEvent.Reason, at: QPoint) -> None:
        QApplication.sendEvent(viewport, QContextMenuEvent(reason, at, viewport.mapToGlobal(at)))

    ask(QContextMenuEvent.Reason.Mouse, shelf.point(1, 1))
    assert shelf.review.member is not None
    assert shelf.review.member.file_id == 12
    ask(QContextMenuEvent.Reason.Mouse, QPoint(580, 12))  # beside the files
    assert len(menus) == 1
    ask(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0))
    assert len(menus) == 2


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_file_under_the_pointer_is_named_in_full(shelf: Shelf) -> None:
    shelf.put(group(1, 3))
    viewport = shelf.list.viewport()
    at = shelf.point(0, 1)
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, at, viewport.mapToGlobal(at)))
    assert QToolTip.text() == "/photos/copies/2.jpg\n2.0 MB\nfewer pixels"
    QToolTip.hideText()


def test_large_groups_show_the_current_file_among_those_that_fit(shelf: Shelf) -> None:
    shelf.put(group(1, 14, DuplicateKind.RESAVED))
    made = shelf.review.model.groups[0]
    delegate = shelf.list.itemDelegate()
    assert isinstance(delegate, GroupDelegate)
    shown = delegate.shown_members
    assert shown(600, made, 0) == range(3)
    assert shown(600, made, 9) == range(7, 10)
    assert shown(600, made, 13) == range(11, 14)
    assert shown(40, made, 5) == range(5, 6)
    assert shown(5000, made, 5) == range(14)


def test_the_list_is_drawn_in_both_themes_with_every_mark(shelf: Shelf) -> None:
    shelf.put(group(1, 5), group(11, 2, DuplicateKind.RESAVED))
    dark = shelf.list.grab().toImage()
    shelf.list.apply_theme(LIGHT)
    assert shelf.list.grab().toImage() != dark
    before = shelf.list.grab().toImage()
    shelf.review.step_member(1)
    shelf.review.keep_this()
    assert shelf.list.grab().toImage() != before


# --- pictures ---------------------------------------------------------------------------------------


def even(colour: str, width: int = 60, height: int = 40) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def test_what_an_overlay_shows_is_reported() -> None:
    assert (
        align_pair(even("#808080"), even("#808080", 30, 20)).description
        == "No difference: every pixel is equal at this size"
    )
    other = align_pair(even("#808080"), even("#a08080"))
    assert "could not be aligned" in other.description
    large = align_pair(even("#404040", 3000, 2000), even("#404040", 30, 20))
    assert (large.first.width(), large.second.width(), large.difference.width()) == (1400, 1400, 1400)


def test_only_the_newest_pair_is_reported(qtbot: QtBot) -> None:
    maker = OverlayMaker()
    received: list[tuple[int, int]] = []
    maker.aligned.connect(lambda pair, _: received.append(pair))
    for second in range(2, 8):
        maker.ask((1, second), even("#808080", 500, 400), even("#818181", 500, 400))
    qtbot.waitUntil(lambda: (1, 7) in received)
    assert received == [(1, 7)]
    maker.ask((1, 9), even("#808080"), even("#818181"))
    maker.forget()
    maker.ask((1, 10), even("#808080"), even("#818181"))
    qtbot.waitUntil(lambda: received == [(1, 7), (1, 10)])
    maker.close()
    maker.ask((1, 11), even("#808080"), even("#818181"))
    assert isinstance(align_pair(even("#000000"), even("#ffffff")), AlignedPair)


# --- layout -----------------------------------------------------------------------------------------


def test_buttons_wrap_where_there_is_no_room(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    outer = QVBoxLayout(holder)
    flow = FlowLayout()
    outer.addLayout(flow)
    buttons = [QPushButton(f"Button number {number}") for number in range(5)]
    for button in buttons:
        flow.addWidget(button)
    holder.resize(2000, 200)
    holder.show()
    assert len({button.y() for button in buttons}) == 1
    holder.resize(buttons[0].sizeHint().width() + 30, 300)
    assert len({button.y() for button in buttons}) == 5
    assert flow.count() == 5
    assert flow.takeAt(9) is None


def test_a_long_line_asks_for_no_room_and_is_shortened(qtbot: QtBot) -> None:
    label = ElidedLabel("A very long reason, longer than any window is wide " * 9)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() == 0
    label.resize(200, 20)
    shortened = label.grab().toImage()
    label.setText(label.text()[:300])
    assert label.grab().toImage() == shortened


def test_the_difference_says_where_it_is() -> None:
    image = photograph(3)
    edited = image.copy()
    ImageDraw.Draw(edited).text((40, 400), "17:45", "white", font_size=40)
    description = align_pair(*(to_image(np.asarray(each)) for each in (image, edited))).description
    assert "they differ most at the bottom left" in description
    assert "differ most" not in align_pair(*(to_image(np.asarray(image)) for _ in range(2))).description


def test_marks_are_shown_on_the_files_of_a_group() -> None:
    facts = FileFacts(1, 4, 3, "JPEG", "2020-01-01T00:00:00", True)
    shown = [
        marks_text(each)
        for each in (
            facts,
            replace(facts, favourite=True, rating=3, marked=True),
            replace(facts, marked=True),
        )
    ]
    assert shown == ["", "♥ ★★★", "#"]


def test_a_key_and_what_it_does_stay_in_one_line() -> None:
    parts = help_line(("Enter", "compare")).split("   ")
    assert parts[0] == "Enter\u00a0compare"
    assert len(parts) > 5
    assert not [part for part in parts if " " in part]
