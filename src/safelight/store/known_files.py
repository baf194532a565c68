"""What identifies the files of a library to another program: path, size, capture time and dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import apsw

from safelight.store.rows import absolute


class KnownFile(NamedTuple):
    photo_id: int
    path: bytes
    """Absolute."""
    size: int
    taken: str | None
    """``YYYY-MM-DDTHH:MM:SS``; None where only the time of the file is known."""
    width: int
    height: int
    online: bool
    """Whether its folder is connected."""


def all_files(db: apsw.Connection) -> Iterator[KnownFile]:
    """Every file that contains a photo, in a fixed order."""
    rows = db.execute(
        "SELECT f.photo_id, r.path, f.path, p.size, "
        "iif(p.date_is_taken OR p.date_source = 'name', p.date, NULL), p.width, p.height, "
        "r.state <> 'offline' "
        "FROM file AS f JOIN folder AS r ON r.id = f.folder_id JOIN photo AS p ON p.id = f.photo_id "
        "ORDER BY f.id"
    )
    for photo_id, root, path, size, taken, width, height, online in rows:
        yield KnownFile(photo_id, absolute(root, path), size, taken, width, height, bool(online))
