"""Orphans: photos that no file holds any more."""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

import apsw

from safelight.store import marks, stacks, vectors
from safelight.store.rows import ids_of, json_ids


def count(db: apsw.Connection, after: float | None = None) -> int:
    """The number of photos that no file holds; only those whose last file went later than ``after`` (epoch
    seconds), if given.
    """
    later = -1e18 if after is None else after
    found: int = db.execute("SELECT count(*) FROM photo WHERE orphaned_at > ?", (later,)).get
    return found


def limit_dates(db: apsw.Connection, now: float) -> None:
    """Correct dates in the future, left by a clock that was wrong: photos orphaned later than ``now`` (epoch
    seconds) count as orphaned now."""
    db.execute("UPDATE photo SET orphaned_at = ?1 WHERE orphaned_at > ?1", (now,))


def prune(db: apsw.Connection, older_than: float, *, marked: bool = False) -> int:
    """Remove photos that no file has held since ``older_than`` (epoch seconds), with vectors and thumbnails.

    Photos that the user marked, tagged or put into an album stay, unless ``marked``. Returns how many went.
    """
    unmarked = "" if marked else f"AND NOT ({marks.IS_MARKED})"
    gone = ids_of(db.execute(f"SELECT id FROM photo WHERE orphaned_at < ? {unmarked}", (older_than,)))
    if gone:
        vectors.remove(db, gone)
        stacks.forget(db, gone)
        # The rows of mark that are left have no mark set, unless ``marked``.
        for table, key in (
            ("thumbs.thumbnail", "photo_id"),
            ("thumbs.frame", "photo_id"),
            ("main.mark", "photo_id"),
            ("main.photo_tag", "photo_id"),
            ("main.album_photo", "photo_id"),
            ("main.given", "photo_id"),
            ("main.imported_faces", "photo_id"),
            ("main.photo_text", "rowid"),
            ("main.photo", "id"),
        ):
            db.execute(
                f"DELETE FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))", (json_ids(gone),)
            )
    return len(gone)
