"""The fixed searches of the page Explore, each a search like any other."""

from __future__ import annotations

ON_THIS_DAY = "day:today"
UNSEEN = "is:unseen"
PAPERS = "is:screenshot OR document OR receipt"
POOR = "is:blurred,dark"
