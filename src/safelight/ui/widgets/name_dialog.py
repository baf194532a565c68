"""The form of a dialog that asks for a name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from safelight.core.errors import UsageError
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.labels import plain_label


class NameDialogBase(QDialog):
    """A field with a hint below it, and a button that accepts the name.

    A subclass says what is wrong with a name in :meth:`judge`, and in :meth:`cleaned` what is accepted. It
    calls :meth:`judge` itself once it is ready.
    """

    named = Signal(str)

    def __init__(
        self, title: str, verb: str, name: str, max_length: int, parent: QWidget, *, label: str = ""
    ) -> None:
        """``label`` describes the field; “Name” if empty."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.field = QLineEdit(name)
        self.field.setMaxLength(max_length)
        self.field.selectAll()
        self._hint = plain_label("", "secondary")
        self._hint.setMinimumHeight(16)
        # With its parent from the start: the default button is remembered by the dialog that it is in.
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.button = buttons.addButton(verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.button.setProperty("kind", "primary")
        self.button.setDefault(True)
        caption = QLabel(label or translate("NameDialog", "Name"))
        caption.setBuddy(self.field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (caption, self.field, self._hint, buttons):
            layout.addWidget(widget)
        # The buttons got their parent first, so that they would have the focus otherwise.
        QWidget.setTabOrder(self.field, self.button)
        self.field.setFocus()
        self.field.textChanged.connect(self.judge)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)

    @property
    def hint(self) -> str:
        return self._hint.text()

    @abstractmethod
    def judge(self, text: str) -> None:
        """Show the comment on the text, and enable the button if it can be accepted."""

    @abstractmethod
    def cleaned(self, text: str) -> str | None:
        """The name as it is stored; None keeps the dialog open."""

    def _accept(self) -> None:
        name = self.cleaned(self.field.text())
        if name is not None:
            self.named.emit(name)
            self.accept()


class CheckedNameDialog(NameDialogBase):
    """Accepts the names that a function accepts, and shows its error message for others."""

    def __init__(
        self,
        title: str,
        verb: str,
        name: str,
        max_length: int,
        check: Callable[[str], str],
        parent: QWidget,
        *,
        hint: str = "",
    ) -> None:
        """``check`` returns the name as it is stored, or raises UsageError with what is wrong."""
        super().__init__(title, verb, name, max_length, parent)
        self._check = check
        self._usual_hint = hint
        self.setMinimumWidth(380)
        self.field.setAccessibleName(title)
        self.judge(name)

    def judge(self, text: str) -> None:
        wrong = ""
        if text.strip():
            try:
                self._check(text)
            except UsageError as error:
                wrong = error_text(error)
        self._hint.setText(wrong or self._usual_hint)
        self.button.setEnabled(bool(text.strip()) and not wrong)

    def cleaned(self, text: str) -> str | None:
        try:
            return self._check(text) or None
        except UsageError:
            return None
