"""The fixed searches of the page Explore."""

from __future__ import annotations

from safelight.core import fixed_searches as queries
from safelight.ui.explore.page import FixedSearch
from safelight.ui.translation import translate


def fixed_searches() -> tuple[FixedSearch, ...]:
    """Each is a search like any other, which can be edited and saved."""
    return (
        FixedSearch(translate("FixedSearches", "On this day"), "calendar", queries.ON_THIS_DAY),
        FixedSearch(translate("FixedSearches", "Recently added"), "clock", ""),
        FixedSearch(translate("FixedSearches", "Never looked at"), "eye", queries.UNSEEN),
        FixedSearch(translate("FixedSearches", "Screenshots and papers"), "image", queries.PAPERS),
        FixedSearch(translate("FixedSearches", "Blurred or dark"), "eye-off", queries.POOR),
    )
