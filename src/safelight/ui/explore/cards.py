"""The model of the list of themes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from safelight.core.themes import Theme as PhotoTheme
from safelight.ui import wording
from safelight.ui.translation import translate
from safelight.ui.widgets.cards import CARD_ROLE, Card, year_span

_Index = QModelIndex | QPersistentModelIndex


class ThemeModel(QAbstractListModel):
    """The themes of one level."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.themes: list[PhotoTheme] = []
        self._inside: dict[int, int] = {}

    def set_themes(self, themes: Sequence[PhotoTheme], inside: dict[int, int]) -> None:
        """``inside``: how many themes each contains, by its id."""
        self.beginResetModel()
        self.themes, self._inside = list(themes), inside
        self.endResetModel()

    def inside(self, theme: PhotoTheme) -> int:
        """How many themes a theme contains."""
        return self._inside.get(theme.id, 0)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.themes)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        theme = self.themes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return theme.name
            case Qt.ItemDataRole.ToolTipRole:
                return wording.tip(f"{theme.name}\n{self.detail(theme)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{theme.name}, {self.detail(theme)}"
            case _:
                return self._card(theme) if role == CARD_ROLE else None

    def _card(self, theme: PhotoTheme) -> Card:
        return Card(theme.name, self.detail(theme), theme.covers, dimmed=theme.hidden)

    def detail(self, theme: PhotoTheme) -> str:
        """``238 photos · 2004–2026``, and how many themes are inside."""
        parts = [wording.count_of(theme.size, "photo"), year_span(theme.first, theme.last)]
        if self.inside(theme):
            parts.append(wording.count_of(self.inside(theme), "theme"))
        if theme.hidden:
            parts.append(translate("Explore", "hidden"))
        return " · ".join(parts)
