"""Reviewing duplicates in the window, as a person does; the engine is played, the files are real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, GroupAction, Verdict
from safelight.core.operations import (
    JudgeDuplicates,
    Operation,
    ProtectPath,
    TrashDuplicates,
    TrashPhotos,
    Undo,
)
from safelight.engine import events
from safelight.ui.appearance.theme import LIGHT
from safelight.ui.commands import desktop_integration
from safelight.ui.duplicates.batch import BatchDialog, SparedDialog
from safelight.ui.duplicates.choice import KIND_TABS
from safelight.ui.duplicates.compared_members import frame_of, pair_of, shown_numbers
from safelight.ui.duplicates.controller import DuplicatesController
from safelight.ui.duplicates.overlay import Mode
from safelight.ui.duplicates.pane import MemberPane
from safelight.ui.pages.declarations import DUPLICATES
from safelight.ui.view_request import ViewRequest
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import SIZE, FilledLibrary
from support.open_windows import bring_up
from support.played_duplicates import PlayedDuplicates
from support.scripted_client import ScriptedClient
from support.sidebar_rows import rows
from support.some_duplicates import group, of_photos
from support.threaded_decoder import ThreadedDecoder
from support.undo_questions import answer_undo_question

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RESAVED, BURST = DuplicateKind.RESAVED, DuplicateKind.BURST


class Bench:
    """A window over a library of sixteen photos, which the engine finds to be five groups."""

    def __init__(self, place: Path, qapp: QApplication, qtbot: QtBot) -> None:
        self.bot = qtbot
        self.library = FilledLibrary(place)
        names = [f"{letter}{number}.jpg" for letter in "abcd" for number in range(4)]
        self.photos = self.library.add(*((name, "2021-06-03T10:00:00") for name in names))
        self.paths = [str(self.library.folder / name) for name in names]
        self.groups = [
            self.group(RESAVED, 0, 3),
            self.group(RESAVED, 4, 2),
            self.group(RESAVED, 6, 2),
            self.group(DuplicateKind.IDENTICAL, 8, 2),
            self.group(BURST, 10, 6),
        ]
        self.client = ScriptedClient()
        self.engine = PlayedDuplicates(self.client, self.groups)
        self.decoder = ThreadedDecoder()
        self.window: MainWindow = build_window(
            qapp, self.library.directory, lambda: self.client, self.decoder
        )
        bring_up(self.window, qtbot, 760)
        self.client.say(events.EngineReady())
        self.until(lambda: len(self.panel.session.groups) == 5)

    def group(self, kind: DuplicateKind, first: int, amount: int) -> DuplicateGroup:
        those = slice(first, first + amount)
        return of_photos(group(first + 1, amount, kind), self.photos[those], self.paths[those], SIZE)

    def until(self, condition: Callable[[], bool | None]) -> None:
        self.bot.waitUntil(condition)

    @property
    def panel(self) -> DuplicatesController:
        return self.window.controllers.duplicates

    def comparing(self) -> bool:
        return self.panel.compare.is_open

    @property
    def mode(self) -> str:
        return self.panel.compare.mode.value

    @property
    def shown(self) -> str:
        """The key of the group that is current."""
        return self.panel.review.group.key if self.panel.review.group is not None else ""

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard is."""
        focused = QApplication.focusWidget()
        assert focused is not None, "the keyboard is nowhere"
        QTest.keyClick(focused, key, modifiers)

    def open(self, kind: DuplicateKind = RESAVED) -> None:
        self.key(Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
        self.until(self.panel.page.isVisible)
        self.panel.review.show_kind(kind)

    def asked(self, amount: int) -> Operation[Any]:
        """The newest request about duplicates, once there are this many."""
        self.until(lambda: len(self.engine.requests) == amount)
        return self.engine.requests[-1]


@pytest.fixture
def bench(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()


CTRL = Qt.KeyboardModifier.ControlModifier


def word_on(pane: MemberPane) -> str:
    """What the pane of a file says will happen to it."""
    (word,) = {label.text() for label in pane.findChildren(QLabel) if label.isVisible()} & {"Keep", "Trash"}
    return word


def test_a_full_review_by_keyboard_alone(bench: Bench) -> None:
    panel, toasts = bench.panel, bench.window.toasts
    bench.window.search_bar.field.setFocus()
    bench.key(Qt.Key.Key_4, CTRL)
    bench.until(panel.page.list.hasFocus)
    assert bench.shown == bench.groups[3].key  # identical files come first
    bench.key(Qt.Key.Key_PageDown, CTRL)
    bench.key(Qt.Key.Key_PageDown, CTRL)
    assert panel.review.kind is RESAVED
    assert bench.shown == bench.groups[0].key

    # Next and previous group; next and previous file; look closer.
    bench.key(Qt.Key.Key_Down)
    assert bench.shown == bench.groups[1].key
    bench.key(Qt.Key.Key_Up)
    bench.key(Qt.Key.Key_Right)
    assert panel.review.member_number == 1
    bench.key(Qt.Key.Key_Return)
    assert bench.comparing()
    assert panel.compare.hasFocus()
    bench.until(lambda: all(pane.view.image_side > 300 for pane in panel.compare.area.shown))
    bench.key(Qt.Key.Key_D)
    assert bench.mode == Mode.DIFFERENCE.value
    bench.until(lambda: panel.compare.overlay.aligned is not None)
    bench.key(Qt.Key.Key_B)
    assert bench.mode == Mode.BLINK.value
    bench.key(Qt.Key.Key_B)
    assert bench.mode == Mode.SIDE_BY_SIDE.value

    # Keep the second of three, and after a second thought the third as well; trash the rest.
    bench.key(Qt.Key.Key_K)
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Space)
    assert [word_on(pane) for pane in panel.compare.area.shown] == ["Trash", "Keep", "Keep"]
    bench.key(Qt.Key.Key_Delete)
    request = bench.asked(1)
    assert isinstance(request, TrashDuplicates)
    assert request.actions == (GroupAction(bench.groups[0].key, (2, 3), (1,)),)
    assert bench.shown == bench.groups[1].key
    bench.until(lambda: toasts.text == "Moved “a0.jpg” to the trash · emptying the trash frees 4.0 MB")
    bench.until(lambda: len(panel.review.model.groups) == 3)  # two of the three are still a group

    # Keep both of the next, and call the one after it no duplicates, without leaving the comparison.
    bench.key(Qt.Key.Key_A)
    request = bench.asked(2)
    assert isinstance(request, JudgeDuplicates)
    assert request.photo_ids == tuple(bench.photos[4:6])
    assert request.verdict is Verdict.KEEP_BOTH
    assert bench.shown == bench.groups[2].key
    bench.until(lambda: toasts.text.startswith("Kept"))
    bench.key(Qt.Key.Key_N)
    request = bench.asked(3)
    assert isinstance(request, JudgeDuplicates)
    assert request.verdict is Verdict.NOT_DUPLICATES
    bench.until(lambda: toasts.text.startswith("Not duplicates"))
    assert bench.shown == bench.groups[0].key

    # Three steps back, the last from the list.
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.until(lambda: len(panel.review.model.groups) == 2)
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.until(lambda: len(panel.review.model.groups) == 3)
    bench.key(Qt.Key.Key_Escape)
    assert not bench.comparing()
    assert panel.page.list.hasFocus()
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.until(lambda: [len(each.members) for each in panel.review.model.groups] == [3, 2, 2])

    # What is left at once; the marks made before are still there.
    bench.key(Qt.Key.Key_B, CTRL)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, BatchDialog)
    bench.until(dialog.cancel.hasFocus)  # Return would change nothing
    bench.key(Qt.Key.Key_Tab)
    bench.until(dialog.button.hasFocus)
    bench.key(Qt.Key.Key_Return)
    request = bench.asked(7)
    assert isinstance(request, TrashDuplicates)
    assert [action.trash for action in request.actions] == [(1,), (6,), (8,)]
    bench.until(lambda: toasts.text.startswith("Moved 3 files to the trash"))
    bench.until(lambda: [len(each.members) for each in panel.review.model.groups] == [2])


def test_the_rail_tells_how_many_and_how_much(bench: Bench) -> None:
    sidebar = bench.window.sidebar

    def said() -> str:
        found = next((row for row in rows(sidebar) if row.data() == "Duplicates"), None)
        return str(found.data(Qt.ItemDataRole.AccessibleTextRole)) if found is not None else ""

    bench.until(lambda: said().startswith("Duplicates, 5 groups, "))
    bench.panel.review.show_kind(DuplicateKind.CROP)
    bench.window.views.show_scope(ViewRequest(DUPLICATES))
    assert bench.window.content.page is bench.panel.page
    assert bench.panel.review.kind is DuplicateKind.IDENTICAL, "of crops there are none"
    bench.window.views.show_scope(ViewRequest())
    bench.until(lambda: bench.window.content.page is bench.window.grid)


def test_the_current_photo_is_the_one_whose_details_are_shown(bench: Bench) -> None:
    bench.open()
    bench.key(Qt.Key.Key_Right)
    bench.until(lambda: bench.window.details.heading == "a1.jpg")
    assert bench.window.controllers.selection.ids == (bench.photos[1],)
    bench.engine.groups = []
    bench.engine.tell()
    bench.until(lambda: bench.window.controllers.selection.ids == ())


def test_partial_results_are_shown_and_said_to_be_partial(bench: Bench) -> None:
    bench.engine.complete = False
    bench.engine.groups = bench.groups[:1]
    bench.engine.tell()
    bench.open()
    bench.until(lambda: bench.panel.page.is_partial and len(bench.panel.review.model.groups) == 1)
    bench.panel.review.show_kind(BURST)
    assert bench.panel.page.message == "Comparing photos …"
    bench.engine.complete = True
    bench.engine.groups = list(bench.groups)
    bench.engine.tell()
    bench.until(lambda: not bench.panel.page.is_partial and bench.panel.page.message == "")
    bench.engine.groups = []
    bench.engine.tell()
    bench.until(lambda: bench.panel.page.message == "No duplicates")


def test_from_the_first_group_to_the_last(bench: Bench) -> None:
    bench.open(DuplicateKind.IDENTICAL)
    page = bench.panel.page
    bench.key(Qt.Key.Key_N)
    bench.until(lambda: page.message == "All done here")
    assert page.next_button.text() == "Go to “Re-saved” (3)"
    QTest.mouseClick(page.next_button, Qt.MouseButton.LeftButton)
    assert bench.panel.review.kind is RESAVED
    bench.until(page.list.hasFocus)
    for left in (2, 1, 0):
        bench.key(Qt.Key.Key_N)
        bench.until(lambda left=left: len(bench.panel.review.model.groups) == left)  # type: ignore[misc]
    bench.until(lambda: page.next_button.text() == "Go to “Bursts” (1)")
    QTest.mouseClick(page.next_button, Qt.MouseButton.LeftButton)
    bench.until(page.list.hasFocus)
    bench.key(Qt.Key.Key_N)
    bench.until(lambda: page.message == "All duplicates are reviewed")
    assert page.next_button.isHidden()


def test_undo_asks_before_it_takes_a_folder_out_of_the_library(bench: Bench) -> None:
    def answer(text: str) -> None:
        asked = answer_undo_question(bench.window, text, bench.until)
        assert asked == ("Remove “2019” from the library again?", "Keep")

    bench.engine.added_folder = "/photos/2019"
    bench.open()
    bench.key(Qt.Key.Key_N)
    bench.until(lambda: len(bench.panel.session.groups) == 4)
    for _ in range(3):  # the last two before the first question is there
        bench.panel.page.undo_button.click()
    answer("Keep")
    assert len(bench.panel.session.groups) == 5
    bench.until(lambda: len(bench.engine.requests) == 4)
    assert bench.engine.added_folder
    # Outside the page, Ctrl+Z is the window's.
    bench.window.views.show_scope(ViewRequest())
    bench.window.commands["undo"].trigger()
    answer("Remove from library")
    bench.until(lambda: bench.engine.added_folder == "")
    bench.until(lambda: bench.window.toasts.text == "Undone: added the folder “2019”")


def test_the_keyboard_is_never_lost_where_there_is_no_list(bench: Bench) -> None:
    bench.engine.groups = []
    bench.engine.tell()
    bench.until(lambda: not bench.panel.session.groups)
    bench.window.sidebar.list.setFocus()
    bench.key(Qt.Key.Key_4, CTRL)
    bench.until(bench.panel.page.tabs.hasFocus)
    bench.key(Qt.Key.Key_PageDown, CTRL)
    bench.key(Qt.Key.Key_PageDown, CTRL)
    assert bench.panel.review.kind is RESAVED
    bench.engine.groups = list(bench.groups)
    bench.engine.tell()
    bench.until(bench.panel.page.list.hasFocus)
    bench.panel.review.show_kind(DuplicateKind.CROP)
    bench.until(bench.panel.page.tabs.hasFocus)
    bench.window.search_bar.field.setFocus()
    bench.panel.review.show_kind(RESAVED)
    bench.panel.review.show_kind(DuplicateKind.CROP)
    assert bench.window.search_bar.field.hasFocus()  # wherever else it went, there it stays


def test_a_batch_is_summarised_carried_out_reported_and_undone(bench: Bench) -> None:
    bench.engine.spares = {6: "it changed at this moment"}
    bench.open()
    page = bench.panel.page
    assert page.batch_button.text() == "Keep the best in all 3 groups …"
    page.batch_button.click()
    dialog = bench.window.findChild(BatchDialog)
    assert dialog is not None
    assert dialog.summary == "4 files of “Re-saved” would go to the trash. That saves 7.3 MB."
    dialog.reject()
    assert bench.engine.requests == []
    page.batch_button.click()
    bench.window.findChildren(BatchDialog)[-1].button.click()
    bench.asked(1)
    bench.until(
        lambda: (
            bench.window.toasts.text
            == "Moved 3 files to the trash · emptying the trash frees 5.3 MB · 1 left alone"
        )
    )
    assert [each.key for each in bench.panel.review.model.groups] == [bench.groups[1].key]
    assert page.notice.isVisible()
    show = next(button for button in page.notice.findChildren(QPushButton) if button.text() == "Show")
    show.click()
    listed = bench.window.findChild(SparedDialog)
    assert listed is not None
    assert listed.list.item(0).text() == f"{bench.paths[5]}\nit changed at this moment"
    listed.reject()
    undo = next(b for b in bench.window.toasts.findChildren(QPushButton) if b.text() == "Undo")
    undo.click()
    request = bench.asked(2)
    assert isinstance(request, Undo)
    assert request.step == 1
    bench.until(lambda: len(bench.panel.review.model.groups) == 3)
    bench.until(lambda: bench.window.toasts.text == "3 files restored")  # a later event


def test_undo_in_the_message_is_always_for_what_it_tells_of(bench: Bench) -> None:
    bench.open()
    for _ in range(2):
        before = len(bench.panel.review.model.groups)
        bench.panel.review.go_to_group(2)
        bench.key(Qt.Key.Key_Delete)
        assert len(bench.panel.review.model.groups) == before - 1
        bench.until(lambda: bench.window.toasts.text.startswith("Moved"))
    bench.until(lambda: "b1.jpg" in bench.window.toasts.text)
    next(b for b in bench.window.toasts.findChildren(QPushButton) if b.text() == "Undo").click()
    bench.until(lambda: len(bench.panel.review.model.groups) == 2)
    assert bench.shown == bench.groups[0].key


def test_only_safe_kinds_are_settled_at_once(bench: Bench) -> None:
    bench.open(BURST)
    assert not bench.panel.page.batch_button.isVisible()
    bench.key(Qt.Key.Key_B, CTRL)
    assert QApplication.activeModalWidget() is None
    bench.key(Qt.Key.Key_Delete)
    assert bench.window.toasts.text.startswith("Nothing is marked for the trash")
    assert bench.engine.requests == []


def test_delete_is_for_the_group_and_never_for_the_photo_beside(bench: Bench) -> None:
    bench.open()
    bench.until(lambda: bench.window.controllers.selection.ids == (bench.photos[0],))
    assert bench.window.commands["trash"].isEnabled()
    bench.key(Qt.Key.Key_Delete)
    assert isinstance(bench.asked(1), TrashDuplicates)
    assert not [each for each in bench.client.operations if isinstance(each, TrashPhotos)]


def test_a_key_that_is_held_settles_one_group(bench: Bench) -> None:
    bench.open()
    commands = [action for action in bench.panel.page.actions() if not action.shortcut().isEmpty()]
    assert len(commands) >= 6
    assert not [action.text() for action in commands if action.autoRepeat()]
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "", True)
    QApplication.sendEvent(bench.panel.page.list, held)
    assert len(bench.panel.review.model.groups) == 3


def test_a_file_and_a_folder_can_be_locked_and_freed(bench: Bench) -> None:
    bench.open()
    bench.key(Qt.Key.Key_Right)

    def choose(text: str) -> None:
        menu = bench.panel.page.menu()
        assert menu is not None
        next(action for action in menu.actions() if action.text().startswith(text)).trigger()
        menu.deleteLater()

    choose("Protect this file")
    assert bench.asked(1) == ProtectPath(bench.paths[1], True)
    bench.until(lambda: bench.panel.review.member is not None and bench.panel.review.member.protected)
    assert bench.panel.review.member_number == 1
    choose("Stop protecting this file")
    assert bench.asked(2) == ProtectPath(bench.paths[1], False)
    bench.until(lambda: bench.panel.review.member is not None and not bench.panel.review.member.protected)
    choose("Protect the folder “Pictures”")
    assert bench.asked(3) == ProtectPath(str(bench.library.folder), True)


# --- the comparison ---------------------------------------------------------------------------------


@pytest.fixture
def compare(bench: Bench) -> Bench:
    bench.open()
    bench.key(Qt.Key.Key_Return)
    bench.until(lambda: all(pane.view.image_side > 300 for pane in bench.panel.compare.area.shown))
    return bench


def test_all_pictures_show_the_same_part(compare: Bench) -> None:
    panes = compare.panel.compare.area.shown
    assert len(panes) == 3
    compare.key(Qt.Key.Key_Plus)
    compare.key(Qt.Key.Key_Plus)
    panes[1].view.zoom_to(panes[1].view.zoom * 4, QPointF(5, 5))
    panes[2].view.pan(QPointF(-7, -9))
    looks = [pane.view.viewpoint for pane in panes]
    assert looks[0][0] > 5
    for magnification, centre in looks:
        assert magnification == pytest.approx(looks[2][0])
        assert (centre.x(), centre.y()) == pytest.approx((looks[2][1].x(), looks[2][1].y()), abs=0.01)
    compare.key(Qt.Key.Key_0)
    assert all(pane.view.fitting for pane in panes)


def test_the_next_group_is_read_ahead(compare: Bench) -> None:
    compare.until(lambda: {Path(str(path)).name for path, _ in compare.decoder.asked} >= {"b0.jpg", "b1.jpg"})
    asked = len(compare.decoder.asked)
    names = [Path(str(path)).name for path, _ in compare.decoder.asked[:5]]
    assert names == ["a0.jpg", "a1.jpg", "a2.jpg", "b0.jpg", "b1.jpg"]  # what is looked at comes first
    compare.key(Qt.Key.Key_Down)
    compare.until(lambda: all(pane.view.image_side > 300 for pane in compare.panel.compare.area.shown))
    assert [path for path, _ in compare.decoder.asked[asked:]] == compare.paths[6:8]


def test_a_group_that_vanishes_while_it_is_compared_makes_place_for_the_next(compare: Bench) -> None:
    compare.key(Qt.Key.Key_D)
    compare.engine.groups = [each for each in compare.groups if each.key != compare.groups[0].key]
    compare.engine.tell()
    compare.until(lambda: compare.shown == compare.groups[1].key)
    assert compare.window.toasts.text.startswith("This group no longer exists")
    assert compare.panel.compare.is_open
    assert [pane.member for pane in compare.panel.compare.area.shown] == list(compare.groups[1].members)
    compare.engine.groups = []
    compare.engine.tell()
    compare.until(lambda: not compare.panel.compare.is_open)
    compare.until(compare.panel.page.isVisible)


def test_a_group_that_vanishes_while_another_page_is_shown_says_nothing(bench: Bench) -> None:
    bench.open()
    bench.window.views.show_scope(ViewRequest())
    bench.until(lambda: bench.window.content.page is bench.window.grid)
    bench.engine.groups = bench.groups[1:]
    bench.engine.tell()
    bench.until(lambda: bench.shown == bench.groups[1].key)
    assert not bench.window.toasts.text


def test_a_file_that_cannot_be_read_says_so_in_its_place(bench: Bench) -> None:
    Path(bench.paths[4]).unlink()
    bench.open()
    bench.panel.review.go_to_group(1)
    bench.key(Qt.Key.Key_Return)
    bench.until(lambda: bench.panel.compare.area.shown[0].message != "")
    assert bench.panel.compare.area.shown[1].message == ""
    bench.key(Qt.Key.Key_D)
    assert bench.panel.compare.overlay.caption.text() == bench.panel.compare.area.shown[0].message


def test_the_current_picture_is_held_against_the_one_to_be_kept(compare: Bench) -> None:
    overlay = compare.panel.compare.overlay
    compare.key(Qt.Key.Key_Right)
    compare.key(Qt.Key.Key_Right)
    compare.key(Qt.Key.Key_D)
    compare.until(lambda: overlay.aligned is not None)
    assert overlay.caption.text().startswith("a0.jpg and a2.jpg: ")
    compare.key(Qt.Key.Key_B)
    assert overlay.caption.text() == "1 of 2: a0.jpg"
    overlay.blink_once()
    assert overlay.caption.text() == "2 of 2: a2.jpg"


def test_a_thumbnail_is_shown_until_the_picture_is_read(bench: Bench) -> None:
    Path(bench.paths[4]).unlink()  # so that there will be nothing but the thumbnail
    bench.open()
    bench.panel.review.go_to_group(1)
    bench.window.services.cache.invalidate([bench.photos[4]])
    bench.key(Qt.Key.Key_Return)
    bench.until(lambda: bench.panel.compare.area.shown[0].view.image_side > 1)


def test_large_groups_are_compared_four_at_a_time(bench: Bench) -> None:
    bench.open(BURST)
    bench.key(Qt.Key.Key_Return)
    area = bench.panel.compare.area
    for _ in range(4):
        bench.key(Qt.Key.Key_Right)
    names = [Path(pane.member.path).name for pane in area.shown if pane.member is not None]
    assert names == ["c2.jpg", "d0.jpg", "d1.jpg", "d2.jpg"]
    assert shown_numbers(14, 0) == [0, 1, 2, 3]
    assert shown_numbers(14, 13) == [0, 11, 12, 13]
    QTest.mouseClick(area.shown[1], Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    assert bench.panel.review.member_number == 2


def test_a_file_is_never_held_against_itself() -> None:
    made = group(1, 3)
    assert pair_of(made, 0, frozenset({1})) == (made.members[0], made.members[1])
    assert pair_of(made, 0, frozenset({2})) == (made.members[1], made.members[0])
    assert pair_of(made, 1, frozenset({2})) == (made.members[1], made.members[0])
    assert pair_of(made, 2, frozenset({1, 2, 3})) == (made.members[0], made.members[2])


def test_a_part_and_the_longer_video_show_the_same_frame() -> None:
    made = group(1, 3, DuplicateKind.VIDEO_PART)
    whole, first, second = made.members
    parts = replace(made, members=(whole, replace(first, part=(2.0, 5.0)), replace(second, part=(7.5, 9.0))))
    assert [frame_of(parts, member, 0) for member in parts.members] == [2.0, 0.0, 0.0]
    assert [frame_of(parts, member, 2) for member in parts.members] == [7.5, 0.0, 0.0]
    assert [frame_of(made, member, 1) for member in made.members] == [None, None, None]


def test_a_search_ends_the_comparison(compare: Bench) -> None:
    compare.key(Qt.Key.Key_F, CTRL)
    assert not compare.panel.compare.is_open
    assert compare.window.search_bar.field.hasFocus()


# --- access -----------------------------------------------------------------------------------------


def test_everything_has_a_name_and_tells_its_key(bench: Bench) -> None:
    bench.open()
    named: list[QWidget] = [bench.panel.page, bench.panel.compare]
    for place in list(named):
        named += [*place.findChildren(QPushButton), *place.findChildren(QToolButton)]
    for widget in named:
        assert widget.accessibleName() or getattr(widget, "text", lambda: "")(), widget
    tips = [button.toolTip() for button in bench.panel.page.findChildren(QPushButton) if button.isVisible()]
    keys = ("(K)", "(A)", "(N)", "(Del)", "(Ctrl+Z)", "(Ctrl+B)", "(Enter)")
    assert all(any(tip.endswith(key) for tip in tips) for key in keys)


def test_the_keyboard_goes_round_in_the_order_of_reading(bench: Bench) -> None:
    bench.open()
    page = bench.panel.page
    visited: list[QWidget | None] = []
    page.undo_button.setFocus()
    for _ in range(10):
        visited.append(QApplication.focusWidget())
        bench.key(Qt.Key.Key_Tab)
    expected = [
        page.undo_button,
        page.batch_button,
        page.tabs,
        page.rules_button,
        page.list,
        page.compare_button,
        *(button for button in page.group_buttons if button.isVisible()),  # Play is for videos
    ]
    assert visited[: len(expected)] == expected


def test_both_places_are_drawn_in_both_themes(compare: Bench) -> None:
    def look() -> list[object]:
        return [place.grab().toImage() for place in (compare.panel.page, compare.panel.compare)]

    dark = look()
    compare.panel.apply_theme(LIGHT)
    assert all(one != other for one, other in zip(look(), dark, strict=True))
    assert QGuiApplication.focusWindow() is not None


def test_videos_of_a_group_are_played_from_the_list_and_the_comparison(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []

    def play(path: str) -> str | None:
        played.append(path)
        return None

    monkeypatch.setattr(desktop_integration, "open_file", play)
    bench.open(RESAVED)
    tabs = bench.panel.page.tabs
    videos = [tab.kind for tab in KIND_TABS].index(DuplicateKind.RESAVED_VIDEO)
    assert not tabs.isTabVisible(videos), "it has a tab only if there are any"
    bench.key(Qt.Key.Key_PageDown, CTRL)
    assert bench.panel.review.kind is DuplicateKind.CROP
    bench.key(Qt.Key.Key_PageUp, CTRL)
    assert bench.panel.review.kind is RESAVED
    buttons = [each for each in bench.panel.page.group_buttons if each.accessibleName() == "Play"]
    assert [each.isVisible() for each in buttons] == [False]
    bench.key(Qt.Key.Key_P)
    bench.engine.groups.append(bench.group(DuplicateKind.RESAVED_VIDEO, 4, 2))
    bench.engine.tell()
    bench.until(lambda: len(bench.panel.session.groups) == 6)
    bench.panel.review.show_kind(DuplicateKind.RESAVED_VIDEO)
    assert tabs.isTabVisible(videos)
    assert [each.isVisible() for each in buttons] == [True]
    bench.key(Qt.Key.Key_P)
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Return)
    assert bench.comparing()
    bench.key(Qt.Key.Key_P)
    assert played == bench.paths[4:6]  # a picture is not played
