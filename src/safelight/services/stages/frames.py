"""Gives vectors to frames of videos, so that a search finds a moment in a video."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from safelight.core.message import Message
from safelight.core.photo_units import STAGE_OF_UNIT_KIND, UnitInputs, UnitKind
from safelight.core.stages import CostClass, Input, StageDeclaration, Subset
from safelight.services.stages.futures import map_future
from safelight.services.stages.unit_stage import Encoded, UnitReader, UnitStage
from safelight.store import photos, stored_thumbnails
from safelight.store.library import Connection

MAX_FRAMES = 16
"""The most frames of a video that get vectors."""


class FrameStage(UnitStage):
    """Frames of each video that differ from each other, with their thumbnails."""

    kind = UnitKind.FRAME
    declaration = StageDeclaration(
        name=STAGE_OF_UNIT_KIND[UnitKind.FRAME],
        title=Message("Moments of videos"),
        activity=Message("Watching videos"),
        version=1,
        inputs=frozenset({Input.UNITS, Input.VECTOR}),
        cost=CostClass.BACKGROUND,
        after=("vector",),
        batch=4,
        per_model=True,
        subset=Subset.VIDEOS,
    )

    def read(self, reader: UnitReader, path: str, size: tuple[int, int]) -> Future[UnitInputs]:
        del size  # a frame is a unit as a whole
        return map_future(
            reader.frames(path, self.spec, MAX_FRAMES),
            lambda found: UnitInputs(
                tuple({"seconds": seconds} for seconds in found[0]), found[1], tuple(found[2])
            ),
        )

    def store(self, db: Connection, results: Sequence[tuple[int, Encoded]]) -> None:
        super().store(db, results)
        encoded = dict(results)
        for photo_id in photos.visible(db, list(encoded)):
            units, _ = encoded[photo_id]
            seconds = [place["seconds"] for place in units.places]
            stored_thumbnails.put_frames(db, photo_id, list(zip(seconds, units.thumbnails, strict=True)))
