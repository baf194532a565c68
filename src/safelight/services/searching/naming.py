"""Photos whose names bear the words of a query."""

from __future__ import annotations

from collections.abc import Collection

from safelight.core.names import NameMatch, weigh, words_of
from safelight.store import text
from safelight.store.library import Connection

MOST = 4096
"""A word that more photos bear in one field names none of them; ``in:`` and ``tag:`` find them all."""


def matches(
    db: Connection, description: str, photos: int, allowed: Collection[int] | None = None
) -> dict[int, NameMatch]:
    """What file names, folders, tags and cameras say for photos (of ``allowed``, if given), of so many in
    the library."""
    words = words_of(description)
    if not words:
        return {}
    found = weigh({word: text.bearers(db, word, MOST) for word in words}, photos)
    if allowed is None or not found:
        return found
    among = set(allowed)
    return {photo: match for photo, match in found.items() if photo in among}
