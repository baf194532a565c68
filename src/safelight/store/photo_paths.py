"""The paths of the files that hold photos."""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import apsw

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
