"""The fixed searches of the page Explore."""

from __future__ import annotations

from safelight.core import shelves as queries
from safelight.ui.explore.page import Shelf
from safelight.ui.translation import translate


def shelves() -> tuple[Shelf, ...]:
    """Each is a search like any other, which can be edited and saved."""
    return (
        Shelf(translate("Shelves", "On this day"), "calendar", queries.ON_THIS_DAY),
        Shelf(translate("Shelves", "Recently added"), "clock", ""),
        Shelf(translate("Shelves", "Never looked at"), "eye", queries.UNSEEN),
        Shelf(translate("Shelves", "Screenshots and papers"), "image", queries.PAPERS),
        Shelf(translate("Shelves", "Blurred or dark"), "eye-off", queries.POOR),
    )
