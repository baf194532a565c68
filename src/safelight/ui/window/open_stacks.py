"""Stacks that are open in the grid: all their photos are shown beside each other."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.ui.grid.badges import StackPlace
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.grid_content import Section
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadStacks

_RELEVANT_CHANGES = ChangeKind.FILES | ChangeKind.PHOTOS | ChangeKind.MARKS
"""The changes after which a stack may have other photos or another top."""
_MAX_WAIT = 500
"""Milliseconds to wait for the list that shows a change of a stack, so that photos that left the stack do not
disappear for a moment."""


class OpenStacks(QObject):
    """Knows which stacks are open, and inserts their photos beside their tops."""

    changed = Signal(object)
    """Stacks were opened or closed, or their photos changed: the tops of those that were closed."""

    def __init__(self, bridge: EngineBridge, reader: LibraryReader, parent: QObject) -> None:
        super().__init__(parent)
        self._reader = reader
        self._stacks: tuple[tuple[int, ...], ...] = ()
        """The photos of each open stack, the top first."""
        self._places: dict[int, StackPlace] = {}
        self._inserted: list[tuple[int, int]] = []
        """For each open stack: the row of the list without open stacks, and how many photos were added."""
        self._generation = 0
        """Incremented when the open stacks change, so that an answer about older ones is dropped."""
        self._changes = 0
        """Incremented when the library changes, so that an answer from before that is dropped."""
        self._pending_stacks: tuple[tuple[int, ...], ...] | None = None
        """The stacks after a change of the library, until the list that shows it is there."""
        self._pending_timer = QTimer(self, singleShot=True, interval=_MAX_WAIT)
        self._pending_timer.timeout.connect(self._apply_pending)
        bridge.library_changed.connect(self._on_library_changed)

    # --- reading ----------------------------------------------------------------------------

    def place_of(self, photo_id: int) -> StackPlace | None:
        """The place of a photo in its open stack; None for any other photo."""
        return self._places.get(photo_id)

    def is_below(self, photo_id: int) -> bool:
        """Whether a photo is shown only because its stack is open."""
        place = self._places.get(photo_id)
        return place is not None and place.number > 1

    # --- opening and closing ----------------------------------------------------------------

    def toggle(self, photo_ids: Collection[int]) -> None:
        """Open the stacks of these photos, or close them if all are open. Other photos are ignored."""
        if photo_ids:
            ids = tuple(photo_ids)
            answered = partial(self._on_toggled_read, ids, self._generation, self._changes)
            self._reader.read(ReadStacks(ids), answered)

    def close_all(self) -> None:
        """Close all stacks without a signal: the caller shows other photos."""
        self._set(())

    def _on_toggled_read(
        self, ids: tuple[int, ...], generation: int, changes: int, found: Sequence[tuple[int, ...]]
    ) -> None:
        if generation != self._generation:
            return
        if changes != self._changes:
            self.toggle(ids)  # the stacks may have other photos now
            return
        if not found:
            return
        chosen = {photo for stack in found for photo in stack}
        others = tuple(stack for stack in self._stacks if chosen.isdisjoint(stack))
        opens = any(photo not in self._places for photo in chosen)
        closed = self._set((*others, *found) if opens else others)
        self.changed.emit(closed)

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(_RELEVANT_CHANGES):
            self._changes += 1
            self._read_open()

    def _read_open(self) -> None:
        if self._places:
            answered = partial(self._on_open_read, self._generation)
            self._reader.read(ReadStacks(tuple(self._places)), answered, key="open-stacks")

    def _on_open_read(self, generation: int, found: Sequence[tuple[int, ...]]) -> None:
        if generation != self._generation:
            self._read_open()  # other stacks are open now
        elif tuple(found) != self._stacks:
            self._pending_stacks = tuple(found)
            self._pending_timer.start()

    def _apply_pending(self) -> None:
        if self._pending_stacks is not None:
            closed = self._set(self._pending_stacks)
            self.changed.emit(closed)

    def _set(self, stacks: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
        """Returns the tops of the stacks that are no longer open."""
        before = self._stacks
        self._generation += 1
        self._pending_timer.stop()
        self._pending_stacks = None
        self._stacks = stacks
        self._places = {
            photo: StackPlace(number, len(stack)) for stack in stacks for number, photo in enumerate(stack, 1)
        }
        return tuple(stack[0] for stack in before if stack[0] not in self._places)

    # --- rows -------------------------------------------------------------------------------

    def expand(self, ids: Sequence[int]) -> Sequence[int]:
        """Unique photo ids with the photos of open stacks beside those of their photos that are listed."""
        if self._pending_stacks is not None:
            self._set(self._pending_stacks)
        self._inserted = []
        if not self._stacks:
            return ids
        from safelight.ui.grid.row_arithmetic import RowArithmetic  # NumPy is loaded after the first paint

        listed = array("q", ids)
        rows = RowArithmetic().rows_of(listed, self._places.keys()).tolist()
        row_of = {listed[row]: row for row in rows}
        additions: list[tuple[int, list[int], list[int]]] = []
        for stack in self._stacks:
            beside = min((photo for photo in stack if photo in row_of), key=row_of.__getitem__, default=None)
            if beside is None:
                continue
            at = stack.index(beside)
            before = [photo for photo in stack[:at] if photo not in row_of]
            after = [photo for photo in stack[at + 1 :] if photo not in row_of]
            if before or after:
                additions.append((row_of[beside], before, after))
        for row, before, after in sorted(additions, reverse=True):
            listed[row + 1 : row + 1] = array("q", after)
            listed[row:row] = array("q", before)
            self._inserted.append((row, len(before) + len(after)))
        self._inserted.reverse()
        return listed

    def enlarge_sections(self, sections: Sequence[Section]) -> tuple[Section, ...]:
        """The sections of a list, enlarged by what :meth:`expand` added to it last."""
        return tuple(self._enlarge(sections)) if self._inserted else tuple(sections)

    def shown_row(self, row: int) -> int:
        """Where a row of the list that was expanded last is shown."""
        return row + sum(added for at, added in self._inserted if at < row)

    @property
    def added(self) -> int:
        """How many photos :meth:`expand` added last."""
        return sum(added for _, added in self._inserted)

    def _enlarge(self, sections: Sequence[Section]) -> Iterator[Section]:
        shift = 0
        waiting = list(reversed(self._inserted))
        for section in sections:
            end = section.first_row + section.count
            more = 0
            while waiting and waiting[-1][0] < end:
                more += waiting.pop()[1]
            yield replace(section, first_row=section.first_row + shift, count=section.count + more)
            shift += more
