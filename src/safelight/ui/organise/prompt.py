"""A dialog that asks for the name of a tag or album and completes it while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from safelight.core.errors import UsageError
from safelight.core.organising import LONGEST_NAME
from safelight.ui.organise.completion import NameCompleter
from safelight.ui.translation import translate


class NamePrompt(QDialog):
    """Return accepts the name. The known names that contain what is typed are offered."""

    named = Signal(str)

    def __init__(
        self,
        title: str,
        verb: str,
        known: Sequence[str],
        check: Callable[[str], str],
        parent: QWidget,
        *,
        name: str = "",
        hint: str = "",
    ) -> None:
        """``check`` returns the name as it is stored, or raises UsageError with what is wrong."""
        super().__init__(parent)
        self._check = check
        self._said = hint
        self.setWindowTitle(title)
        self.setMinimumWidth(380)
        self.field = QLineEdit(name)
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setAccessibleName(title)
        self.field.selectAll()
        self.completer = NameCompleter(self.field, known)
        self._hint = QLabel(hint, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._hint.setProperty("kind", "secondary")
        self._hint.setMinimumHeight(16)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())  # the style's is too bright
        self.button = buttons.addButton(verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.button.setProperty("kind", "primary")
        self.button.setDefault(True)
        label = QLabel(translate("NamePrompt", "Name"))
        label.setBuddy(self.field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (label, self.field, self._hint, buttons):
            layout.addWidget(widget)
        self.field.textChanged.connect(self._judge)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self._judge(name)

    @property
    def hint(self) -> str:
        return self._hint.text()

    def _judge(self, text: str) -> None:
        wrong = ""
        if text.strip():
            try:
                self._check(text)
            except UsageError as error:
                wrong = str(error)
        self._hint.setText(wrong or self._said)
        self.button.setEnabled(bool(text.strip()) and not wrong)

    def _accept(self) -> None:
        try:
            name = self._check(self.field.text())
        except UsageError:
            return
        self.named.emit(name)
        self.accept()
