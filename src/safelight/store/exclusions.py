"""Folders inside roots that the user left out of the library.

They are stored by their absolute path, so that they stay left out when a root is removed and added again, or
becomes part of another. The rows of their files are kept aside: a folder that is included again is shown at
once, and the next scan finds what changed meanwhile.
"""

# ruff: noqa: S608 (statements are put together from names in this module; values are bound)

from __future__ import annotations

import apsw

from safelight.store import text
from safelight.store.folder_tree import path_range
from safelight.store.rows import absolute, below, display_text, ids_of, orphans_among

_COLUMNS = "id, size, mtime_ns, inode, device, photo_id, decoder"


def all_paths(db: apsw.Connection) -> list[bytes]:
    """Absolute paths, sorted."""
    return [path for (path,) in db.execute("SELECT path FROM excluded_folder ORDER BY path")]


def within(db: apsw.Connection, root: bytes) -> frozenset[bytes]:
    """The excluded folders inside a root, relative to it."""
    return frozenset(relative for path in all_paths(db) if (relative := below(path, root)))


def covering(db: apsw.Connection, path: bytes) -> bytes | None:
    """The outermost excluded folder that ``path`` is or is in."""
    return next((each for each in all_paths(db) if below(path, each) is not None), None)


def has_files(db: apsw.Connection, path: bytes) -> bool:
    """Whether a file of the library is in a folder."""
    for folder_id, root in _roots(db):
        relative = below(path, root)
        if relative:
            inside, values = path_range(relative)
            sql = f"SELECT EXISTS (SELECT 1 FROM file WHERE folder_id = :folder AND {inside})"
            if db.execute(sql, {**values, "folder": folder_id}).get:
                return True
    return False


def exclude(db: apsw.Connection, path: bytes, now: float) -> list[int]:
    """Exclude a folder and take its files out of the library. Returns the photos that no file holds any more,
    sorted.
    """
    db.execute("INSERT OR IGNORE INTO excluded_folder (path, added_at) VALUES (?, ?)", (path, now))
    held: set[int] = set()
    for folder_id, root in _roots(db):
        relative = below(path, root)
        if not relative:
            continue
        inside, values = path_range(relative)
        values["folder"] = folder_id
        which = f"folder_id = :folder AND {inside}"
        prefix = absolute(root, b"")
        db.execute(
            f"INSERT OR REPLACE INTO excluded_file ({_COLUMNS}, excluded, path, path_text) "
            f"SELECT {_COLUMNS}, :excluded, CAST(:prefix || path AS BLOB), :prefix_text || path_text "
            f"FROM file WHERE {which}",
            {**values, "excluded": path, "prefix": prefix, "prefix_text": display_text(prefix)},
        )
        rows = db.execute(f"SELECT photo_id FROM file WHERE {which} AND photo_id IS NOT NULL", values)
        held.update(ids_of(rows))
        db.execute(f"DELETE FROM file WHERE {which}", values)
        db.execute(f"DELETE FROM unlisted WHERE {which}", values)
    text.refresh(db, held)
    return orphans_among(db, held)


def include(db: apsw.Connection, path: bytes) -> list[int]:
    """Include a folder again. Returns the photos that are shown again, sorted.

    Photos that were forgotten meanwhile, and files that could not be read, are read again.
    """
    rows = db.execute("SELECT DISTINCT photo_id FROM excluded_file WHERE excluded = ? AND photo_id", (path,))
    held = ids_of(rows)
    back = orphans_among(db, held)
    for folder_id, root in _roots(db):
        if not below(path, root):
            continue
        prefix = absolute(root, b"")
        db.execute(
            "INSERT OR IGNORE INTO file (id, folder_id, path, path_text, size, mtime_ns, inode, device, "
            "photo_id, decoder, state) SELECT e.id, :folder, CAST(substr(e.path, :start) AS BLOB), "
            "substr(e.path_text, :start_text), e.size, e.mtime_ns, e.inode, e.device, p.id, e.decoder, "
            "iif(p.id IS NULL, 'pending', 'indexed') "
            "FROM excluded_file AS e LEFT JOIN photo AS p ON p.id = e.photo_id WHERE e.excluded = :excluded",
            {
                "folder": folder_id,
                "start": len(prefix) + 1,
                "start_text": len(display_text(prefix)) + 1,
                "excluded": path,
            },
        )
    db.execute("DELETE FROM excluded_folder WHERE path = ?", (path,))  # and its files with it
    text.refresh(db, held)
    return [photo for photo in back if photo not in {*orphans_among(db, back)}]


def _roots(db: apsw.Connection) -> list[tuple[int, bytes]]:
    return [(folder_id, path) for folder_id, path in db.execute("SELECT id, path FROM folder")]
