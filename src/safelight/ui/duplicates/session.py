"""The window's end of all that concerns duplicates: asks the engine, and holds what it answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from safelight.core.duplicates import DuplicateGroup, GroupAction, Verdict
from safelight.engine import events, requests
from safelight.ui import wording
from safelight.ui.engine_bridge import EngineBridge

Spared = tuple[tuple[str, str], ...]
"""(path, why it was left alone)."""


@dataclass(slots=True)
class _Step:
    """Something asked for, whose groups are out of sight until it turns out otherwise."""

    groups: dict[str, frozenset[int]]
    """Group key to the files it had."""
    said: str
    """What to say when it is done, where the answer has nothing to count."""
    files: dict[int, str]
    """The files to be trashed, by id."""
    journal_id: int | None = None
    answered: bool = False


class DuplicatesSession(QObject):
    """Groups leave the sight of whoever settles them at once, so that the next one can be looked at while
    the engine works; those that could not be settled come back with the reason.
    """

    groups_changed = Signal()
    told = Signal(str, object)  # what was done; the journal's number of it where it can be undone, else None
    spared = Signal(str, object)  # a headline; Spared

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._wanted = 0
        self._found: tuple[DuplicateGroup, ...] = ()
        self._groups: tuple[DuplicateGroup, ...] = ()
        self._complete = False
        self._progress = (0, 0)
        self._steps: dict[int, _Step] = {}
        self._undoing: set[int] = set()
        bridge.engine_ready.connect(self.ask)
        bridge.duplicates_found.connect(self._take_groups)
        bridge.duplicates_settled.connect(self._take_settled)
        bridge.action_undone.connect(self._take_undone)
        bridge.request_failed.connect(self._take_failure)

    @property
    def groups(self) -> tuple[DuplicateGroup, ...]:
        """All that wait for a decision."""
        return self._groups

    @property
    def keys(self) -> list[str]:
        """Of all groups, those included that a step under way keeps out of sight."""
        return [group.key for group in self._found]

    @property
    def complete(self) -> bool:
        """False while the library is still being compared."""
        return self._complete

    @property
    def progress(self) -> tuple[int, int]:
        """Of so many photos that are to be compared, how many have been; (0, 0) where that is not known."""
        return self._progress

    def ask(self) -> None:
        """Have the library's duplicates grouped, and hear of every change from then on."""
        self._steps.clear()  # what an engine that is no more was asked is answered by nobody
        self._wanted = next(self._bridge.generations)
        self._complete = False
        self._bridge.send(requests.FindDuplicates(self._wanted))

    def settle(self, groups: Sequence[DuplicateGroup], actions: Sequence[GroupAction]) -> None:
        """Carry out actions on these groups as one step."""
        going = {file_id for action in actions for file_id in action.trash}
        files = {m.file_id: m.path for group in groups for m in group.members if m.file_id in going}
        generation = self._begin(groups, "", files)
        self._bridge.send(requests.SettleDuplicates(generation, tuple(actions)))

    def judge(self, group: DuplicateGroup, verdict: Verdict) -> None:
        """Remember a verdict on all of a group, each pair of them."""
        # One for each file: a photo named more than once says that its copies are meant.
        photo_ids = tuple(member.photo_id for member in group.members)
        said = {
            Verdict.NOT_DUPLICATES: "Not duplicates: these will not be shown together again.",
            Verdict.KEEP_BOTH: "Kept: these will not be proposed again.",
        }[verdict]
        generation = self._begin([group], said, {})
        self._bridge.send(requests.JudgeDuplicates(generation, photo_ids, verdict))

    def protect(self, path: str, protected: bool) -> None:
        """Lock a file or folder against being proposed for the trash, or unlock it."""
        self._bridge.send(requests.ProtectPath(path, protected))

    def order_rules(self, rules: Sequence[str]) -> None:
        """Propose what to keep by these rules, the most important first."""
        self._bridge.send(
            requests.ChangePreference(next(self._bridge.generations), "keeper-rules", ",".join(rules))
        )

    def undo(self, journal_id: int | None = None) -> None:
        """Undo a step: the one named, or the last that was not undone."""
        generation = next(self._bridge.generations)
        self._undoing.add(generation)
        self._bridge.send(requests.UndoAction(generation, journal_id))

    # --- answers ------------------------------------------------------------------------------

    def _begin(self, groups: Sequence[DuplicateGroup], said: str, files: dict[int, str]) -> int:
        generation = next(self._bridge.generations)
        self._steps[generation] = _Step({group.key: _files_of(group) for group in groups}, said, files)
        self._publish()
        return generation

    def _take_groups(self, found: events.DuplicatesFound) -> None:
        if found.generation != self._wanted:
            return
        self._found, self._complete = found.groups, found.complete
        self._progress = (found.done, found.total)
        self._forget_finished()
        self._publish()

    def _take_settled(self, settled: events.DuplicatesSettled) -> None:
        step = self._steps.get(settled.generation)
        if step is None:
            return
        step.journal_id, step.answered = settled.journal_id, True
        if settled.journal_id is None:
            step.groups.clear()
        else:
            left = {path for path, _ in settled.spared}
            gone = {file_id for file_id, path in step.files.items() if path not in left}
            if step.files:
                step.groups = {key: files for key, files in step.groups.items() if files & gone}
        self._forget_finished()
        self._publish()
        self.told.emit(settled_text(settled, step.said, list(step.files.values())), settled.journal_id)
        if settled.spared:
            self.spared.emit(f"{wording.count_of(len(settled.spared), 'file')} left alone", settled.spared)

    def _take_undone(self, undone: events.ActionUndone) -> None:
        # Whoever asked for it, here or by the window's own Undo.
        steps = [step for step in self._steps.values() if step.journal_id is not None]
        for step in steps:
            if step.journal_id == undone.journal_id:
                step.groups.clear()
                self._forget_finished()
                self._publish()
        if undone.generation not in self._undoing:
            return
        self._undoing.discard(undone.generation)
        self.told.emit(undone_text(undone), None)
        if undone.failed:
            self.spared.emit(f"{wording.count_of(len(undone.failed), 'file')} not back yet", undone.failed)

    def _take_failure(self, failure: events.RequestFailed) -> None:
        if failure.generation in self._undoing:
            self._undoing.discard(failure.generation)
            self.told.emit(failure.message, None)
        elif failure.generation in self._steps:
            del self._steps[failure.generation]
            self._publish()
            self.told.emit(failure.message, None)
        elif failure.generation == self._wanted:
            self._complete = True
            self._publish()
            self.told.emit(failure.message, None)

    def _publish(self) -> None:
        hidden = {key for step in self._steps.values() for key in step.groups}
        self._groups = tuple(group for group in self._found if group.key not in hidden)
        self.groups_changed.emit()

    def _forget_finished(self) -> None:
        """Let go of what needs no hiding any more."""
        if not self._steps:
            return
        present = {group.key: _files_of(group) for group in self._found}
        for step in self._steps.values():
            if step.answered:
                # The same files under the same key are an answer from before the step was taken.
                step.groups = {
                    key: files
                    for key, files in step.groups.items()
                    if present.get(key) == files or (key not in present and not self._complete)
                }
        self._steps = {
            number: step for number, step in self._steps.items() if step.groups or not step.answered
        }


def settled_text(settled: events.DuplicatesSettled, said: str, files: Sequence[str]) -> str:
    """What became of a step, in a line. ``said`` is for one that moves nothing; ``files`` were to go."""
    if settled.trashed:
        amount = wording.count_of(settled.trashed, "file")
        single = settled.trashed == 1 and len(files) == 1
        what = f"“{wording.display_name(files[0])}”" if single else amount
        parts = [f"Moved {what} to the trash", f"{wording.file_size(settled.freed)} freed"]
    elif settled.journal_id is not None and said:
        parts = [said]
    else:
        parts = ["Nothing was moved"]
    if settled.spared:
        parts.append(f"{len(settled.spared):,} left alone")
    return " · ".join(parts)


def undone_text(undone: events.ActionUndone) -> str:
    """What an undo brought back, in a line."""
    if undone.journal_id is None and not undone.failed:
        return "There is nothing to undo."
    parts = []
    if undone.restored:
        parts.append(f"{wording.count_of(undone.restored, 'file')} put back")
    if undone.judgements:
        parts.append("The decision was taken back")
    if undone.failed:
        parts.append(f"{wording.count_of(len(undone.failed), 'file')} could not be put back")
    return " · ".join(parts) or "Undone"


def _files_of(group: DuplicateGroup) -> frozenset[int]:
    return frozenset(member.file_id for member in group.members)
