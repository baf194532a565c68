"""The window's side of the duplicates service: sends requests to the engine, and holds its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from safelight.core.duplicates import DuplicateGroup, GroupAction, Verdict
from safelight.core.message import Message
from safelight.core.operations import (
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
from safelight.ui import wording
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.translation import error_text, translate

Spared = tuple[tuple[str, Message], ...]
"""(path, why it was left alone)."""


@dataclass(slots=True, eq=False)
class _Step:
    """A step whose groups are hidden until an answer of the engine reflects it."""

    groups: dict[str, frozenset[int]]
    """The files that each group had, by its key."""
    done_text: str
    """The message when it is done, where the answer has nothing to count."""
    files: dict[int, str]
    """The files to be trashed, by id."""
    journal_id: int | None = None
    reflected_by: int | None = None
    """Generation of the first answer that reflects the step; None while the step is under way."""


class DuplicatesSession(QObject):
    """Groups are hidden as soon as the user decides about them, so that the next one can be reviewed while
    the engine works. If the engine fails, they are shown again with the reason.
    """

    groups_changed = Signal()
    # what was done; the number of the step in the journal if it can be undone, else None
    notified = Signal(str, object)
    spared = Signal(str, object)  # a headline; Spared
    undo_asked = Signal(object)
    """UndoOutcome: the latest step is undone only if the user confirms it."""

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._first_generation = 0
        """Generation of the first request to this engine."""
        self._last_generation = 0
        self._all_groups: tuple[DuplicateGroup, ...] = ()
        self._groups: tuple[DuplicateGroup, ...] = ()
        self._complete = False
        self._progress = (0, 0)
        self._steps: list[_Step] = []
        self.has_decided = False
        """Whether the user decided about a group since the window opened."""
        bridge.engine_ready.connect(self.ask)
        bridge.duplicates_found.connect(self._on_groups_found)
        bridge.operation_done.connect(self._on_operation_done)
        bridge.request_failed.connect(self._on_request_failed)

    @property
    def groups(self) -> tuple[DuplicateGroup, ...]:
        """All groups that wait for a decision."""
        return self._groups

    @property
    def keys(self) -> list[str]:
        """The keys of all groups, including those that a step in progress hides."""
        return [group.key for group in self._all_groups]

    @property
    def complete(self) -> bool:
        """False while the library is still being compared."""
        return self._complete

    @property
    def progress(self) -> tuple[int, int]:
        """Photos compared, of those to compare; (0, 0) if unknown."""
        return self._progress

    def ask(self) -> None:
        """Group the library's duplicates, and follow every change from then on."""
        self._steps.clear()  # requests to an engine that died get no answer
        self._complete = False
        self._first_generation = self._request_groups()

    def trash(self, groups: Sequence[DuplicateGroup], actions: Sequence[GroupAction]) -> None:
        """Move the files that the actions name to the trash, as one step. ``groups``: their groups."""
        going = {file_id for action in actions for file_id in action.trash}
        files = {m.file_id: m.path for group in groups for m in group.members if m.file_id in going}
        step = self._begin(groups, "", files)
        self._bridge.run(
            TrashDuplicates(tuple(actions)),
            lambda outcome: self._on_trashed(step, outcome),
            lambda failure: self._on_failed(step, failure),
        )

    def judge(self, group: DuplicateGroup, verdict: Verdict) -> None:
        """Store a verdict for a group: for each pair of its photos."""
        # One for each file: a photo named more than once means that its copies are judged.
        photo_ids = tuple(member.photo_id for member in group.members)
        done_text = {
            Verdict.NOT_DUPLICATES: translate(
                "DuplicatesSession", "Not duplicates: these will not be shown together again."
            ),
            Verdict.KEEP_BOTH: translate("DuplicatesSession", "Kept: these will not be proposed again."),
        }[verdict]
        step = self._begin([group], done_text, {})
        self._bridge.run(
            JudgeDuplicates(photo_ids, verdict),
            lambda outcome: self._on_judged(step, outcome),
            lambda failure: self._on_failed(step, failure),
        )

    def protect(self, path: str, protected: bool) -> None:
        """Protect a file or folder from being proposed for the trash, or end that protection."""
        self._bridge.run(ProtectPath(path, protected))

    def order_rules(self, rules: Sequence[str]) -> None:
        """Propose what to keep by these rules, the most important first."""
        self._bridge.send(
            requests.ChangeSetting(next(self._bridge.generations), "keeper-rules", ",".join(rules))
        )

    def undo(self, step: int | None = None) -> None:
        """Undo a step of the journal: the one named, or the latest that was not undone."""
        self._bridge.run(
            Undo(step, asks_first=True),
            self._show_undone,
            lambda failure: self.notified.emit(error_text(failure.message), None),
        )

    # --- answers ------------------------------------------------------------------------------

    def _begin(self, groups: Sequence[DuplicateGroup], done_text: str, files: dict[int, str]) -> _Step:
        step = _Step({group.key: _files_of(group) for group in groups}, done_text, files)
        self._steps.append(step)
        self.has_decided = True
        self._publish()
        return step

    def _on_groups_found(self, found: events.DuplicatesFound) -> None:
        if not self._is_current(found.generation):
            return
        self._all_groups, self._complete = found.groups, found.complete
        self._progress = (found.done, found.total)
        self._steps = [
            step for step in self._steps if step.reflected_by is None or found.generation < step.reflected_by
        ]
        self._publish()

    def _on_trashed(self, step: _Step, outcome: TrashOutcome) -> None:
        left = {path for path, _ in outcome.spared}
        gone = {file_id for file_id, path in step.files.items() if path not in left}
        step.groups = {key: files for key, files in step.groups.items() if files & gone}
        self._on_answer(step, outcome)
        self.notified.emit(trashed_text(outcome, list(step.files.values())), outcome.step)
        if outcome.spared:
            self.spared.emit(
                translate("DuplicatesSession", "{count} left alone").format(
                    count=wording.count_of(len(outcome.spared), "file")
                ),
                outcome.spared,
            )

    def _on_judged(self, step: _Step, outcome: Outcome) -> None:
        self._on_answer(step, outcome)
        self.notified.emit(
            translate("DuplicatesSession", "Nothing was moved") if outcome.step is None else step.done_text,
            outcome.step,
        )

    def _on_answer(self, step: _Step, outcome: Outcome) -> None:
        """Hide the groups of a step until it is reflected: answers under way may be from before it."""
        if outcome.step is None:
            self._steps = [each for each in self._steps if each is not step]
        else:
            step.journal_id, step.reflected_by = outcome.step, self._request_groups()
        self._publish()

    def _on_operation_done(self, _: Operation[Outcome], outcome: Outcome) -> None:
        """Show the groups of an undone step again, whoever requested the undo."""
        if not isinstance(outcome, UndoOutcome) or outcome.undone is None:
            return
        self._steps = [step for step in self._steps if step.journal_id != outcome.undone]
        self._publish()

    def _show_undone(self, outcome: UndoOutcome) -> None:
        if outcome.asked is not None:
            self.undo_asked.emit(outcome)
            return
        self.notified.emit(wording.undone(outcome), None)
        if outcome.failed:
            self.spared.emit(
                translate("DuplicatesSession", "{count} could not be restored").format(
                    count=wording.count_of(len(outcome.failed), "file")
                ),
                outcome.failed,
            )

    def _on_failed(self, step: _Step, failure: events.OperationFailed) -> None:
        if step in self._steps:
            self._steps.remove(step)
            self._publish()
            self.notified.emit(error_text(failure.message), None)

    def _on_request_failed(self, failure: events.RequestFailed) -> None:
        if failure.generation is not None and self._is_current(failure.generation):
            self._complete = True
            self._publish()
            self.notified.emit(error_text(failure.message), None)

    def _publish(self) -> None:
        hidden = {key for step in self._steps for key in step.groups}
        self._groups = tuple(group for group in self._all_groups if group.key not in hidden)
        self.groups_changed.emit()

    def _request_groups(self) -> int:
        """Request the groups as they are from now on; returns the generation of the answers."""
        self._last_generation = next(self._bridge.generations)
        self._bridge.send(requests.FindDuplicates(self._last_generation))
        return self._last_generation

    def _is_current(self, generation: int) -> bool:
        """Whether an answer is of this engine, rather than of one that died."""
        return self._first_generation <= generation <= self._last_generation


def trashed_text(outcome: TrashOutcome, files: Sequence[str]) -> str:
    """What happened to ``files``, which were to be trashed, in one line."""
    if outcome.trashed:
        amount = wording.count_of(outcome.trashed, "file")
        single = outcome.trashed == 1 and len(files) == 1
        what = f"“{wording.display_name(files[0])}”" if single else amount
        parts = [
            translate("Session", "Moved {what} to the trash").format(what=what),
            translate("Session", "emptying the trash frees {file_size}").format(
                file_size=wording.file_size(outcome.freed)
            ),
        ]
    else:
        parts = [translate("Session", "Nothing was moved")]
    if outcome.spared:
        parts.append(translate("Session", "{count:,} left alone").format(count=len(outcome.spared)))
    return " · ".join(parts)


def _files_of(group: DuplicateGroup) -> frozenset[int]:
    return frozenset(member.file_id for member in group.members)
