"""A setting with the input widget that its form needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from safelight.core.message import Message
from safelight.core.settings import (
    ChoiceForm,
    Effect,
    NumberForm,
    RankingForm,
    Setting,
    SwitchForm,
    setting_text,
)
from safelight.ui.translation import message_text, translate
from safelight.ui.widgets.inputs import ChoiceBox, NumberBox
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.rule_list import RuleList

_LONG_CHOICE_FROM = 32
"""Characters from which choices are below the words: beside them they would be cut off."""
_MIN_TEXT_WIDTH = 120
"""Pixels that the text of a setting has at least."""
_LINE_SPACING = 2


class SettingRow(QWidget):
    """Title, help and input of one setting. Emits what the user changes."""

    changed = Signal(str, str)  # name and text, as safelight.core.settings declares them

    def __init__(self, setting: Setting[object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self._shown: object = None
        self._beside = self._narrow = False
        """Whether a wide input is beside the text in a wide window, and whether the window is narrow."""
        title = QLabel(message_text(setting.title), wordWrap=True)
        later = (
            ""
            if setting.effect is Effect.AT_ONCE
            else translate("SettingRow", " Takes effect {effect}.").format(
                effect=message_text(setting.effect.value)
            )
        )
        help_text = QLabel(message_text(setting.help) + later, wordWrap=True)
        help_text.setProperty("kind", "secondary")
        help_text.setMinimumWidth(_MIN_TEXT_WIDTH)  # a long choice is shortened first
        self.input, self._show = self._make_input(setting)
        self.input.setAccessibleName(message_text(setting.title))
        self.input.setAccessibleDescription(message_text(setting.help))
        title.setBuddy(self.input)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(_LINE_SPACING)
        grid.addWidget(title, 0, 0)
        grid.addWidget(help_text, 1, 0)
        if isinstance(setting.form, RankingForm):
            grid.setVerticalSpacing(8)
            self.restore = QPushButton(translate("SettingRow", "Restore default order"))
            self.restore.clicked.connect(self._restore)
            hint = translate("SettingRow", "Drag a rule, or press Alt with ↑ or ↓, to move it.")
            rows = (title, help_text, self.input, plain_label(hint, "secondary"))
            for row, widget in enumerate(rows):
                grid.addWidget(widget, row, 0)
            # Beside the hint, the button would widen the row beyond a narrow window.
            grid.addWidget(self.restore, len(rows), 0, Qt.AlignmentFlag.AlignLeft)
        elif isinstance(setting.form, ChoiceForm) and _is_long(setting.form.labels.values()):
            grid.setVerticalSpacing(6)
            grid.addWidget(self.input, 2, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        else:
            self._beside = not isinstance(setting.form, SwitchForm)
            self._place_beside()
        grid.setColumnStretch(0, 1)
        self.show_value(setting.default)

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the input is below the text if it is wide."""
        if self._beside and narrow != self._narrow:
            self._narrow = narrow
            self._grid.removeWidget(self.input)
            self._grid.setVerticalSpacing(6 if narrow else _LINE_SPACING)
            if narrow:
                self._grid.addWidget(self.input, 2, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
            else:
                self._place_beside()

    def _place_beside(self) -> None:
        place = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(self.input, 0, 1, 2, 1, place)

    def show_value(self, value: object) -> None:
        """Show a value that was set elsewhere. Emits nothing."""
        self.input.blockSignals(True)
        self._shown = value
        self._show(value)
        self.input.blockSignals(False)

    def _emit(self, value: object) -> None:
        if value == self._shown:  # a list of rules also reports that it was filled
            return
        self._shown = value
        self.changed.emit(self.setting.name, setting_text(value))

    def _make_input(self, setting: Setting[object]) -> tuple[QWidget, Callable[[object], object]]:
        """The input widget, and how it shows a value."""
        match setting.form:
            case ChoiceForm(labels=labels):
                box = ChoiceBox()
                for word, label in labels.items():
                    box.addItem(message_text(label), word)
                box.view().setAccessibleName(message_text(setting.title))
                box.activated.connect(lambda _: self._emit(box.currentData()))
                return box, lambda value: box.setCurrentIndex(box.findData(setting_text(value)))
            case SwitchForm():
                check = QCheckBox()
                check.clicked.connect(self._emit)
                return check, lambda value: check.setChecked(value is True)
            case NumberForm() as form:
                return self._number_box(form)
            case _:
                rules = RuleList()
                rules.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
                rules.ordered.connect(lambda: self._emit(rules.rules))

                def show(value: object) -> None:
                    rules.show_rules(value if isinstance(value, tuple) else ())
                    rules.setFixedHeight(rules.height_for_all())

                return rules, show

    def _restore(self) -> None:
        """Choose the default, as if the user had entered it."""
        value, shown = self.setting.default, self._shown
        self.show_value(value)
        self._shown = shown
        self._emit(value)

    def _number_box(self, form: NumberForm) -> tuple[QWidget, Callable[[object], object]]:
        number = NumberBox()
        number.setRange(form.lowest, form.highest)
        number.setSuffix(f" {message_text(form.unit)}".rstrip())
        if form.zero is not None:
            number.setSpecialValueText(message_text(form.zero))
        number.setKeyboardTracking(False)  # a number counts when it is complete
        number.valueChanged.connect(self._emit)
        return number, lambda value: number.setValue(value if isinstance(value, int) else 0)


def _is_long(labels: Iterable[Message]) -> bool:
    return max(len(message_text(label)) for label in labels) > _LONG_CHOICE_FROM
