"""Checking the library: structure, values, thumbnails, folders."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from safelight.store import spaces, vectors
from safelight.store.connect import damage
from safelight.store.recovery.library_home import names_outside
from safelight.store.rows import below
from safelight.store.vectors import StoredModel


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of the library."""

    part: str
    """``database``, ``references``, ``vectors``, ``photos``, ``words``, ``thumbnails`` or ``folders``."""
    problem: str
    """One line: what is wrong, and what to do."""
    mendable: bool = True
    """Whether ``doctor --mend`` can repair it."""


PARTS = ("database", "references", "vectors", "photos", "words", "thumbnails", "folders")


def check(db: apsw.Connection) -> list[str]:
    """The problems of the library's structure, one line each, and how to repair them."""
    return [finding.problem for finding in structure(db)]


def examine(db: apsw.Connection) -> list[Finding]:
    """Check the whole library, every vector and index included."""
    try:
        found = structure(db, thorough=True)
        if any(finding.part == "database" for finding in found):
            return found
        if names_outside(db):
            return [
                Finding(
                    "database", "The library names files outside its folders; these are left out when mended."
                )
            ]
        return [*found, *_values(db), *_thumbnails(db), *_folders(db)]
    except (ValueError, TypeError) as error:
        # A blob in place of text, or text in place of a number: SQLite keeps no checksums of values.
        what = " ".join(str(error).split())
        return [Finding("database", f"The database holds a damaged value ({what}); restore a backup.")]


def structure(db: apsw.Connection, *, thorough: bool = False) -> list[Finding]:
    """Check that rows, vectors and words agree."""
    harm = damage(db, thorough=thorough)
    if harm:
        # A damaged file makes all other findings unreliable.
        return [Finding("database", f"The database is damaged ({harm}); restore a backup.")]
    found = []
    broken = db.execute("SELECT count(*) FROM pragma_foreign_key_check").get
    if broken:
        found.append(
            Finding("references", f"{broken} rows refer to rows that are missing; restore a backup.")
        )
    for model in vectors.models(db):
        found += _photo_vectors(db, model)
    flags = db.execute(
        "SELECT count(*) FROM photo WHERE (orphaned_at IS NULL) <> "
        "EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id)"
    ).get
    if flags:
        found.append(
            Finding("photos", f"{flags} photos are shown or hidden by mistake; index the folders again.")
        )
    words = db.execute(
        "SELECT count(*) FROM photo WHERE (orphaned_at IS NULL) <> "
        "EXISTS (SELECT 1 FROM photo_text_docsize AS d WHERE d.id = photo.id)"
    ).get
    if words:
        found.append(
            Finding(
                "words", f"{words} photos have no words, or words they should not; index the folders again."
            )
        )
    return found


def _photo_vectors(db: apsw.Connection, model: StoredModel) -> list[Finding]:
    """Check that the vectors of a model agree with the rows that say who has one."""
    listed = {
        photo for (photo,) in db.execute("SELECT photo_id FROM embedding WHERE model_id = ?", (model.id,))
    }
    try:
        differing = len(listed ^ vectors.stored_ids(db, model.id))
    except apsw.Error as error:
        unreadable = f"The vectors of {model.name} cannot be read ({error}); embed its photos again."
        return [Finding("vectors", unreadable)]
    found = []
    if differing:
        wrong = f"{differing} vectors of {model.name} are missing or left over; embed its photos again."
        found.append(Finding("vectors", wrong))
    return [*found, *_units(db, model)]


def _units(db: apsw.Connection, model: StoredModel) -> list[Finding]:
    """Check that the vectors of a model's frames and windows agree with their rows."""
    found = []
    for space in spaces.of_model(db, model.id):
        try:
            photos = spaces.incomplete(db, space)
        except apsw.Error as error:
            found.append(
                Finding(
                    "vectors",
                    f"The {space.kind} vectors of {model.name} cannot be read ({error}); "
                    "doctor --mend has them computed again.",
                )
            )
            continue
        if photos:
            found.append(
                Finding(
                    "vectors",
                    f"{space.kind.capitalize()} vectors of {model.name} are missing or left over for "
                    f"{photos} photos; doctor --mend has them computed again.",
                )
            )
    return found


def _values(db: apsw.Connection) -> list[Finding]:
    found = []
    for model in vectors.models(db):
        try:
            bad = vectors.count_invalid(db, model.id)
            bad += sum(spaces.count_invalid(db, space) for space in spaces.of_model(db, model.id))
        except (apsw.Error, ValueError):
            found.append(
                Finding(
                    "vectors",
                    f"The vectors of {model.name} have not the {model.dim} numbers they should; "
                    "embed its photos again.",
                )
            )
            continue
        if bad:
            found.append(
                Finding(
                    "vectors",
                    f"{bad} vectors of {model.name} are not finite or not of unit length; "
                    "embed its photos again.",
                )
            )
    return found


def _thumbnails(db: apsw.Connection) -> list[Finding]:
    damaged = Finding(
        "thumbnails",
        "The stored thumbnails are damaged or gone; doctor --mend deletes them, indexing makes them again.",
    )
    # A reader has an empty table in place of a file that cannot be read.
    absent = not db.execute("SELECT file FROM pragma_database_list WHERE name = 'thumbs'").get
    if absent or damage(db, "thumbs"):
        return [damaged]
    try:
        strange = db.execute(
            "SELECT count(*) FROM thumbs.thumbnail WHERE photo_id NOT IN (SELECT id FROM main.photo) "
            "OR length(jpeg) = 0"
        ).get
    except apsw.Error:
        return [damaged]
    if strange:
        return [Finding("thumbnails", f"{strange} thumbnails are empty or belong to no photo.")]
    return []


def _folders(db: apsw.Connection) -> list[Finding]:
    roots: list[bytes] = [path for (path,) in db.execute("SELECT path FROM folder ORDER BY path")]
    nested = sum(any(other != root and below(root, other) is not None for other in roots) for root in roots)
    if nested:
        return [
            Finding(
                "folders",
                f"{nested} folders of the library are inside others; remove the inner ones from it.",
                mendable=False,
            )
        ]
    return []
