"""Tags that say where a photo was taken or who is in it.

Programs that know places and people as such, among them Safelight's import from other programs, put their
names below a common first level.
"""

from __future__ import annotations

PLACES = frozenset({"place", "places", "location", "locations"})
PEOPLE = frozenset({"people", "person", "persons", "faces"})
"""First levels of tags, in lower case, that digiKam, Lightroom and Picasa use for places and people."""


def is_below(tag: str, levels: frozenset[str]) -> bool:
    """Whether the first level of a tag is one of these."""
    return tag.partition("/")[0].strip().casefold() in levels
