"""Synthetic photos by the hundred thousand, for measuring libraries of any size without reading pictures."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from safelight.core.photo import FileStat
from safelight.store.rows import display_text


def fill(
    db: apsw.Connection, folder_id: int, entries: Sequence[tuple[bytes, FileStat, str]], now: float
) -> range:
    """Add a photo in an indexed file for each (path in the folder, stat, date). Returns the photo ids.

    For benchmark libraries: contents are synthetic, and full text and thumbnails are left out.
    """
    first = int(db.execute("SELECT ifnull(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'photo'").get)
    made = range(first, first + len(entries))
    db.executemany(
        """
        INSERT INTO photo (
            id, content_hash, pixel_hash, perceptual_hash, size, format, width, height, colour, date,
            date_is_taken, added_at, frames
        ) VALUES (?, randomblob(20), randomblob(20), random(), ?, 'JPEG', 4000, 3000, 8421504, ?, 1, ?, 1)
        """,
        ((photo, stat.size, date, now) for photo, (_, stat, date) in zip(made, entries, strict=True)),
    )
    db.executemany(
        """
        INSERT INTO file (folder_id, path, path_text, size, mtime_ns, inode, device, state, photo_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'indexed', ?)
        """,
        (
            (folder_id, path, display_text(path), stat.size, stat.mtime_ns, stat.inode, stat.device, photo)
            for photo, (path, stat, _) in zip(made, entries, strict=True)
        ),
    )
    return made
