"""The grid's model. It holds photo ids; everything else is loaded for visible cells only."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from safelight.ui import wording
from safelight.ui.library.grid_content import Section
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.ui.grid.row_arithmetic import Ids, RowArithmetic, Rows

PHOTO_ID_ROLE = int(Qt.ItemDataRole.UserRole) + 1
FAVOURITE_ROLE = int(Qt.ItemDataRole.UserRole) + 2

_MANY_RUNS = 64
"""With more separate insertions or removals than this, one range change and a reordering are faster."""

_Index = QModelIndex | QPersistentModelIndex
_Flag = Qt.ItemFlag
_FLAGS = _Flag.ItemIsEnabled | _Flag.ItemIsSelectable | _Flag.ItemIsDragEnabled | _Flag.ItemNeverHasChildren
"""Of every photo. Selecting asks for them often, and joining flags is slow."""


class PhotoGridModel(QAbstractListModel):
    """Unique photo ids in display order, divided into sections."""

    sections_changed = Signal()
    """The sections changed and the rows did not."""
    batch_started = Signal()
    batch_finished = Signal()
    """Emitted before and after a group of changes, so that views lay out once."""

    def __init__(
        self, name_of: Callable[[int], str | None] | None = None, parent: QObject | None = None
    ) -> None:
        """``name_of`` returns a photo's file name if it is known, without blocking."""
        super().__init__(parent)
        self._name_of = name_of
        self._ids = array("q")
        self._sections: tuple[Section, ...] = ()
        self._favourites: set[int] = set()

    # --- reading ------------------------------------------------------------------------------

    @property
    def sections(self) -> tuple[Section, ...]:
        """Contiguous sections covering all rows. Empty means one section without a heading."""
        return self._sections

    def photo_id(self, row: int) -> int:
        return self._ids[row]

    def photo_ids(self, first: int, stop: int) -> list[int]:
        """The ids of rows ``first`` to ``stop``, exclusive."""
        return self._ids[first:stop].tolist()

    def ids_of(self, runs: Iterable[tuple[int, int]]) -> array[int]:
        """The ids of (first, stop) ranges, concatenated. Fast for a million rows."""
        found = array("q")
        for first, stop in runs:
            found += self._ids[first:stop]
        return found

    def row_of(self, photo_id: int) -> int | None:
        return self._arithmetic.row_of(self._ids, photo_id)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._ids)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _FLAGS

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
            name = self._name(photo_id) or translate("PhotoGridModel", "Photo")
            return (
                translate("PhotoGridModel", "{name}, favourite").format(name=name)
                if photo_id in self._favourites
                else name
            )
        return None

    def is_favourite(self, photo_id: int) -> bool:
        return photo_id in self._favourites

    def _name(self, photo_id: int) -> str | None:
        return self._name_of(photo_id) if self._name_of is not None else None

    # --- replacing ----------------------------------------------------------------------------

    def set_photos(self, ids: Iterable[int], sections: Sequence[Section] = ()) -> None:
        """Show different photos. Views scroll to the top and clear the selection.

        Raises ValueError if the sections are not contiguous or do not cover exactly these rows.
        """
        new = array("q", ids)
        checked = _check_sections(sections, len(new))
        self.beginResetModel()
        self._ids = new
        self._sections = checked
        self.endResetModel()

    def update_photos(self, ids: Iterable[int], sections: Sequence[Section] = ()) -> None:
        """Show an updated version of the same list. Photos that stay keep their selection and position."""
        rows = self._arithmetic
        new = rows.view(array("q", ids))
        checked = _check_sections(sections, len(new))
        if rows.same(rows.view(self._ids), new):
            self._set_sections(checked)
            return
        self.batch_started.emit()
        changes = rows.compared(rows.view(self._ids), new)
        if checked != self._sections:
            self._sections = ()  # sections are set once at the end
        self._drop(changes.removed)
        if changes.in_order:
            self._add(changes.added, new)
        else:
            # Append the new photos, then sort everything in one step.
            self._insert_run(len(self._ids), new[changes.added].tolist())
            self._reorder(new)
        self._set_sections(checked)
        self.batch_finished.emit()

    def set_sections(self, sections: Sequence[Section]) -> None:
        """Divide the same photos into other sections."""
        self._set_sections(_check_sections(sections, len(self._ids)))

    def set_section_collapsed(self, section: int, collapsed: bool) -> None:
        """Collapse or expand a section (an index into :attr:`sections`)."""
        changed = list(self._sections)
        changed[section] = replace(changed[section], collapsed=collapsed)
        self._set_sections(tuple(changed))

    # --- repainting ----------------------------------------------------------------------------

    def refresh(self, photo_ids: Collection[int]) -> None:
        """Repaint these photos."""
        rows = self._arithmetic
        for first, last in rows.runs(rows.rows_of(self._ids, photo_ids)):
            self.dataChanged.emit(self.index(first), self.index(last))

    def set_favourites(self, photo_ids: Iterable[int]) -> None:
        """Set which photos are favourites. May include photos that are not in the model."""
        self._favourites = set(photo_ids)
        if self._ids:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1), [FAVOURITE_ROLE])

    @property
    def favourite_count(self) -> int:
        """Including favourites that are not in the model."""
        return len(self._favourites)

    def mark_favourites(self, photo_ids: Collection[int], favourite: bool) -> None:
        """Add photos to the favourites, or remove them."""
        if favourite:
            self._favourites.update(photo_ids)
        else:
            self._favourites.difference_update(photo_ids)
        self.refresh(photo_ids)

    # --- the steps ----------------------------------------------------------------------------

    @cached_property
    def _arithmetic(self) -> RowArithmetic:
        from safelight.ui.grid.row_arithmetic import RowArithmetic  # NumPy is loaded after the first paint

        return RowArithmetic()

    def _set_sections(self, sections: tuple[Section, ...]) -> None:
        if sections != self._sections:
            self._sections = sections
            self.sections_changed.emit()

    def _insert_run(self, row: int, ids: Sequence[int]) -> None:
        if not ids:
            return
        self.beginInsertRows(QModelIndex(), row, row + len(ids) - 1)
        self._ids[row:row] = array("q", ids)
        self._sections = _sections_after_insertion(self._sections, row, len(ids))
        self.endInsertRows()

    def _remove_run(self, first: int, last: int) -> None:
        self.beginRemoveRows(QModelIndex(), first, last)
        del self._ids[first : last + 1]
        self._sections = tuple(_sections_after_removal(self._sections, first, last + 1))
        self.endRemoveRows()

    def _drop(self, rows: Rows) -> None:
        runs = self._arithmetic.runs(rows)
        if len(runs) > _MANY_RUNS:
            self._reorder(self._arithmetic.at_the_end(self._ids, rows))
            runs = [(len(self._ids) - len(rows), len(self._ids) - 1)]
        for first, last in reversed(runs):
            self._remove_run(first, last)

    def _add(self, rows: Rows, final: Ids) -> None:
        runs = self._arithmetic.runs(rows)
        if len(runs) > _MANY_RUNS:
            self._insert_run(len(self._ids), final[rows].tolist())
            self._reorder(final)
            return
        for first, last in runs:
            self._insert_run(first, final[first : last + 1].tolist())

    def _reorder(self, final: Ids) -> None:
        """Reorder the ids without adding or removing any. Sections keep their rows."""
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        rows = self._arithmetic.places([self._ids[index.row()] for index in old], final)
        self._ids = array("q", final.tobytes())
        self.changePersistentIndexList(old, [self.index(row) for row in rows])
        self.layoutChanged.emit()


def _check_sections(sections: Sequence[Section], rows: int) -> tuple[Section, ...]:
    row = 0
    for section in sections:
        if section.first_row != row or section.count < 0:
            raise ValueError(f"Section {section.title!r} does not begin at row {row}.")
        row += section.count
    if sections and row != rows:
        raise ValueError(f"The sections cover {row} of {rows} rows.")
    return tuple(sections)


def _sections_after_insertion(sections: Sequence[Section], row: int, count: int) -> tuple[Section, ...]:
    """The sections after inserting ``count`` rows at ``row``."""
    if not sections:
        return ()
    number = min(bisect_right(sections, row, key=_end), len(sections) - 1)
    section = sections[number]
    return (
        *sections[:number],
        replace(section, count=section.count + count),
        *(_with_rows(each, each.first_row + count, each.count) for each in sections[number + 1 :]),
    )


def _sections_after_removal(sections: Sequence[Section], first: int, stop: int) -> Iterator[Section]:
    """The sections after removing rows ``first`` to ``stop``, exclusive."""
    unchanged = bisect_right(sections, first, key=_end)
    yield from sections[:unchanged]
    for section in sections[unchanged:]:
        gone_before = max(0, min(stop, section.first_row) - first)
        gone_inside = max(0, min(stop, _end(section)) - max(first, section.first_row))
        yield _with_rows(section, section.first_row - gone_before, section.count - gone_inside)


def _end(section: Section) -> int:
    return section.first_row + section.count


def _with_rows(section: Section, first_row: int, count: int) -> Section:
    """The section with other rows. Faster than ``dataclasses.replace``, as there may be thousands."""
    return Section(
        section.title,
        first_row,
        count,
        section.collapsed,
        section.foldable,
        section.detail,
        section.packs,
    )
