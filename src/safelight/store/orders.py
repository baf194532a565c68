"""Photos in an order of the sort menu."""

from __future__ import annotations

import os
from collections.abc import Collection

import apsw

from safelight.core.fields import SORTS_BY_ORDER
from safelight.core.order import Order, name_key
from safelight.store.folder_tree import FolderPart, copy_rank
from safelight.store.rows import ids_of, json_ids

_EXPRESSIONS = {"rating": "ifnull(m.rating, 0)"}
"""Fields to sort by that are no columns of ``photo``."""


def sort_ids(
    db: apsw.Connection, ids: Collection[int], order: Order, shown_in: FolderPart | None = None
) -> list[int]:
    """The same ids in an order, without photos that are gone; unchanged for the natural order.

    A photo in several files is sorted by the name of the one in ``shown_in`` if there is one, otherwise by
    that of the file that was added first.
    """
    if order == Order.NATURAL:
        return list(ids)
    if order == Order.NAME:
        return _by_name(db, ids, shown_in)
    return ids_of(
        db.execute(
            "SELECT p.id FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "  # noqa: S608
            f"LEFT JOIN mark AS m ON m.photo_id = p.id ORDER BY {_sql(order)}",
            (json_ids(ids),),
        )
    )


def _sql(order: Order) -> str:
    field, sort = SORTS_BY_ORDER[order]
    column = _EXPRESSIONS.get(field.key) or f"p.{field.column}"
    way = " DESC" if sort.descending else ""
    # Photos of equal rank follow by date, newest first.
    return f"{column}{way}, p.id{way}" if field.key == "date" else f"{column}{way}, p.date DESC, p.id DESC"


def _by_name(db: apsw.Connection, ids: Collection[int], shown_in: FolderPart | None) -> list[int]:
    rank, values = copy_rank(shown_in)
    rows = db.execute(
        f"SELECT f.photo_id, f.path_text, min({rank}) FROM json_each(:ids) AS a "  # noqa: S608
        "CROSS JOIN file AS f ON f.photo_id = a.value GROUP BY f.photo_id",
        {"ids": json_ids(ids), **values},
    )
    names = {photo: path.rpartition(os.sep)[2] for photo, path, _ in rows}
    return sorted(names, key=lambda photo: (name_key(names[photo]), photo))
