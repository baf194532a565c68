"""Finds photos whose tags, albums, titles or captions mean the same as a query, even in other words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from safelight.core.encoder import Encoder, Vectors
from safelight.core.name_evidence import NameMatch, match_message
from safelight.embedding.prompts import encode_queries
from safelight.services.searching.name_matching import MAX_PHOTOS_PER_WORD
from safelight.services.searching.read_cache import ReadCache
from safelight.store import text_vectors
from safelight.store.library import Connection, LibraryStore

MIN_DEVIATION = 3.0
"""From this similarity on, a text is taken to mean the same as a query. In standard deviations above the
query's mean similarity to the neutral texts."""

WEIGHT = 2.0
"""Added to the log odds of a photo for each standard deviation above :data:`MIN_DEVIATION`.

docs/relevance-evaluation.md says how both were measured."""

_TEXTS_USED = 50
"""Texts nearest to a query that count."""

_BATCH_SIZE = 32
"""Texts that are encoded in one call while no search runs."""

_BLANK_TEXT = "a photo"
"""Encoded in place of a text of white space alone, which models refuse."""

_MAX_SHOWN_CHARACTERS = 60
"""Characters of a text in a reason."""


class TextEvidence:
    """Compares queries with the texts of photos. For one thread at a time."""

    def __init__(self, store: LibraryStore, prompts: Callable[[Encoder], Vectors]) -> None:
        """``prompts`` gives the vectors of the neutral texts (n, dim)."""
        self._store = store
        self._prompts = prompts
        self._missing: ReadCache[int, list[str]] = ReadCache(1)
        self._stored: ReadCache[int, tuple[list[str], Vectors]] = ReadCache(1)

    def encode_some(self, encoder: Encoder, model_id: int) -> bool:
        """Encode some texts that have no vector yet. Returns whether there may be more. Raises ModelError."""
        with self._store.read() as db:
            waiting = self._missing.get(db, model_id, lambda: text_vectors.missing(db, model_id, _BATCH_SIZE))
        if not waiting:
            return False
        found = encode_queries(encoder, [_encoded_part(text) for text in waiting])
        with self._store.write() as db:
            text_vectors.put(db, model_id, waiting, found)
            if len(waiting) < _BATCH_SIZE:
                text_vectors.prune(db)
        return True

    def any(self, db: Connection, model_id: int) -> bool:
        """Whether a text of a photo has a vector of this model."""
        return bool(self._stored_vectors(db, model_id)[0])

    def matches(
        self, db: Connection, encoder: Encoder, model_id: int, query: Vectors
    ) -> dict[int, NameMatch]:
        """The evidence for photos whose texts mean what a query (dim,) says. Raises ModelError."""
        texts, rows = self._stored_vectors(db, model_id)
        background = np.vecdot(self._prompts(encoder), query)
        above = (np.vecdot(rows, query) - background.mean()) / max(float(background.std()), 1e-6)
        best = np.argsort(-above, kind="stable")[:_TEXTS_USED]
        found: dict[int, NameMatch] = {}
        for number in best[above[best] > MIN_DEVIATION].tolist():
            lift = WEIGHT * (float(above[number]) - MIN_DEVIATION)
            for where, ids in text_vectors.photos_with_text(db, texts[number], MAX_PHOTOS_PER_WORD).items():
                match = NameMatch(lift, False, match_message(where, _shortened(texts[number])))
                for photo in ids:
                    found.setdefault(photo, match)  # the nearest text counts
        return found

    def _stored_vectors(self, db: Connection, model_id: int) -> tuple[list[str], Vectors]:
        return self._stored.get(db, model_id, lambda: text_vectors.stored_vectors(db, model_id))


def merge_evidence(names: Mapping[int, NameMatch], texts: Mapping[int, NameMatch]) -> dict[int, NameMatch]:
    """The stronger evidence of each photo, of words that occur in its names and of its texts that mean the
    same. They are not added, because a caption that contains the words of a query also means the same."""
    found = dict(texts)
    for photo, match in names.items():
        other = texts.get(photo)
        if other is None or match.lift >= other.lift:
            found[photo] = match
        else:
            found[photo] = NameMatch(other.lift, match.whole, match.reason)
    return found


def _encoded_part(text: str) -> str:
    """The part of a text that is encoded, which is the last level of a nested tag."""
    return text.rpartition("/")[2].strip() or text.strip() or _BLANK_TEXT


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_SHOWN_CHARACTERS else line[: _MAX_SHOWN_CHARACTERS - 1].rstrip() + "…"
