"""The differences between the files of a group, as a table that states in words which value is better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from safelight.core.duplicates import DuplicateKind, DuplicateMember
from safelight.ui import wording
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import translate

_Index = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT = 24
_STYLE_SHEET = """
QTableView::item { padding: 0 8px; }
QHeaderView::section:vertical { border: none; padding: 0 8px 0 12px; }
QTableCornerButton::section { background: transparent; border: none; }
"""
_RAW = frozenset({"DNG", "CR2", "CR3", "NEF", "ARW", "ORF", "RW2", "RAF", "PEF", "SRW", "RAW"})


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact of all files shown."""

    name: str
    texts: tuple[str, ...]
    best: tuple[bool, ...]
    """The better ones; none where all are equal, or none is better."""
    word: str = ""
    """What the better one is called: ``sharpest``."""


def fact_rows(members: Sequence[DuplicateMember], kind: DuplicateKind) -> tuple[list[FactRow], list[str]]:
    """The facts that differ, and the names of those that are the same for all files."""
    differing: list[FactRow] = []
    same: list[str] = []
    for row in _all_rows(members, kind):
        if len(set(row.texts)) > 1:
            differing.append(row)
        elif row.texts and row.texts[0] != _NO_VALUE:
            name = row.name if row.name.startswith("JPEG") else row.name.lower()
            same.append(f"{name} ({row.texts[0]})" if len(row.texts[0]) < 40 else name)
    return differing, same


_NO_VALUE = "–"


def _all_rows(members: Sequence[DuplicateMember], kind: DuplicateKind) -> list[FactRow]:
    facts = [member.facts for member in members]

    def row(name: str, texts: Sequence[str], ranks: Sequence[float | None] = (), word: str = "") -> FactRow:
        return FactRow(name, tuple(texts), _best(ranks) if ranks else (False,) * len(texts), word)

    # The size is only comparable between files of one format.
    formats = {each.format for each in facts}
    sizes = [float(each.size) for each in facts] if len(formats) == 1 else ()
    rows = [
        row(
            translate("Table", "Size"),
            [wording.file_size(each.size) for each in facts],
            sizes,
            translate("Table", "largest"),
        ),
        row(
            translate("Table", "Pixels"),
            [f"{each.width} × {each.height}" for each in facts],
            [float(each.width * each.height) for each in facts],
            translate("Table", "most"),
        ),
        row(
            translate("Table", "Format"),
            [each.format for each in facts],
            [float(each.format.upper() in _RAW) for each in facts],
            translate("Table", "camera original"),
        ),
        row(
            translate("Table", "JPEG quality"),
            [
                _NO_VALUE
                if each.jpeg_quality is None
                else translate("Table", "about {jpeg_quality}").format(jpeg_quality=each.jpeg_quality)
                for each in facts
            ],
            [each.jpeg_quality for each in facts],
            translate("Table", "least compressed"),
        ),
        row(
            translate("Table", "Sharpness"),
            [_NO_VALUE if each.sharpness is None else f"{each.sharpness:.0f}" for each in facts],
            [None if each.sharpness is None else round(each.sharpness) for each in facts],
            translate("Table", "sharpest"),
        ),
        row(
            translate("Table", "Date"),
            [
                wording.date(each.date) + ("" if each.date_is_taken else translate("Table", " (file date)"))
                for each in facts
            ],
            [float(each.date_is_taken) for each in facts],
            translate("Table", "taken"),
        ),
        row(
            translate("Table", "Camera"),
            [each.camera or _NO_VALUE for each in facts],
            [float(bool(each.camera)) for each in facts],
            translate("Table", "known"),
        ),
        row(
            translate("Table", "Folder"),
            [wording.display_path(str(Path(member.path).parent)) for member in members],
        ),
        row(
            translate("Table", "Marks"),
            [_marks(member) for member in members],
            [float(member.facts.favourite * 6 + member.facts.rating) for member in members],
            translate("Table", "marked by you"),
        ),
        row(translate("Table", "Companion files"), [_companions(member) for member in members]),
    ]
    if kind not in (DuplicateKind.IDENTICAL, DuplicateKind.SAME_PICTURE):
        likeness = [f"{100 * member.likeness:.1f} %" for member in members[1:]]
        rows.append(
            row(translate("Table", "Similarity"), [_NO_VALUE, *likeness])
        )  # relative to the first, which is always shown
    return rows


def _best(ranks: Sequence[float | None]) -> tuple[bool, ...]:
    """The highest ones, unless all are equal."""
    known = [rank for rank in ranks if rank is not None]
    if len(known) < 2 or min(known) == max(known):
        return (False,) * len(ranks)
    return tuple(rank == max(known) for rank in ranks)


def _marks(member: DuplicateMember) -> str:
    words = [translate("Table", "♥ favourite")] if member.facts.favourite else []
    if member.facts.rating:
        words.append("★" * member.facts.rating)
    if member.protected:
        words.append(translate("Table", "protected"))
    return " · ".join(words) or _NO_VALUE


def _companions(member: DuplicateMember) -> str:
    return ", ".join(wording.display_name(path) for path in member.companions) or _NO_VALUE


class FactsModel(QAbstractTableModel):
    """A column for each file shown, a row for each fact that differs between them."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._members: tuple[DuplicateMember, ...] = ()
        self._rows: list[FactRow] = []
        self.same: list[str] = []
        """The facts that do not differ."""

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._rows and self._members:
            last = self.index(len(self._rows) - 1, len(self._members) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def show_members(self, members: Sequence[DuplicateMember], kind: DuplicateKind) -> None:
        if tuple(members) == self._members:
            return
        self.beginResetModel()
        self._members = tuple(members)
        self._rows, self.same = fact_rows(members, kind)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._members)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows) or index.column() >= len(self._members):
            return None
        row, at = self._rows[index.row()], index.column()
        better = row.best[at]
        answers: dict[int, Callable[[], object]] = {
            Qt.ItemDataRole.DisplayRole: lambda: (
                f"{row.texts[at]}  ✓ {row.word}" if better else row.texts[at]
            ),
            Qt.ItemDataRole.ToolTipRole: lambda: wording.tip(row.texts[at]),
            Qt.ItemDataRole.ForegroundRole: lambda: QColor(self._theme.strong) if better else None,
            Qt.ItemDataRole.FontRole: lambda: _bold() if better else None,
            Qt.ItemDataRole.AccessibleTextRole: lambda: (
                f"{row.name}: {row.texts[at]}"
                + (translate("FactsModel", ", better: {word}").format(word=row.word) if better else "")
            ),
        }
        answer = answers.get(role)
        return answer() if answer is not None else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return self._rows[section].name if section < len(self._rows) else None
        return wording.display_name(self._members[section].path) if section < len(self._members) else None


class FactsTable(QTableView):
    """As high as its rows, with columns of equal width."""

    def __init__(self, model: FactsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(translate("FactsTable", "Differences"))
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setMinimumSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setFixedWidth(112)
        self.setCornerButtonEnabled(False)
        self.setStyleSheet(_STYLE_SHEET)
        self._limit = 1000
        model.modelReset.connect(self._fit)
        self._fit()

    def set_limit(self, pixels: int) -> None:
        """Limit the height; further rows are scrolled to."""
        self._limit = pixels
        self._fit()

    def _fit(self) -> None:
        needed = self.horizontalHeader().sizeHint().height() + _ROW_HEIGHT * self.model().rowCount() + 2
        fits = needed <= self._limit
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        self.setVerticalScrollBarPolicy(off if fits else on)
        self.setFixedHeight(min(needed, self._limit))


def _bold() -> QFont:
    font = QFont()
    font.setWeight(QFont.Weight.DemiBold)
    return font
