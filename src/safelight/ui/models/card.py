"""One model on the page of models: what it is, how it stands, and what can be done with it."""

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
from safelight.ui.widgets.wrapping_label import WrappingLabel

BESIDE, BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class ModelCard(QFrame):
    """Says nothing by itself: each button emits what it is for."""

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
        self._state = WrappingLabel()
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._note = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._facts = _small()
        self._quality = _small()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(160)
        self._amount = _small()
        self._amount.setWordWrap(False)
        self.download = QPushButton()
        self.download.clicked.connect(lambda: self.download_requested.emit(self._row))
        self.pause = QPushButton("Pause")
        self.pause.clicked.connect(lambda: self.pause_requested.emit(self._row.name))
        self.discard = QPushButton("Cancel")
        self.discard.clicked.connect(lambda: self.discard_requested.emit(self._row.name))
        self.use = QPushButton("Use")
        self.use.clicked.connect(lambda: self.use_requested.emit(self._row))
        self.compare = QPushButton("Compare …")
        self.compare.setToolTip("The same searches with the model in use and with this one, side by side")
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self._row))
        self.delete = QPushButton("Delete …")
        self.delete.clicked.connect(lambda: self.delete_requested.emit(self._row))
        self._lay_out()
        self.show_row(row)

    @property
    def row(self) -> ModelRow:
        return self._row

    @property
    def said(self) -> str:
        """How the model stands, as it is shown."""
        return self._amount.text() if self._transfer is not None else self._state.text()

    @property
    def details(self) -> str:
        return f"{self._facts.text()} · {self._quality.text()}"

    def show_row(self, row: ModelRow) -> None:
        self._row = row
        self._title.setText(row.title)
        self._note.setText(model_words.note(row))
        self._facts.setText(model_words.facts(row))
        self._quality.setText(model_words.quality(row))
        self._quality.setToolTip(
            "Its publisher's figures: how many of 1,000 kinds of things it names right (ImageNet), how often "
            "the photo of a caption comes first (COCO)."
        )
        self._show_state()

    def show_transfer(self, done: int, total: int) -> None:
        """It is on its way here; a ``total`` of 0 while it waits for others."""
        self._transfer = (done, total)
        self._show_state()

    def end_transfer(self) -> None:
        self._transfer = None
        self._show_state()

    def _show_state(self) -> None:
        row, moving = self._row, self._transfer is not None
        self._state.setText(model_words.state(row))
        self._state.setVisible(bool(self._state.text()) and not moving)
        self._state.setProperty("kind", "strong" if row.active else "secondary")
        self._state.style().polish(self._state)
        self._bar.setVisible(moving)
        self._amount.setVisible(moving)
        if self._transfer is not None:
            done, total = self._transfer
            self._amount.setText(model_words.transfer(done, total))
            # A range of nothing makes the bar run to and fro, as befits what has no measure.
            counted = done < total
            self._bar.setRange(0, 1000 if counted else 0)
            self._bar.setValue(1000 * done // total if counted else -1)
        self.download.setText("Resume" if row.partial else "Download …")
        self.download.setVisible(not (row.installed or moving))
        self.download.setEnabled(not row.missing_extra)
        self.pause.setVisible(moving and not row.installed)
        self.discard.setVisible(moving or (bool(row.partial) and not row.installed))
        self.use.setVisible(row.installed and not (row.active or moving))
        self.use.setEnabled(not row.missing_extra)
        self.compare.setVisible(self.use.isVisibleTo(self))
        self.delete.setVisible(self.use.isVisibleTo(self) and row.name != model_words.STARTER)
        for button in (self.download, self.pause, self.discard, self.use, self.compare, self.delete):
            button.setAccessibleName(f"{button.text().removesuffix(' …')} {row.title}")
        self.setAccessibleName(f"{row.title}, {self.said or 'not installed'}")

    def set_direction(self, direction: QBoxLayout.Direction) -> None:
        """Where the buttons stand: :data:`BESIDE` or :data:`BELOW` the words."""
        self._body.setDirection(direction)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._state, 100)
        moving = QHBoxLayout()
        moving.setSpacing(8)
        moving.addWidget(self._bar)
        moving.addWidget(self._amount)
        moving.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self._note, self._facts, self._quality):
            words.addWidget(label)
        words.addLayout(moving)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.delete, self.discard, self.pause, self.compare, self.use, self.download):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self._body = QBoxLayout(BESIDE)
        self._body.setSpacing(8)
        self._body.addLayout(words, 1)
        self._body.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(self._body)


def _small() -> QLabel:
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("kind", "secondary")
    return label
