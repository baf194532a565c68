"""Every keyboard shortcut: those of commands, which the user can change, and fixed keys of some views."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence

from safelight.ui.translation import translate
from safelight.ui.window_state import WindowState

_STATE_KEY = "shortcuts"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One line of the list of shortcuts."""

    group: str
    text: str
    keys: tuple[str, ...]
    """Portable text, as ``QKeySequence`` reads it."""
    command: str = ""
    """The name of the command whose keys can be changed; empty for fixed keys."""

    @property
    def shown(self) -> str:
        """The keys as this system writes them. Keyboards label both Return keys Enter."""
        native = QKeySequence.SequenceFormat.NativeText
        each = (QKeySequence(keys).toString(native).replace("Return", "Enter") for keys in self.keys)
        return " or ".join(dict.fromkeys(each))


FIXED_SHORTCUTS = (
    Shortcut(translate("Shortcuts", "In the grid"), translate("Shortcuts", "Open the photo"), ("Return",)),
    Shortcut(
        translate("Shortcuts", "In the grid"),
        translate("Shortcuts", "Select several photos"),
        ("Shift+Right", "Ctrl+Space"),
    ),
    Shortcut(
        translate("Shortcuts", "In the grid"),
        translate("Shortcuts", "Previous and next heading"),
        ("Alt+PgUp", "Alt+PgDown"),
    ),
    Shortcut(
        translate("Shortcuts", "In the search box"), translate("Shortcuts", "Choose a suggestion"), ("Down",)
    ),
    Shortcut(
        translate("Shortcuts", "In the search box"),
        translate("Shortcuts", "Recall earlier searches"),
        ("Up",),
    ),
    Shortcut(
        translate("Shortcuts", "In the search box"), translate("Shortcuts", "Clear the search"), ("Esc",)
    ),
    Shortcut(
        translate("Shortcuts", "On the page of albums"),
        translate("Shortcuts", "Show the albums in the selected one"),
        ("Shift+Return",),
    ),
    Shortcut(
        translate("Shortcuts", "On the page of albums"),
        translate("Shortcuts", "Back to the level above"),
        ("Backspace",),
    ),
    Shortcut(
        translate("Shortcuts", "On the page of albums"),
        translate("Shortcuts", "Rename or delete the album"),
        ("F2", "Del"),
    ),
    Shortcut(
        translate("Shortcuts", "In the viewer"),
        translate("Shortcuts", "Previous and next photo"),
        ("Left", "Right"),
    ),
    Shortcut(
        translate("Shortcuts", "In the viewer"),
        translate("Shortcuts", "First and last photo"),
        ("Home", "End"),
    ),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Zoom in and out"), ("+", "-")),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Fit to the window"), ("0",)),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Actual size"), ("1", "Z")),
    Shortcut(
        translate("Shortcuts", "In the viewer"),
        translate("Shortcuts", "Search for a part of the photo"),
        ("S",),
    ),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Film strip"), ("T",)),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Why did this match?"), ("W",)),
    Shortcut(
        translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Show where it matched"), ("H",)
    ),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Turn right"), ("R",)),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Turn left"), ("Shift+R",)),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Slideshow"), ("F6",)),
    Shortcut(
        translate("Shortcuts", "In the viewer"),
        translate("Shortcuts", "Other half of a pair, next photo of a stack"),
        ("O",),
    ),
    Shortcut(
        translate("Shortcuts", "In the viewer"),
        translate("Shortcuts", "Play or pause a video or animation"),
        ("P", "Space"),
    ),
    Shortcut(
        translate("Shortcuts", "In the viewer"),
        translate("Shortcuts", "Previous and next page or frame"),
        (",", "."),
    ),
    Shortcut(translate("Shortcuts", "In the viewer"), translate("Shortcuts", "Close the viewer"), ("Esc",)),
)
"""Keys that belong to a view and cannot be changed."""


class ChangedKeys:
    """The shortcuts that the user changed, by command. Kept with the window's other settings."""

    def __init__(self, state: WindowState) -> None:
        self._state = state
        self._keys = _read(state.text(_STATE_KEY))

    def of(self, command: str, default: Sequence[str]) -> tuple[str, ...]:
        return self._keys.get(command, tuple(default))

    def change(self, command: str, keys: Sequence[str] | None) -> None:
        """Set the keys of a command; None restores the default."""
        if keys is None:
            self._keys.pop(command, None)
        else:
            self._keys[command] = tuple(keys)
        self._state.keep(_STATE_KEY, json.dumps(self._keys))


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """Damaged settings only lose what they contained."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {
        str(command): tuple(str(each) for each in keys)
        for command, keys in found.items()
        if isinstance(keys, list)
    }
