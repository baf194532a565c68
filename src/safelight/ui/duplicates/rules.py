"""The dialog in which the user orders the rules that decide which of several files to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.keeper import DEFAULT_RULES, KeeperRule
from safelight.ui.translation import translate
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.rule_list import RuleList


class RulesDialog(QDialog):
    """Asks for an order; emits it if it differs from the one before."""

    chosen = Signal(object)  # tuple of every KeeperRule, the most important first

    def __init__(self, rules: Sequence[KeeperRule], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("RulesDialog", "What to keep"))
        self.setMinimumWidth(520)
        self._before = tuple(rules) or DEFAULT_RULES
        self.list = RuleList()
        self.list.show_rules(self._before)
        self.list.setMinimumHeight(self.list.height_for_all())
        self.up = self._button(translate("RulesDialog", "Up"), "Alt+Up", lambda: self.list.move_current(-1))
        self.down = self._button(
            translate("RulesDialog", "Down"), "Alt+Down", lambda: self.list.move_current(1)
        )
        self.usual = self._button(
            translate("RulesDialog", "Restore default order"), "", lambda: self.list.show_rules(DEFAULT_RULES)
        )
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.up)
        beside.addWidget(self.down)
        beside.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.list, 1)
        middle.addLayout(beside)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        buttons.addButton(self.usual, QDialogButtonBox.ButtonRole.ResetRole)
        self.accept_button = buttons.addButton(
            translate("RulesDialog", "Use this order"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(plain_label(translate("RulesDialog", "Choose what to keep first"), "section"))
        layout.addWidget(
            plain_label(
                translate("RulesDialog", "The first rule that two files differ in decides which one to keep.")
            )
        )
        layout.addLayout(middle)
        layout.addWidget(
            plain_label(
                translate(
                    "RulesDialog",
                    "Drag a row, or press Alt with ↑ or ↓. Protected files are always kept. Of crops and "
                    "edits, your marks and the camera's own file always come before more pixels.",
                ),
                "secondary",
            )
        )
        layout.addSpacing(8)
        layout.addWidget(buttons)
        self.list.currentRowChanged.connect(self._enable_buttons)
        self.list.ordered.connect(self._enable_buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(self._emit_chosen)
        self.finished.connect(self.deleteLater)
        self._enable_buttons()
        self.list.setFocus()

    def _button(self, text: str, keys: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        if keys:
            button.setToolTip(f"{text} ({keys})")
        button.clicked.connect(act)
        return button

    def _enable_buttons(self) -> None:
        row = self.list.currentRow()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.list.count() - 1)

    def _emit_chosen(self) -> None:
        if self.list.rules != self._before:
            self.chosen.emit(self.list.rules)
