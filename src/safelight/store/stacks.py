"""Stacks: photos that the user grouped, shown as one item with the top photo.

Each photo below the top has a row that names the top. As long as the top is in a file and not hidden, views
and searches leave out the others, as they do with second halves of pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import apsw

from safelight.store.rows import ids_of, json_ids, orphans_among

STACKED_IDS = (
    "SELECT s.photo_id FROM stack_photo AS s JOIN photo AS t ON t.id = s.top_id "
    "WHERE t.orphaned_at IS NULL AND s.top_id NOT IN (SELECT photo_id FROM mark WHERE hidden = 1)"
)
"""SQL: the photos that are shown below another."""

PART_IDS = f"(SELECT photo_id FROM pair UNION {STACKED_IDS})"  # noqa: S608 - constants
"""SQL: the photos that are shown as a part of another: second halves of pairs, and photos in stacks."""

NOT_SHOWN_IDS = (
    f"(SELECT photo_id FROM mark WHERE hidden = 1 UNION SELECT photo_id FROM pair UNION {STACKED_IDS})"  # noqa: S608
)
"""SQL: the photos that views leave out: hidden ones, and parts of others."""

_PRESENT = (
    "JOIN photo AS p ON p.id = s.photo_id AND p.orphaned_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM mark AS m WHERE m.photo_id = s.photo_id AND m.hidden = 1)"
)
"""SQL: limits the rows ``s`` to photos that are in a file and not hidden."""


def members(db: apsw.Connection, tops: Collection[int]) -> dict[int, list[int]]:
    """The photos below each of these tops, the earliest first; only tops that have any.

    Photos without a file and hidden photos are left out.
    """
    found: dict[int, list[int]] = {}
    for top, photo in db.execute(
        f"SELECT s.top_id, s.photo_id FROM json_each(?) AS a CROSS JOIN stack_photo AS s "  # noqa: S608
        f"ON s.top_id = a.value {_PRESENT} ORDER BY p.date, p.id",
        (json_ids(tops),),
    ):
        found.setdefault(top, []).append(photo)
    return found


def containing_any(db: apsw.Connection, photo_ids: Collection[int]) -> list[tuple[int, ...]]:
    """The stacks that contain any of these photos: the photos of each, the top first."""
    above = tops_of(db, photo_ids)
    tops = dict.fromkeys(above.get(photo, photo) for photo in photo_ids)
    gone = set(orphans_among(db, tops))
    found = members(db, tops)
    return [(top, *found[top]) for top in tops if top in found and top not in gone]


def tops_of(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, int]:
    """The top of each of these photos that is below one."""
    return dict(
        db.execute(
            "SELECT s.photo_id, s.top_id FROM json_each(?) AS a "
            "CROSS JOIN stack_photo AS s ON s.photo_id = a.value",
            (json_ids(photo_ids),),
        )
    )


def below(db: apsw.Connection, tops: Collection[int]) -> list[int]:
    """All photos below these tops, whether they are in a file or not."""
    return ids_of(
        db.execute(
            "SELECT photo_id FROM stack_photo WHERE top_id IN (SELECT value FROM json_each(?))",
            (json_ids(tops),),
        )
    )


def all_stacks(db: apsw.Connection) -> dict[int, list[int]]:
    """Every stack: the photos below each top, whether they are in a file or not."""
    found: dict[int, list[int]] = {}
    for top, photo in db.execute("SELECT top_id, photo_id FROM stack_photo ORDER BY top_id, photo_id"):
        found.setdefault(top, []).append(photo)
    return found


def put(db: apsw.Connection, rows: Iterable[tuple[int, int | None]]) -> None:
    """Store (photo, top) pairs; a top of None takes the photo out of its stack."""
    for photo_id, top in rows:
        db.execute("DELETE FROM stack_photo WHERE photo_id = ?", (photo_id,))
        if top is not None:
            db.execute(
                "INSERT INTO stack_photo (photo_id, top_id) SELECT p.id, t.id FROM photo AS p, photo AS t "
                "WHERE p.id = ? AND t.id = ?",
                (photo_id, top),
            )
    resolve_chains(db)


def resolve_chains(db: apsw.Connection) -> None:
    """Merge stacks whose top is itself below another photo into the stack of that photo."""
    for _ in range(20):
        db.execute("DELETE FROM stack_photo WHERE photo_id = top_id")
        db.execute(
            "UPDATE stack_photo SET top_id = (SELECT u.top_id FROM stack_photo AS u "
            "WHERE u.photo_id = stack_photo.top_id) WHERE top_id IN (SELECT photo_id FROM stack_photo)"
        )
        if not db.changes():
            return


def pass_on(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    """Put ``new_photo`` in the place of ``old_photo``."""
    db.execute("UPDATE OR IGNORE stack_photo SET photo_id = ? WHERE photo_id = ?", (new_photo, old_photo))
    db.execute("DELETE FROM stack_photo WHERE photo_id = ?", (old_photo,))
    db.execute("UPDATE stack_photo SET top_id = ? WHERE top_id = ?", (new_photo, old_photo))
    resolve_chains(db)


def forget(db: apsw.Connection, gone: Collection[int]) -> None:
    """Take photos out that leave the library. A stack whose top goes gets another top."""
    db.execute(
        "DELETE FROM stack_photo WHERE photo_id IN (SELECT value FROM json_each(?))", (json_ids(gone),)
    )
    for top in gone:
        left = below(db, [top])
        if left:
            put(db, [(left[0], None), *((photo, left[0]) for photo in left[1:])])
