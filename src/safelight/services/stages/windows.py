"""Gives vectors to windows of panoramas and long screenshots, of which a model sees only the middle."""

from __future__ import annotations

from concurrent.futures import Future

from safelight.core.message import Message
from safelight.core.photo_units import STAGE_OF_UNIT_KIND, UnitInputs, UnitKind
from safelight.core.stages import CostClass, Input, StageDeclaration, Subset
from safelight.core.windows import windows_of
from safelight.services.stages.futures import map_future
from safelight.services.stages.unit_stage import UnitReader, UnitStage


class WindowStage(UnitStage):
    """Square windows along each elongated picture."""

    kind = UnitKind.WINDOW
    declaration = StageDeclaration(
        name=STAGE_OF_UNIT_KIND[UnitKind.WINDOW],
        title=Message("Panoramas and long screenshots"),
        activity=Message("Reading panoramas part by part"),
        version=1,
        inputs=frozenset({Input.UNITS, Input.VECTOR}),
        cost=CostClass.BACKGROUND,
        after=("vector",),
        batch=8,
        per_model=True,
        subset=Subset.ELONGATED,
    )

    def read(self, reader: UnitReader, path: str, size: tuple[int, int]) -> Future[UnitInputs]:
        regions = windows_of(*size)
        places = tuple(
            {"x": each.left, "y": each.top, "width": each.width, "height": each.height} for each in regions
        )
        found = reader.prepare_regions(path, self.spec, regions, urgent=False)
        return map_future(found, lambda pixels: UnitInputs(places, pixels))
