"""A list of rules that the user puts in order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from safelight.core.keeper import KeeperRule
from safelight.core.settings import RULE_LABELS
from safelight.ui.translation import message_text, translate

_RULE_ROLE = int(Qt.ItemDataRole.UserRole)


class RuleList(QListWidget):
    """All rules, the most important first; the mouse, or Alt and an arrow key, moves a row."""

    ordered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("RuleList", "Rules, the most important first"))
        self.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setStyleSheet("QListView { background: transparent; }")  # it is on a card or in a dialog
        # A dropped row is inserted before the old one is removed, so numbering waits until both are done.
        self.model().rowsRemoved.connect(self._number, Qt.ConnectionType.QueuedConnection)
        self.model().rowsMoved.connect(self._number, Qt.ConnectionType.QueuedConnection)

    @property
    def rules(self) -> tuple[KeeperRule, ...]:
        return tuple(KeeperRule(self.item(row).data(_RULE_ROLE)) for row in range(self.count()))

    def height_for_all(self) -> int:
        """The height in pixels with which all rules are visible."""
        return self.sizeHintForRow(0) * self.count() + 2 * self.frameWidth()

    def show_rules(self, rules: Sequence[KeeperRule]) -> None:
        self.clear()
        for rule in rules:
            item = QListWidgetItem()
            item.setData(_RULE_ROLE, str(rule))
            self.addItem(item)
        self._number()
        self.setCurrentRow(0)

    def move_current(self, by: int) -> None:
        """Move the current row up (-1) or down (1), as far as there is room."""
        row = self.currentRow()
        if row >= 0 and 0 <= row + by < self.count():
            self.insertItem(row + by, self.takeItem(row))
            self.setCurrentRow(row + by)
            self._number()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if by is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.move_current(by)
            return
        super().keyPressEvent(event)

    def _number(self) -> None:
        for row, rule in enumerate(self.rules):
            self.item(row).setText(f"{row + 1}.  {message_text(RULE_LABELS[rule])}")
        self.ordered.emit()
