"""An engine that settles duplicates in its memory: what it answers, it answers as the real one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from safelight.core.duplicates import DuplicateGroup, DuplicateMember
from safelight.core.message import Message
from safelight.core.operations import (
    AddFolder,
    JudgeDuplicates,
    Operation,
    Outcome,
    ProtectPath,
    TrashDuplicates,
    TrashOutcome,
    Undo,
    UndoOutcome,
)
from safelight.engine import events, requests
from safelight.engine.requests import Request
from support.scripted_client import ScriptedClient

_KINDS = (TrashDuplicates, JudgeDuplicates, ProtectPath, Undo)


class PlayedDuplicates:
    """Answers requests about duplicates with groups that shrink and grow accordingly."""

    def __init__(self, client: ScriptedClient, groups: Sequence[DuplicateGroup]) -> None:
        self.client = client
        self.groups = list(groups)
        self.complete = True
        self.spares: dict[int, str] = {}
        """Files that are left alone, with the reason."""
        self.added_folder = ""
        """The folder that a step before the others added, which is undone only when that is confirmed."""
        self._steps: list[tuple[list[DuplicateGroup], int]] = []
        """What the groups were before each step, and how many files it moved."""
        self._generation = 0
        client.answers = self._answer

    @property
    def requests(self) -> list[Operation[Any]]:
        """The operations on duplicates that it was asked for."""
        return [request for request in self.client.operations if isinstance(request, _KINDS)]

    def tell(self) -> None:
        """Say what the groups are now."""
        self.client.say(self._found())

    def _found(self) -> events.DuplicatesFound:
        return events.DuplicatesFound(self._generation, tuple(self.groups), self.complete)

    def _answer(self, request: Request) -> list[events.Event]:
        match request:
            case requests.FindDuplicates(generation):
                self._generation = generation
                return [self._found()]
            case requests.RunOperation(generation, operation):
                return self._run(generation, operation)
        return []

    def _run(self, generation: int, operation: Operation[Any]) -> list[events.Event]:
        def done(outcome: Outcome) -> events.Event:
            return events.OperationDone(generation, outcome)

        match operation:
            case TrashDuplicates(actions):
                going = {file_id for action in actions for file_id in action.trash}
                gone = {m.file_id: m for m in self._members() if m.file_id in going - self.spares.keys()}
                spared = [m for m in self._members() if m.file_id in going & self.spares.keys()]
                left = [self._without(group, gone) for group in self.groups]
                number = self._step(left, len(gone)) if gone else None
                settled = TrashOutcome(
                    number,
                    trashed=len(gone),
                    freed=sum(member.facts.size for member in gone.values()),
                    spared=tuple((member.path, Message(self.spares[member.file_id])) for member in spared),
                )
                return [self._found(), done(settled)]
            case JudgeDuplicates(photo_ids, _):
                judged = set(photo_ids)
                rest = [g for g in self.groups if not {m.photo_id for m in g.members} <= judged]
                return [done(Outcome(self._step(rest, 0))), self._found()]
            case Undo(step, asks_first):
                found, undone = self._undo(step, asks_first)
                return [*found, done(undone)]
            case ProtectPath(path, protected):
                self.groups = [_locked(group, path, protected) for group in self.groups]
                return [self._found(), done(Outcome())]
        return []

    def _undo(self, step: int | None, asks_first: bool) -> tuple[list[events.Event], UndoOutcome]:
        if not self._steps and self.added_folder:
            params = {"path": self.added_folder}
            if asks_first and step is None:
                return [], UndoOutcome(asked=0, code=AddFolder.code, params=params)
            self.added_folder = ""
            return [], UndoOutcome(undone=0, code=AddFolder.code, params=params, reverted=1)
        if not self._steps:
            return [], UndoOutcome()
        number = len(self._steps)
        assert step in (None, number), "only the last step is undone here"
        self.groups, restored = self._steps.pop()
        code = TrashDuplicates.code if restored else JudgeDuplicates.code
        return [self._found()], UndoOutcome(
            undone=number, code=code, restored=restored, reverted=0 if restored else 1
        )

    def _members(self) -> list[DuplicateMember]:
        return [member for group in self.groups for member in group.members]

    def _step(self, groups: Sequence[DuplicateGroup | None], moved: int) -> int:
        self._steps.append((self.groups, moved))
        self.groups = [group for group in groups if group is not None]
        return len(self._steps)

    @staticmethod
    def _without(group: DuplicateGroup, gone: dict[int, DuplicateMember]) -> DuplicateGroup | None:
        members = tuple(member for member in group.members if member.file_id not in gone)
        if members and not any(member.keep for member in members):
            members = (replace(members[0], keep=True), *members[1:])
        return replace(group, members=members) if len(members) > 1 else None


def _locked(group: DuplicateGroup, path: str, protected: bool) -> DuplicateGroup:
    members = tuple(
        replace(member, protected=protected, keep=member.keep or protected)
        if member.path == path or member.path.startswith(path + "/")
        else member
        for member in group.members
    )
    return replace(group, members=members)
