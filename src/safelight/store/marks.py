"""What the user says about photos: favourites, ratings, labels, titles, captions and tags."""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import apsw

from safelight.core.duplicates import DuplicateKind, Verdict
from safelight.store import concepts, decisions, given, imported_faces, stacks, tags, text
from safelight.store.rows import existing, ids_of, json_ids

Merged = dict[str, Any]
"""What a photo inherited, as JSON can hold it: marks as [before, after], tag and album ids."""

MarkColumn = Literal["favourite", "rating", "hidden", "label", "title", "caption", "turns"]
MarkValue = int | str

UNSET: dict[MarkColumn, MarkValue] = {
    "favourite": 0,
    "rating": 0,
    "hidden": 0,
    "label": "",
    "title": "",
    "caption": "",
    "turns": 0,
}
"""The value of each mark on a photo that has no such mark."""

HAS_MARK = (
    "(m.favourite OR m.rating OR m.hidden OR m.label <> '' OR m.title <> '' OR m.caption <> '' OR m.turns)"
)
"""SQL: whether a row ``m`` of ``mark`` has any mark set."""

IS_MARKED = (
    f"EXISTS (SELECT 1 FROM mark AS m WHERE m.photo_id = photo.id AND {HAS_MARK}) "
    "OR EXISTS (SELECT 1 FROM photo_tag AS t WHERE t.photo_id = photo.id) "
    "OR EXISTS (SELECT 1 FROM album_photo AS b WHERE b.photo_id = photo.id) "
    "OR EXISTS (SELECT 1 FROM given AS g WHERE g.photo_id = photo.id) "
    "OR EXISTS (SELECT 1 FROM imported_faces AS i WHERE i.photo_id = photo.id)"
)
"""SQL: whether a row of ``photo`` has any mark, tag, album, given date or position, or imported faces."""


def values(db: apsw.Connection, photo_ids: Collection[int], column: MarkColumn) -> dict[int, MarkValue]:
    """The value of those photos among these that have a row of marks; the others have :data:`UNSET`."""
    rows = db.execute(
        f"SELECT photo_id, {column} FROM mark WHERE photo_id IN (SELECT value FROM json_each(?))",
        (json_ids(photo_ids),),
    )
    return dict(rows)


def set_value(
    db: apsw.Connection, photo_ids: Collection[int], column: MarkColumn, value: MarkValue
) -> list[int]:
    """Set one mark of photos; returns those that this changed, sorted. Photos that are gone are skipped.

    Raises apsw.ConstraintError for a value that the column cannot hold.
    """
    unset = "''" if isinstance(UNSET[column], str) else "0"
    rows = db.execute(
        f"INSERT INTO mark (photo_id, {column}) SELECT p.id, ?2 FROM json_each(?1) AS a "
        "CROSS JOIN photo AS p ON p.id = a.value LEFT JOIN mark AS m ON m.photo_id = p.id "
        f"WHERE ifnull(m.{column}, {unset}) <> ?2 "
        f"ON CONFLICT (photo_id) DO UPDATE SET {column} = excluded.{column} RETURNING photo_id",
        (json_ids(set(photo_ids)), value),
    )
    return sorted(ids_of(rows))


def set_each(
    db: apsw.Connection, column: MarkColumn, wanted: Mapping[int, MarkValue]
) -> dict[int, MarkValue]:
    """Give each photo its own value of one mark; returns what those that this changed had before.

    Photos that are gone are skipped. Raises apsw.ConstraintError for a value that the column cannot hold.
    """
    before = values(db, wanted, column)
    changed = [photo for photo in existing(db, wanted) if before.get(photo, UNSET[column]) != wanted[photo]]
    db.executemany(
        f"INSERT INTO mark (photo_id, {column}) VALUES (?1, ?2) "
        f"ON CONFLICT (photo_id) DO UPDATE SET {column} = excluded.{column}",
        ((photo, wanted[photo]) for photo in changed),
    )
    return {photo: before.get(photo, UNSET[column]) for photo in changed}


def marked_ids(db: apsw.Connection) -> set[int]:
    """Every photo with a mark that shows that it is wanted: a favourite, or one with stars, a label, a
    title, a caption, a tag or an album, or one that the user turned."""
    return set(
        ids_of(
            db.execute(
                "SELECT photo_id FROM mark WHERE favourite OR rating > 0 OR label <> '' OR title <> '' "
                "OR caption <> '' OR turns UNION SELECT photo_id FROM photo_tag "
                "UNION SELECT photo_id FROM album_photo"
            )
        )
    )


def set_favourite(db: apsw.Connection, photo_ids: Collection[int], favourite: bool) -> list[int]:
    """Returns the photos that this changed, sorted."""
    return set_value(db, photo_ids, "favourite", int(favourite))


def set_rating(db: apsw.Connection, photo_ids: Collection[int], rating: int) -> list[int]:
    """-1 (rejected) to 5; raises ValueError beyond. Returns the photos that this changed, sorted."""
    if not -1 <= rating <= 5:
        raise ValueError(f"a rating is -1 to 5, not {rating}")
    return set_value(db, photo_ids, "rating", rating)


def turn(db: apsw.Connection, photo_ids: Collection[int], by: int) -> dict[int, MarkValue]:
    """Turn photos clockwise by so many quarters; returns the turns that each had before."""
    before = values(db, photo_ids, "turns")
    wanted = {photo: (int(before.get(photo, 0)) + by) % 4 for photo in photo_ids}
    return set_each(db, "turns", wanted)


def turns(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, int]:
    """The clockwise quarter turns, 1 to 3, of those of these photos that are turned."""
    return {photo: int(turned) for photo, turned in values(db, photo_ids, "turns").items() if turned}


def add_tag(db: apsw.Connection, photo_ids: Collection[int], name: str) -> list[int]:
    """Returns the photos that did not have the tag, sorted. Case does not tell tags apart."""
    return add_tags(db, {name: photo_ids})[name][0]


def add_tags(db: apsw.Connection, wanted: Mapping[str, Collection[int]]) -> dict[str, tuple[list[int], bool]]:
    """Give photos many tags at once.

    Returns, for each tag, the photos that did not have it, sorted, and whether the tag is new.
    """
    added: dict[str, tuple[list[int], bool]] = {}
    for name, photo_ids in wanted.items():
        tag_id, is_new = tags.create(db, name)
        rows = db.execute(
            "INSERT OR IGNORE INTO photo_tag (photo_id, tag_id) SELECT p.id, ? FROM json_each(?) AS a "
            "CROSS JOIN photo AS p ON p.id = a.value RETURNING photo_id",
            (tag_id, json_ids(set(photo_ids))),
        )
        added[name] = sorted(ids_of(rows)), is_new
    text.refresh(db, {photo for ids, _ in added.values() for photo in ids})
    return added


def remove_tags(db: apsw.Connection, unwanted: Mapping[str, Collection[int]]) -> set[int]:
    """Take many tags away at once; returns the photos that had one of them. The tags themselves stay."""
    changed: set[int] = set()
    for name, photo_ids in unwanted.items():
        rows = db.execute(
            "DELETE FROM photo_tag WHERE photo_id IN (SELECT value FROM json_each(?)) AND tag_id = ? "
            "RETURNING photo_id",
            (json_ids(set(photo_ids)), tags.find(db, name)),
        )
        changed.update(ids_of(rows))
    text.refresh(db, changed)
    return changed


def remove_tag(db: apsw.Connection, photo_ids: Collection[int], name: str) -> list[int]:
    """Returns the photos that had the tag, sorted. The tag itself stays, and so do the tags below it."""
    return sorted(remove_tags(db, {name: photo_ids}))


def pass_on(db: apsw.Connection, old_photo: int, new_photo: int, *, keep: bool) -> None:
    """Give ``new_photo`` the marks of ``old_photo``, which loses them unless ``keep``.

    Where both have a mark: a favourite stays one, the higher rating counts, and ``new_photo`` keeps its own
    label, title and caption.
    """
    _join(db, old_photo, new_photo)
    db.execute("UPDATE album SET cover_id = ? WHERE cover_id = ?", (new_photo, old_photo))
    given.pass_on(db, old_photo, new_photo, keep=keep)
    imported_faces.pass_on(db, old_photo, new_photo, keep=keep)
    if not keep:
        stacks.pass_on(db, old_photo, new_photo)
    _pass_on_decisions(db, old_photo, new_photo)
    if not keep:
        for table in ("mark", "photo_tag", "album_photo"):
            db.execute(f"DELETE FROM {table} WHERE photo_id = ?", (old_photo,))


_MERGED: tuple[MarkColumn, ...] = ("favourite", "rating", "label", "title", "caption", "turns")
"""Marks that the keeper of a duplicate inherits."""


def merge(db: apsw.Connection, old_photo: int, new_photo: int) -> Merged | None:
    """Give ``new_photo`` the marks of ``old_photo``, which keeps its own, and return what that changed.

    For a duplicate that goes to the trash. Like :func:`pass_on`, with three differences. Decisions stay with
    the old photo, because they were made about that picture. Being hidden or rejected is not passed on,
    because it may be why the photo goes. Turns are passed on only where the comparison found both pictures in
    the same orientation. None where nothing changed.
    """
    before, tags_before, albums_before = _snapshot(db, new_photo)
    hidden = values(db, [new_photo], "hidden").get(new_photo, 0)
    turned = before["turns"]
    if not turned and is_same_orientation(db, old_photo, new_photo):
        turned = values(db, [old_photo], "turns").get(old_photo, 0)
    _join(db, old_photo, new_photo, rejected=False)
    db.execute("UPDATE mark SET hidden = ?, turns = ? WHERE photo_id = ?", (hidden, turned, new_photo))
    after, tags_after, albums_after = _snapshot(db, new_photo)
    if (before, tags_before, albums_before) == (after, tags_after, albums_after):
        return None
    text.refresh(db, [new_photo])
    changed: Merged = {column: [before[column], after[column]] for column in _MERGED}
    return {
        **changed,
        "tags": sorted(tags_after - tags_before),
        "albums": sorted(albums_after - albums_before),
    }


def is_same_orientation(db: apsw.Connection, one: int, other: int) -> bool:
    """Whether the search for duplicates found that two photos show one whole picture, neither turned nor
    mirrored relative to the other. Then a turn of one suits the other."""
    first, second = sorted((one, other))
    found = db.execute(
        "SELECT EXISTS (SELECT 1 FROM photo AS a JOIN photo AS b ON b.pixel_hash = a.pixel_hash "
        "WHERE a.id = ?1 AND b.id = ?2) OR EXISTS (SELECT 1 FROM likeness "
        "WHERE first = ?1 AND second = ?2 AND kind = ?3 AND detail = '')",
        (first, second, DuplicateKind.RESAVED.value),
    ).get
    return bool(found)


def unmerge(db: apsw.Connection, photo_id: int, merged: Merged) -> None:
    """Take back what :func:`merge` gave a photo, except for what the user has changed since."""
    now, _, _ = _snapshot(db, photo_id)
    for column in _MERGED:
        if column not in merged:  # journaled by a version that did not have this mark
            continue
        before, after = merged[column]
        if now[column] == after:
            db.execute(f"UPDATE mark SET {column} = ? WHERE photo_id = ?", (before, photo_id))
    for table, key in (("photo_tag", "tag_id"), ("album_photo", "album_id")):
        given = merged["tags" if key == "tag_id" else "albums"]
        db.execute(
            f"DELETE FROM {table} WHERE photo_id = ? AND {key} IN (SELECT value FROM json_each(?))",
            (photo_id, json_ids(given)),
        )
    text.refresh(db, [photo_id])


def add_marks(db: apsw.Connection, photo_id: int, marks: tuple[int, int, int, str, str, str, int]) -> None:
    """Add favourite, rating, hidden, label, title, caption and turns to a photo without lowering what it has.

    The higher rating counts, a rejection only where there is no rating; texts fill empty ones, and turns
    count where the photo is not turned.
    """
    db.execute(
        "INSERT INTO mark (photo_id, favourite, rating, hidden, label, title, caption, turns) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (photo_id) DO UPDATE SET favourite = max(favourite, excluded.favourite), "
        "rating = iif(rating = 0, excluded.rating, "
        "iif(excluded.rating = 0, rating, max(rating, excluded.rating))), "
        "hidden = max(hidden, excluded.hidden), label = iif(label = '', excluded.label, label), "
        "title = iif(title = '', excluded.title, title), "
        "caption = iif(caption = '', excluded.caption, caption), "
        "turns = iif(turns = 0, excluded.turns, turns)",
        (photo_id, *marks),
    )


def _snapshot(db: apsw.Connection, photo_id: int) -> tuple[dict[MarkColumn, MarkValue], set[int], set[int]]:
    """(marks, ids of tags, ids of albums) of a photo."""
    row = db.execute(f"SELECT {', '.join(_MERGED)} FROM mark WHERE photo_id = ?", (photo_id,)).fetchone()
    found = [UNSET[column] for column in _MERGED] if row is None else row
    given = ids_of(db.execute("SELECT tag_id FROM photo_tag WHERE photo_id = ?", (photo_id,)))
    albums = ids_of(db.execute("SELECT album_id FROM album_photo WHERE photo_id = ?", (photo_id,)))
    return dict(zip(_MERGED, found, strict=True)), set(given), set(albums)


def _join(db: apsw.Connection, old_photo: int, new_photo: int, *, rejected: bool = True) -> None:
    """Combine the marks of both in ``new_photo``; ``rejected`` says whether a rejection is passed on too."""
    both = (new_photo, old_photo)
    rating = "m.rating" if rejected else "max(m.rating, 0)"
    row = db.execute(
        # Another program may have turned the picture itself. Then its width and height are exchanged.
        f"SELECT m.favourite, {rating}, m.hidden, m.label, m.title, m.caption, "
        "iif((old.width, old.height) = (new.width, new.height), m.turns, 0) FROM mark AS m "
        "JOIN photo AS old ON old.id = m.photo_id JOIN photo AS new ON new.id = ? WHERE m.photo_id = ?",
        (new_photo, old_photo),
    ).fetchone()
    if row is not None:
        add_marks(db, new_photo, row)
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
    decisions.reassign(db, old_photo, new_photo)
    concepts.reassign(db, old_photo, new_photo)
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
