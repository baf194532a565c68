"""Which of several files is the better one: the rules, put into the order that the person likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.keeper import DEFAULT_RULES, KeeperRule

_WORDS = {
    KeeperRule.MARKS: "Your marks: a favourite, a higher rating",
    KeeperRule.PIXELS: "More pixels",
    KeeperRule.ORIGINAL: "Nearer to what came out of the camera",
    KeeperRule.COMPRESSION: "Less compressed",
    KeeperRule.DETAILS: "Says more of how it was taken",
    KeeperRule.SHARPNESS: "Sharper",
    KeeperRule.FOLDER: "Not in a folder that collects things, such as Downloads",
    KeeperRule.NAME: "Not named like a copy, or by a messenger",
    KeeperRule.SIZE: "The larger file",
    KeeperRule.AGE: "The older file",
}

_RULE = int(Qt.ItemDataRole.UserRole)


class RuleList(QListWidget):
    """All rules, the most important first; a row is moved by the mouse or with Alt and an arrow key."""

    ordered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Rules, the most important first")
        self.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        # A row that was dropped arrives before the other goes, so counting waits until both are done.
        self.model().rowsRemoved.connect(self._number, Qt.ConnectionType.QueuedConnection)
        self.model().rowsMoved.connect(self._number, Qt.ConnectionType.QueuedConnection)

    @property
    def rules(self) -> tuple[KeeperRule, ...]:
        return tuple(KeeperRule(self.item(row).data(_RULE)) for row in range(self.count()))

    def show_rules(self, rules: Sequence[KeeperRule]) -> None:
        self.clear()
        for rule in rules:
            item = QListWidgetItem()
            item.setData(_RULE, str(rule))
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
            self.item(row).setText(f"{row + 1}.  {_WORDS[rule]}")
        self.ordered.emit()


class RulesDialog(QDialog):
    """Asks for an order; what comes of it is told, if it is another than before."""

    chosen = Signal(object)  # tuple of every KeeperRule, the most important first

    def __init__(self, rules: Sequence[KeeperRule], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("What to keep")
        self.setMinimumWidth(520)
        self._before = tuple(rules) or DEFAULT_RULES
        self.list = RuleList()
        self.list.show_rules(self._before)
        self.list.setMinimumHeight(
            self.list.sizeHintForRow(0) * len(DEFAULT_RULES) + 2 * self.list.frameWidth()
        )
        self.up = self._button("Up", "Alt+Up", lambda: self.list.move_current(-1))
        self.down = self._button("Down", "Alt+Down", lambda: self.list.move_current(1))
        self.usual = self._button("Back to the usual order", "", lambda: self.list.show_rules(DEFAULT_RULES))
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.up)
        beside.addWidget(self.down)
        beside.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.list, 1)
        middle.addLayout(beside)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())  # the style's own is garish
        buttons.addButton(self.usual, QDialogButtonBox.ButtonRole.ResetRole)
        self.accept_button = buttons.addButton("Use this order", QDialogButtonBox.ButtonRole.AcceptRole)
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(_label("Which file is the better one?", "section"))
        layout.addWidget(_label("The first of these that tells two files apart says which to keep."))
        layout.addLayout(middle)
        layout.addWidget(
            _label(
                "Drag a row, or press Alt with ↑ or ↓. What you protected is kept in any case. Of crops and "
                "edits, your marks and the camera's own file always come before more pixels.",
                "secondary",
            )
        )
        layout.addSpacing(8)
        layout.addWidget(buttons)
        self.list.currentRowChanged.connect(self._follow)
        self.list.ordered.connect(self._follow)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(self._tell)
        self.finished.connect(self.deleteLater)
        self._follow()
        self.list.setFocus()

    def _button(self, text: str, keys: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        if keys:
            button.setToolTip(f"{text} ({keys})")
        button.clicked.connect(act)
        return button

    def _follow(self) -> None:
        row = self.list.currentRow()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.list.count() - 1)

    def _tell(self) -> None:
        if self.list.rules != self._before:
            self.chosen.emit(self.list.rules)


def _label(text: str, kind: str = "") -> QLabel:
    label = QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    if kind:
        label.setProperty("kind", kind)
    return label
