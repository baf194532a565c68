"""Taught concepts and their examples, and suggested tags that were refused.

Examples are content hashes, so they hold when files move and when another model is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import apsw

from safelight.core.concepts import Concept
from safelight.core.encoder import Vectors
from safelight.store import vectors
from safelight.store.connect import LOWER
from safelight.store.vectors import Ids

Examples = Mapping[bytes, bool]
"""Whether a photo shows the concept, by content hash."""

_SELECT = "SELECT id, name, description FROM concept"


# --- concepts -------------------------------------------------------------------------------------------


def all_concepts(db: apsw.Connection) -> list[Concept]:
    """Every concept by name."""
    return [_with_examples(db, row) for row in db.execute(f"{_SELECT} ORDER BY {LOWER}(name)").fetchall()]


def has_any(db: apsw.Connection) -> bool:
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM concept)").get)


def find(db: apsw.Connection, name: str) -> Concept | None:
    """A concept by name. Case does not matter."""
    row = db.execute(f"{_SELECT} WHERE {LOWER}(name) = ?", (" ".join(name.split()).lower(),)).fetchone()
    return None if row is None else _with_examples(db, row)


def get(db: apsw.Connection, concept_id: int) -> Concept | None:
    row = db.execute(f"{_SELECT} WHERE id = ?", (concept_id,)).fetchone()
    return None if row is None else _with_examples(db, row)


def create(
    db: apsw.Connection, name: str, description: str, now: float, concept_id: int | None = None
) -> int:
    """Create a concept with a name that no other has, under a certain id if one is given; return the id."""
    return int(
        db.execute(
            "INSERT INTO concept (id, name, description, created_at) VALUES (?, ?, ?, ?) RETURNING id",
            (concept_id, name, description, now),
        ).get
    )


def set_name_and_description(db: apsw.Connection, concept_id: int, name: str, description: str) -> None:
    """Set the name and the description of a concept."""
    db.execute("UPDATE concept SET name = ?, description = ? WHERE id = ?", (name, description, concept_id))


def delete(db: apsw.Connection, concept_id: int) -> float:
    """Delete a concept with its examples. Returns when it was created (epoch seconds)."""
    db.execute("DELETE FROM concept_example WHERE concept_id = ?", (concept_id,))
    return float(
        db.execute("DELETE FROM concept WHERE id = ? RETURNING created_at", (concept_id,)).get or 0.0
    )


def examples(db: apsw.Connection, concept_id: int) -> dict[bytes, bool]:
    rows = db.execute(
        "SELECT content_hash, shows FROM concept_example WHERE concept_id = ? ORDER BY content_hash",
        (concept_id,),
    )
    return {content: bool(shows) for content, shows in rows}


def set_example(db: apsw.Connection, concept_id: int, content: bytes, shows: bool | None) -> None:
    """Make a photo an example for or against a concept; None makes it none."""
    if shows is None:
        db.execute(
            "DELETE FROM concept_example WHERE concept_id = ? AND content_hash = ?", (concept_id, content)
        )
        return
    db.execute(
        "INSERT INTO concept_example (concept_id, content_hash, shows) VALUES (?, ?, ?) "
        "ON CONFLICT (concept_id, content_hash) DO UPDATE SET shows = excluded.shows",
        (concept_id, content, int(shows)),
    )


def photos_of(db: apsw.Connection, wanted: Collection[bytes]) -> dict[bytes, int]:
    """The visible photos with these contents."""
    found = {}
    for content in wanted:
        photo = db.execute(
            "SELECT id FROM photo WHERE content_hash = ? AND orphaned_at IS NULL", (content,)
        ).get
        if photo is not None:
            found[content] = int(photo)
    return found


def vectors_of(db: apsw.Connection, model_id: int, wanted: Sequence[bytes]) -> tuple[Ids, Vectors]:
    """Visible photos with these contents that have a vector of a model: ids (n,), vectors (n, dim)."""
    return vectors.of_visible(db, model_id, sorted(photos_of(db, wanted).values()))


def reassign(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    """Give the examples and refusals of one photo to another that shows the same, which keeps its own."""
    for table, columns in (
        ("concept_example", "concept_id, content_hash, shows"),
        ("refused_tag", "tag, content_hash, refused_at"),
    ):
        given = columns.replace("content_hash", "n.content_hash")
        db.execute(
            f"INSERT OR IGNORE INTO {table} ({columns}) SELECT {given} FROM {table} AS e "  # noqa: S608
            "JOIN photo AS o ON o.content_hash = e.content_hash CROSS JOIN photo AS n "
            "WHERE o.id = ? AND n.id = ?",
            (old_photo, new_photo),
        )


def _with_examples(db: apsw.Connection, row: tuple[Any, ...]) -> Concept:
    concept_id, name, description = row
    given = examples(db, concept_id)
    return Concept(
        concept_id,
        name,
        description,
        shown=tuple(content for content, shows in given.items() if shows),
        not_shown=tuple(content for content, shows in given.items() if not shows),
    )
