"""Photos put into an order."""

from __future__ import annotations

import os
from collections.abc import Collection

import apsw

from safelight.core.order import Order, name_key
from safelight.store.rows import ids_of, json_ids

_BY = {
    Order.NEWEST: "p.date DESC, p.id DESC",
    Order.OLDEST: "p.date, p.id",
    Order.LARGEST: "p.size DESC, p.id DESC",
    Order.BEST_RATED: "ifnull(m.rating, 0) DESC, p.date DESC, p.id DESC",
}


def ordered(db: apsw.Connection, ids: Collection[int], order: Order) -> list[int]:
    """The same ids in an order, without those that are gone; as they are for the natural one.

    By name a photo stands where the name of its oldest file in the library would.
    """
    if order is Order.NATURAL:
        return list(ids)
    if order is Order.NAME:
        return _by_name(db, ids)
    return ids_of(
        db.execute(
            "SELECT p.id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "  # noqa: S608
            f"LEFT JOIN mark AS m ON m.photo_id = p.id ORDER BY {_BY[order]}",
            (json_ids(ids),),
        )
    )


def _by_name(db: apsw.Connection, ids: Collection[int]) -> list[int]:
    rows = db.execute(
        "SELECT f.photo_id, f.path_text, min(f.id) FROM json_each(?) AS a "
        "CROSS JOIN file AS f ON f.photo_id = a.value GROUP BY f.photo_id",
        (json_ids(ids),),
    )
    names = {photo: path.rpartition(os.sep)[2] for photo, path, _ in rows}
    return sorted(names, key=lambda photo: (name_key(names[photo]), photo))
