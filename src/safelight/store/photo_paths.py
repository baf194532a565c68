"""The paths of the files that hold photos."""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import apsw

from safelight.store import pairs
from safelight.store.folder_tree import FolderPart, copy_rank
from safelight.store.rows import AMONG_PHOTOS, absolute, below, json_ids


def of_photo(db: apsw.Connection, photo_id: int) -> list[bytes]:
    """Absolute paths of the files that hold a photo, those of folders that are connected first."""
    rows = db.execute(
        "SELECT r.path, f.path FROM file AS f JOIN folder AS r ON r.id = f.folder_id WHERE f.photo_id = ? "
        "ORDER BY r.state = 'offline', f.state <> 'indexed', f.id",
        (photo_id,),
    )
    return [absolute(root, path) for root, path in rows]


def connected(db: apsw.Connection, ids: Collection[int]) -> dict[int, list[bytes]]:
    """Absolute paths of all files in connected folders that hold photos, indexed files first."""
    rows = db.execute(
        f"""
        SELECT p.id, r.path, f.path FROM {AMONG_PHOTOS}
        CROSS JOIN file AS f ON f.photo_id = p.id
        CROSS JOIN folder AS r ON r.id = f.folder_id
        WHERE r.state <> 'offline' ORDER BY a.key, f.state <> 'indexed', f.id
        """,
        (json_ids(ids),),
    )
    found: defaultdict[int, list[bytes]] = defaultdict(list)
    for photo, root, path in rows:
        found[photo].append(absolute(root, path))
    return dict(found)


def for_other_programs(
    db: apsw.Connection, ids: Collection[int], shown_in: FolderPart | None = None
) -> list[list[bytes]]:
    """The files that stand for each photo, in the order asked: one copy of it, in ``shown_in`` if possible,
    and one of each photo that is shown as a part of it. Without photos that are in no connected folder.
    """
    halves = pairs.halves_of(db, ids)
    rank, values = copy_rank(shown_in)
    wanted = [*ids, *(half for parts in halves.values() for half, _ in parts)]
    rows = db.execute(
        f"""
        SELECT f.photo_id, r.path, f.path, min(iif(f.state = 'indexed', 0, 1 << 61) + {rank})
        FROM json_each(:ids) AS a CROSS JOIN file AS f ON f.photo_id = a.value
        CROSS JOIN folder AS r ON r.id = f.folder_id WHERE r.state <> 'offline' GROUP BY f.photo_id
        """,
        {"ids": json_ids(wanted), **values},
    )
    found = {photo: absolute(root, path) for photo, root, path, _ in rows}
    return [
        [found[part] for part in (photo, *(half for half, _ in halves.get(photo, ()))) if part in found]
        for photo in ids
        if photo in found
    ]


def located(db: apsw.Connection, ids: Collection[int]) -> list[tuple[int, bytes, bytes]]:
    """(photo, content hash, absolute path) of those that are in a connected folder, in the order asked."""
    rows = db.execute(
        f"""
        SELECT p.id, p.content_hash, r.path, f.path FROM {AMONG_PHOTOS}
        CROSS JOIN file AS f ON f.photo_id = p.id
        CROSS JOIN folder AS r ON r.id = f.folder_id
        WHERE r.state <> 'offline' ORDER BY a.key, f.state <> 'indexed', f.id
        """,
        (json_ids(ids),),
    )
    best: dict[int, tuple[int, bytes, bytes]] = {}
    for photo, content, root, path in rows:
        best.setdefault(photo, (photo, content, absolute(root, path)))
    return list(best.values())


def photo_at(db: apsw.Connection, path: bytes) -> int | None:
    """The photo that the file at this absolute path holds."""
    roots: list[Any] = db.execute("SELECT id, path FROM folder").fetchall()
    for folder_id, root in roots:
        relative = below(path, root)
        if relative:
            found: int | None = db.execute(
                "SELECT photo_id FROM file WHERE folder_id = ? AND path = ?", (folder_id, relative)
            ).get
            return found
    return None
