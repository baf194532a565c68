"""One model on the models page: what it is, its state, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.models import ModelRow
from safelight.ui.models import words as model_words
from safelight.ui.translation import constant_text, translate
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.wrapping_label import WrappingLabel

BESIDE, BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class ModelCard(QFrame):
    """Shows a :class:`ModelRow`. Each button emits a signal; the card itself does nothing."""

    download_requested = Signal(object)  # ModelRow
    pause_requested = Signal(str)
    discard_requested = Signal(str)
    use_requested = Signal(object)  # ModelRow
    compare_requested = Signal(object)  # ModelRow
    delete_requested = Signal(object)  # ModelRow

    def __init__(self, row: ModelRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = row
        self._transfer: tuple[int, int] | None = None
        self.setProperty("surface", "card")
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setProperty("kind", "section")
        self._badge = QLabel(translate("ModelCard", "Recommended"))
        self._badge.setProperty("kind", "badge")
        self._state = WrappingLabel()
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._stars = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._headline = plain_label("", "secondary")
        self._note = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._reason.setProperty("kind", "strong")
        self._error = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._error.setProperty("kind", "error")
        self._details = plain_label("", "secondary")
        self._details.hide()
        self.toggle = QPushButton(translate("ModelCard", "Details"))
        self.toggle.setCheckable(True)
        self.toggle.setProperty("kind", "quiet")
        self.toggle.toggled.connect(self._show_details)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(160)
        self._amount = plain_label("", "secondary")
        self._amount.setWordWrap(False)
        self.download = QPushButton()
        self.download.clicked.connect(lambda: self.download_requested.emit(self._row))
        self.pause = QPushButton(translate("ModelCard", "Pause"))
        self.pause.clicked.connect(lambda: self.pause_requested.emit(self._row.name))
        self.discard = QPushButton(translate("ModelCard", "Cancel"))
        self.discard.clicked.connect(lambda: self.discard_requested.emit(self._row.name))
        self.use = QPushButton(translate("ModelCard", "Use"))
        self.use.clicked.connect(lambda: self.use_requested.emit(self._row))
        self.compare = QPushButton(translate("ModelCard", "Compare …"))
        self.compare.setToolTip(
            translate("ModelCard", "Run the same searches with the model in use and with this one")
        )
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self._row))
        self.delete = QPushButton(translate("ModelCard", "Delete …"))
        self.delete.clicked.connect(lambda: self.delete_requested.emit(self._row))
        self._lay_out()
        self.show_row(row)

    @property
    def row(self) -> ModelRow:
        return self._row

    @property
    def said(self) -> str:
        """The state shown: installed, in use, or the progress of a download."""
        return self._amount.text() if self._transfer is not None else self._state.text()

    @property
    def details(self) -> str:
        """All facts, those behind "Details" included."""
        return "\n".join((*model_words.facts(self._row), self._details.text()))

    @property
    def error(self) -> str:
        """Why the last download or import failed; empty if it did not."""
        return self._error.text()

    @property
    def reason(self) -> str:
        """Why this model is recommended; empty if it is not."""
        return self._reason.text()

    def show_row(self, row: ModelRow) -> None:
        self._row = row
        self._title.setText(row.title)
        self._badge.setVisible(row.recommended)
        self.download.setProperty("kind", "primary" if row.recommended else "")
        self.download.style().polish(self.download)
        self._note.setText(constant_text(row.note))
        self._note.setVisible(bool(row.note))
        self._reason.setText(model_words.reason(row))
        self._reason.setVisible(row.recommended)
        # Lines break between the facts only, not within "605 MB".
        self._headline.setText(
            " · ".join(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in model_words.facts(row))
        )
        self._details.setText(model_words.details(row))
        count = model_words.stars(row)
        self._stars.setText(model_words.star_text(row))
        self._stars.setVisible(count is not None)
        self._stars.setAccessibleName(
            translate("ModelCard", "Search quality {count} of {STARS}").format(
                count=count, STARS=model_words.STARS
            )
        )
        self._stars.setToolTip(
            translate(
                "ModelCard", "Search quality: {count} of {STARS}, by the figures that the publisher gives"
            ).format(count=count, STARS=model_words.STARS)
        )
        self._show_state()

    def show_transfer(self, done: int, total: int) -> None:
        """Show a download's progress in bytes. ``total`` is 0 while it waits for others."""
        self._transfer = (done, total)
        self.show_error("")
        self._show_state()

    def end_transfer(self) -> None:
        self._transfer = None
        self._show_state()

    def show_error(self, text: str) -> None:
        """Show why the last download or import failed, until the next attempt."""
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def _show_details(self, shown: bool) -> None:
        self._details.setVisible(shown)
        self.toggle.setText(
            translate("ModelCard", "Hide details") if shown else translate("ModelCard", "Details")
        )

    def _show_state(self) -> None:
        row, moving = self._row, self._transfer is not None
        focused = self.window().focusWidget()
        self._state.setText(model_words.state(row))
        self._state.setVisible(bool(self._state.text()) and not moving)
        self._state.setProperty("kind", "strong" if row.active else "secondary")
        self._state.style().polish(self._state)
        self._bar.setVisible(moving)
        self._amount.setVisible(moving)
        if self._transfer is not None:
            done, total = self._transfer
            self._amount.setText(model_words.transfer(done, total))
            # A range of 0 makes the bar move to and fro: the duration is unknown.
            counted = done < total
            self._bar.setRange(0, 1000 if counted else 0)
            self._bar.setValue(1000 * done // total if counted else -1)
        self.download.setText(
            translate("ModelCard", "Resume") if row.partial else translate("ModelCard", "Download …")
        )
        self.download.setVisible(not (row.installed or moving))
        self.pause.setVisible(moving and not row.installed)
        self.discard.setVisible(moving or (bool(row.partial) and not row.installed))
        self.use.setVisible(row.installed and not (row.active or moving))
        self.compare.setVisible(self.use.isVisibleTo(self))
        self.delete.setVisible(self.use.isVisibleTo(self) and row.name != model_words.STARTER)
        buttons = (self.download, self.pause, self.discard, self.use, self.compare, self.delete)
        for button in buttons:
            button.setAccessibleName(f"{button.text().removesuffix(' …')} {row.title}")
        self.toggle.setAccessibleName(translate("ModelCard", "Details of {title}").format(title=row.title))
        if focused in buttons and not focused.isVisibleTo(self):
            # Qt would move the focus to the next card, whose button does the same with another model.
            shown = [button for button in buttons if button.isVisibleTo(self)]
            (shown[0] if shown else self.toggle).setFocus()
        state = self.said or translate("ModelCard", "not installed")
        self.setAccessibleName(f"{row.title}, {state}")

    def set_direction(self, direction: QBoxLayout.Direction) -> None:
        """Place the buttons :data:`BESIDE` or :data:`BELOW` the text."""
        self._body.setDirection(direction)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._badge)
        head.addStretch(1)
        head.addWidget(self._state, 100)
        rating = QHBoxLayout()
        rating.setSpacing(8)
        rating.addWidget(self._stars, 0, Qt.AlignmentFlag.AlignTop)
        rating.addWidget(self._headline, 1)
        moving = QHBoxLayout()
        moving.setSpacing(8)
        moving.addWidget(self._bar)
        moving.addWidget(self._amount)
        moving.addStretch(1)
        text = QVBoxLayout()
        text.setSpacing(4)
        text.addLayout(rating)
        for label in (self._note, self._reason, self._details, self._error):
            text.addWidget(label)
        text.addLayout(moving)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (
            self.toggle,
            self.delete,
            self.discard,
            self.pause,
            self.compare,
            self.use,
            self.download,
        ):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self._body = QBoxLayout(BESIDE)
        self._body.setSpacing(8)
        self._body.addLayout(text, 1)
        self._body.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(self._body)
