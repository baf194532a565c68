"""The base class of a stage that works on photos one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from safelight.core.changes import LibraryChanged
from safelight.core.encoder import Pixels
from safelight.core.photo import ImageMetadata
from safelight.core.photo_units import UnitInputs
from safelight.core.stages import StageDeclaration, StageFailure
from safelight.core.videos import Film
from safelight.store import stage_states
from safelight.store.library import Connection

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class StageItem:
    """One photo with those inputs that the stage declares; the others are None."""

    photo_id: int
    thumbnail: bytes | None = None
    """A JPEG."""
    vector: npt.NDArray[np.float32] | None = None
    """(dim,), unit length."""
    pixels: Pixels | None = None
    """(height, width, 3), upright sRGB."""
    path: str | None = None
    """A file that holds the photo, in ``os.fsdecode`` form."""
    units: UnitInputs | None = None
    """Parts of the photo, as inputs of the model in use."""
    metadata: ImageMetadata | None = None
    """The metadata of the file and its sidecars."""
    film: Film | None = None
    """The fingerprint of the video over time."""


class StageModel(Protocol):
    """A model that only one stage uses. It is unloaded by the same rule as the search model."""

    def unload_if_idle(self, seconds: float) -> object | None:
        """Unload the model if it was not used for this many seconds. Returns what was unloaded, or None."""
        ...


class Stage(ABC, Generic[Result]):
    """Work on photos one by one. The runner calls it from one thread at a time."""

    declaration: ClassVar[StageDeclaration]

    model_id: int | None = None
    """The model in use, None while the library has no vectors of it. Set by the runner before each run."""

    @property
    def model(self) -> StageModel | None:
        """The stage's own model, if it has one. Load it in :meth:`process`, when it is first needed."""
        return None

    def lacking(self, db: Connection) -> list[int]:
        """Visible photos without a result, in the order in which they are to be processed."""
        return stage_states.lacking(db, self.declaration, self.model_id)

    @abstractmethod
    def process(self, batch: Sequence[StageItem]) -> Sequence[Result | StageFailure]:
        """A result or a failure for each photo, in the same order. Must not write to the library.

        If it raises, the photos of the batch are processed one by one, and those that raise again are
        recorded as failed.
        """

    def store(self, db: Connection, results: Sequence[tuple[int, Result]]) -> LibraryChanged | None:
        """Write results (photo id, result) inside the transaction that records the photos as done.

        By default results are stored as JSON with the state of the stage. Some of the photos may have been
        removed meanwhile; ignore these. Returns the change that views have to show.
        """
        stage_states.put_results(db, self.declaration, self.model_id, results)
        return None


AnyStage = Stage[Any]
