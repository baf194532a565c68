"""The models page: the installed models and those that can be downloaded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.models import ModelRow
from safelight.ui.models.card import BELOW, BESIDE, ModelCard
from safelight.ui.models.machine_card import MachineCard
from safelight.ui.translation import translate
from safelight.ui.widgets.closable_page import ClosablePage
from safelight.ui.widgets.page_scroll import PageScroll

_MAX_WIDTH = 860
_WIDE_FROM = 620
"""Width in pixels from which the buttons fit beside the text."""


class ModelsPage(ClosablePage):
    """A card for each model, the installed ones first."""

    download_requested = Signal(object)  # ModelRow
    pause_requested = Signal(str)
    discard_requested = Signal(str)
    use_requested = Signal(object)  # ModelRow
    compare_requested = Signal(object)  # ModelRow
    delete_requested = Signal(object)  # ModelRow
    import_requested = Signal()
    other_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("ModelsPage", "Models"))
        self._cards: dict[str, ModelCard] = {}
        self._transfers: dict[str, tuple[int, int]] = {}
        self._errors: dict[str, str] = {}
        title = QLabel(translate("ModelsPage", "Models"))
        title.setProperty("kind", "title")
        hint = QLabel(
            translate(
                "ModelsPage",
                "The model decides what search understands. You can change it at any time: your photos are "
                "read with the new one in the background, and the current one keeps answering until then.",
            ),
            wordWrap=True,
        )
        hint.setProperty("kind", "secondary")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(title)
        words.addWidget(hint)
        self.other = QPushButton(translate("ModelsPage", "Other model …"))
        self.other.setToolTip(
            translate("ModelsPage", "Download any open_clip model from the hub by its name")
        )
        self.other.clicked.connect(self.other_requested)
        self.import_folder = QPushButton(translate("ModelsPage", "Import folder …"))
        self.import_folder.setToolTip(
            translate(
                "ModelsPage", "Install a model from a folder, for example on a computer without a network"
            )
        )
        self.import_folder.clicked.connect(self.import_requested)
        self.back = QPushButton(translate("ModelsPage", "Done"))
        self.back.clicked.connect(self.closed)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.other, self.import_folder, self.back):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._head = QBoxLayout(BESIDE)
        self._head.setSpacing(8)
        self._head.addLayout(words, 1)
        self._head.addLayout(buttons)

        self._here = _Section(translate("ModelsPage", "On this computer"))
        self._there = _Section(translate("ModelsPage", "Available to download"))
        self._loading = QLabel(
            translate("ModelsPage", "Loading the list of models …"), alignment=Qt.AlignmentFlag.AlignCenter
        )
        self._loading.setProperty("kind", "secondary")
        inside = QWidget()
        inside.setMaximumWidth(_MAX_WIDTH)
        self._column = column = QVBoxLayout(inside)
        column.setSpacing(16)
        column.addLayout(self._head)
        column.addWidget(self._loading)
        column.addWidget(self._here)
        column.addWidget(self._there)
        self.machine = MachineCard()
        self._machine = _Section(translate("ModelsPage", "This computer"))
        self._machine.fill([self.machine])
        column.addWidget(self._machine)
        column.addStretch(1)
        centred = QWidget()
        row = QHBoxLayout(centred)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inside, 100)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        scroll = PageScroll(centred)
        scroll.setAccessibleName(translate("ModelsPage", "List of models"))
        layout.addWidget(scroll)
        self._here.hide()
        self._there.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the buttons below the text where they do not fit beside it."""
        roomy = self._direction is BESIDE
        self._column.setContentsMargins(24 if roomy else 12, 20, 16 if roomy else 8, 24)
        self._head.setDirection(self._direction)
        for card in self._cards.values():
            card.set_direction(self._direction)

    @property
    def _direction(self) -> QBoxLayout.Direction:
        return BESIDE if self.width() >= _WIDE_FROM else BELOW

    @property
    def rows(self) -> list[ModelRow]:
        return [card.row for card in self._cards.values()]

    @property
    def active(self) -> ModelRow | None:
        return next((row for row in self.rows if row.active), None)

    def has(self, name: str) -> bool:
        return name in self._cards

    def card(self, name: str) -> ModelCard:
        """Raises KeyError."""
        return self._cards[name]

    def show_models(self, rows: Sequence[ModelRow]) -> None:
        """Existing cards are updated in place, so that the keyboard focus stays on its button."""
        if [(row.name, row.installed) for row in rows] == [(r.name, r.installed) for r in self.rows]:
            for row in rows:
                self._cards[row.name].show_row(row)
            return
        for card in self._cards.values():
            card.setParent(None)
            card.deleteLater()
        self._cards = {row.name: self._card(row) for row in rows}
        self._loading.hide()
        self._here.fill([card for card in self._cards.values() if card.row.installed])
        self._there.fill([card for card in self._cards.values() if not card.row.installed])

    def show_transfer(self, name: str, done: int, total: int) -> None:
        """Show the progress of a download, also of a model that is not listed yet."""
        self._transfers[name] = (done, total)
        self._errors.pop(name, None)
        if name in self._cards:
            self._cards[name].show_transfer(done, total)

    def end_transfer(self, name: str, error: str = "") -> None:
        """Show that a download ended, and why it failed if it did."""
        self._transfers.pop(name, None)
        self._errors[name] = error
        if name in self._cards:
            self._cards[name].end_transfer()
            self._cards[name].show_error(error)

    def _card(self, row: ModelRow) -> ModelCard:
        card = ModelCard(row)
        card.set_direction(self._direction)
        card.download_requested.connect(self.download_requested)
        card.pause_requested.connect(self.pause_requested)
        card.discard_requested.connect(self.discard_requested)
        card.use_requested.connect(self.use_requested)
        card.compare_requested.connect(self.compare_requested)
        card.delete_requested.connect(self.delete_requested)
        if row.name in self._transfers:
            card.show_transfer(*self._transfers[row.name])
        card.show_error(self._errors.get(row.name, ""))
        return card


class _Section(QWidget):
    """A heading and the cards below it; hidden while there are none."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        label = QLabel(heading)
        label.setProperty("kind", "section")
        self._column.addWidget(label)

    def fill(self, cards: Sequence[QWidget]) -> None:
        for card in cards:
            self._column.addWidget(card)
        self.setVisible(bool(cards))
