"""What the person says of photos: favourites, ratings, tags, albums, decisions."""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import apsw

from safelight.core.duplicates import Verdict
from safelight.store import decisions, text
from safelight.store.rows import ids_of, json_ids

Merged = dict[str, Any]
"""What a photo inherited, as JSON can hold it: favourite and rating as [before, after], tag and album ids."""

IS_MARKED = (
    "EXISTS (SELECT 1 FROM mark AS m WHERE m.photo_id = photo.id AND (m.favourite OR m.rating OR m.hidden)) "
    "OR EXISTS (SELECT 1 FROM photo_tag AS t WHERE t.photo_id = photo.id) "
    "OR EXISTS (SELECT 1 FROM album_photo AS b WHERE b.photo_id = photo.id)"
)
"""SQL: whether the row of ``photo`` bears anything of the person's. Decisions outlive it by themselves."""


MarkColumn = Literal["favourite", "rating"]


def values(db: apsw.Connection, photo_ids: Collection[int], column: MarkColumn) -> dict[int, int]:
    """The value of those photos among these that have a mark; the others have 0."""
    rows = db.execute(
        f"SELECT photo_id, {column} FROM mark WHERE photo_id IN (SELECT value FROM json_each(?))",
        (json_ids(photo_ids),),
    )
    return dict(rows)


def set_value(db: apsw.Connection, photo_ids: Collection[int], column: MarkColumn, value: int) -> list[int]:
    """Set one mark of photos; returns those that this changed, sorted. Photos that are gone are skipped.

    Raises ValueError for a value the column cannot hold.
    """
    if column == "rating":
        return set_rating(db, photo_ids, value)
    return set_favourite(db, photo_ids, bool(value))


def marked(db: apsw.Connection) -> set[int]:
    """Every photo that is a favourite, rated, tagged or in an album."""
    return set(
        ids_of(
            db.execute(
                "SELECT photo_id FROM mark WHERE favourite OR rating UNION SELECT photo_id FROM photo_tag "
                "UNION SELECT photo_id FROM album_photo"
            )
        )
    )


def set_favourite(db: apsw.Connection, photo_ids: Collection[int], favourite: bool) -> list[int]:
    """Returns the photos that this changed, sorted."""
    return _set(db, photo_ids, "favourite", int(favourite))


def set_rating(db: apsw.Connection, photo_ids: Collection[int], rating: int) -> list[int]:
    """0 (none) to 5; raises ValueError beyond. Returns the photos that this changed, sorted."""
    if not 0 <= rating <= 5:
        raise ValueError(f"a rating is 0 to 5, not {rating}")
    return _set(db, photo_ids, "rating", rating)


def add_tag(db: apsw.Connection, photo_ids: Collection[int], name: str) -> list[int]:
    """Returns the photos that did not have the tag, sorted. Case does not tell tags apart."""
    db.execute("INSERT OR IGNORE INTO tag (name) VALUES (?)", (name,))
    return _tagged(
        db,
        "INSERT OR IGNORE INTO photo_tag (photo_id, tag_id) SELECT p.id, t.id FROM json_each(?) AS a "
        "CROSS JOIN photo AS p ON p.id = a.value CROSS JOIN tag AS t WHERE t.name = ? RETURNING photo_id",
        photo_ids,
        name,
    )


def remove_tag(db: apsw.Connection, photo_ids: Collection[int], name: str) -> list[int]:
    """Returns the photos that had the tag, sorted."""
    return _tagged(
        db,
        "DELETE FROM photo_tag WHERE photo_id IN (SELECT value FROM json_each(?)) "
        "AND tag_id = (SELECT id FROM tag WHERE name = ?) RETURNING photo_id",
        photo_ids,
        name,
    )


def pass_on(db: apsw.Connection, old_photo: int, new_photo: int, *, keep: bool) -> None:
    """Give ``new_photo`` what was said of ``old_photo``, which loses its marks unless ``keep``.

    Where both have something the more telling wins: a favourite stays one, the higher rating counts.
    """
    _join(db, old_photo, new_photo)
    _pass_on_decisions(db, old_photo, new_photo)
    if not keep:
        for table in ("mark", "photo_tag", "album_photo"):
            db.execute(f"DELETE FROM {table} WHERE photo_id = ?", (old_photo,))


def merge(db: apsw.Connection, old_photo: int, new_photo: int) -> Merged | None:
    """Give ``new_photo`` the marks of ``old_photo``, which keeps its own, and say what that changed.

    For a duplicate that goes. As :func:`pass_on`, but for decisions, which were made of that picture, and
    for its being hidden: what stays must stay in sight. None where nothing changed.
    """
    before, hidden = _snapshot(db, new_photo), _hidden(db, new_photo)
    _join(db, old_photo, new_photo)
    db.execute("UPDATE mark SET hidden = ? WHERE photo_id = ?", (hidden, new_photo))
    after = _snapshot(db, new_photo)
    if before == after:
        return None
    text.refresh(db, [new_photo])
    return {
        "favourite": [before[0], after[0]],
        "rating": [before[1], after[1]],
        "tags": sorted(after[2] - before[2]),
        "albums": sorted(after[3] - before[3]),
    }


def unmerge(db: apsw.Connection, photo_id: int, merged: Merged) -> None:
    """Take back what :func:`merge` gave a photo, but for what the person has changed since."""
    favourite, rating, _, _ = _snapshot(db, photo_id)
    for column, now in (("favourite", favourite), ("rating", rating)):
        before, after = merged[column]
        if now == after:
            db.execute(f"UPDATE mark SET {column} = ? WHERE photo_id = ?", (before, photo_id))
    for table, column in (("photo_tag", "tag_id"), ("album_photo", "album_id")):
        given = merged["tags" if column == "tag_id" else "albums"]
        db.execute(
            f"DELETE FROM {table} WHERE photo_id = ? AND {column} IN (SELECT value FROM json_each(?))",
            (photo_id, json_ids(given)),
        )
    text.refresh(db, [photo_id])


def _snapshot(db: apsw.Connection, photo_id: int) -> tuple[int, int, set[int], set[int]]:
    row = db.execute("SELECT favourite, rating FROM mark WHERE photo_id = ?", (photo_id,)).fetchone()
    favourite, rating = row or (0, 0)
    tags = ids_of(db.execute("SELECT tag_id FROM photo_tag WHERE photo_id = ?", (photo_id,)))
    albums = ids_of(db.execute("SELECT album_id FROM album_photo WHERE photo_id = ?", (photo_id,)))
    return favourite, rating, set(tags), set(albums)


def _hidden(db: apsw.Connection, photo_id: int) -> int:
    return int(db.execute("SELECT hidden FROM mark WHERE photo_id = ?", (photo_id,)).get or 0)


def _join(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    """Where both have something the more telling wins: a favourite stays one, the higher rating counts."""
    both = (new_photo, old_photo)
    db.execute(
        "INSERT INTO mark (photo_id, favourite, rating, hidden) "
        "SELECT ?, favourite, rating, hidden FROM mark WHERE photo_id = ? "
        "ON CONFLICT (photo_id) DO UPDATE SET favourite = max(favourite, excluded.favourite), "
        "rating = max(rating, excluded.rating), hidden = max(hidden, excluded.hidden)",
        both,
    )
    db.execute(
        "INSERT OR IGNORE INTO photo_tag (photo_id, tag_id) "
        "SELECT ?, tag_id FROM photo_tag WHERE photo_id = ?",
        both,
    )
    db.execute(
        "INSERT OR IGNORE INTO album_photo (album_id, photo_id, position) "
        "SELECT album_id, ?, position FROM album_photo WHERE photo_id = ?",
        both,
    )


def _pass_on_decisions(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    decisions.hand_on(db, old_photo, new_photo)
    # One of several copies that are all to be kept has changed: now there are two contents to keep.
    both = "FROM kept_copies AS k JOIN photo AS o ON o.content_hash = k.content_hash CROSS JOIN photo AS n"
    db.execute(
        "INSERT OR IGNORE INTO decision (first, second, verdict, decided_at) "
        "SELECT min(o.content_hash, n.content_hash), max(o.content_hash, n.content_hash), ?3, k.decided_at "
        f"{both} WHERE o.id = ?1 AND n.id = ?2",
        (old_photo, new_photo, Verdict.KEEP_BOTH.value),
    )
    db.execute(
        "INSERT OR IGNORE INTO kept_copies (content_hash, files, decided_at) "
        f"SELECT n.content_hash, k.files, k.decided_at {both} WHERE o.id = ?1 AND n.id = ?2",
        (old_photo, new_photo),
    )


def _set(db: apsw.Connection, photo_ids: Collection[int], column: str, value: int) -> list[int]:
    rows = db.execute(
        f"INSERT INTO mark (photo_id, {column}) SELECT p.id, ?2 FROM json_each(?1) AS a "
        "CROSS JOIN photo AS p ON p.id = a.value LEFT JOIN mark AS m ON m.photo_id = p.id "
        f"WHERE ifnull(m.{column}, 0) <> ?2 "
        f"ON CONFLICT (photo_id) DO UPDATE SET {column} = excluded.{column} RETURNING photo_id",
        (json_ids(set(photo_ids)), value),
    )
    return sorted(photo for (photo,) in rows)


def _tagged(db: apsw.Connection, statement: str, photo_ids: Collection[int], name: str) -> list[int]:
    changed = sorted(photo for (photo,) in db.execute(statement, (json_ids(set(photo_ids)), name)))
    text.refresh(db, changed)
    return changed
