"""The fixed searches of the page Explore."""

from __future__ import annotations

PAPERS = "is:screenshot OR document OR receipt"
