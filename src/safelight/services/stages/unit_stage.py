"""The base class of stages that give vectors to parts of photos, by which searches find the photos."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import ClassVar, Protocol

import numpy as np

from safelight.core.encoder import Encoder, InputSpec, Pixels, Vectors
from safelight.core.photo_units import UnitInputs, UnitKind
from safelight.core.region import Region
from safelight.core.stages import StageFailure
from safelight.services.stages.stage import Stage, StageItem
from safelight.store import photos, spaces
from safelight.store.library import Connection

Encoded = tuple[UnitInputs, Vectors]
"""The units of a photo, and a vector for each."""


class UnitReader(Protocol):
    """Decodes files, as :class:`safelight.services.indexing.decoding.DecodePool` does."""

    def prepare_regions(
        self, source: str | bytes, spec: InputSpec, regions: Sequence[Region], *, urgent: bool = True
    ) -> Future[Pixels]: ...

    def frames(
        self, path: str, spec: InputSpec, most: int
    ) -> Future[tuple[list[float], Pixels, list[bytes]]]: ...


class UnitStage(Stage[Encoded]):
    """Divides photos into units, encodes these with the model in use and replaces the photos' units of a
    kind.

    Its declaration has the inputs ``UNITS`` and ``VECTOR`` and is ``per_model``.
    """

    kind: ClassVar[UnitKind]

    def __init__(self, load: Callable[[], Encoder], spec: InputSpec) -> None:
        """``load`` returns the model in use, whose input is ``spec``. It is called when there is something to
        encode.
        """
        self._load = load
        self.spec = spec

    @abstractmethod
    def read(self, reader: UnitReader, path: str, size: tuple[int, int]) -> Future[UnitInputs]:
        """Begin to read the units of the photo at ``path``, which is ``size`` (width, height) pixels large.

        The future raises ImageError.
        """

    def process(self, batch: Sequence[StageItem]) -> Sequence[Encoded | StageFailure]:
        units = [item.units for item in batch if item.units is not None]
        encoder = self._load()
        pixels = np.concatenate([each.pixels for each in units])
        step = encoder.batch_size
        parts = [encoder.encode_images(pixels[at : at + step]) for at in range(0, len(pixels), step)]
        vectors = np.concatenate(parts)
        ends = np.cumsum([len(each.places) for each in units])
        return list(zip(units, np.split(vectors, ends[:-1]), strict=True))

    def store(self, db: Connection, results: Sequence[tuple[int, Encoded]]) -> None:
        visible = photos.visible(db, [photo_id for photo_id, _ in results])
        stored = [(photo_id, result) for photo_id, result in results if photo_id in visible]
        if not stored or self.model_id is None:
            return
        space = spaces.register(db, self.model_id, self.kind)
        vectors = np.concatenate([vectors for _, (_, vectors) in stored])
        spaces.put(db, space, [(photo_id, units.places) for photo_id, (units, _) in stored], vectors)
