"""The dialog that teaches a concept: the user names it, then says which photos show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from safelight.core.concepts import MAX_CONCEPT_LENGTH, Proposal, clean_concept_name
from safelight.core.errors import UsageError
from safelight.ui import wording
from safelight.ui.organise.completion import NameCompleter
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import clear_layout

PROPOSAL_COUNT = 12
"""Photos that are asked about at once."""
_COLUMNS = 4
_SIDE = 132
"""Pixels of a photo."""

Picture = Callable[[int], QPixmap | None]
"""The thumbnail of a photo; None while it is loading."""


class Answer(QWidget):
    """A photo with the buttons *Yes* and *No*. The keys Y and N do the same."""

    def __init__(self, proposal: Proposal, number: int, picture: Picture) -> None:
        super().__init__()
        self.photo_id = proposal.photo_id
        self._picture_of = picture
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        likely = proposal.probability
        self.setAccessibleName(
            translate("Teach", "Photo {number}, {likely:.0%} likely").format(number=number, likely=likely)
        )
        self._picture = QLabel()
        self._picture.setFixedSize(QSize(_SIDE, _SIDE))
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setFrameShape(QFrame.Shape.StyledPanel)
        self._picture.setToolTip(translate("Teach", "{likely:.0%} likely").format(likely=likely))
        self.yes = QPushButton(translate("Teach", "Yes"))
        self.no = QPushButton(translate("Teach", "No"))
        row = QHBoxLayout()
        row.setSpacing(4)
        for button, other in ((self.yes, self.no), (self.no, self.yes)):
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys work on the photo
            button.toggled.connect(partial(self._mark, button, button.text(), other))
            row.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._picture)
        layout.addLayout(row)
        self.show_picture()

    def _mark(self, button: QPushButton, word: str, other: QPushButton, on: bool) -> None:
        button.setText(f"✓ {word}" if on else word)
        if on:
            other.setChecked(False)

    @property
    def shows(self) -> bool | None:
        """The answer; None without one."""
        return True if self.yes.isChecked() else False if self.no.isChecked() else None

    def show_picture(self) -> None:
        """Show the thumbnail, if it is loaded by now."""
        pixmap = self._picture_of(self.photo_id)
        if pixmap is None:
            return
        ratio = self.devicePixelRatioF()
        scaled = pixmap.scaled(
            QSize(_SIDE, _SIDE) * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        scaled.setDevicePixelRatio(ratio)
        self._picture.setPixmap(scaled)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().highlight(), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Y:
            self.yes.toggle()
        elif key == Qt.Key.Key_N:
            self.no.toggle()
        else:
            super().keyPressEvent(event)


class TeachDialog(QDialog):
    """Does not block the window. It emits what to teach and what to ask; its owner does both."""

    taught = Signal(str, object, bool)  # name, words (None to leave them), whether the photos show it
    answered = Signal(object, object)  # photos that show it, photos that do not
    results_requested = Signal()

    def __init__(self, photos: int, known: Sequence[str], picture: Picture, parent: QWidget) -> None:
        """``photos``: how many are selected. ``known``: names of concepts."""
        super().__init__(parent)
        self._known = {name.lower() for name in known}
        self._picture_of = picture
        self.name = ""
        """The name of the concept that is taught."""
        self.answers: list[Answer] = []
        self.setWindowTitle(translate("Teach", "Teach Safelight"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_form(photos, known))
        self._stack.addWidget(self._make_questions())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._stack)
        self.finished.connect(self.deleteLater)
        self._validate()

    # --- the name -------------------------------------------------------------------------------

    def _make_form(self, photos: int, known: Sequence[str]) -> QWidget:
        page = QWidget()
        if photos == 1:
            question = translate(
                "Teach", "What does this photo show? Search for “my:” and the name to find it."
            )
            yes, no = translate("Teach", "It shows it"), translate("Teach", "It does not show it")
        else:
            question = translate("Teach", "What do {photos} show? Search for “my:” and the name to find it.")
            yes, no = translate("Teach", "They show it"), translate("Teach", "They do not show it")
        title = QLabel(question.format(photos=wording.count_of(photos, "photo")), wordWrap=True)
        self.field = QLineEdit()
        self.field.setMaxLength(MAX_CONCEPT_LENGTH)
        self.field.setPlaceholderText(translate("Teach", "Bruno, our hut, receipts …"))
        self.completer = NameCompleter(self.field, known)
        self.words = QLineEdit()
        self.words.setMaxLength(MAX_CONCEPT_LENGTH)
        self.words.setPlaceholderText(translate("Teach", "optional, such as: a small brown dog"))
        self._hint = QLabel(wordWrap=True)
        self._hint.setProperty("kind", "secondary")
        self._hint.setMinimumHeight(16)
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(translate("Teach", "Name"), self.field)
        form.addRow(translate("Teach", "In words"), self.words)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.against = buttons.addButton(no, QDialogButtonBox.ButtonRole.ActionRole)
        self.teach = buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.teach.setProperty("kind", "primary")
        self.teach.setDefault(True)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(title)
        layout.addLayout(form)
        layout.addWidget(self._hint)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.field.setFocus()  # otherwise a button has the focus, because the buttons got their parent first
        self.field.textChanged.connect(self._validate)
        buttons.rejected.connect(self.reject)
        self.teach.clicked.connect(lambda: self._emit_taught(True))
        self.against.clicked.connect(lambda: self._emit_taught(False))
        return page

    def _validate(self) -> None:
        """Say what is wrong with the name, and enable what is possible."""
        text, wrong, is_known = self.field.text(), "", False
        if text.strip():
            try:
                is_known = clean_concept_name(text).lower() in self._known
            except UsageError as error:
                wrong = error_text(error)
        hint = translate("Teach", "5 to 20 different photos work best.")
        if is_known:
            hint = translate("Teach", "You have taught this before. These photos are added.")
        self._hint.setText(wrong or hint)
        usable = bool(text.strip()) and not wrong
        self.teach.setEnabled(usable)
        # A concept begins with photos that show it.
        self.against.setEnabled(usable and is_known)

    def _emit_taught(self, shows: bool) -> None:
        self.name = clean_concept_name(self.field.text())
        words = self.words.text().strip()
        self.teach.setEnabled(False)
        self.against.setEnabled(False)
        self.taught.emit(self.name, words or None, shows)

    def show_error(self, message: str) -> None:
        """The photos could not be taught."""
        self._validate()
        self._hint.setText(message)

    # --- the questions --------------------------------------------------------------------------

    def _make_questions(self) -> QWidget:
        page = QWidget()
        self._question = plain_label("", "section")
        self._help = QLabel(wordWrap=True)
        self._help.setProperty("kind", "secondary")
        self._proposal_area = QWidget()
        self._proposal_area.setMinimumWidth(_COLUMNS * (_SIDE + 12))
        self._grid = QGridLayout(self._proposal_area)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.results = QPushButton(translate("Teach", "Show what it finds"))
        self.done_button = QPushButton(translate("Teach", "Done"))
        self.more = QPushButton(translate("Teach", "Save answers, ask more"))
        self.more.setProperty("kind", "primary")
        row = QHBoxLayout()
        row.addWidget(self.results)
        row.addStretch(1)
        row.addWidget(self.done_button)
        row.addWidget(self.more)
        for button in (self.results, self.done_button, self.more):
            button.setAutoDefault(False)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._question)
        layout.addWidget(self._help)
        layout.addWidget(self._proposal_area, 1)
        layout.addLayout(row)
        self.results.clicked.connect(self._show_results)
        self.done_button.clicked.connect(self._finish)
        self.more.clicked.connect(self._save_and_continue)
        return page

    def wait_for_proposals(self) -> None:
        """The photos were taught; others are being chosen."""
        self._stack.setCurrentIndex(1)
        self._show([])
        self.done_button.setFocus()  # not on a button that closes the dialog with other effects
        self._question.setText(translate("Teach", "Learned “{name}”").format(name=self.name))
        self._help.setText(translate("Teach", "Choosing photos to ask about …"))

    def show_proposals(self, proposals: Sequence[Proposal]) -> None:
        """Ask about these photos."""
        self._show(proposals)
        if proposals:
            self._question.setText(
                translate("Teach", "Do these photos show “{name}”?").format(name=self.name)
            )
            self._help.setText(
                translate(
                    "Teach",
                    "Safelight is least sure about these. Answer as many as you like, also with Y and N.",
                )
            )
            self.answers[0].setFocus()
        else:
            self._help.setText(translate("Teach", "There are no photos to ask about."))

    def _show(self, proposals: Sequence[Proposal]) -> None:
        clear_layout(self._grid)
        self.answers = [
            Answer(proposal, number, self._picture_of) for number, proposal in enumerate(proposals, 1)
        ]
        for place, answer in enumerate(self.answers):
            self._grid.addWidget(answer, *divmod(place, _COLUMNS))
        self.more.setEnabled(bool(proposals))
        if proposals:
            rows = -(-len(proposals) // _COLUMNS)
            self._proposal_area.setMinimumHeight(rows * (self.answers[0].sizeHint().height() + 4))
            self.adjustSize()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons on the screen: the dialog was placed when it was much smaller."""
        super().resizeEvent(event)
        if not self.isVisible():
            return
        room, frame = self.screen().availableGeometry(), self.frameGeometry()
        left = max(room.left(), min(frame.left(), room.right() - frame.width()))
        top = max(room.top(), min(frame.top(), room.bottom() - frame.height()))
        self.move(left, top)

    def show_picture(self, photo_id: int) -> None:
        """A thumbnail was loaded."""
        for answer in self.answers:
            if answer.photo_id == photo_id:
                answer.show_picture()

    def _answered_ids(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The photos that show the concept, and those that do not."""
        shown = tuple(each.photo_id for each in self.answers if each.shows)
        against = tuple(each.photo_id for each in self.answers if each.shows is False)
        return shown, against

    def _save_and_continue(self) -> None:
        shown, against = self._answered_ids()
        self.wait_for_proposals()
        self.answered.emit(shown, against)

    def _finish(self) -> None:
        """Save the answers, and end."""
        self._save_answers()
        self.accept()

    def reject(self) -> None:
        """Close the dialog by Escape or its close button. Answers are saved, because they took work and there
        is nothing else to cancel.
        """
        self._save_answers()
        super().reject()

    def _save_answers(self) -> None:
        shown, against = self._answered_ids()
        self._show([])
        if shown or against:
            self.answered.emit(shown, against)

    def _show_results(self) -> None:
        self._finish()
        self.results_requested.emit()
