"""Helpers shared by the modules of this package."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable
from typing import Any

import apsw

SEPARATOR = os.fsencode(os.sep)

AMONG_PHOTOS = "json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value"
"""A join with the photos asked for; CROSS JOIN fixes its order, so that it costs a lookup for each."""


def json_ids(ids: Iterable[int]) -> str:
    """Any number of ids as one bound value for ``json_each(?)``."""
    return json.dumps([int(number) for number in ids])


def ids_of(rows: Iterable[tuple[Any, ...]]) -> list[int]:
    """All values of a result's first column, which contains ids."""
    return [row[0] for row in rows]


def display_text(path: bytes) -> str:
    """A path for display and full-text search. It does not identify the file."""
    return unicodedata.normalize("NFC", path.decode("utf-8", "replace"))


def below(path: bytes, root: bytes) -> bytes | None:
    """``path`` relative to ``root``: empty if they are the same, None if it is outside."""
    if path == root:
        return b""
    prefix = root if root.endswith(SEPARATOR) else root + SEPARATOR
    return path[len(prefix) :] if path.startswith(prefix) else None


def absolute(root: bytes, relative: bytes) -> bytes:
    """The absolute path of a file given relative to its root."""
    return root + relative if root.endswith(SEPARATOR) else root + SEPARATOR + relative


def existing(db: apsw.Connection, photo_ids: Iterable[int]) -> list[int]:
    """Those of these photos that the library knows, in this order, whether they are in a file or not."""
    return ids_of(
        db.execute(f"SELECT p.id FROM {AMONG_PHOTOS} ORDER BY a.key", (json_ids(photo_ids),))  # noqa: S608
    )


def orphans_among(db: apsw.Connection, photo_ids: Iterable[int]) -> list[int]:
    """Those of these photos that are in no file any more, sorted."""
    rows = db.execute(
        "SELECT p.id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "
        "WHERE p.orphaned_at IS NOT NULL ORDER BY p.id",
        (json_ids(photo_ids),),
    )
    return ids_of(rows)


def is_limited(db: apsw.Connection) -> bool:
    """Whether this connection sees only some photos; see :mod:`safelight.store.limits`."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE type = 'view')").get)
