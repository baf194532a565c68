"""Connections that see only some photos of a library, for programs that are not allowed to see all.

Every query of the store names its tables without a schema. SQLite looks such a name up in the ``temp`` schema
first, so a temporary view with the name of a table replaces it for this connection. A limited connection has
one view for each table: rows of other photos do not exist in it, whatever a query asks. Tables that say
nothing about photos are listed in :data:`_OPEN`; every other table appears empty, so a table that a later
version adds is closed until somebody decides otherwise.

Full-text and vector tables have no view, because ``MATCH`` needs the table itself. The queries that use them
join or check ``photo``; ``rows.is_limited`` tells them that it is a view.
"""

# ruff: noqa: S608 (statements contain names from the schema; values are bound)

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import apsw
import numpy as np
import numpy.typing as npt

from safelight.store import filter_ids
from safelight.store.connect import LOWER, pragma_int
from safelight.store.filters import Restriction
from safelight.store.rows import absolute, below, json_ids

_OPEN = frozenset({"meta", "model", "space", "stage"})
"""Tables that are the same whatever photos there are."""

_BY_CONTENT = frozenset({"decision", "kept_copies", "protected", "protected_content"})
"""Tables that name photos by content or path, and are only read together with a photo or file."""

_WHOLE = frozenset(
    {
        *("saved_search", "journal", "album", "folder"),
        *("theme", "theme_state", "theme_choice"),
        *("concept", "concept_example"),
    }
)
"""Tables that are open to a program that may know of everything but hidden photos. The names of themes and
concepts say what photos outside of a limit show, so that others see none; photos keep rows in
``theme_photo``."""

_CLOSED = frozenset({"imported_faces"})
"""Tables that are empty for every program, although their rows name a photo. Faces in files are withheld by
``photos.get_many``."""

_USED_BY = {
    "folder": "id IN (SELECT folder_id FROM file)",
    "tag": "id IN (SELECT tag_id FROM photo_tag)",
    "refused_tag": "content_hash IN (SELECT content_hash FROM photo)",
    "album": "id IN (WITH RECURSIVE used (id) AS (SELECT album_id FROM album_photo UNION SELECT a.parent_id "
    "FROM main.album AS a JOIN used ON a.id = used.id WHERE a.parent_id IS NOT NULL) SELECT id FROM used)",
}
"""Tables whose rows exist where a visible photo uses them, or an album below an album. The names refer to the
views."""

_FIRST_LEVEL = f"trim({LOWER}(iif(instr(name, '/'), substr(name, 1, instr(name, '/') - 1), name)))"
"""SQL: the first level of the name of a tag, in lower case."""

_NOT_HIDDEN = "a.value NOT IN (SELECT photo_id FROM mark WHERE hidden)"

_PHOTOS = "SELECT id FROM temp.limit_photo"
_FILES = "SELECT id FROM temp.limit_file"


@dataclass(frozen=True, slots=True)
class Limit:
    """What decides which photos exist for a connection."""

    restrictions: tuple[Restriction, ...] = ()
    """A photo has to meet all of them."""
    folder: bytes | None = None
    """Only files below this folder exist (absolute path), and only photos with such a file."""
    shows_hidden: bool = False
    """Photos that the user hid exist."""
    is_partial: bool = True
    """Saved searches and the journal do not exist either. Their text may name what is outside."""
    withheld_tags: frozenset[str] = frozenset()
    """Tags with these first levels (in lower case) do not exist."""


@dataclass(frozen=True, slots=True, eq=False)
class Visible:
    """What a limit admits in one state of the library."""

    photos: npt.NDArray[np.int64]
    """Sorted, as the files."""
    files: npt.NDArray[np.int64]
    newest: int
    """The greatest id of a photo of the whole library, admitted or not."""
    mark: bytes
    """Equal for the same photos and files."""

    def only_grew_to(self, later: Visible) -> bool:
        """Whether a later state shows all that this one shows, and besides only photos that the library did
        not have yet. What was measured with this state then stays valid as far as in any library that grows.
        """
        if later.mark == self.mark:
            return True
        added = np.setdiff1d(later.photos, self.photos, assume_unique=True)
        return (
            len(later.photos) - len(added) == len(self.photos)
            and bool((added > self.newest).all())
            and bool(np.isin(self.files, later.files, assume_unique=True).all())
        )


class LimitedView:
    """The photos that one connection sees. For the thread that owns the connection."""

    def __init__(self, db: apsw.Connection, source: apsw.Connection, limit: Limit) -> None:
        """``db`` becomes limited. ``source`` is a second connection to the same library that sees all."""
        self._db = db
        self._source = source
        self._limit = limit
        self._seen: int | None = None
        nothing = np.zeros(0, np.int64)
        self.visible = Visible(nothing, nothing, 0, b"")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("CREATE TEMP TABLE limit_photo (id INTEGER PRIMARY KEY)")
        db.execute("CREATE TEMP TABLE limit_file (id INTEGER PRIMARY KEY)")
        for name, condition in _conditions(db, limit).items():
            db.execute(f'CREATE TEMP VIEW "{name}" AS SELECT * FROM main."{name}" WHERE {condition}')

    def refresh(self) -> None:
        """Look again which photos are visible, if the library has changed. Called inside a transaction, after
        which ``source`` sees the same state or a newer one: a photo that was just hidden is never shown."""
        seen = pragma_int(self._db, "data_version")
        if seen == self._seen:
            return
        self._source.execute("BEGIN")
        try:
            photo_ids, file_ids = _within(self._source, self._limit)
            newest: int = self._source.execute("SELECT ifnull(max(id), 0) FROM photo").get
        finally:
            self._source.execute("COMMIT")
        for table, ids in (("limit_photo", photo_ids), ("limit_file", file_ids)):
            self._db.execute(f"DELETE FROM temp.{table}")
            self._db.execute(f"INSERT INTO temp.{table} SELECT value FROM json_each(?)", (json_ids(ids),))
        photos, files = np.array(photo_ids, np.int64), np.array(file_ids, np.int64)
        digest = hashlib.blake2b(photos.tobytes(), digest_size=16)
        digest.update(b" " + files.tobytes())
        self.visible = Visible(photos, files, newest, digest.digest())
        self._seen = seen

    def close(self) -> None:
        self._source.close()


def _conditions(db: apsw.Connection, limit: Limit) -> dict[str, str]:
    """Which rows of each table are visible."""
    conditions = {}
    rows = db.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")
    listed = [(str(name), kind) for name, kind in rows]
    # The tables that sqlite-vec keeps its rows in are not marked as shadow tables.
    inner = tuple(f"{name}_" for name, kind in listed if kind == "virtual")
    tables = [name for name, kind in listed if kind == "table" and not name.startswith(("sqlite_", *inner))]
    for name in tables:
        if name in _OPEN or name in _BY_CONTENT or (name in _WHOLE and not limit.is_partial):
            continue
        conditions[name] = _condition(db, name)
    if limit.withheld_tags:
        withheld = (
            f"{_FIRST_LEVEL} IN (SELECT value FROM json_each('{json.dumps(sorted(limit.withheld_tags))}'))"
        )
        conditions["tag"] += f" AND NOT {withheld}"
        conditions["photo_tag"] += f" AND tag_id NOT IN (SELECT id FROM main.tag WHERE {withheld})"
    return conditions


def _condition(db: apsw.Connection, table: str) -> str:
    if table in ("photo", "file"):
        return f"id IN ({_PHOTOS if table == 'photo' else _FILES})"
    if table in _CLOSED:
        return "0"
    if table in _USED_BY:
        return _USED_BY[table]
    columns = {name: "" for _, name, *_ in db.execute(f'PRAGMA main.table_info("{table}")')}
    references = {
        column: target for _, _, target, column, *_ in db.execute(f'PRAGMA main.foreign_key_list("{table}")')
    }
    parts = []
    for column in columns:
        if column == "photo_id" or references.get(column) == "photo":
            parts.append(f'"{column}" IN ({_PHOTOS})')
        elif column == "file_id" or references.get(column) == "file":
            parts.append(f'"{column}" IN ({_FILES})')
    return " AND ".join(parts) if parts else "0"


def _within(db: apsw.Connection, limit: Limit) -> tuple[list[int], list[int]]:
    """Photos and files that are visible, sorted."""
    rows = db.execute(
        "SELECT f.id, f.photo_id, r.path, f.path FROM json_each(?) AS a "
        "CROSS JOIN file AS f ON f.photo_id = a.value CROSS JOIN folder AS r ON r.id = f.folder_id "
        f"WHERE {'1' if limit.shows_hidden else _NOT_HIDDEN}",
        (json_ids(filter_ids.matching_ids(db, limit.restrictions).tolist()),),
    )
    # Paths are compared as bytes: they need not be UTF-8, and "/photos/a" does not contain "/photos/ab".
    found = [
        (file_id, photo_id)
        for file_id, photo_id, root, path in rows
        if limit.folder is None or below(absolute(root, path), limit.folder)
    ]
    return sorted({photo_id for _, photo_id in found}), sorted(file_id for file_id, _ in found)
