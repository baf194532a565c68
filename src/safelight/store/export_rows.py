"""What copying photos needs to know of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace

import apsw

from safelight.core.description import with_description
from safelight.core.exporting import PrivacySummary
from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.store import file_metadata, photos
from safelight.store.rows import json_ids

_BATCH = 500


def total_bytes(db: apsw.Connection, photo_ids: Collection[int]) -> int:
    """The size of one file of each photo."""
    return int(
        db.execute(
            "SELECT ifnull(sum(p.size), 0) FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value",
            (json_ids(photo_ids),),
        ).get
    )


def privacy_summary(db: apsw.Connection, photo_ids: Sequence[int]) -> PrivacySummary:
    """How many of these photos give away what is private, as far as the library knows."""
    found = PrivacySummary()
    for start in range(0, len(photo_ids), _BATCH):
        for metadata, turned in _known(db, photo_ids[start : start + _BATCH]):
            found.add(metadata, turned=turned)
    return found


def _known(db: apsw.Connection, photo_ids: Sequence[int]) -> list[tuple[ImageMetadata, bool]]:
    """What is known of each photo, and whether the user turned it."""
    said = file_metadata.of_photos(db, photo_ids)
    regions = _regions(db, photo_ids)
    return [
        (
            replace(
                with_description(photo.metadata, said[photo.id]),
                taken_at=photo.date if photo.date_is_taken else None,
                regions=regions.get(photo.id, ()),
            ),
            photo.turns > 0,
        )
        for photo in photos.get_many(db, photo_ids)
    ]


def _regions(db: apsw.Connection, photo_ids: Sequence[int]) -> dict[int, tuple[FaceRegion, ...]]:
    rows = db.execute(
        "SELECT m.photo_id, m.details ->> 'regions' FROM json_each(?) AS a "
        "CROSS JOIN photo_metadata AS m ON m.photo_id = a.value "
        "WHERE m.details ->> 'regions' IS NOT NULL",
        (json_ids(photo_ids),),
    )
    return {photo_id: tuple(FaceRegion(**each) for each in json.loads(found)) for photo_id, found in rows}
