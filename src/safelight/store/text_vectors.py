"""Vectors of what users wrote: tags, names of albums, titles and captions.

One vector for each text and model, since many photos can have the same text. They are derived data: a search
works without them, and texts that nobody uses any more are dropped.
"""

# ruff: noqa: S608 (statements are put together from constants of this module; values are bound)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import apsw
import numpy as np

from safelight.core.encoder import Vectors
from safelight.store import vector_tables
from safelight.store.rows import ids_of

_TEXTS = (
    "SELECT name AS text FROM tag WHERE id IN (SELECT tag_id FROM photo_tag) "
    "UNION SELECT name FROM album WHERE id IN (SELECT album_id FROM album_photo) "
    "UNION SELECT title FROM mark WHERE title <> '' UNION SELECT caption FROM mark WHERE caption <> ''"
)
"""SQL: every text that a photo has, once."""

_BEARERS = (
    (
        "tag",
        "SELECT m.photo_id FROM photo_tag AS m JOIN tag AS t ON t.id = m.tag_id WHERE t.name = ?",
    ),
    (
        "album",
        "SELECT m.photo_id FROM album_photo AS m JOIN album AS a ON a.id = m.album_id WHERE a.name = ?",
    ),
    ("title", "SELECT photo_id FROM mark WHERE title = ?"),
    ("caption", "SELECT photo_id FROM mark WHERE caption = ?"),
)
"""Where a text can be, and SQL for the photos that have it there."""

MAX_TEXTS = 5000
"""Texts that are compared with a query: 10 MB at 512 dimensions. If there are more, some are left out."""


def missing(db: apsw.Connection, model_id: int, limit: int) -> list[str]:
    """Texts of photos without a vector of a model, at most ``limit``."""
    rows = db.execute(
        f"SELECT text FROM (SELECT text FROM ({_TEXTS} LIMIT {MAX_TEXTS}) EXCEPT "
        "SELECT text FROM text_vector WHERE model_id = ?) LIMIT ?",
        (model_id, limit),
    )
    return [text for (text,) in rows]


def put(db: apsw.Connection, model_id: int, texts: Sequence[str], vectors: Vectors) -> None:
    """Store the vectors (n, dim) of texts. Raises ValueError for rows that are not of unit length."""
    vector_tables.check(vectors, len(texts), vectors.shape[1])
    db.executemany(
        "INSERT OR REPLACE INTO text_vector (model_id, text, vector) VALUES (?, ?, ?)",
        [(model_id, text, row.astype("<f4").tobytes()) for text, row in zip(texts, vectors, strict=True)],
    )


def prune(db: apsw.Connection) -> None:
    """Drop the vectors of texts that no photo has any more."""
    db.execute(f"DELETE FROM text_vector WHERE text NOT IN ({_TEXTS})")


def stored_vectors(db: apsw.Connection, model_id: int) -> tuple[list[str], Vectors]:
    """Texts of photos that have a vector of a model, and these (n, dim). At most :data:`MAX_TEXTS`."""
    texts: list[str] = []
    rows: list[Vectors] = []
    for text, vector in db.execute(
        f"SELECT v.text, v.vector FROM text_vector AS v WHERE v.model_id = ? AND v.text IN ({_TEXTS}) "
        f"ORDER BY v.text LIMIT {MAX_TEXTS}",
        (model_id,),
    ):
        texts.append(text)
        rows.append(np.frombuffer(vector, "<f4"))
    return texts, np.stack(rows) if rows else np.zeros((0, 0), np.float32)


def photos_with_text(db: apsw.Connection, text: str, limit: int) -> dict[str, list[int]]:
    """Visible photos that have a text, by where it is: ``tag``, ``album``, ``title`` or ``caption``.

    Empty where more than ``limit`` photos have it in one place.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    for where, statement in _BEARERS:
        rows = db.execute(
            f"SELECT id FROM photo WHERE orphaned_at IS NULL AND id IN ({statement}) ORDER BY id LIMIT ?",
            (text, limit + 1),
        )
        ids = ids_of(rows)
        if len(ids) > limit:
            return {}
        if ids:
            found[where] = ids
    return dict(found)
