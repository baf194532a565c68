"""The commands of the duplicates review with their keys, for the list and the comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.translation import translate


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    text: str
    keys: str
    mark: str
    tip: str
    needs_group: bool = True
    needs_video: bool = False
    shared_key: bool = False
    """The window has a command of its own with the same key."""


_COMMANDS = (
    _Command(
        "keep_this",
        translate("Commands", "Keep this"),
        "K",
        "check",
        translate("Commands", "Keep this file; mark the others for the trash"),
    ),
    _Command(
        "keep_all",
        translate("Commands", "Keep both"),
        "A",
        "copy",
        translate("Commands", "Keep them all, and do not propose them again"),
    ),
    _Command(
        "not_duplicates",
        translate("Commands", "Not duplicates"),
        "N",
        "close",
        translate("Commands", "These are different: never show them together again"),
    ),
    _Command(
        "trash_rest",
        translate("Commands", "Trash the rest"),
        "Del",
        "trash",
        translate("Commands", "Move the marked files to the trash and continue"),
        shared_key=True,
    ),
    _Command(
        "play",
        translate("Commands", "Play"),
        "P",
        "play",
        translate("Commands", "Play the video in its default application"),
        needs_video=True,
    ),
    # The window's Ctrl+Z does the same everywhere.
    _Command(
        "undo",
        translate("Commands", "Undo"),
        "Ctrl+Z",
        "undo",
        translate("Commands", "Undo the last step"),
        needs_group=False,
        shared_key=True,
    ),
)

_HELP = (
    ("↑ ↓", translate("Commands", "group")),
    ("← →", translate("Commands", "file")),
    ("Space", translate("Commands", "keep or not")),
    ("K", translate("Commands", "keep this")),
    ("A", translate("Commands", "keep all")),
    ("N", translate("Commands", "not duplicates")),
    ("Del", translate("Commands", "trash the rest")),
    ("Ctrl+Z", translate("Commands", "undo")),
)


class DuplicatesCommands(QObject):
    """The actions. Their keys work in each widget that they are installed on."""

    def __init__(self, review: DuplicatesReview, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review = review
        self._buttons: list[tuple[QPushButton, _Command]] = []
        handlers: Mapping[str, Callable[[], object]] = {
            "keep_this": review.keep_this,
            "keep_all": review.keep_all,
            "not_duplicates": review.not_duplicates,
            "trash_rest": review.trash_rest,
            "play": review.play,
            "undo": review.undo,
        }
        self._actions: dict[str, QAction] = {}
        for command in _COMMANDS:
            action = QAction(command.text, self)
            if not command.shared_key:
                action.setShortcut(QKeySequence(command.keys))
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setAutoRepeat(False)  # a key that is held down acts on one group only
            action.setToolTip(f"{command.tip} ({command.keys})")
            action.triggered.connect(handlers[command.name])
            self._actions[command.name] = action
        self.apply_theme(theme)
        review.current_changed.connect(self._on_current_changed)
        self._on_current_changed()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def apply_theme(self, theme: Theme) -> None:
        for command in _COMMANDS:
            self._actions[command.name].setIcon(icon(command.mark, theme.secondary))
        for button, command in self._buttons:
            button.setIcon(self._actions[command.name].icon())

    def install(self, widget: QWidget) -> None:
        widget.addActions(list(self._actions.values()))

    def takes(self, event: QEvent) -> bool:
        """Whether an event of a widget with these commands is a key with another meaning in the window: here
        Delete applies to the marked files, not to the photo whose details are shown.
        """
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() not in kinds or not isinstance(event, QKeyEvent):
            return False
        if event.key() != Qt.Key.Key_Delete or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._actions["trash_rest"].trigger()
        return True

    def buttons(self) -> list[QPushButton]:
        """A button for each action on a group, in the order of use. One for videos is hidden elsewhere."""
        return [self._button(command) for command in _COMMANDS if command.needs_group]

    def undo_button(self) -> QPushButton:
        return self._button(_COMMANDS[-1])

    def _button(self, command: _Command) -> QPushButton:
        action = self._actions[command.name]
        button = QPushButton(f"\u2002{action.text()}")  # the style sets the icon too close
        button.setIcon(action.icon())
        button.setToolTip(action.toolTip())
        button.setAccessibleName(action.text())
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.changed.connect(lambda: self._show(button, action))
        self._buttons.append((button, command))
        if command.needs_video and not self._review.is_video:
            button.hide()
        return button

    @staticmethod
    def _show(button: QPushButton, action: QAction) -> None:
        button.setEnabled(action.isEnabled())
        button.setText(f"\u2002{action.text()}")
        button.setAccessibleName(action.text())

    def _on_current_changed(self) -> None:
        group = self._review.group
        for command in _COMMANDS:
            if command.needs_group:
                is_there = self._review.is_video if command.needs_video else group is not None
                self._actions[command.name].setEnabled(is_there)
        for button, command in self._buttons:
            if command.needs_video:
                button.setVisible(self._review.is_video)
        # The button stays enabled when no file is marked: pressing it explains that.
        several = group is not None and len(group.members) > 2
        self._actions["keep_all"].setText(
            translate("DuplicatesCommands", "Keep all")
            if several
            else translate("DuplicatesCommands", "Keep both")
        )


def help_line(*more: tuple[str, str]) -> str:
    """The keys in one line, with those of one view only."""
    # A key and what it does stay in one line.
    return "   ".join(f"{keys} {what}".replace(" ", "\u00a0") for keys, what in (*more, *_HELP))
