"""Tags: a tree by their names, in which ``/`` separates the levels.

Only tags that were created or given have a row; ``animals/dog`` needs none for ``animals``. Names are as
:func:`safelight.core.organising_rules.clean_tag` returns them. :mod:`safelight.store.marks` gives tags to
photos.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import apsw

from safelight.store import text
from safelight.store.connect import LOWER
from safelight.store.rows import ids_of, json_ids


@dataclass(frozen=True, slots=True)
class Tag:
    id: int
    name: str
    photos: int
    """Visible photos with exactly this tag."""


def create(db: apsw.Connection, name: str) -> tuple[int, bool]:
    """The id of a tag, and whether it is new."""
    found = find(db, name)
    if found is not None:
        return found, False
    return int(db.execute("INSERT INTO tag (name) VALUES (?) RETURNING id", (name,)).get), True


def restore(db: apsw.Connection, tag_id: int, name: str) -> int:
    """Create a tag that was deleted, with the id that it had unless that is taken, and return its id."""
    found = find(db, name)
    if found is not None:
        return found
    db.execute("INSERT OR IGNORE INTO tag (id, name) VALUES (?, ?)", (tag_id, name))
    return create(db, name)[0]


def discard_unused(db: apsw.Connection, name: str) -> bool:
    """Delete a tag that no photo has; return whether there was one."""
    db.execute(
        "DELETE FROM tag WHERE name = ? AND NOT EXISTS (SELECT 1 FROM photo_tag WHERE tag_id = tag.id)",
        (name,),
    )
    return db.changes() > 0


def find(db: apsw.Connection, name: str) -> int | None:
    """SQLite ignores the case of ASCII letters only, so other letters are compared separately."""
    found: int | None = db.execute("SELECT id FROM tag WHERE name = ?", (name,)).get
    if found is None and not name.isascii():
        found = db.execute(f"SELECT id FROM tag WHERE {LOWER}(name) = ?", (name.lower(),)).get  # noqa: S608
    return found


def name_of(db: apsw.Connection, tag_id: int) -> str | None:
    found: str | None = db.execute("SELECT name FROM tag WHERE id = ?", (tag_id,)).get
    return found


def with_descendants(db: apsw.Connection, name: str) -> list[tuple[int, str]]:
    """(id, name) of a tag and of all tags below it, parents first. Either part may be missing."""
    lowered = name.lower()
    rows = db.execute(
        f"SELECT id, name FROM tag WHERE substr({LOWER}(name) || '/', 1, ?) = ? ORDER BY name",  # noqa: S608
        (len(lowered) + 1, f"{lowered}/"),
    )
    return [(tag_id, found) for tag_id, found in rows]


def photos_with(db: apsw.Connection, tag_id: int) -> list[int]:
    """The photos with a tag, visible or not, sorted."""
    return ids_of(db.execute("SELECT photo_id FROM photo_tag WHERE tag_id = ? ORDER BY photo_id", (tag_id,)))


def rename(db: apsw.Connection, tag_id: int, name: str) -> list[int]:
    """Give a tag a name that no other tag has; returns its photos, sorted."""
    db.execute("UPDATE tag SET name = ? WHERE id = ?", (name, tag_id))
    photos = photos_with(db, tag_id)
    text.refresh(db, photos)
    return photos


def merge(db: apsw.Connection, tag_id: int, into: int) -> tuple[list[int], list[int]]:
    """Replace a tag by another one and delete it.

    Returns (the photos that had it, those of them that did not have the other), both sorted.
    """
    photos = photos_with(db, tag_id)
    rows = db.execute(
        "INSERT OR IGNORE INTO photo_tag (photo_id, tag_id) "
        "SELECT photo_id, ? FROM photo_tag WHERE tag_id = ? RETURNING photo_id",
        (into, tag_id),
    )
    gained = sorted(ids_of(rows))
    db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))
    text.refresh(db, photos)
    return photos, gained


def delete(db: apsw.Connection, tag_id: int) -> list[int]:
    """Delete one tag; returns the photos that had it, sorted."""
    photos = photos_with(db, tag_id)
    db.execute("DELETE FROM photo_tag WHERE tag_id = ?", (tag_id,))
    db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))
    text.refresh(db, photos)
    return photos


def all_tags(db: apsw.Connection) -> list[Tag]:
    """Every tag by name."""
    rows = db.execute(
        "SELECT t.id, t.name, count(p.id) FROM tag AS t LEFT JOIN photo_tag AS m ON m.tag_id = t.id "
        "LEFT JOIN photo AS p ON p.id = m.photo_id AND p.orphaned_at IS NULL "
        "GROUP BY t.id ORDER BY t.name"
    )
    return [Tag(*row) for row in rows]


def of_photos(db: apsw.Connection, photo_ids: Collection[int]) -> dict[str, int]:
    """How many of these photos have each tag that occurs among them, by name."""
    rows = db.execute(
        "SELECT t.name, count(*) FROM json_each(?) AS a CROSS JOIN photo_tag AS m ON m.photo_id = a.value "
        "CROSS JOIN tag AS t ON t.id = m.tag_id GROUP BY t.id ORDER BY t.name",
        (json_ids(set(photo_ids)),),
    )
    return dict(rows)


def by_photo(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, set[str]]:
    """The names of the tags of each of these photos; an empty set for photos without tags."""
    found: dict[int, set[str]] = {photo: set() for photo in photo_ids}
    rows = db.execute(
        "SELECT m.photo_id, t.name FROM json_each(?) AS a CROSS JOIN photo_tag AS m ON m.photo_id = a.value "
        "CROSS JOIN tag AS t ON t.id = m.tag_id",
        (json_ids(set(photo_ids)),),
    )
    for photo, name in rows:
        found[photo].add(name)
    return found
