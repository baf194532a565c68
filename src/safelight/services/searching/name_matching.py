"""Photos whose names contain the words of a query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from safelight.core.name_evidence import NameMatch, weigh_matches, words_of
from safelight.store import text
from safelight.store.library import Connection
from safelight.store.vectors import Ids

MAX_PHOTOS_PER_WORD = 4096
"""A word that more photos contain in one field identifies none of them; ``in:`` and ``tag:`` find them
all."""


def matches(
    db: Connection, description: str, photos: int, allowed: Ids | Sequence[int] | None = None
) -> dict[int, NameMatch]:
    """The evidence of file names, folders, tags and cameras for photos (of ``allowed``, if given), in a
    library of this many photos.
    """
    words = words_of(description)
    if not words:
        return {}
    found = weigh_matches(
        {word: text.photos_with_word(db, word, MAX_PHOTOS_PER_WORD) for word in words}, photos
    )
    return keep_allowed(found, allowed)


def keep_allowed(found: dict[int, NameMatch], allowed: Ids | Sequence[int] | None) -> dict[int, NameMatch]:
    """The evidence for photos of ``allowed``, if given."""
    if allowed is None or not found:
        return found
    named = np.fromiter(found, np.int64, len(found))
    return {photo: found[photo] for photo in named[np.isin(named, allowed)].tolist()}
