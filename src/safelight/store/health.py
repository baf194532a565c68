"""Whether the library holds together."""

from __future__ import annotations

import apsw

from safelight.store import vectors
from safelight.store.connect import damage


def check(db: apsw.Connection) -> list[str]:
    """Look through the whole library; return its problems, one line each, and how to mend them."""
    found = damage(db)
    if found:
        # What else a damaged file says is not worth reading.
        return [f"The database is damaged ({found}); restore a backup."]
    problems = []
    broken = db.execute("SELECT count(*) FROM pragma_foreign_key_check").get
    if broken:
        problems.append(f"{broken} rows refer to something that is gone; restore a backup.")
    for model in vectors.models(db):
        noted = {
            photo for (photo,) in db.execute("SELECT photo_id FROM embedding WHERE model_id = ?", (model.id,))
        }
        try:
            differing = len(noted ^ vectors.stored_ids(db, model.id))
        except apsw.Error as error:
            problems.append(f"The vectors of {model.name} cannot be read ({error}); embed its photos again.")
            continue
        if differing:
            problems.append(
                f"{differing} vectors of {model.name} are missing or left over; embed its photos again."
            )
    flags = db.execute(
        "SELECT count(*) FROM photo WHERE (orphaned_at IS NULL) <> "
        "EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id)"
    ).get
    if flags:
        problems.append(f"{flags} photos are shown or hidden by mistake; index the folders again.")
    words = db.execute(
        "SELECT count(*) FROM photo WHERE (orphaned_at IS NULL) <> "
        "EXISTS (SELECT 1 FROM photo_text_docsize AS d WHERE d.id = photo.id)"
    ).get
    if words:
        problems.append(f"{words} photos have no words, or words they should not; index the folders again.")
    return problems
