"""The command palette: any command, tag, album, folder or saved search by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.direction import mirrored
from safelight.ui.translation import translate

_DETAIL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ICON = 18
_TOP_DISTANCE = 96
"""Pixels between the top of the window and the palette."""
_MARGIN = 16
"""The minimum distance in pixels from the other sides of the window."""
_SIZE = QSize(560, 400)
_MAX_ENTRIES = 50
"""Entries that are listed at once."""
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that the palette can do."""

    text: str
    kind: str
    """What it is: "Command", "Tag", "Album" …"""
    run: Callable[[], object]
    icon: str = ""
    keys: str = ""
    """The shortcut of a command."""
    keywords: str = ""
    """Other words by which it is found."""


def search_texts(choices: Sequence[Choice]) -> list[str]:
    """What :func:`matching_choices` compares with, in the order of the choices."""
    return [f"{choice.text}\n{choice.kind} {choice.keywords}".lower() for choice in choices]


def matching_choices(choices: Sequence[Choice], texts: Sequence[str], typed: str) -> list[Choice]:
    """The first choices that contain every typed word. Those that begin with the first word come before
    those in which another word begins with it, and these before the rest."""
    words = typed.lower().split()
    if not words:
        return list(choices[:_MAX_ENTRIES])
    ranks: tuple[list[Choice], list[Choice], list[Choice]] = ([], [], [])
    for choice, text in zip(choices, texts, strict=True):
        if words[0] not in text or not all(word in text for word in words[1:]):
            continue
        place = text.find(words[0])
        rank = 0 if place == 0 else 1 if not text[place - 1].isalnum() else 2
        if len(ranks[rank]) < _MAX_ENTRIES:
            ranks[rank].append(choice)
        elif rank == 0:
            break
    return [choice for rank in ranks for choice in rank][:_MAX_ENTRIES]


class _DetailDelegate(QStyledItemDelegate):
    """Shows the kind or the shortcut at the end."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        painter.save()
        painter.setPen(QColor(self._theme.secondary))
        painter.drawText(
            mirrored(option.rect.adjusted(0, 0, -10, 0), option.rect),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            index.data(_DETAIL_ROLE) or "",
        )
        painter.restore()


class CommandPalette(QDialog):
    """Return runs the marked choice, Escape closes."""

    def __init__(self, choices: Sequence[Choice], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = choices
        self._texts = search_texts(choices)
        self._theme = theme
        self._shown: list[Choice] = []
        blank = QPixmap(_ICON, _ICON)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)
        """Replaces a missing icon, so that all names are aligned."""
        self.setWindowTitle(translate("Palette", "Command palette"))
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setProperty("frameless", True)
        self.field = QLineEdit()
        self.field.setPlaceholderText(translate("Palette", "Type a command, tag, album, folder or search"))
        self.field.setAccessibleName(translate("Palette", "Command palette"))
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(translate("Palette", "Choices"))
        self.list.setIconSize(QSize(_ICON, _ICON))
        self.list.setItemDelegate(_DetailDelegate(theme, self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        self.field.textChanged.connect(self._filter)
        self.field.returnPressed.connect(self._run)
        self.list.itemActivated.connect(self._run)
        self.list.itemClicked.connect(self._run)
        self.finished.connect(self.deleteLater)
        self._filter("")
        self.field.setFocus()

    @property
    def shown(self) -> list[Choice]:
        return list(self._shown)

    def showEvent(self, event: QShowEvent) -> None:
        """Move below the search box of the window, and stay within the window."""
        super().showEvent(event)
        parent = self.parentWidget()
        if parent is not None:
            frame = parent.frameGeometry()
            room = QSize(frame.width() - 2 * _MARGIN, frame.height() - _TOP_DISTANCE - _MARGIN)
            self.resize(_SIZE.boundedTo(room))
            self.move(frame.center().x() - self.width() // 2, frame.top() + _TOP_DISTANCE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while the keyboard stays in the field."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in _LIST_KEYS
        ):
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        self._shown = matching_choices(self._choices, self._texts, typed)
        self.list.clear()
        for choice in self._shown:
            item = QListWidgetItem(choice.text)
            item.setData(_DETAIL_ROLE, choice.keys or choice.kind)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{choice.text}, {choice.kind}")
            item.setIcon(icon(choice.icon, self._theme.secondary) if choice.icon else self._blank)
            self.list.addItem(item)
        if not self._shown:
            nothing = QListWidgetItem(translate("Palette", "Nothing found"))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        self.list.setCurrentRow(0 if self._shown else -1)

    def _run(self) -> None:
        row = self.list.currentRow()
        if not 0 <= row < len(self._shown):
            return
        choice = self._shown[row]
        self.accept()
        choice.run()
