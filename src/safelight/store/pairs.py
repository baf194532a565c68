"""Photos that are shown as a part of another: the JPEG of a RAW, the video of a Live Photo.

Derived from the names of files. Triggers note in ``pair_check`` the photos whose files came, went or moved;
:func:`update` looks at these again.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

import apsw

from safelight.core.pairs import Pair, PairKind, ShotFile, find_pairs, related_stems
from safelight.store.rows import SEPARATOR, ids_of, json_ids


def update(db: apsw.Connection, limit: int) -> tuple[int, ...]:
    """Process up to ``limit`` waiting photos; return the photos whose pairs changed."""
    waiting = ids_of(db.execute("SELECT photo_id FROM pair_check ORDER BY photo_id LIMIT ?", (limit,)))
    changed: set[int] = set()
    looked_at: set[tuple[int, bytes]] = set()
    for photo_id in waiting:
        for folder_id, path in _places(db, photo_id):
            shot = _shot(db, folder_id, path)
            key = folder_id, min((path for path, _ in shot), default=path)
            if key in looked_at:
                continue
            looked_at.add(key)
            changed |= _replace(db, [file for _, file in shot])
    db.execute(
        "DELETE FROM pair_check WHERE photo_id IN (SELECT value FROM json_each(?))", (json_ids(waiting),)
    )
    return tuple(sorted(changed))


def waiting(db: apsw.Connection) -> bool:
    """Whether any photos wait to be processed."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM pair_check)").get)


def halves_of(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, list[tuple[int, PairKind]]]:
    """The halves of photos, each with its kind, for those that have any."""
    found: dict[int, list[tuple[int, PairKind]]] = {}
    for owner, half, kind in db.execute(
        "SELECT h.owner_id, h.photo_id, h.kind FROM json_each(?) AS a "
        "CROSS JOIN pair AS h ON h.owner_id = a.value ORDER BY h.photo_id",
        (json_ids(photo_ids),),
    ):
        found.setdefault(owner, []).append((half, PairKind(kind)))
    return found


def film_of(db: apsw.Connection, photo_id: int) -> int | None:
    """The video of a Live Photo or a motion photo that is a file of its own."""
    found: int | None = db.execute(
        "SELECT photo_id FROM pair WHERE owner_id = ? AND kind = ? ORDER BY photo_id LIMIT 1",
        (photo_id, PairKind.LIVE.value),
    ).get
    return found


def owners_of(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, int]:
    """The photo that represents each of these photos, for those that are the second half of a pair."""
    return dict(
        db.execute(
            "SELECT photo_id, owner_id FROM pair WHERE photo_id IN (SELECT value FROM json_each(?))",
            (json_ids(photo_ids),),
        )
    )


def among_halves(db: apsw.Connection, photo_ids: Collection[int]) -> frozenset[int]:
    """Those of these photos that are the second half of a pair."""
    return frozenset(
        ids_of(
            db.execute(
                "SELECT photo_id FROM pair WHERE photo_id IN (SELECT value FROM json_each(?))",
                (json_ids(photo_ids),),
            )
        )
    )


def any_halves(db: apsw.Connection) -> bool:
    """Whether any photo is the second half of a pair, or below another in a stack."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM pair) OR EXISTS (SELECT 1 FROM stack_photo)").get)


def _replace(db: apsw.Connection, files: Collection[ShotFile]) -> set[int]:
    """Store the pairs among files of one shot; return the photos that this changes."""
    ids = {file.photo_id for file in files}
    before: set[tuple[int, int, str]] = set(
        db.execute(
            "SELECT photo_id, owner_id, kind FROM pair WHERE photo_id IN (SELECT value FROM json_each(?))",
            (json_ids(ids),),
        )
    )
    pairs = [pair for pair in find_pairs(list(files)) if _everywhere(db, pair)]
    after = {(pair.half, pair.owner, pair.kind.value) for pair in pairs}
    if before == after:
        return set()
    db.executemany("DELETE FROM pair WHERE photo_id = ?", ((half,) for half, _, _ in before - after))
    db.executemany(
        "INSERT OR REPLACE INTO pair (photo_id, owner_id, kind) VALUES (?, ?, ?)", sorted(after - before)
    )
    return {photo for half, owner, _ in before ^ after for photo in (half, owner)}


def _everywhere(db: apsw.Connection, pair: Pair) -> bool:
    """Whether each file of the half is beside a file of its owner. Otherwise it is a photo of its own."""
    places = _places(db, pair.half)
    return len(places) == 1 or all(
        pair in find_pairs([file for _, file in _shot(db, folder_id, path)]) for folder_id, path in places
    )


def _places(db: apsw.Connection, photo_id: int) -> list[tuple[int, bytes]]:
    return list(db.execute("SELECT folder_id, path FROM file WHERE photo_id = ?", (photo_id,)))


def _shot(db: apsw.Connection, folder_id: int, path: bytes) -> list[tuple[bytes, ShotFile]]:
    """The files, with their paths, in the same folder whose stems are related to that of a file."""
    folder, _, name = path.rpartition(SEPARATOR)
    prefix = folder + SEPARATOR if folder else b""
    own = os.fsdecode(name)
    found: dict[bytes, ShotFile] = {}
    for stem in dict.fromkeys((*related_stems(own.rpartition(".")[0]), *related_stems(own))):
        first = prefix + os.fsencode(stem) + b"."
        rows: list[Any] = db.execute(
            "SELECT f.path, f.photo_id, p.format, p.duration FROM file AS f JOIN photo AS p "
            "ON p.id = f.photo_id WHERE f.folder_id = ? AND f.path >= ? AND f.path < ? "
            "AND p.orphaned_at IS NULL",
            (folder_id, first, first[:-1] + b"/"),
        ).fetchall()
        for each, photo_id, form, duration in rows:
            shot = ShotFile(photo_id, os.fsdecode(each[len(prefix) :]), form, duration)
            if SEPARATOR not in each[len(prefix) :] and stem in (shot.stem, shot.name):
                found[each] = shot
    return list(found.items())
