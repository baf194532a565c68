"""All keyboard shortcuts in a list that can be searched and, in the settings, changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from safelight.ui.commands.shortcuts import Shortcut
from safelight.ui.translation import translate

_SHORTCUT_ROLE = int(Qt.ItemDataRole.UserRole)


class ShortcutList(QWidget):
    """Commands and their keys by group, with a box that filters them."""

    change_requested = Signal(object)  # Shortcut

    def __init__(self, *, changeable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changeable = changeable
        self.box = QLineEdit()
        self.box.setPlaceholderText(translate("ShortcutList", "Find a command or key"))
        self.box.setAccessibleName(translate("ShortcutList", "Find a command or key"))
        self.box.setClearButtonEnabled(True)
        self.box.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(translate("ShortcutList", "Keyboard shortcuts"))
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.itemActivated.connect(self._ask)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.box)
        layout.addWidget(self.tree, 1)
        if changeable:
            hint = QLabel(
                translate(
                    "ShortcutList", "Press Enter on a command, or double-click it, to change its keys."
                ),
                wordWrap=True,
            )
            hint.setProperty("kind", "secondary")
            layout.addWidget(hint)

    def show_shortcuts(self, shortcuts: Sequence[Shortcut]) -> None:
        self.tree.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for each in shortcuts:
            group = groups.get(each.group)
            if group is None:
                group = groups[each.group] = QTreeWidgetItem(self.tree, [each.group, ""])
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = group.font(0)
                font.setBold(True)
                group.setFont(0, font)
            item = QTreeWidgetItem(group, [each.text, each.shown])
            item.setData(0, _SHORTCUT_ROLE, each)
        self.tree.expandAll()
        self._filter(self.box.text())

    def _groups(self) -> list[QTreeWidgetItem]:
        groups = (self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount()))
        return [group for group in groups if group is not None]

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for group in self._groups():
            for item in _children(group):
                said = f"{item.text(0)} {item.text(1)}".lower()
                item.setHidden(not all(word in said for word in words))
            group.setHidden(all(item.isHidden() for item in _children(group)))

    def _ask(self, item: QTreeWidgetItem) -> None:
        shortcut = item.data(0, _SHORTCUT_ROLE)
        if self._changeable and isinstance(shortcut, Shortcut) and shortcut.command:
            self.change_requested.emit(shortcut)


def _children(group: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = (group.child(row) for row in range(group.childCount()))
    return [child for child in children if child is not None]


class ShortcutSheet(QDialog):
    """All shortcuts at a glance; any key that is no filter closes it."""

    def __init__(self, shortcuts: Sequence[Shortcut], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("ShortcutSheet", "Keyboard shortcuts"))
        self.setMinimumSize(460, 380)
        self.resize(560, min(720, parent.height() - 40))
        self.list = ShortcutList(changeable=False)
        self.list.show_shortcuts(shortcuts)
        buttons = QDialogButtonBox(self)
        close = buttons.addButton(translate("ShortcutSheet", "Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self.list)
        layout.addWidget(buttons)
        self.list.box.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Escape):
            self.reject()
        else:
            super().keyPressEvent(event)


class ChangeKeysDialog(QDialog):
    """Asks for the key of a command, and says which other command has it."""

    chosen = Signal(object)  # tuple of portable texts; None for the default

    def __init__(self, shortcut: Shortcut, taken_by: Callable[[str], str], parent: QWidget) -> None:
        """``taken_by`` gives the text of the other command that has some keys, or an empty text."""
        super().__init__(parent)
        self._taken_by = taken_by
        self.setWindowTitle(translate("ChangeKeysDialog", "Change keys"))
        self.setMinimumWidth(380)
        words = QLabel(
            translate("ChangeKeysDialog", "Press the keys for “{text}”.").format(text=shortcut.text),
            wordWrap=True,
        )
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setKeySequence(QKeySequence(shortcut.keys[0]) if shortcut.keys else QKeySequence())
        self.edit.keySequenceChanged.connect(self._check)
        self.taken = QLabel("")
        self.taken.setProperty("kind", "warning")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        default = buttons.addButton(
            translate("ChangeKeysDialog", "Restore default"), QDialogButtonBox.ButtonRole.ResetRole
        )
        self.accept_button = buttons.addButton(
            translate("ChangeKeysDialog", "Use these keys"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.setDefault(True)
        default.clicked.connect(lambda: self._choose(None))
        buttons.accepted.connect(lambda: self._choose(self._keys()))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (words, self.edit, self.taken, buttons):
            layout.addWidget(widget)

    def _keys(self) -> tuple[str, ...]:
        text = self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        return (text,) if text else ()

    def _check(self) -> None:
        keys = self._keys()
        other = self._taken_by(keys[0]) if keys else ""
        self.taken.setText(
            translate("ChangeKeysDialog", "“{other}” has these keys.").format(other=other) if other else ""
        )
        self.accept_button.setEnabled(not other)

    def _choose(self, keys: tuple[str, ...] | None) -> None:
        self.chosen.emit(keys)
        self.accept()
