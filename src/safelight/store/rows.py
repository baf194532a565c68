"""What several modules of this package say in SQL alike."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable
from typing import Any

import apsw

SEPARATOR = os.fsencode(os.sep)


def json_ids(ids: Iterable[int]) -> str:
    """Ids as one bound value for ``json_each(?)``, however many they are."""
    return json.dumps([int(number) for number in ids])


def ids_of(rows: Iterable[tuple[Any, ...]]) -> list[int]:
    """The first column of a result that is one of ids, read to its end."""
    return [row[0] for row in rows]


def display_text(path: bytes) -> str:
    """A path as people read it and as words are searched in it; not a way back to the file."""
    return unicodedata.normalize("NFC", path.decode("utf-8", "replace"))


def below(path: bytes, root: bytes) -> bytes | None:
    """``path`` relative to ``root``, empty if they are the same, None if it lies elsewhere."""
    if path == root:
        return b""
    prefix = root if root.endswith(SEPARATOR) else root + SEPARATOR
    return path[len(prefix) :] if path.startswith(prefix) else None


def absolute(root: bytes, relative: bytes) -> bytes:
    """Where a file lies whose path is relative to a root."""
    return root + relative if root.endswith(SEPARATOR) else root + SEPARATOR + relative


def orphans_among(db: apsw.Connection, photo_ids: Iterable[int]) -> list[int]:
    """Which of these photos no file holds any more, sorted."""
    rows = db.execute(
        "SELECT p.id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "
        "WHERE p.orphaned_at IS NOT NULL ORDER BY p.id",
        (json_ids(photo_ids),),
    )
    return ids_of(rows)
