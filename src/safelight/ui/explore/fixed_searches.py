"""The fixed searches of the page Explore."""

from __future__ import annotations

from safelight.ui.explore.page import FixedSearch
from safelight.ui.translation import translate

ON_THIS_DAY = "day:today"
UNSEEN = "is:unseen"
PAPERS = "is:screenshot OR document OR receipt"
POOR = "is:blurred,dark"


def fixed_searches() -> tuple[FixedSearch, ...]:
    """Each is a search like any other, which can be edited and saved."""
    return (
        FixedSearch(translate("FixedSearches", "On this day"), "calendar", ON_THIS_DAY),
        FixedSearch(translate("FixedSearches", "Recently added"), "clock", ""),
        FixedSearch(translate("FixedSearches", "Never looked at"), "eye", UNSEEN),
        FixedSearch(translate("FixedSearches", "Screenshots and papers"), "image", PAPERS),
        FixedSearch(translate("FixedSearches", "Blurred or dark"), "eye-off", POOR),
    )
