"""What the menus of the window contain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from safelight.core.organising_rules import LABELS
from safelight.ui.pages.declarations import PAGES
from safelight.ui.translation import translate


@dataclass(frozen=True, slots=True)
class Submenu:
    """A menu inside another one."""

    title: str
    mark: str
    groups: Groups


Groups: TypeAlias = tuple[tuple[str | Submenu, ...], ...]
"""Names of commands and submenus, with a line between the groups."""

_RATING = Submenu(
    translate("Actions", "Rating"),
    "star",
    (("rate_5", "rate_4", "rate_3", "rate_2", "rate_1", "rate_0"), ("reject",)),
)
_LABEL = Submenu(
    translate("Actions", "Label"), "label", (tuple(f"label_{label}" for label in LABELS), ("label_none",))
)
_STACK = Submenu(translate("Actions", "Stack"), "stack", (("stack", "unstack", "open_stack", "stack_top"),))

_ORGANISE = Submenu(
    translate("Actions", "Organise"),
    "tag",
    (
        ("favourite", "tag", "to_album", "from_album", "album_cover", "teach"),
        (_RATING, _LABEL, _STACK),
        ("turn_right", "turn_left", "hide"),
    ),
)

REFINING_COMMANDS = ("more_like", "less_like")
"""Commands that the context menu offers only in a search."""

CONTEXT_MENU: Groups = (
    ("find_similar", *REFINING_COMMANDS, "view", "compare"),
    ("open_externally", "show_in_folder", "copy", "copy_path"),
    (_ORGANISE, "export", "trash"),
)
"""Three groups, the most important entry first: at most nine visible entries, and eleven in a search."""

_GO = Submenu(
    translate("Actions", "Go to"),
    "arrow-right",
    (("back", "forward", "go_to_date"), tuple(page.key for page in PAGES if not page.covers)),
)
_VIEW = Submenu(
    translate("Actions", "View"),
    "eye",
    (
        ("rail", "details"),
        ("arrange", "larger", "smaller"),
        ("slideshow", "full_screen"),
    ),
)
_SEARCH = Submenu(
    translate("Actions", "Search"),
    "search",
    (("search", "save_search", "paste", "find_similar", "unfold"), ("clear_history",)),
)

MAIN_MENU: Groups = (
    ("add_folder", "new_album", "rescan", "pause"),
    ("undo", "palette"),
    (_SEARCH, _GO, _VIEW),
    (*(page.key for page in PAGES if page.covers), "shortcuts"),
    ("quit",),
)
"""Short enough for the height of a small screen."""
