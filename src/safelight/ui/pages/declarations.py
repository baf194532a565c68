"""The pages of the window, each declared once.

From a declaration follow its entry in the sidebar with its count, its command with shortcut and menu entry,
and its place in the history of back and forward. To add a page, declare it here and write its widget
(docs/how-to/add-a-page.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from safelight.core.themes import MIN_PHOTOS
from safelight.ui import wording
from safelight.ui.translation import translate
from safelight.ui.view_request import Place

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from safelight.core.photo import LibraryCounts
    from safelight.ui.library.window_services import WindowServices


class Position(Enum):
    """Where a page is listed in the sidebar; the value is the heading."""

    TOP = ""
    CHECK = translate("Position", "Needs a look")
    LAST = "-"
    """At the bottom, without a heading."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The values from which the counts of the sidebar are computed."""

    counts: LibraryCounts | None = None
    groups: int = 0
    """The groups of duplicates."""
    freed: int = 0
    """Bytes that the review of duplicates would free."""
    has_trash: bool = False
    albums: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``key`` is saved in settings: never rename one."""

    key: Place
    title: str
    icon: str
    position: Position | None = None
    """None for a page that only the menu opens."""
    shortcut: str = ""
    count: Callable[[Totals], int | None] = field(default=lambda _: None)
    shown: Callable[[Totals], bool] = field(default=lambda _: True)
    """Whether the sidebar lists it now."""
    detail: Callable[[Totals], str] = field(default=lambda _: "")
    """More than the count, where there is room."""
    tip: Callable[[Totals], str] = field(default=lambda _: "")
    warns: bool = False
    """Whether the icon has the colour of warnings."""
    covers: bool = False
    """Whether it opens over what is shown, which stays and comes back when it is closed."""
    make: Callable[[WindowServices], QWidget] | None = None
    """Makes the page's widget; None where photos are shown, or a controller makes it."""


EXPLORE = Place("explore")
ALBUMS = Place("albums")
DUPLICATES, PROBLEMS = Place("duplicates"), Place("problems")
TRASH = Place("trashed")  # "trash" is the command that moves photos there
MODELS, SETTINGS = Place("models"), Place("settings")
MIGRATION = Place("migration")


def _of_counts(value: Callable[[LibraryCounts], int]) -> Callable[[Totals], int | None]:
    return lambda totals: None if totals.counts is None else value(totals.counts)


def _make_trash(services: WindowServices) -> QWidget:
    from safelight.ui.pages.trash import TrashPage

    return TrashPage(services.bridge, services.reader)


def _duplicates_detail(totals: Totals) -> str:
    return f"{totals.groups:,} · {wording.file_size(totals.freed)}" if totals.freed else ""


def _duplicates_tip(totals: Totals) -> str:
    if not totals.groups:
        return translate("Pages", "No duplicates were found")
    return translate("Pages", "{count}, which could save {file_size}").format(
        count=wording.count_of(totals.groups, "group"), file_size=wording.file_size(totals.freed)
    )


PAGES: tuple[Page, ...] = (
    Page(
        *(Place.LIBRARY, translate("Pages", "Library"), "library", Position.TOP, "Ctrl+1"),
        count=_of_counts(lambda counts: counts.photos - counts.hidden),
    ),
    Page(
        *(Place.FAVOURITES, translate("Pages", "Favourites"), "heart", Position.TOP, "Ctrl+2"),
        count=_of_counts(lambda counts: counts.favourites),
    ),
    Page(Place.RECENT, translate("Pages", "Recently added"), "clock", Position.TOP, "Ctrl+3"),
    Page(
        *(EXPLORE, translate("Pages", "Explore"), "theme", Position.TOP, "Ctrl+5"),
        shown=lambda totals: totals.counts is not None and totals.counts.photos >= MIN_PHOTOS,
    ),
    Page(
        *(ALBUMS, translate("Pages", "All albums"), "album", Position.TOP, "Ctrl+6"),
        count=lambda totals: totals.albums,
        shown=lambda totals: totals.albums > 0,
    ),
    Page(
        *(Place.HIDDEN, translate("Pages", "Hidden"), "eye-off", Position.TOP),
        count=_of_counts(lambda counts: counts.hidden),
        shown=lambda totals: totals.counts is not None and totals.counts.hidden > 0,
    ),
    Page(
        *(DUPLICATES, translate("Pages", "Duplicates"), "duplicates", Position.CHECK, "Ctrl+4"),
        count=lambda totals: totals.groups,
        shown=lambda totals: totals.counts is not None and totals.counts.photos > 0,
        detail=_duplicates_detail,
        tip=_duplicates_tip,
    ),
    Page(
        *(PROBLEMS, translate("Pages", "Problems"), "warning", Position.CHECK),
        count=_of_counts(lambda counts: counts.failures),
        shown=lambda totals: totals.counts is not None and totals.counts.failures > 0,
        warns=True,
    ),
    Page(
        *(TRASH, translate("Pages", "Trash"), "trash", Position.LAST),
        shown=lambda totals: totals.has_trash,
        make=_make_trash,
    ),
    Page(MODELS, translate("Pages", "Models"), "model", shortcut="Ctrl+M", covers=True),
    Page(MIGRATION, translate("Pages", "Import from another program"), "import", covers=True),
    Page(SETTINGS, translate("Pages", "Settings"), "gear", shortcut="Ctrl+,", covers=True),
)

PAGES_BY_PLACE = {page.key: page for page in PAGES}
