"""An engine that settles duplicates in its memory: what it answers, it answers as the real one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safelight.core.duplicates import DuplicateGroup, DuplicateMember
from safelight.engine import events, requests
from safelight.engine.requests import Request
from support.scripted_client import ScriptedClient


class PlayedDuplicates:
    """Answers requests about duplicates with groups that shrink and grow accordingly."""

    def __init__(self, client: ScriptedClient, groups: Sequence[DuplicateGroup]) -> None:
        self.client = client
        self.groups = list(groups)
        self.complete = True
        self.spares: dict[int, str] = {}
        """Files that are left alone, with the reason."""
        self._steps: list[tuple[list[DuplicateGroup], int]] = []
        """What the groups were before each step, and how many files it moved."""
        self._generation = 0
        client.answers = self._answer

    @property
    def requests(self) -> list[requests.Request]:
        """What it was asked of duplicates, but for the first grouping."""
        kinds = (
            requests.SettleDuplicates,
            requests.JudgeDuplicates,
            requests.ProtectPath,
            requests.UndoAction,
        )
        return [request for request in self.client.requests if isinstance(request, kinds)]

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
            case requests.SettleDuplicates(generation, actions):
                going = {file_id for action in actions for file_id in action.trash}
                gone = {m.file_id: m for m in self._members() if m.file_id in going - self.spares.keys()}
                spared = [m for m in self._members() if m.file_id in going & self.spares.keys()]
                left = [self._without(group, gone) for group in self.groups]
                number = self._step(left, len(gone)) if gone else None
                settled = events.DuplicatesSettled(
                    generation,
                    number,
                    len(gone),
                    sum(member.facts.size for member in gone.values()),
                    tuple((member.path, self.spares[member.file_id]) for member in spared),
                )
                return [self._found(), settled]
            case requests.JudgeDuplicates(generation, photo_ids, _):
                judged = set(photo_ids)
                rest = [g for g in self.groups if not {m.photo_id for m in g.members} <= judged]
                return [events.DuplicatesSettled(generation, self._step(rest, 0), 0, 0), self._found()]
            case requests.UndoAction(generation, journal_id):
                return self._undo(generation, journal_id)
            case requests.ProtectPath(path, protected):
                self.groups = [_locked(group, path, protected) for group in self.groups]
                return [self._found()]
        return []

    def _undo(self, generation: int, journal_id: int | None) -> list[events.Event]:
        if not self._steps:
            return [events.ActionUndone(generation, None, 0)]
        number = len(self._steps)
        assert journal_id in (None, number), "only the last step is undone here"
        self.groups, restored = self._steps.pop()
        judgements = 0 if restored else 1
        return [self._found(), events.ActionUndone(generation, number, restored, (), judgements)]

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
