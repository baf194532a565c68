"""Measures the sharpness and compression of photos, by which duplicates are ranked."""

from __future__ import annotations

import os
from collections.abc import Sequence

from safelight.core.message import Message
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure
from safelight.imaging.quality import jpeg_quality, sharpness
from safelight.imaging.thumbnail import read_thumbnail
from safelight.services.stages.stage import Stage, StageItem
from safelight.store import likeness
from safelight.store.library import Connection
from safelight.store.likeness import Quality


class SharpnessStage(Stage[Quality]):
    """Measures a photo by its thumbnail and the header of one of its files."""

    declaration = StageDeclaration(
        name="sharpness",
        title=Message("Sharpness"),
        activity=Message("Measuring sharpness"),
        version=1,
        inputs=frozenset({Input.THUMBNAIL, Input.BYTES}),
        cost=CostClass.IDLE,
        after=("thumbnail",),
    )

    def process(self, batch: Sequence[StageItem]) -> Sequence[Quality | StageFailure]:
        return [quality_of(item.thumbnail, item.path) for item in batch]

    def store(self, db: Connection, results: Sequence[tuple[int, Quality]]) -> None:
        likeness.put_qualities(db, results)


def quality_of(thumbnail: bytes | None, path: str | None) -> Quality:
    """The quality of a photo from its encoded thumbnail and a file. Values that cannot be read are None."""
    return Quality(
        None if thumbnail is None else read_thumbnail(thumbnail, sharpness),
        None if path is None else jpeg_quality(os.fsencode(path)),
    )
