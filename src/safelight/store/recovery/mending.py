"""Repairing derived data in a library whose database is sound."""

# ruff: noqa: S608 (statements are put together from names of the schema; values are bound)

from __future__ import annotations

import apsw

from safelight.store import albums, text, vectors
from safelight.store.recovery.health import Finding
from safelight.store.rows import ids_of


def mend(db: apsw.Connection, findings: list[Finding]) -> list[str]:
    """Repair what ``findings`` name, within a write transaction; return one line for each repair."""
    parts = {finding.part for finding in findings if finding.mendable}
    done: list[str] = []
    if "references" in parts:
        dropped = drop_dangling(db) + albums.repair_parents(db)
        done.append(f"Removed {dropped:,} rows that referred to missing rows.")
    if "photos" in parts or "references" in parts:
        done.append(f"Corrected whether {set_flags(db):,} photos are shown.")
    if "vectors" in parts:
        for model in vectors.models(db):
            kept = vectors.rebuild(db, model.id)
            done.append(f"Rebuilt the vectors of {model.name}: {kept:,} kept, the others are computed again.")
    if parts & {"words", "photos", "references"}:
        done.append(f"Indexed the words of {rebuild_words(db):,} photos again.")
    if "thumbnails" in parts:
        db.execute(
            "DELETE FROM thumbs.thumbnail WHERE photo_id NOT IN (SELECT id FROM main.photo) "
            "OR length(jpeg) = 0"
        )
        done.append("Removed thumbnails that were empty or belonged to no photo.")
    return done


def drop_dangling(db: apsw.Connection) -> int:
    """Remove rows that refer to missing rows; a file without its photo is read again.

    A mark or tag without its photo is useless, because nothing tells which photo it belonged to.
    """
    before = db.total_changes()
    db.execute(
        "UPDATE file SET photo_id = NULL, state = iif(state = 'indexed', 'pending', state) "
        "WHERE photo_id IS NOT NULL AND photo_id NOT IN (SELECT id FROM photo)"
    )
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    # Three rounds, since a deletion may leave further rows dangling.
    for _ in range(3):
        for table in tables:
            references = db.execute(
                'SELECT "from", "table", coalesce("to", \'id\') FROM pragma_foreign_key_list(?)', (table,)
            ).fetchall()
            for column, parent, key in references:
                db.execute(
                    f'DELETE FROM "{table}" WHERE "{column}" IS NOT NULL '
                    f'AND "{column}" NOT IN (SELECT "{key}" FROM "{parent}")'
                )
    return db.total_changes() - before


def set_flags(db: apsw.Connection) -> int:
    """Show photos that a file holds and hide the others; return how many were wrong."""
    db.execute(
        "UPDATE photo SET orphaned_at = iif(orphaned_at IS NULL, unixepoch('subsec'), NULL) "
        "WHERE (orphaned_at IS NULL) <> EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id)"
    )
    return db.changes()


def rebuild_words(db: apsw.Connection) -> int:
    """Index the words of all visible photos again; return how many these are."""
    # Dropped and created, because deleting rows needs a sound table.
    for table in ("photo_text", "caption_text"):
        statement = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).get
        db.execute(f"DROP TABLE {table}")
        db.execute(str(statement))
    text.refresh_captions(db)
    shown = ids_of(db.execute("SELECT id FROM photo WHERE orphaned_at IS NULL"))
    text.refresh(db, shown)
    return len(shown)
