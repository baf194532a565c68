"""The rows of the sidebar as a tree: headings, pages, saved searches, folders."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel

from safelight.ui.view_request import ViewRequest

if TYPE_CHECKING:
    from safelight.store.saved_searches import SavedSearch

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The :class:`Entry` of a row; None for the row that is shown while children are read."""

_ROWS_PER_STEP = 50
"""Rows that are added before other events are handled. 5,000 rows at once would block the window."""
_MAX_ROWS_PER_STEP = 300
_STEP_BUDGET = 0.002
"""Seconds after which a step adds no further rows. The view then takes as long again to show them."""

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row shows, and what choosing it opens: ``scope`` or ``saved``."""

    name: str
    icon: str = ""
    scope: ViewRequest | None = None
    saved: SavedSearch | None = None
    query: str = ""
    """The search that it opens, in place of both."""
    count: int | None = None
    detail: str = ""
    """A text that replaces the count if there is room for it."""
    tip: str = ""
    accessible_text: str = ""
    """What a screen reader says; by default the name and the count."""
    heading: bool = False
    """Whether it is a heading, which cannot be chosen."""
    switch: str = ""
    """What pressing the row shows or hides, instead of opening something: see
    :mod:`safelight.ui.sidebar.sections`."""
    on: bool = True
    """Whether what ``switch`` names is shown."""
    muted: bool = False
    cover: int | None = None
    """A photo whose thumbnail replaces the icon."""
    path: str = ""
    """The whole name of an album, ``Trips/Italy``."""
    children: tuple[Entry, ...] | None = ()
    """None: there are some, which are read when the row is opened."""

    @property
    def key(self) -> object:
        """Identifies the row among its siblings, whatever else of it changes."""
        if self.switch:
            return ("switch", self.switch)
        if self.scope is not None:
            return self.scope
        if self.query:
            return ("query", self.query)
        return self.name if self.saved is None else ("saved", self.saved.id)


class PlacesModel(QStandardItemModel):
    """Shows sections of entries. A changed section changes its rows, so that open rows stay open."""

    children_requested = Signal(object)  # Entry that was opened for the first time

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[object, list[Entry]] = {}
        """The rows of each parent by its key, None for the top level: reading them from items is slow."""
        self._parents: dict[object, object] = {}
        """The key of each row's parent."""
        self._waiting: dict[object, list[Entry]] = {}
        """Rows still to be added at the end of each parent."""
        self._add_timer = QTimer(self, singleShot=True, interval=0)
        self._add_timer.timeout.connect(self._add_waiting)

    def entry(self, index: _Index) -> Entry | None:
        found = index.data(ENTRY_ROLE)
        return found if isinstance(found, Entry) else None

    def indexes(self, parent: _Index | None = None) -> Iterator[QModelIndex]:
        """All rows below ``parent``, from the top; those that are not read yet are not among them."""
        top = QModelIndex() if parent is None else parent
        for row in range(self.rowCount(top)):
            index = self.index(row, 0, top)
            yield index
            yield from self.indexes(index)

    def find(self, key: object) -> QModelIndex:
        """The row with this key; an invalid index if there is none."""
        if key not in self._parents:
            return QModelIndex()
        parent_key = self._parents[key]
        row = next(row for row, entry in enumerate(self._rows[parent_key]) if entry.key == key)
        return self.index(row, 0, QModelIndex() if parent_key is None else self.find(parent_key))

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these rows at the top level."""
        self._update(None, entries)

    def open(self, index: _Index) -> None:
        """A row was opened: ask for its children if they are not known."""
        entry = self.entry(index)
        if entry is not None and entry.children is None and entry.key not in self._rows:
            self.children_requested.emit(entry)

    def show_children(self, key: object, children: Sequence[Entry]) -> None:
        """The children of a row whose entry leaves them open."""
        if key in self._parents:
            self._update(key, children)

    # --- rows -----------------------------------------------------------------------------------

    def _item_of(self, key: object) -> QStandardItem:
        return self.invisibleRootItem() if key is None else self.itemFromIndex(self.find(key))

    def _update(self, parent_key: object, wanted: Sequence[Entry]) -> None:
        """Turn the rows below ``parent_key`` into the wanted ones with as few changes as possible."""
        self._waiting.pop(parent_key, None)
        parent = self._item_of(parent_key)
        if parent_key not in self._rows and parent.rowCount():
            parent.removeRows(0, parent.rowCount())  # the placeholder
        old = self._rows.setdefault(parent_key, [])
        # Usually few rows differ, and they are close together.
        start = _common_prefix_length(old, wanted)
        end = _common_prefix_length(old[start:][::-1], wanted[start:][::-1])
        before, now = old[start : len(old) - end], list(wanted[start : len(wanted) - end])
        keys = {entry.key for entry in now}
        kept = [entry for entry in before if entry.key in keys]
        kept_keys = {entry.key for entry in kept}
        if [entry.key for entry in kept] != [entry.key for entry in now if entry.key in kept_keys]:
            kept = []  # the order changed
        for row in reversed(range(len(before))):
            if before[row] not in kept:
                self._remove(parent_key, parent, start + row)
        known = {entry.key for entry in kept}
        row = start
        for is_known, group in groupby(now, lambda entry: entry.key in known):
            entries = list(group)
            if is_known:
                for place, entry in enumerate(entries, row):
                    self._change(parent_key, parent, place, entry)
            elif not end and row == len(old) and len(entries) > _ROWS_PER_STEP:
                self._waiting[parent_key] = entries
                self._add_timer.start()
            else:
                self._insert(parent_key, parent, row, entries, [_item(entry) for entry in entries])
            row += len(entries)

    def _insert(
        self,
        parent_key: object,
        parent: QStandardItem,
        row: int,
        entries: Sequence[Entry],
        items: list[QStandardItem],
    ) -> None:
        self._rows[parent_key][row:row] = entries
        for entry in entries:
            self._register(entry, parent_key)
        parent.setColumnCount(1)  # Qt adds a missing column in the middle of adding rows
        parent.insertRows(row, items)

    def _register(self, entry: Entry, parent_key: object) -> None:
        self._parents[entry.key] = parent_key
        if entry.children:
            self._rows[entry.key] = list(entry.children)
            for child in entry.children:
                self._register(child, entry.key)

    def _remove(self, parent_key: object, parent: QStandardItem, row: int) -> None:
        self._unregister(self._rows[parent_key].pop(row))
        parent.removeRow(row)

    def _unregister(self, entry: Entry) -> None:
        del self._parents[entry.key]
        self._waiting.pop(entry.key, None)
        for child in self._rows.pop(entry.key, ()):
            self._unregister(child)

    def _change(self, parent_key: object, parent: QStandardItem, row: int, entry: Entry) -> None:
        before = self._rows[parent_key][row]
        if before == entry:
            return
        self._rows[parent_key][row] = entry
        item = parent.child(row)
        _fill(item, entry)
        if entry.children is not None:
            self._update(entry.key, entry.children)
        elif before.children is not None:
            self._update(entry.key, ())
            del self._rows[entry.key]
            item.appendRow([_placeholder()])

    def _add_waiting(self) -> None:
        """Add some of the rows that wait, to one parent."""
        if not self._waiting:
            return
        parent_key, entries = next(iter(self._waiting.items()))
        deadline = time.perf_counter() + _STEP_BUDGET
        items: list[QStandardItem] = []
        for entry in entries[:_MAX_ROWS_PER_STEP]:
            if len(items) >= _ROWS_PER_STEP and time.perf_counter() > deadline:
                break
            items.append(_item(entry))
        row, count = len(self._rows[parent_key]), len(items)
        self._insert(parent_key, self._item_of(parent_key), row, entries[:count], items)
        if entries[count:]:
            self._waiting[parent_key] = entries[count:]
        else:
            del self._waiting[parent_key]
        if self._waiting:
            self._add_timer.start()


def _common_prefix_length(one: Sequence[Entry], other: Sequence[Entry]) -> int:
    """The number of equal entries at the beginning of both."""
    return next(
        (row for row, (a, b) in enumerate(zip(one, other, strict=False)) if a is not b and a != b),
        min(len(one), len(other)),
    )


def _item(entry: Entry) -> QStandardItem:
    item = QStandardItem()
    _fill(item, entry)
    if entry.children is None:
        item.appendRow([_placeholder()])
    elif entry.children:
        item.appendRows([_item(child) for child in entry.children])
    return item


def _fill(item: QStandardItem, entry: Entry) -> None:
    item.setText(entry.name)
    item.setData(entry, ENTRY_ROLE)
    item.setToolTip(entry.tip)
    item.setData(entry.accessible_text or entry.name, Qt.ItemDataRole.AccessibleTextRole)
    item.setEditable(False)
    if entry.heading and not entry.switch:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    elif entry.switch:  # the keyboard reaches it, but it never looks chosen
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren)


def _placeholder() -> QStandardItem:
    item = QStandardItem("…")
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item
