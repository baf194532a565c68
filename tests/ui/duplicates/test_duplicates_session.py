"""What is marked in groups, and the traffic with the engine about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from pytestqt.qtbot import QtBot

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, GroupAction, Verdict
from safelight.core.message import Message
from safelight.core.operations import (
    JudgeDuplicates,
    Operation,
    Outcome,
    TrashDuplicates,
    TrashOutcome,
    Undo,
    UndoOutcome,
)
from safelight.engine import events, requests
from safelight.ui.duplicates.choice import KIND_TABS, Choices, batch_of, tab_of, totals
from safelight.ui.duplicates.session import DuplicatesSession
from safelight.ui.library.engine_bridge import EngineBridge
from support.scripted_client import ScriptedClient
from support.some_duplicates import group, protect
from support.waiting import PATIENCE

Asked = TypeVar("Asked")
Op = TypeVar("Op", bound=Operation[Any])

# --- marks ------------------------------------------------------------------------------------------


def test_every_kind_has_a_row_in_the_list() -> None:
    assert [tab.kind for tab in KIND_TABS] == list(DuplicateKind)
    assert tab_of(DuplicateKind.BURST).title == "Bursts"


def test_marks_begin_as_the_proposal_and_follow_the_person() -> None:
    choices, made = Choices(), group(1, 3)
    assert choices.kept(made) == {1}
    assert choices.action(made) == GroupAction(made.key, (1,), (2, 3))
    choices.keep_only(made, 3)
    assert choices.action(made) == GroupAction(made.key, (3,), (1, 2))
    assert choices.is_changed(made)
    assert choices.toggle(made, 1)
    assert choices.action(made) == GroupAction(made.key, (1, 3), (2,))
    assert choices.freed(made) == made.members[1].facts.size


def test_the_last_kept_and_the_protected_stay_kept() -> None:
    choices, made = Choices(), protect(group(1, 3), 2)
    assert choices.kept(made) == {1, 2}
    assert not choices.toggle(made, 2)
    choices.keep_only(made, 3)
    assert choices.kept(made) == {2, 3}
    alone = group(11)
    assert not choices.toggle(alone, 11)
    assert choices.kept(alone) == {11}


def test_one_is_kept_even_where_the_proposal_names_none() -> None:
    made = group(1, 3)
    nobody = replace(made, members=tuple(replace(member, keep=False) for member in made.members))
    assert Choices().kept(nobody) == {1}


def test_marks_made_with_other_files_in_sight_do_not_count() -> None:
    choices, made = Choices(), group(1, 2)
    choices.keep_only(made, 2)
    grown = replace(group(1, 3), key=made.key)
    assert choices.kept(grown) == {1}
    choices.prune([])
    assert choices.kept(made) == {1}


def test_nothing_is_proposed_for_look_alikes() -> None:
    made = group(1, 3, DuplicateKind.LOOKALIKE)
    assert Choices().action(made) is None
    assert totals([made]).files == 0


def test_totals_count_a_file_once() -> None:
    one = group(1)
    other = replace(one, key="other", kind=DuplicateKind.IDENTICAL)
    assert totals([one, other]) == replace(totals([one]), groups=2, proposing=2)


def test_a_batch_says_what_it_would_do() -> None:
    choices = Choices()
    groups = [group(1), protect(group(11, 3), 12), group(21), protect(group(31, 2), 32)]
    choices.keep_only(groups[2], 22)
    batch = batch_of(groups, choices)
    assert [(action.keep, action.trash) for action in batch.actions] == [
        ((1,), (2,)),
        ((11, 12), (13,)),
        ((22,), (21,)),
    ]
    assert batch.files == 3
    assert batch.freed == 2_000_000 + 4_000_000 // 3 + 4_000_000
    assert batch.folders == (("/photos/copies", 2), ("/photos/best", 1))
    assert batch.protected == ("/photos/copies/12.jpg", "/photos/copies/32.jpg")
    assert batch.own == 1


# --- the engine -------------------------------------------------------------------------------------


class Review:
    """A session with a scripted engine behind it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.bot = qtbot
        self.client = ScriptedClient()
        self.bridge = EngineBridge(lambda: self.client)
        self.session = DuplicatesSession(self.bridge)
        self.received: list[tuple[str, int | None]] = []
        self.spared: list[str] = []
        self.session.notified.connect(lambda text, step: self.received.append((text, step)))
        self.session.spared.connect(lambda text, _: self.spared.append(text))
        self.bridge.start()
        self.say(events.EngineReady())
        self.found = self.wait_for(requests.FindDuplicates)

    def say(self, event: events.Event) -> None:
        self.client.say(event)

    def wait_for(self, kind: type[Asked]) -> Asked:
        """The newest request, once it is of this kind."""
        sent = self.client.requests
        self.bot.waitUntil(lambda: bool(sent) and isinstance(sent[-1], kind))
        last = sent[-1]
        assert isinstance(last, kind)
        return last

    def wait_for_operation(self, kind: type[Op]) -> tuple[int, Op]:
        """The newest operation asked for, once it is of this kind, and its number."""
        self.bot.waitUntil(lambda: bool(ops := self.client.operations) and isinstance(ops[-1], kind))
        last = self.client.operations[-1]
        assert isinstance(last, kind)
        return self.client.generation_of(last), last

    def find(self, *groups: DuplicateGroup, complete: bool = True) -> None:
        self.say(events.DuplicatesFound(self.found.generation, groups, complete))

    @property
    def keys(self) -> list[str]:
        return [each.key for each in self.session.groups]


@pytest.fixture
def review(qtbot: QtBot) -> Iterator[Review]:
    made = Review(qtbot)
    yield made
    assert made.bridge.stop(PATIENCE)


ONE, OTHER = group(1), group(11)


def done(generation: int, outcome: Outcome) -> events.OperationDone:
    return events.OperationDone(generation, outcome)


def settle(review: Review, *groups: DuplicateGroup) -> int:
    choices = Choices()
    actions = [choices.action(each) for each in groups]
    review.session.trash(groups, [action for action in actions if action])
    return review.wait_for_operation(TrashDuplicates)[0]


def test_what_was_found_is_taken_over_partial_and_whole(review: Review) -> None:
    review.find(ONE, complete=False)
    review.bot.waitUntil(lambda: review.keys == [ONE.key])
    assert not review.session.complete
    review.say(events.DuplicatesFound(review.found.generation, (ONE,), False, 30, 120))
    review.bot.waitUntil(lambda: review.session.progress == (30, 120))
    review.find(ONE, OTHER)
    review.bot.waitUntil(lambda: len(review.keys) == 2 and review.session.complete)
    review.say(events.DuplicatesFound(review.found.generation + 99, (), True))
    review.find(OTHER)
    review.bot.waitUntil(lambda: review.keys == [OTHER.key])


def test_a_settled_group_is_hidden_until_an_answer_reflects_the_step(review: Review) -> None:
    review.find(ONE, OTHER)
    review.bot.waitUntil(lambda: len(review.keys) == 2)
    generation = settle(review, ONE)
    assert review.keys == [OTHER.key]
    review.say(done(generation, TrashOutcome(5, trashed=1, freed=2_000_000)))
    review.bot.waitUntil(lambda: bool(review.received))
    assert review.received == [("Moved “2.jpg” to the trash · emptying the trash frees 2.0 MB", 5)]
    later = review.wait_for(requests.FindDuplicates)
    # Answers from before the step, whatever they are: the group may have come and gone by other steps.
    review.find(OTHER)
    review.bot.waitUntil(lambda: len(review.session._all_groups) == 1)
    review.find(ONE, OTHER)
    review.bot.waitUntil(lambda: len(review.session._all_groups) == 2)
    assert review.keys == [OTHER.key]
    review.found = later
    review.find(ONE, OTHER)  # still a group, or again
    review.bot.waitUntil(lambda: len(review.keys) == 2)


def test_a_group_judged_right_after_an_undo_stays_hidden(review: Review) -> None:
    review.find(ONE)
    review.bot.waitUntil(lambda: len(review.keys) == 1)
    review.say(done(settle(review, ONE), TrashOutcome(5, trashed=1, freed=2_000_000)))
    review.bot.waitUntil(lambda: bool(review.received))
    trashed = review.wait_for(requests.FindDuplicates)
    review.session.undo(5)
    generation, _ = review.wait_for_operation(Undo)
    review.say(done(generation, UndoOutcome(undone=5, code="settle", restored=1)))
    review.bot.waitUntil(lambda: review.keys == [ONE.key])
    review.session.judge(ONE, Verdict.KEEP_BOTH)
    generation, _ = review.wait_for_operation(JudgeDuplicates)
    review.say(done(generation, Outcome(6)))
    review.bot.waitUntil(lambda: len(review.received) == 3)
    judged = review.wait_for(requests.FindDuplicates)
    review.found = trashed
    review.find()  # read between the step and its undo
    review.bot.waitUntil(lambda: review.session._all_groups == ())
    review.find(ONE)  # read between the undo and the verdict
    review.bot.waitUntil(lambda: review.session._all_groups == (ONE,))
    assert review.keys == []
    review.found = judged
    review.find(OTHER)
    review.bot.waitUntil(lambda: review.keys == [OTHER.key])


def test_an_undone_group_comes_back(review: Review) -> None:
    review.find(ONE)
    review.bot.waitUntil(lambda: len(review.keys) == 1)
    review.say(done(settle(review, ONE), TrashOutcome(5, trashed=1, freed=2_000_000)))
    review.bot.waitUntil(lambda: bool(review.received))
    assert review.keys == []
    review.session.undo(5)
    generation, _ = review.wait_for_operation(Undo)
    review.say(done(generation, UndoOutcome(undone=5, code="settle", restored=1)))
    review.bot.waitUntil(lambda: review.keys == [ONE.key])
    assert review.received[-1] == ("1 file restored", None)


def test_a_group_whose_files_were_all_spared_comes_back_with_the_reasons(review: Review) -> None:
    review.find(ONE, OTHER)
    review.bot.waitUntil(lambda: len(review.keys) == 2)
    generation = settle(review, ONE, OTHER)
    assert review.keys == []
    spared = (("/photos/copies/2.jpg", Message("it changed at this moment")),)
    review.say(done(generation, TrashOutcome(6, trashed=1, freed=2_000_000, spared=spared)))
    review.bot.waitUntil(lambda: review.keys == [ONE.key])
    assert review.received == [
        ("Moved 1 file to the trash · emptying the trash frees 2.0 MB · 1 left alone", 6)
    ]
    assert review.spared == ["1 file left alone"]


def test_a_step_that_failed_gives_its_groups_back(review: Review) -> None:
    review.find(ONE)
    review.bot.waitUntil(lambda: len(review.keys) == 1)
    review.say(events.OperationFailed(settle(review, ONE), "no_space", Message("The disk is full.")))
    review.bot.waitUntil(lambda: review.keys == [ONE.key])
    assert review.received == [("The disk is full.", None)]


def test_a_verdict_on_identical_files_names_their_photo_for_each(review: Review) -> None:
    copies = replace(ONE, members=tuple(replace(each, photo_id=9) for each in ONE.members))
    review.find(copies)
    review.bot.waitUntil(lambda: len(review.keys) == 1)
    review.session.judge(copies, Verdict.KEEP_BOTH)
    assert review.wait_for_operation(JudgeDuplicates)[1].photo_ids == (9, 9)


def test_a_verdict_is_of_all_in_the_group(review: Review) -> None:
    review.find(ONE)
    review.bot.waitUntil(lambda: len(review.keys) == 1)
    review.session.judge(ONE, Verdict.NOT_DUPLICATES)
    generation, operation = review.wait_for_operation(JudgeDuplicates)
    assert operation == JudgeDuplicates((1, 2), Verdict.NOT_DUPLICATES)
    assert review.keys == []
    review.say(done(generation, Outcome(7)))
    review.bot.waitUntil(lambda: bool(review.received))
    assert review.received == [("Not duplicates: these will not be shown together again.", 7)]
    assert review.keys == []


def test_nothing_to_undo_is_reported(review: Review) -> None:
    review.session.undo()
    generation, _ = review.wait_for_operation(Undo)
    review.say(done(generation, UndoOutcome()))
    review.bot.waitUntil(lambda: review.received == [("There is nothing to undo.", None)])


def test_what_could_not_be_put_back_is_reported(review: Review) -> None:
    review.session.undo()
    generation, _ = review.wait_for_operation(Undo)
    failed = (("/photos/copies/2.jpg", Message("another file is there now")),)
    review.say(done(generation, UndoOutcome(undone=3, code="settle", restored=2, failed=failed)))
    review.bot.waitUntil(lambda: review.spared == ["1 file could not be restored"])
    assert review.received == [("2 files restored · 1 file could not be restored", None)]


def test_a_new_engine_is_asked_again(review: Review) -> None:
    review.find(ONE)
    review.bot.waitUntil(lambda: len(review.keys) == 1)
    settle(review, ONE)
    review.say(events.EngineReady())
    again = review.wait_for(requests.FindDuplicates)
    assert again.generation > review.found.generation
    review.say(events.DuplicatesFound(again.generation, (ONE,), True))
    review.bot.waitUntil(lambda: review.keys == [ONE.key])
