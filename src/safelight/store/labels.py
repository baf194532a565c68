"""The tags and albums of photos, for reading."""

# ruff: noqa: S608 (statements contain the name of a function of ours; values are bound)

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import apsw

from safelight.store.albums import ALBUM_PATHS
from safelight.store.connect import LOWER
from safelight.store.rows import json_ids


class Labels(NamedTuple):
    """The tags of one photo, by name, and its albums, by path."""

    tags: tuple[str, ...]
    albums: tuple[str, ...]


def of_photos(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Labels]:
    """The labels of each of these photos."""
    wanted = json_ids(photo_ids)
    found: dict[int, tuple[list[str], list[str]]] = {photo_id: ([], []) for photo_id in photo_ids}
    sources = (
        ("", "photo_tag AS m", "n.name", "tag AS n ON n.id = m.tag_id"),
        (ALBUM_PATHS, "album_photo AS m", "n.path", "album_path AS n ON n.id = m.album_id"),
    )
    for kind, (paths, members, column, groups) in enumerate(sources):
        for photo_id, name in db.execute(
            f"{paths} SELECT m.photo_id, {column} FROM json_each(?) AS a "
            f"CROSS JOIN {members} ON m.photo_id = a.value JOIN {groups} ORDER BY {LOWER}({column})",
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
    """(path, visible photos) of every album, by path. A limited connection sees no empty albums."""
    rows = db.execute(
        f"{ALBUM_PATHS} SELECT n.path, count(p.id) FROM album_path AS n "
        "LEFT JOIN album_photo AS m ON m.album_id = n.id "
        "LEFT JOIN photo AS p ON p.id = m.photo_id AND p.orphaned_at IS NULL "
        f"GROUP BY n.id ORDER BY {LOWER}(n.path), n.id"
    )
    return [(name, count) for name, count in rows]


def find_album(db: apsw.Connection, name: str) -> str | None:
    """The path of an album, or the last part of one, that is ``name`` without regard to case, as the library
    writes it; None where there is no such album."""
    paths = [path for path, _ in albums(db)]
    known = {each.casefold(): each for path in paths for each in (path, path.rpartition("/")[2])}
    return known.get(name.casefold())


def in_album(db: apsw.Connection, name: str) -> list[int]:
    """Visible photos of the albums of that path or name (without regard to case), in their order."""
    return [
        photo_id
        for (photo_id,) in db.execute(
            f"{ALBUM_PATHS} SELECT p.id FROM album AS n JOIN album_path AS o ON o.id = n.id "
            "JOIN album_photo AS m ON m.album_id = n.id "
            "JOIN photo AS p ON p.id = m.photo_id AND p.orphaned_at IS NULL "
            f"WHERE {LOWER}(?) IN ({LOWER}(o.path), {LOWER}(n.name)) ORDER BY n.id, m.position, p.id",
            (name,),
        )
    ]
