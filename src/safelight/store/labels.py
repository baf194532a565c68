"""The tags and albums of photos, for reading."""

# ruff: noqa: S608 (statements contain the name of a function of ours; values are bound)

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import apsw

from safelight.store.connect import LOWER
from safelight.store.rows import json_ids


class Labels(NamedTuple):
    """The tags and albums of one photo, by name."""

    tags: tuple[str, ...]
    albums: tuple[str, ...]


def of_photos(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Labels]:
    """The labels of each of these photos."""
    wanted = json_ids(photo_ids)
    found: dict[int, tuple[list[str], list[str]]] = {photo_id: ([], []) for photo_id in photo_ids}
    sources = (
        ("photo_tag AS m", "tag AS n ON n.id = m.tag_id"),
        ("album_photo AS m", "album AS n ON n.id = m.album_id"),
    )
    for kind, (members, groups) in enumerate(sources):
        for photo_id, name in db.execute(
            f"SELECT m.photo_id, n.name FROM json_each(?) AS a CROSS JOIN {members} ON m.photo_id = a.value "
            f"JOIN {groups} ORDER BY {LOWER}(n.name)",
            (wanted,),
        ):
            found[photo_id][kind].append(name)
    return {photo_id: Labels(tuple(tags), tuple(albums)) for photo_id, (tags, albums) in found.items()}


def tags(db: apsw.Connection) -> list[tuple[str, int]]:
    """(name, visible photos) of every tag that a visible photo has, by name."""
    rows = db.execute(
        "SELECT n.name, count(*) FROM tag AS n JOIN photo_tag AS m ON m.tag_id = n.id "
        "JOIN photo AS p ON p.id = m.photo_id WHERE p.orphaned_at IS NULL "
        f"GROUP BY n.id ORDER BY {LOWER}(n.name)"
    )
    return [(name, count) for name, count in rows]


def albums(db: apsw.Connection) -> list[tuple[str, int]]:
    """(name, visible photos) of every album, by name. A limited connection sees no empty albums."""
    rows = db.execute(
        "SELECT n.name, count(p.id) FROM album AS n LEFT JOIN album_photo AS m ON m.album_id = n.id "
        "LEFT JOIN photo AS p ON p.id = m.photo_id AND p.orphaned_at IS NULL "
        f"GROUP BY n.id ORDER BY {LOWER}(n.name), n.id"
    )
    return [(name, count) for name, count in rows]


def in_album(db: apsw.Connection, name: str) -> list[int]:
    """Visible photos of the albums of that name (without regard to case), in their order."""
    return [
        photo_id
        for (photo_id,) in db.execute(
            "SELECT p.id FROM album AS n JOIN album_photo AS m ON m.album_id = n.id "
            "JOIN photo AS p ON p.id = m.photo_id AND p.orphaned_at IS NULL "
            f"WHERE {LOWER}(n.name) = {LOWER}(?) ORDER BY n.id, m.position, p.id",
            (name,),
        )
    ]
