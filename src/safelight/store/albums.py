"""Albums: nested, with photos in an order that the user chooses."""

# ruff: noqa: S608 (statements are put together from constants of this module; values are bound)

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.store.connect import LOWER
from safelight.store.rows import existing, ids_of, json_ids
from safelight.store.stacks import STACKED_IDS

ALBUM_PATHS = (
    "WITH RECURSIVE album_path (id, path) AS (SELECT id, name FROM album WHERE parent_id IS NULL "
    "OR parent_id NOT IN (SELECT id FROM album) UNION ALL "
    "SELECT a.id, p.path || '/' || a.name FROM album_path AS p JOIN album AS a ON a.parent_id = p.id)"
)
"""SQL: the id of every album and its path, ``Trips/Italy``."""


@dataclass(frozen=True, slots=True)
class Album:
    id: int
    name: str
    parent_id: int | None
    cover_id: int | None
    """The photo that the user chose as cover."""
    created_at: float
    position: int | None = None
    """Its place among the albums of the same parent; None after these, by name."""


@dataclass(frozen=True, slots=True)
class AlbumSummary:
    album: Album
    path: str
    """The name with those of its parents: ``Trips/Italy``."""
    photos: int
    """Visible photos in the album itself."""
    cover: int | None
    """The photo to show: the chosen cover or else the first one."""


@dataclass(frozen=True, slots=True)
class AlbumCard:
    """An album as the page of albums shows it."""

    album: Album
    path: str
    photos: int
    """Visible photos in the album itself."""
    covers: tuple[int, ...]
    """Up to three photos: the chosen cover first, then the first ones. If the album has none, those of albums
    in it."""
    first: str
    """The date of the earliest photo in the album and in the albums in it; empty without photos."""
    last: str
    inside: int
    """Albums directly in it."""


_COVERS = 3
_ALBUM = "SELECT id, name, parent_id, cover_id, created_at, position FROM album"
_ORDER = "ORDER BY b.position, b.photo_id"
_VISIBLE = (
    "EXISTS (SELECT 1 FROM photo AS p WHERE p.id = b.photo_id AND p.orphaned_at IS NULL) "
    "AND NOT EXISTS (SELECT 1 FROM mark AS k WHERE k.photo_id = b.photo_id AND k.hidden = 1) "
    "AND NOT EXISTS (SELECT 1 FROM pair AS h JOIN album_photo AS o ON o.photo_id = h.owner_id "
    "AND o.album_id = b.album_id WHERE h.photo_id = b.photo_id) "
    "AND NOT EXISTS (SELECT 1 FROM stack_photo AS h JOIN album_photo AS o ON o.photo_id = h.top_id "
    f"AND o.album_id = b.album_id WHERE h.photo_id = b.photo_id AND h.photo_id IN ({STACKED_IDS}))"
)
"""SQL: whether an album shows a photo: it is in a file, not hidden, and not a part of another photo that the
album has too."""


def get(db: apsw.Connection, album_id: int) -> Album | None:
    row = db.execute(f"{_ALBUM} WHERE id = ?", (album_id,)).fetchone()
    return None if row is None else Album(*row)


def create(db: apsw.Connection, name: str, parent_id: int | None, now: float) -> int:
    return int(
        db.execute(
            "INSERT INTO album (name, parent_id, created_at) VALUES (?, ?, ?) RETURNING id",
            (name, parent_id, now),
        ).get
    )


def restore(db: apsw.Connection, album: Album) -> None:
    """Create a deleted album again, with its old id."""
    db.execute(
        "INSERT INTO album (id, name, parent_id, cover_id, created_at, position) VALUES (?, ?, ?, ?, ?, ?)",
        (album.id, album.name, album.parent_id, album.cover_id, album.created_at, album.position),
    )


def update(db: apsw.Connection, album: Album) -> None:
    """Store the name, parent, cover and place of an album."""
    db.execute(
        "UPDATE album SET name = ?, parent_id = ?, cover_id = ?, position = ? WHERE id = ?",
        (album.name, album.parent_id, album.cover_id, album.position, album.id),
    )


def siblings(db: apsw.Connection, parent_id: int | None) -> list[Album]:
    """The albums directly in a parent, or at the top level, in their order."""
    found = [Album(*row) for row in db.execute(f"{_ALBUM} WHERE parent_id IS ?", (parent_id,))]
    return sorted(found, key=_place)


def set_positions(db: apsw.Connection, positions: Iterable[tuple[int, int | None]]) -> None:
    """Store the places of albums, given as (album, place)."""
    db.executemany(
        "UPDATE album SET position = ? WHERE id = ?", ((place, album) for album, place in positions)
    )


def _place(album: Album) -> tuple[bool, int, str, int]:
    """Sorts albums of the same parent."""
    return album.position is None, album.position or 0, album.name.lower(), album.id


def delete(db: apsw.Connection, album_id: int) -> None:
    """Delete one album, without those in it."""
    db.execute("DELETE FROM album WHERE id = ?", (album_id,))


def find_child(db: apsw.Connection, name: str, parent_id: int | None) -> int | None:
    """The album with this name in a parent, or at the top level. Case does not matter."""
    found: int | None = db.execute(
        f"SELECT id FROM album WHERE {LOWER}(name) = ? AND parent_id IS ? ORDER BY id",
        (name.lower(), parent_id),
    ).get
    return found


def ensure_path(
    db: apsw.Connection, names: Iterable[str], now: float, parent_id: int | None = None
) -> tuple[int | None, list[int]]:
    """Find the album at a path of names below ``parent_id`` (None is the top level); create what is missing.

    Returns the album and the albums that were created, the outermost first. Without names, the album is
    ``parent_id``.
    """
    created: list[int] = []
    album = parent_id
    for name in names:
        found = find_child(db, name, album)
        if found is None:
            found = create(db, name, album, now)
            created.append(found)
        album = found
    return album, created


def with_descendants(db: apsw.Connection, album_id: int) -> list[int]:
    """An album and all albums in it, parents first."""
    rows = db.execute(
        "WITH RECURSIVE inside (id, depth) AS (SELECT ?, 0 UNION "
        "SELECT a.id, i.depth + 1 FROM inside AS i JOIN album AS a ON a.parent_id = i.id "
        "WHERE i.depth < 1000) SELECT id FROM inside ORDER BY depth, id",
        (album_id,),
    )
    return list(dict.fromkeys(ids_of(rows)))


def find_path(db: apsw.Connection, path: str) -> int | None:
    """The album at a path of names from the top level; case does not matter."""
    found: int | None = db.execute(
        f"{ALBUM_PATHS} SELECT id FROM album_path WHERE {LOWER}(path) = ? ORDER BY id", (path.lower(),)
    ).get
    return found


def path_of(db: apsw.Connection, album_id: int) -> str:
    """``Trips/Italy``; empty where the album is gone."""
    return str(db.execute(f"{ALBUM_PATHS} SELECT path FROM album_path WHERE id = ?", (album_id,)).get or "")


def parent_names(db: apsw.Connection, album_id: int) -> list[str]:
    """The names of the albums around an album, from the top level."""
    names: list[str] = []
    seen = {album_id}
    album = get(db, album_id)
    while album is not None and album.parent_id is not None and album.parent_id not in seen:
        seen.add(album.parent_id)
        album = get(db, album.parent_id)
        if album is not None:
            names.insert(0, album.name)
    return names


def photo_ids(db: apsw.Connection, album_id: int, *, visible: bool = False) -> list[int]:
    """The photos of an album in its order: all, or those that its view shows."""
    return ids_of(
        db.execute(
            f"SELECT b.photo_id FROM album_photo AS b WHERE b.album_id = ? "
            f"{f'AND {_VISIBLE}' if visible else ''} {_ORDER}",
            (album_id,),
        )
    )


def add_photos(db: apsw.Connection, album_id: int, ids: Sequence[int]) -> list[int]:
    """Append photos in this order; returns those that the album did not have, sorted."""
    rows = db.execute(
        "INSERT OR IGNORE INTO album_photo (album_id, photo_id, position) "
        "SELECT ?1, p.id, a.key + (SELECT coalesce(max(position) + 1, 0) FROM album_photo "
        "WHERE album_id = ?1) FROM json_each(?2) AS a CROSS JOIN photo AS p ON p.id = a.value "
        "RETURNING photo_id",
        (album_id, json_ids(dict.fromkeys(ids))),
    )
    return sorted(ids_of(rows))


def remove_photos(db: apsw.Connection, album_id: int, ids: Collection[int]) -> list[tuple[int, int]]:
    """Returns (photo, position) of those that the album had."""
    rows = db.execute(
        "DELETE FROM album_photo WHERE album_id = ? AND photo_id IN (SELECT value FROM json_each(?)) "
        "RETURNING photo_id, position",
        (album_id, json_ids(set(ids))),
    )
    return sorted((photo, position) for photo, position in rows)


def restore_photos(db: apsw.Connection, album_id: int, places: Sequence[tuple[int, int]]) -> list[int]:
    """Insert (photo, position) pairs that :func:`remove_photos` returned; returns the photos, sorted."""
    known = set(existing(db, (photo for photo, _ in places)))
    before = set(photo_ids(db, album_id))
    db.executemany(
        "INSERT OR IGNORE INTO album_photo (album_id, photo_id, position) VALUES (?, ?, ?)",
        ((album_id, photo, position) for photo, position in places if photo in known),
    )
    return sorted(set(photo_ids(db, album_id)) - before)


def set_order(db: apsw.Connection, album_id: int, ids: Sequence[int]) -> None:
    """Store an order of all photos of an album; photos that it does not have are left out."""
    # One by one: with UPDATE FROM json_each SQLite reads the whole list for every photo of the album.
    db.executemany(
        "UPDATE album_photo SET position = ? WHERE album_id = ? AND photo_id = ?",
        ((position, album_id, photo) for position, photo in enumerate(ids)),
    )


def all_albums(db: apsw.Connection) -> list[AlbumSummary]:
    """Every album, each followed by those in it, in their order."""
    rows = db.execute(
        f"""
        {ALBUM_PATHS}
        SELECT a.id, a.name, a.parent_id, a.cover_id, a.created_at, a.position, t.path,
            (SELECT count(*) FROM album_photo AS b WHERE b.album_id = a.id AND {_VISIBLE}),
            coalesce(
                (SELECT b.photo_id FROM album_photo AS b
                    WHERE b.album_id = a.id AND b.photo_id = a.cover_id AND {_VISIBLE}),
                (SELECT b.photo_id FROM album_photo AS b
                    WHERE b.album_id = a.id AND {_VISIBLE} {_ORDER} LIMIT 1)
            )
        FROM album_path AS t JOIN album AS a ON a.id = t.id
        """
    )
    found = [AlbumSummary(Album(*row[:6]), *row[6:]) for row in rows]
    known = {each.album.id for each in found}
    inside: dict[int | None, list[AlbumSummary]] = {}
    for each in found:
        parent = each.album.parent_id if each.album.parent_id in known else None
        inside.setdefault(parent, []).append(each)
    for albums_of_one in inside.values():
        albums_of_one.sort(key=lambda each: _place(each.album), reverse=True)
    ordered: list[AlbumSummary] = []
    waiting = inside.get(None, [])
    while waiting:
        ordered.append(waiting.pop())
        waiting.extend(inside.get(ordered[-1].album.id, ()))
    return ordered


def cards(db: apsw.Connection) -> list[AlbumCard]:
    """Every album, as :func:`all_albums` orders them."""
    summaries = all_albums(db)
    inside: dict[int | None, list[int]] = {}
    for each in summaries:
        inside.setdefault(each.album.parent_id, []).append(each.album.id)
    made: dict[int, AlbumCard] = {}
    for each in reversed(summaries):  # albums come before the albums in them
        album = each.album
        first, last = _span(db, album.id)
        below = [made[child] for child in inside.get(album.id, ())]
        spans = [(first, last), *((card.first, card.last) for card in below)]
        covers = _covers(db, each)
        if not covers:
            covers = tuple(dict.fromkeys(card.covers[0] for card in below if card.covers))[:_COVERS]
        made[album.id] = AlbumCard(
            album,
            each.path,
            each.photos,
            covers,
            min((first for first, _ in spans if first), default=""),
            max(last for _, last in spans),
            len(below),
        )
    return [made[each.album.id] for each in summaries]


def _covers(db: apsw.Connection, summary: AlbumSummary) -> tuple[int, ...]:
    if summary.cover is None:
        return ()
    first = ids_of(
        db.execute(
            f"SELECT b.photo_id FROM album_photo AS b WHERE b.album_id = ? AND {_VISIBLE} {_ORDER} LIMIT ?",
            (summary.album.id, _COVERS),
        )
    )
    return tuple(dict.fromkeys((summary.cover, *first)))[:_COVERS]


def _span(db: apsw.Connection, album_id: int) -> tuple[str, str]:
    """The dates of the earliest and latest visible photo of an album; empty without photos."""
    row: Any = db.execute(
        "SELECT ifnull(min(nullif(q.date, '')), ''), ifnull(max(q.date), '') FROM album_photo AS b "
        f"JOIN photo AS q ON q.id = b.photo_id WHERE b.album_id = ? AND {_VISIBLE}",
        (album_id,),
    ).fetchall()[0]
    return row[0], row[1]


def repair_parents(db: apsw.Connection) -> int:
    """Make albums whose parents are missing or form a circle top-level albums; return how many."""
    db.execute(
        f"UPDATE album SET parent_id = NULL WHERE parent_id IS NOT NULL AND (parent_id NOT IN "
        f"(SELECT id FROM album) OR id NOT IN ({ALBUM_PATHS} SELECT id FROM album_path))"
    )
    return db.changes()
