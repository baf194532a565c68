"""What the grid shows, as ids: the rest is looked up for visible cells only."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from safelight.ui import wording

PHOTO_ID_ROLE = int(Qt.ItemDataRole.UserRole) + 1
FAVOURITE_ROLE = int(Qt.ItemDataRole.UserRole) + 2

_MANY_RUNS = 64
"""More separate insertions or removals than this are cheaper as one run and a reordering."""

_Index = QModelIndex | QPersistentModelIndex
_Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Section:
    """A run of rows under one heading, e.g. a band of results or a month.

    A section with neither title nor fold has no heading. A ``foldable`` one has a line to click, which
    hides (``collapsed``) or shows its rows: "47,902 less likely — show".
    """

    title: str
    first_row: int
    count: int
    collapsed: bool = False
    foldable: bool = False
    detail: str = ""
    """Secondary text after the title."""

    @property
    def has_heading(self) -> bool:
        return bool(self.title) or self.foldable


class PhotoGridModel(QAbstractListModel):
    """Photo ids in the order of the grid, each at most once, and how they are divided into sections."""

    sections_changed = Signal()
    """Sections differ while the rows stay what they are."""
    batch_started = Signal()
    batch_finished = Signal()
    """Around several changes that belong together: between the two a view need not lay out."""

    def __init__(
        self, name_of: Callable[[int], str | None] | None = None, parent: QObject | None = None
    ) -> None:
        """``name_of`` gives a photo's file name where it is known; it must not wait."""
        super().__init__(parent)
        self._name_of = name_of
        self._ids = array("q")
        self._sections: tuple[Section, ...] = ()
        self._favourites: set[int] = set()

    # --- reading ------------------------------------------------------------------------------

    @property
    def sections(self) -> tuple[Section, ...]:
        """Contiguous, covering every row; or none, which is one run without heading."""
        return self._sections

    def photo_id(self, row: int) -> int:
        return self._ids[row]

    def photo_ids(self, first: int, stop: int) -> list[int]:
        """The ids of rows ``first`` up to, without, ``stop``."""
        return self._ids[first:stop].tolist()

    def ids_of(self, runs: Iterable[tuple[int, int]]) -> array[int]:
        """The ids of runs of rows, each (first, stop), one after the other; of a million in no time."""
        found = array("q")
        for first, stop in runs:
            found += self._ids[first:stop]
        return found

    def row_of(self, photo_id: int) -> int | None:
        rows = np.flatnonzero(self._view() == photo_id)
        return int(rows[0]) if rows.size else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._ids)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsDragEnabled | flag.ItemNeverHasChildren

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        photo_id = self._ids[index.row()]
        if role == PHOTO_ID_ROLE:
            return photo_id
        if role == FAVOURITE_ROLE:
            return photo_id in self._favourites
        if role == Qt.ItemDataRole.ToolTipRole:
            return wording.tip(self._name(photo_id) or "") or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            name = self._name(photo_id) or "Photo"
            return f"{name}, favourite" if photo_id in self._favourites else name
        return None

    def is_favourite(self, photo_id: int) -> bool:
        return photo_id in self._favourites

    def _name(self, photo_id: int) -> str | None:
        return self._name_of(photo_id) if self._name_of is not None else None

    # --- replacing ----------------------------------------------------------------------------

    def set_photos(self, ids: Iterable[int], sections: Sequence[Section] = ()) -> None:
        """Show something else: views go to the top and forget the selection.

        Raises ValueError where the sections do not follow each other over exactly these rows.
        """
        new = array("q", ids)
        checked = _checked(sections, len(new))
        self.beginResetModel()
        self._ids = new
        self._sections = checked
        self.endResetModel()

    def update_photos(self, ids: Iterable[int], sections: Sequence[Section] = ()) -> None:
        """Show a newer state of the same thing: what stays keeps its selection and place on the screen."""
        new: _Ids = np.frombuffer(array("q", ids), np.int64)
        checked = _checked(sections, len(new))
        if np.array_equal(self._view(), new):
            self._set_sections(checked)
            return
        self.batch_started.emit()
        stays, known = _compared(self._view(), new)
        if checked != self._sections:
            self._sections = ()  # they are not counted along, but set at the end
        self._drop(np.flatnonzero(~stays))
        if not np.array_equal(self._view(), new[known]):
            # Sorted differently: new photos come at the end, then all go to their places at once.
            self._insert_run(len(self._ids), new[~known].tolist())
            self._reorder(new)
        else:
            self._add(np.flatnonzero(~known), new)
        self._set_sections(checked)
        self.batch_finished.emit()

    def set_section_collapsed(self, section: int, collapsed: bool) -> None:
        """Fold or unfold the rows of a section (an index into :attr:`sections`)."""
        changed = list(self._sections)
        changed[section] = replace(changed[section], collapsed=collapsed)
        self._set_sections(tuple(changed))

    # --- adding and removing ------------------------------------------------------------------

    def insert_photos(
        self, additions: Iterable[tuple[int, int]], sections: Sequence[Section] | None = None
    ) -> None:
        """Add photos, each given as (row it will have, id), rows ascending.

        Without ``sections`` a photo joins the section whose row it takes, or the last.
        """
        pairs = list(additions)
        checked = None if sections is None else _checked(sections, len(self._ids) + len(pairs))
        self.batch_started.emit()
        start = 0
        for stop in range(1, len(pairs) + 1):
            if stop == len(pairs) or pairs[stop][0] != pairs[stop - 1][0] + 1:
                self._insert_run(pairs[start][0], [photo_id for _, photo_id in pairs[start:stop]])
                start = stop
        if checked is not None:
            self._set_sections(checked)
        self.batch_finished.emit()

    def remove_photos(self, ids: Collection[int]) -> None:
        """Take photos out; ids that are not shown are passed over. Sections left empty go too."""
        rows = self._rows_of(ids)
        if rows.size:
            self.batch_started.emit()
            self._drop(rows)
            self._set_sections(
                tuple(section for section in self._sections if section.count),
            )
            self.batch_finished.emit()

    def refresh(self, photo_ids: Collection[int]) -> None:
        """Something about these photos changed: views draw them anew."""
        for first, last in _runs(self._rows_of(photo_ids)):
            self.dataChanged.emit(self.index(first), self.index(last))

    def set_favourites(self, photo_ids: Iterable[int]) -> None:
        """Which photos bear the heart, among those shown or not."""
        self._favourites = set(photo_ids)
        if self._ids:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1), [FAVOURITE_ROLE])

    def mark_favourites(self, photo_ids: Collection[int], favourite: bool) -> None:
        if favourite:
            self._favourites.update(photo_ids)
        else:
            self._favourites.difference_update(photo_ids)
        self.refresh(photo_ids)

    # --- the steps ----------------------------------------------------------------------------

    def _view(self) -> _Ids:
        """The ids as numpy sees them; must not outlive the statement, or the array cannot grow."""
        return np.frombuffer(self._ids, np.int64) if self._ids else np.empty(0, np.int64)

    def _rows_of(self, ids: Collection[int]) -> npt.NDArray[np.intp]:
        return np.flatnonzero(np.isin(self._view(), np.fromiter(ids, np.int64, len(ids))))

    def _set_sections(self, sections: tuple[Section, ...]) -> None:
        if sections != self._sections:
            self._sections = sections
            self.sections_changed.emit()

    def _insert_run(self, row: int, ids: Sequence[int]) -> None:
        if not ids:
            return
        if not 0 <= row <= len(self._ids):
            raise ValueError(f"Row {row} is outside the {len(self._ids)} rows of the grid.")
        self.beginInsertRows(QModelIndex(), row, row + len(ids) - 1)
        self._ids[row:row] = array("q", ids)
        self._sections = tuple(_grown(self._sections, row, len(ids)))
        self.endInsertRows()

    def _remove_run(self, first: int, last: int) -> None:
        self.beginRemoveRows(QModelIndex(), first, last)
        del self._ids[first : last + 1]
        self._sections = tuple(_shrunk(self._sections, first, last + 1))
        self.endRemoveRows()

    def _drop(self, rows: npt.NDArray[np.intp]) -> None:
        runs = _runs(rows)
        if len(runs) > _MANY_RUNS:
            stays = np.ones(len(self._ids), np.bool_)
            stays[rows] = False
            self._reorder(np.concatenate([self._view()[stays], self._view()[~stays]]))
            runs = [(len(self._ids) - len(rows), len(self._ids) - 1)]
        for first, last in reversed(runs):
            self._remove_run(first, last)

    def _add(self, rows: npt.NDArray[np.intp], final: _Ids) -> None:
        runs = _runs(rows)
        if len(runs) > _MANY_RUNS:
            self._insert_run(len(self._ids), final[rows].tolist())
            self._reorder(final)
            return
        for first, last in runs:
            self._insert_run(first, final[first : last + 1].tolist())

    def _reorder(self, final: _Ids) -> None:
        """Bring the ids, none added or lost, into a new order. Sections stay where they are."""
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        held = np.array([self._ids[index.row()] for index in old], np.int64)
        order = np.argsort(final)
        rows = order[np.searchsorted(final, held, sorter=order)]
        self._ids = array("q", final.tobytes())
        self.changePersistentIndexList(old, [self.index(row) for row in rows.tolist()])
        self.layoutChanged.emit()


def _compared(old: _Ids, new: _Ids) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which of the old ids are among the new, and which of the new among the old.

    Mostly a few photos came or went: only between the first and the last difference is looked up.
    """
    shared = min(len(old), len(new))
    head = _alike(old[:shared], new[:shared])
    tail = _alike(old[len(old) - shared + head :][::-1], new[len(new) - shared + head :][::-1])
    stays, known = np.ones(len(old), np.bool_), np.ones(len(new), np.bool_)
    middles = slice(head, len(old) - tail), slice(head, len(new) - tail)
    stays[middles[0]] = np.isin(old[middles[0]], new[middles[1]])
    known[middles[1]] = np.isin(new[middles[1]], old[middles[0]])
    return stays, known


def _alike(first: _Ids, second: _Ids) -> int:
    """How many ids at the front of two rows of equal length are the same."""
    differ = first != second
    return int(differ.argmax()) if differ.any() else len(first)


def _checked(sections: Sequence[Section], rows: int) -> tuple[Section, ...]:
    row = 0
    for section in sections:
        if section.first_row != row or section.count < 0:
            raise ValueError(f"Section {section.title!r} does not begin at row {row}.")
        row += section.count
    if sections and row != rows:
        raise ValueError(f"The sections cover {row} of {rows} rows.")
    return tuple(sections)


def _runs(rows: npt.NDArray[np.intp]) -> list[tuple[int, int]]:
    """Ascending rows as (first, last) of each contiguous run."""
    if not rows.size:
        return []
    breaks = np.flatnonzero(np.diff(rows) != 1)
    firsts = rows[np.concatenate([[0], breaks + 1])]
    lasts = rows[np.concatenate([breaks, [rows.size - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _grown(sections: Sequence[Section], row: int, count: int) -> Iterator[Section]:
    """The sections after ``count`` rows came in at ``row``."""
    waiting = True
    for number, section in enumerate(sections):
        end = section.first_row + section.count
        if waiting and (row < end or number == len(sections) - 1):
            waiting = False
            yield replace(section, count=section.count + count)
        elif waiting:
            yield section
        else:
            yield _moved(section, section.first_row + count, section.count)


def _shrunk(sections: Sequence[Section], first: int, stop: int) -> Iterator[Section]:
    """The sections after the rows ``first`` up to, without, ``stop`` went."""
    for section in sections:
        end = section.first_row + section.count
        gone_before = max(0, min(stop, section.first_row) - first)
        gone_inside = max(0, min(stop, end) - max(first, section.first_row))
        yield _moved(section, section.first_row - gone_before, section.count - gone_inside)


def _moved(section: Section, first_row: int, count: int) -> Section:
    """As ``replace``, at a fraction of the time: there may be thousands."""
    return Section(section.title, first_row, count, section.collapsed, section.foldable, section.detail)
