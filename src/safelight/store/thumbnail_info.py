"""What the grid shows about a photo besides its picture."""

# ruff: noqa: S608 (the statement is put together with an expression of the store; values are bound)

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace

import apsw

from safelight.core.pairs import PairKind
from safelight.core.photo import FolderState
from safelight.store import pairs, stacks
from safelight.store.folder_tree import FolderPart, copy_rank
from safelight.store.rows import json_ids


@dataclass(frozen=True, slots=True)
class ThumbnailInfo:
    name: str
    """The name of the file in the folder that is shown, or of the one that was found first."""
    format: str
    files: int = 1
    """Number of files with this photo."""
    rating: int = 0
    """1 to 5; 0 means not rated, -1 rejected."""
    offline: bool = False
    """Every file is on a disconnected drive."""
    label: str = ""
    """A colour label; empty for none."""
    duration: float | None = None
    """Seconds, of a video."""
    frames: int = 1
    """0 where an older version did not count them."""
    film: bool = False
    """Whether it is a motion photo, whose file contains a film."""
    halves: tuple[PairKind, ...] = ()
    """What else belongs to it."""
    stacked: int = 0
    """Photos below it in its stack."""


def read_info(
    db: apsw.Connection, ids: Collection[int], shown_in: FolderPart | None = None
) -> dict[int, ThumbnailInfo]:
    """Information about those of these photos that are in a file. A few look-ups per photo."""
    rank, values = copy_rank(shown_in)
    rows = db.execute(
        "SELECT p.id, f.path_text, p.format, ifnull(m.rating, 0), ifnull(m.label, ''), r.state, p.duration, "
        "abs(ifnull(p.frames, 0)), "
        # A film counts as a frame, so that most photos cost no look at their metadata.
        "abs(ifnull(p.frames, 0)) > 1 AND EXISTS (SELECT 1 FROM photo_metadata AS d "
        "WHERE d.photo_id = p.id AND d.details ->> 'film' IS NOT NULL) "
        "FROM json_each(:ids) AS a CROSS JOIN photo AS p ON p.id = a.value "
        "CROSS JOIN file AS f ON f.photo_id = p.id CROSS JOIN folder AS r ON r.id = f.folder_id "
        f"LEFT JOIN mark AS m ON m.photo_id = p.id ORDER BY {rank}",
        {"ids": json_ids(ids), **values},
    )
    found: dict[int, ThumbnailInfo] = {}
    for photo, path, form, rating, label, state, duration, frames, film in rows:
        offline = state == FolderState.OFFLINE
        known = found.get(photo)
        if known is None:
            name = path.rpartition(os.sep)[2]
            found[photo] = ThumbnailInfo(name, form, 1, rating, offline, label, duration, frames, bool(film))
        else:
            found[photo] = replace(known, files=known.files + 1, offline=known.offline and offline)
    for owner, halves in pairs.halves_of(db, found).items():
        found[owner] = replace(found[owner], halves=tuple(dict.fromkeys(kind for _, kind in halves)))
    for top, members in stacks.members(db, found).items():
        found[top] = replace(found[top], stacked=len(members))
    return found
