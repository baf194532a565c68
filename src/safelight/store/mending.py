"""Repairing what can be derived again, in a library whose database is sound."""

# ruff: noqa: S608 (statements are put together from names of the schema; values are bound)

from __future__ import annotations

import apsw

from safelight.store import text, vectors
from safelight.store.health import Finding
from safelight.store.rows import ids_of


def mend(db: apsw.Connection, findings: list[Finding]) -> list[str]:
    """Put right what ``findings`` name, within a write transaction; say what was done, one line each."""
    parts = {finding.part for finding in findings if finding.mendable}
    done: list[str] = []
    if "references" in parts:
        dropped = drop_dangling(db)
        done.append(f"Removed {dropped:,} rows that referred to something that is gone.")
    if "photos" in parts or "references" in parts:
        done.append(f"Showed or hid {set_flags(db):,} photos as their files say.")
    if "vectors" in parts:
        for model in vectors.models(db):
            kept = vectors.rebuild(db, model.id)
            done.append(f"Wrote the vectors of {model.name} anew: {kept:,} kept, the rest to be made again.")
    if parts & {"words", "photos", "references"}:
        done.append(f"Made the words of {rebuild_words(db):,} photos anew.")
    if "thumbnails" in parts:
        db.execute(
            "DELETE FROM thumbs.thumbnail WHERE photo_id NOT IN (SELECT id FROM main.photo) "
            "OR length(jpeg) = 0"
        )
        done.append("Removed thumbnails that were empty or belonged to no photo.")
    return done


def drop_dangling(db: apsw.Connection) -> int:
    """Remove rows that refer to something that is gone; a file without its photo is read again.

    Such a mark or tag tells nothing any more: what it was said of is not known.
    """
    before = db.total_changes()
    db.execute(
        "UPDATE file SET photo_id = NULL, state = iif(state = 'indexed', 'pending', state) "
        "WHERE photo_id IS NOT NULL AND photo_id NOT IN (SELECT id FROM photo)"
    )
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    # Twice as often as tables depend on each other: what one deletion leaves dangling the next takes.
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
    """Photos are shown while a file holds them; return how many were not so."""
    db.execute(
        "UPDATE photo SET orphaned_at = iif(orphaned_at IS NULL, unixepoch('subsec'), NULL) "
        "WHERE (orphaned_at IS NULL) <> EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id)"
    )
    return db.changes()


def rebuild_words(db: apsw.Connection) -> int:
    """Index the words of all visible photos anew; return how many these are."""
    # Made anew as it is now made: emptying it by its own means needs it to be sound.
    statement = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'photo_text'").get
    db.execute("DROP TABLE photo_text")
    db.execute(str(statement))
    shown = ids_of(db.execute("SELECT id FROM photo WHERE orphaned_at IS NULL"))
    text.refresh(db, shown)
    return len(shown)
