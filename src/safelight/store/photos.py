"""Photos: one row per content, whatever number of files hold it.

A photo is visible while at least one file holds it. After that it is an orphan: nothing shows it, but its
vectors, thumbnail and marks stay for a while, so that a file that comes back finds them.
"""

# ruff: noqa: S608 (statements are put together from names and conditions of this module; values are bound)

from __future__ import annotations

import json
import os
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain
from typing import Any

import apsw

from safelight.core.photo import (
    DateSource,
    DecodedPhoto,
    FaceRegion,
    FolderState,
    ImageMetadata,
    LibraryCounts,
    Photo,
    PhotoFile,
    joined_faces,
    upright_regions,
)
from safelight.store import (
    files,
    folder_tree,
    ignored_failures,
    imported_faces,
    marks,
    pairs,
    stacks,
    stored_thumbnails,
    text,
    vectors,
)
from safelight.store.rows import AMONG_PHOTOS, absolute, ids_of, is_limited, json_ids

_SHOWN = f"orphaned_at IS NULL AND id NOT IN {stacks.NOT_SHOWN_IDS}"
"""SQL: whether views and searches that do not ask for hidden photos show a row of ``photo``."""


# --- writing --------------------------------------------------------------------------------------------


def find_by_content(db: apsw.Connection, content_hash: bytes) -> int | None:
    """The photo of this content, visible or not."""
    found: int | None = db.execute("SELECT id FROM photo WHERE content_hash = ?", (content_hash,)).get
    return found


def insert(db: apsw.Connection, decoded: DecodedPhoto, fallback_date: str, now: float) -> int:
    """A new photo with its thumbnail; an orphan until :func:`safelight.store.files.set_indexed`.

    ``fallback_date`` (``YYYY-MM-DDTHH:MM:SS``) is used where the picture does not say when it was taken.
    """
    meta = decoded.metadata
    source = meta.date_source or (DateSource.METADATA if meta.taken_at else DateSource.FILE)
    photo_id = int(
        db.execute(
            """
            INSERT INTO photo (
                content_hash, pixel_hash, perceptual_hash, size, format, width, height, colour, date,
                date_is_taken, camera, lens, iso, aperture, exposure, focal_length, latitude, longitude,
                added_at, orphaned_at, frames, duration, date_source
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            RETURNING id
            """,
            (
                decoded.content_hash,
                decoded.pixel_hash,
                decoded.perceptual_hash,
                decoded.size,
                decoded.format,
                decoded.width,
                decoded.height,
                decoded.colour,
                meta.taken_at or fallback_date,
                source in (DateSource.METADATA, DateSource.SIDECAR),
                meta.camera,
                meta.lens,
                meta.iso,
                meta.aperture,
                meta.exposure,
                meta.focal_length,
                meta.latitude,
                meta.longitude,
                now,
                now,
                decoded.frames,
                decoded.duration,
                source.value,
            ),
        ).get
    )
    stored_thumbnails.put(db, photo_id, decoded.thumbnail)
    return photo_id


def inherit(db: apsw.Connection, old_photo: int, new_photo: int, *, keep: bool = False) -> bool:
    """If both show the same pixels, give the new photo the data of the old one; return whether they do.

    For a file whose metadata were edited by another program. Vectors are copied; marks, tags, albums and
    decisions are copied too, and removed from the old photo unless other files still hold it, or ``keep``.
    To be called when the file that changed still holds the old photo, or has just been given the new one.
    """
    same = db.execute(
        "SELECT count(DISTINCT pixel_hash) = 1 FROM photo WHERE id IN (?, ?) HAVING count(*) = 2",
        (old_photo, new_photo),
    ).get
    if not same or old_photo == new_photo:
        return False
    vectors.copy(db, old_photo, new_photo)
    holders = len(files.of_photo(db, old_photo))
    if new_photo not in visible(db, [new_photo]):
        holders -= 1  # the changed file, which is about to lose this photo
    marks.pass_on(db, old_photo, new_photo, keep=keep or holders > 0)
    text.refresh(db, [old_photo, new_photo])
    return True


def frames(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, int | None]:
    """How many frames each photo has; None where an older version did not count them. Negative where the
    pixel hash covers the first frame only."""
    return dict(db.execute(f"SELECT p.id, p.frames FROM {AMONG_PHOTOS}", (json_ids(photo_ids),)))


def set_frames(db: apsw.Connection, counted: Iterable[tuple[int, int]]) -> None:
    """(photo, frames) of each."""
    db.executemany(
        "UPDATE photo SET frames = ? WHERE id = ?", ((count, photo_id) for photo_id, count in counted)
    )


def with_pixels(db: apsw.Connection, pixel_hash: bytes) -> list[int]:
    """All photos of these pixels, the latest first, orphans included."""
    return ids_of(db.execute("SELECT id FROM photo WHERE pixel_hash = ? ORDER BY id DESC", (pixel_hash,)))


# --- reading --------------------------------------------------------------------------------------------


def get_many(
    db: apsw.Connection, ids: Collection[int], shown_in: folder_tree.FolderPart | None = None
) -> list[Photo]:
    """Photos with marks and files, in the order of ``ids``, without those that are gone.

    An orphan comes back with no files. Files in ``shown_in`` come before others.
    """
    rank, values = folder_tree.copy_rank(shown_in)
    wanted = json_ids(ids)
    places: defaultdict[int, list[PhotoFile]] = defaultdict(list)
    for file_id, photo, folder_id, root, path, mtime_ns, state in db.execute(
        "SELECT f.id, f.photo_id, f.folder_id, r.path, f.path, f.mtime_ns, r.state "
        "FROM json_each(:ids) AS a CROSS JOIN file AS f ON f.photo_id = a.value "
        f"CROSS JOIN folder AS r ON r.id = f.folder_id GROUP BY f.id ORDER BY {rank}",
        {"ids": wanted, **values},
    ):
        online = state != FolderState.OFFLINE
        places[photo].append(
            PhotoFile(folder_id, os.fsdecode(absolute(root, path)), mtime_ns, online, file_id)
        )
    rows = db.execute(
        f"""
        SELECT p.id, p.size, p.format, p.width, p.height, p.colour, p.date, p.date_is_taken,
            ifnull(m.favourite, 0), ifnull(m.rating, 0), iif(p.date_is_taken, p.date, NULL), p.camera, p.lens,
            p.iso, p.aperture, p.exposure, p.focal_length, p.latitude, p.longitude,
            ifnull(m.label, ''), ifnull(m.hidden, 0), ifnull(m.title, ''), ifnull(m.caption, ''), p.duration,
            p.date_source, d.details, d.notes, abs(ifnull(p.frames, 0)), ifnull(m.turns, 0)
        FROM {AMONG_PHOTOS} LEFT JOIN mark AS m ON m.photo_id = p.id
        LEFT JOIN photo_metadata AS d ON d.photo_id = p.id ORDER BY a.key
        """,
        (wanted,),
    )
    # Programs that may see only some photos are not told where faces are.
    with_faces = not is_limited(db)
    imported = imported_faces.of_photos(db, ids) if with_faces else {}
    found = [
        _photo(
            row,
            tuple(places[row[0]]),
            joined_faces(_faces(row[25], row[3], row[4]), chain(*imported.get(row[0], {}).values()))
            if with_faces
            else (),
        )
        for row in rows
    ]
    known = [photo.id for photo in found]
    halves, stacked = pairs.halves_of(db, known), stacks.members(db, known)
    return [
        replace(
            photo,
            halves=tuple(half for half, _ in halves.get(photo.id, ())),
            stacked=tuple(stacked.get(photo.id, ())),
        )
        if photo.id in halves or photo.id in stacked
        else photo
        for photo in found
    ]


def ids(
    db: apsw.Connection,
    *,
    favourites: bool = False,
    folder_id: int | None = None,
    below: bytes = b"",
    with_subfolders: bool = True,
    newest_first: bool = True,
) -> list[int]:
    """Visible photos by date, without hidden ones; all, the favourites, or those with a file in a root.

    ``below`` names a folder inside the root; without ``with_subfolders``, files in deeper folders do not
    count.
    """
    conditions, arguments = [_SHOWN], dict[str, int | bytes]()
    if favourites:
        conditions.append("id IN (SELECT photo_id FROM mark WHERE favourite = 1)")
    if folder_id is not None:
        inside, values = folder_tree.path_range(below, with_subfolders=with_subfolders)
        conditions.append(f"id IN (SELECT photo_id FROM file WHERE folder_id = :folder AND {inside})")
        arguments = {"folder": folder_id, **values}
    direction = "DESC" if newest_first else "ASC"
    rows = db.execute(
        f"SELECT id FROM photo WHERE {' AND '.join(conditions)} ORDER BY date {direction}, id {direction}",
        arguments,
    )
    return ids_of(rows)


def any_hidden(db: apsw.Connection) -> bool:
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM mark WHERE hidden = 1)").get)


def recent_ids(db: apsw.Connection, limit: int) -> list[int]:
    """Visible photos in the order of their arrival, the latest first, without hidden ones."""
    rows = db.execute(f"SELECT id FROM photo WHERE {_SHOWN} ORDER BY id DESC LIMIT ?", (limit,))
    return ids_of(rows)


def dates(db: apsw.Connection, ids: Collection[int]) -> list[str]:
    """The date, ``YYYY-MM-DDTHH:MM:SS``, of each of ``ids`` in turn; empty for a photo that is gone."""
    rows = db.execute(
        "SELECT ifnull(p.date, '') FROM json_each(?) AS a LEFT JOIN photo AS p ON p.id = a.value "
        "ORDER BY a.key",
        (json_ids(ids),),
    )
    return [date for (date,) in rows]


def visible(db: apsw.Connection, ids: Iterable[int]) -> set[int]:
    """Which of these photos are in a file, hidden or not."""
    rows = db.execute(f"SELECT p.id FROM {AMONG_PHOTOS} WHERE p.orphaned_at IS NULL", (json_ids(ids),))
    return {photo for (photo,) in rows}


def sizes(db: apsw.Connection, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Width and height in pixels of the visible ones among these photos."""
    rows = db.execute(
        f"SELECT p.id, p.width, p.height FROM {AMONG_PHOTOS} WHERE p.orphaned_at IS NULL", (json_ids(ids),)
    )
    return {photo: (width, height) for photo, width, height in rows}


def shapes(db: apsw.Connection, after: int, limit: int) -> tuple[array[int], array[float]]:
    """(ids, widths divided by heights) of the next photos after an id, in the order of their ids.

    Photos that the user turned have the shape with which they are shown.
    """
    ids, found = array("q"), array("f")
    rows = db.execute(
        "SELECT id, iif(ifnull(m.turns, 0) % 2, CAST(height AS REAL) / width, CAST(width AS REAL) / height) "
        "FROM photo LEFT JOIN mark AS m ON m.photo_id = id WHERE id > ? ORDER BY id LIMIT ?",
        (after, limit),
    )
    for photo, shape in rows:
        ids.append(photo)
        found.append(shape)
    return ids, found


def content_hashes(db: apsw.Connection, ids: Collection[int]) -> dict[int, bytes]:
    """Content hashes, visible or not, without those that are gone."""
    return dict(db.execute(f"SELECT p.id, p.content_hash FROM {AMONG_PHOTOS}", (json_ids(ids),)))


def colours(db: apsw.Connection, ids: Collection[int]) -> dict[int, int]:
    """Mean colours, 0xRRGGBB."""
    return dict(db.execute(f"SELECT p.id, p.colour FROM {AMONG_PHOTOS}", (json_ids(ids),)))


def with_copies(db: apsw.Connection) -> list[int]:
    """Photos that more than one file holds."""
    rows = db.execute(
        "SELECT photo_id FROM file WHERE photo_id IS NOT NULL GROUP BY photo_id HAVING count(*) > 1 "
        "ORDER BY photo_id"
    )
    return ids_of(rows)


def counts(db: apsw.Connection, model_id: int | None = None) -> LibraryCounts:
    """The number of photos and files; ``embedded`` counts the vectors of one model.

    Called with every search. There are few orphans, so subtracting them from the total reads one small
    index, where counting visible photos would read every row. The same holds for vectors of other models;
    the total of a table is known without reading it.
    """
    row = db.execute(
        f"""
        WITH part AS MATERIALIZED {stacks.PART_IDS}
        SELECT
            (SELECT count(*) FROM photo) - (SELECT count(*) FROM photo WHERE orphaned_at IS NOT NULL)
                - (SELECT count(*) FROM part AS h JOIN photo AS p ON p.id = h.photo_id
                    WHERE p.orphaned_at IS NULL
                    AND p.id NOT IN (SELECT photo_id FROM mark WHERE hidden = 1)),
            (SELECT count(*) FROM file),
            (SELECT count(*) FROM file AS f WHERE f.state = 'failed' AND {ignored_failures.TOLD})
                + (SELECT count(*) FROM unlisted)
                + (SELECT count(*) FROM file_check AS k JOIN file AS f ON f.id = k.file_id
                    WHERE k.fault IS NOT NULL AND f.state <> 'failed'),
            (SELECT count(*) FROM mark AS m JOIN photo AS p ON p.id = m.photo_id
                WHERE m.favourite = 1 AND m.hidden = 0 AND p.orphaned_at IS NULL
                AND p.id NOT IN (SELECT photo_id FROM part)),
            iif(?1 IS NULL, 0, (SELECT count(*) FROM embedding))
                - (SELECT count(*) FROM embedding WHERE model_id < ?1)
                - (SELECT count(*) FROM embedding WHERE model_id > ?1)
                - (SELECT count(*) FROM photo AS p
                    CROSS JOIN embedding AS e ON e.model_id = ?1 AND e.photo_id = p.id
                    WHERE p.orphaned_at IS NOT NULL)
                - (SELECT count(*) FROM part AS h
                    CROSS JOIN embedding AS e ON e.model_id = ?1 AND e.photo_id = h.photo_id),
            (SELECT count(*) FROM file WHERE state = 'pending'),
            (SELECT count(*) FROM mark AS m JOIN photo AS p ON p.id = m.photo_id
                WHERE m.hidden = 1 AND p.orphaned_at IS NULL),
            (SELECT ifnull(sum(files), 0) FROM skipped_videos)
        """,
        (model_id,),
    ).fetchone()
    assert row is not None
    return LibraryCounts(*row)


def _with_details(metadata: ImageMetadata, details: str | None, notes: str | None) -> ImageMetadata:
    """``details`` and ``notes`` are JSON."""
    if details is None or notes is None:
        return metadata
    try:
        found, codes = json.loads(details), json.loads(notes)
        creator, copyright_, film = (found.get(name) for name in ("creator", "copyright", "film"))
    except (ValueError, AttributeError):  # a damaged library
        return metadata
    seconds = float(film) if isinstance(film, int | float) else None
    return replace(
        metadata, creator=creator, copyright=copyright_, film=seconds, notes=tuple(map(str, codes))
    )


def _date_source(stored: str | None, is_taken: bool) -> DateSource:
    """Libraries of older versions do not store the source, and have dates only from metadata and files."""
    try:
        return DateSource(stored or "")
    except ValueError:
        return DateSource.METADATA if is_taken else DateSource.FILE


def _faces(details: str | None, width: int, height: int) -> tuple[FaceRegion, ...]:
    """The faces in the upright picture, which has this size; ``details`` is JSON."""
    if details is None or '"regions"' not in details:
        return ()
    try:
        found = json.loads(details)
        regions, orientation = [FaceRegion(**each) for each in found["regions"]], found.get("orientation")
        if not isinstance(orientation, int):  # a file that has not been read again since version 4
            return ()
        applied_to = found.get("regions_applied_to")
        stated = None if applied_to is None else (float(applied_to[0]), float(applied_to[1]))
        return tuple(
            each for each in upright_regions(regions, orientation, stated, width, height) if each.is_face
        )
    except (ValueError, LookupError, TypeError, AttributeError, ZeroDivisionError):  # a damaged library
        return ()


def _photo(row: tuple[Any, ...], places: tuple[PhotoFile, ...], faces: tuple[FaceRegion, ...]) -> Photo:
    return Photo(
        id=row[0],
        size=row[1],
        format=row[2],
        width=row[3],
        height=row[4],
        colour=row[5],
        date=row[6],
        date_is_taken=bool(row[7]),
        favourite=bool(row[8]),
        rating=row[9],
        metadata=_with_details(ImageMetadata(*row[10:19]), row[25], row[26]),
        faces=faces,
        files=places,
        label=row[19],
        hidden=bool(row[20]),
        title=row[21],
        caption=row[22],
        duration=row[23],
        date_source=_date_source(row[24], bool(row[7])),
        frames=row[27],
        turns=row[28],
    )
