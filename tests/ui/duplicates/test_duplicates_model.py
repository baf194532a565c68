"""Groups as rows, and the position of the views that show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from safelight.core.duplicates import DuplicateGroup, DuplicateKind
from safelight.core.message import Message
from safelight.core.operations import TrashDuplicates
from safelight.engine import events, requests
from safelight.ui.duplicates.choice import Choices
from safelight.ui.duplicates.model import GROUP_ROLE, GroupModel, label_of, outcome_text
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.duplicates.session import DuplicatesSession
from safelight.ui.library.engine_bridge import EngineBridge
from support.scripted_client import ScriptedClient
from support.some_duplicates import group, protect
from support.waiting import PATIENCE

A, B, C, D = (group(n * 10 + 1) for n in range(4))


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[GroupModel]:
    made = GroupModel(Choices())
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


def keys(model: GroupModel) -> list[str]:
    rows = [model.index(row).data(GROUP_ROLE) for row in range(model.rowCount())]
    return [row.key for row in rows]


def test_groups_come_go_and_change_in_place(model: GroupModel) -> None:
    model.set_groups([A, C])
    kept = QPersistentModelIndex(model.index(1))
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    grown = replace(group(21, 3), key=C.key)
    model.set_groups([A, B, grown, D])
    assert keys(model) == [A.key, B.key, C.key, D.key]
    assert kept.row() == 2
    assert changed == [(2, 2)]
    assert kept.data(GROUP_ROLE) is grown
    model.set_groups([B, grown])
    assert keys(model) == [B.key, C.key]
    assert kept.row() == 1
    assert not resets
    model.set_groups([grown, B])
    assert keys(model) == [C.key, B.key]
    model.set_groups([])
    assert model.rowCount() == 0
    assert model.row_of(A.key) is None


def test_ten_thousand_groups_shuffled_by_arrivals(model: GroupModel) -> None:
    every = [group(n * 10 + 1) for n in range(10_000)]
    model.set_groups(every[::3])
    model.set_groups(every)
    assert model.rowCount() == 10_000
    assert model.row_of(every[-1].key) == 9_999
    assert model.index(5_000).data() == "2 versions of one picture"


def test_a_row_says_aloud_what_it_is(model: GroupModel) -> None:
    model.set_groups([A])
    said = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "2 versions of one picture. Keep 1.jpg: more pixels."
    assert model.index(0).data(Qt.ItemDataRole.DecorationRole) is None
    assert model.data(QModelIndex()) is None


def test_the_outcome_in_words() -> None:
    choices = Choices()
    assert outcome_text(group(1, 3, DuplicateKind.BURST), choices).startswith("All are kept")
    assert outcome_text(protect(group(1, 3), 2), choices) == "Keep 1.jpg and 1 other: more pixels"
    choices.keep_only(A, 2)
    assert outcome_text(A, choices) == "Keep 2.jpg: your choice"


def test_files_of_one_name_are_distinguished_by_their_folders() -> None:
    assert label_of(A, 1) == "2.jpg"
    members = tuple(
        replace(member, path=f"/photos/{folder}/same.jpg")
        for member, folder in zip(A.members, ("2021", "old"), strict=True)
    )
    assert [label_of(replace(A, members=members), at) for at in (0, 1)] == ["2021", "old"]


# --- the review -------------------------------------------------------------------------------------


class Table:
    """A review without widgets, its engine played by the test."""

    def __init__(self, qtbot: QtBot) -> None:
        self.bot = qtbot
        self.client = ScriptedClient()
        self.bridge = EngineBridge(lambda: self.client)
        self.session = DuplicatesSession(self.bridge)
        self.review = DuplicatesReview(self.session)
        self.review.show_kind(DuplicateKind.RESAVED)
        self.received: list[str] = []
        self.review.notified.connect(self.received.append)
        self.lost: list[str] = []
        self.review.group_lost.connect(self.lost.append)
        self.bridge.start()
        self.client.say(events.EngineReady())
        self.bot.waitUntil(lambda: bool(self.client.requests))
        request = self.client.requests[0]
        assert isinstance(request, requests.FindDuplicates)
        self._generation = request.generation

    def find(self, *groups: DuplicateGroup, complete: bool = True) -> None:
        with self.bot.waitSignal(self.session.groups_changed):
            self.client.say(events.DuplicatesFound(self._generation, groups, complete))

    @property
    def shown(self) -> str:
        return self.review.group.key if self.review.group is not None else ""


@pytest.fixture
def table(qtbot: QtBot) -> Iterator[Table]:
    made = Table(qtbot)
    yield made
    assert made.bridge.stop(PATIENCE)


def test_the_first_group_is_shown_and_stepping_stops_at_the_ends(table: Table) -> None:
    table.find(A, B)
    assert table.shown == A.key
    assert table.review.position == (1, 2)
    table.review.step_group(-1)
    assert table.shown == A.key
    table.review.step_member(5)
    assert table.review.member == A.members[1]
    table.review.step_group(7)
    assert table.shown == B.key
    assert table.review.member_number == 0


def test_partial_results_do_not_move_what_is_looked_at(table: Table) -> None:
    table.find(B, D, complete=False)
    table.review.step_group(1)
    table.review.step_member(1)
    table.find(A, B, C, D)
    assert table.shown == D.key
    assert table.review.member_number == 1
    assert table.review.position == (4, 4)
    assert table.received == table.lost == []


def test_a_group_that_vanishes_makes_place_for_its_neighbour_and_this_is_reported(table: Table) -> None:
    table.find(A, B, C)
    table.review.step_group(1)
    table.find(A, C)
    assert table.shown == C.key
    assert table.lost == ["This group no longer exists because its files changed."]
    table.find(A)
    assert table.shown == A.key
    table.find()
    assert table.shown == ""
    assert table.review.position == (0, 0)


def test_settling_continues_with_the_next_group(table: Table) -> None:
    table.find(A, B, C)
    table.review.step_group(1)
    table.review.trash_rest()
    assert table.shown == C.key
    table.review.not_duplicates()
    assert table.shown == A.key
    assert table.received == table.lost == []


def test_each_kind_is_shown_and_counted_by_itself(table: Table) -> None:
    burst = group(101, 3, DuplicateKind.BURST)
    table.find(A, burst)
    assert table.review.counts[DuplicateKind.BURST].groups == 1
    table.review.show_kind(DuplicateKind.BURST)
    assert table.shown == burst.key
    table.review.trash_rest()
    assert table.received[-1].startswith("Nothing is marked for the trash")
    assert not table.review.batch().actions
    table.review.show_kind(DuplicateKind.RESAVED)
    assert table.shown == A.key
    assert len(table.review.batch().actions) == 1


def test_the_surest_kind_that_has_groups_is_shown_where_the_chosen_one_has_none(table: Table) -> None:
    def shown_of(kind: DuplicateKind) -> DuplicateKind:
        table.review.show_kind(kind)
        table.review.visit()
        return table.review.kind

    assert shown_of(DuplicateKind.CROP) is DuplicateKind.CROP, "there is nothing of any kind"
    table.find(group(101, 3, DuplicateKind.BURST), group(201, 2, DuplicateKind.LOOKALIKE))
    assert shown_of(DuplicateKind.CROP) is DuplicateKind.BURST
    assert shown_of(DuplicateKind.LOOKALIKE) is DuplicateKind.LOOKALIKE


def test_a_visit_begins_at_the_first_group_until_one_was_chosen(table: Table) -> None:
    table.find(D, complete=False)
    table.find(A, B, C, D)  # groups that save more are listed before the one that was found first
    assert table.shown == D.key
    table.review.visit()
    assert table.review.position == (1, 4)
    table.review.step_group(2)
    table.review.visit()
    assert table.shown == C.key


def test_marks_are_made_and_refused_with_a_reason(table: Table) -> None:
    table.find(protect(group(1, 3), 3), B)
    review = table.review
    review.step_group(1)
    review.toggle_keep()
    assert table.received == ["One file of a group is always kept."]
    review.step_group(-1)
    review.go_to_member(2)
    review.toggle_keep()
    assert table.received[-1] == "This file is protected, so it is always kept."
    review.go_to_member(1)
    review.keep_this()
    assert review.group is not None
    assert review.choices.kept(review.group) == {2, 3}


def test_marks_survive_a_step_that_fails(table: Table) -> None:
    table.find(A)
    table.review.step_member(1)
    table.review.keep_this()
    table.review.trash_rest()
    assert table.shown == ""
    table.bot.waitUntil(lambda: isinstance(table.client.requests[-1], requests.RunOperation))
    request = table.client.operations[-1]
    assert isinstance(request, TrashDuplicates)
    assert request.actions[0].trash == (1,)
    table.find(A)
    table.client.say(
        events.OperationFailed(table.client.generation_of(request), "no_space", Message("The disk is full."))
    )
    table.bot.waitUntil(lambda: table.shown == A.key)
    assert table.review.choices.kept(A) == {2}


def test_a_batch_leaves_out_what_is_gone_meanwhile(table: Table) -> None:
    table.find(A, B, C)
    batch = table.review.batch()
    table.find(A, C)
    table.review.trash_batch(batch)
    table.bot.waitUntil(lambda: isinstance(table.client.requests[-1], requests.RunOperation))
    request = table.client.operations[-1]
    assert isinstance(request, TrashDuplicates)
    assert [action.key for action in request.actions] == [A.key, C.key]
    assert table.shown == ""
