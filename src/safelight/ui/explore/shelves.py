"""The fixed searches of the page Explore."""

from __future__ import annotations

from safelight.core.shelves import PAPERS
from safelight.ui.explore.page import Shelf
from safelight.ui.translation import translate


def shelves() -> tuple[Shelf, ...]:
    """Each is a search like any other, which can be edited and saved."""
    return (Shelf(translate("Shelves", "Screenshots and papers"), "image", PAPERS),)
