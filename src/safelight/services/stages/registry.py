"""The list of all stages. A new stage is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable

from safelight.core.encoder import Encoder, InputSpec
from safelight.core.stages import Coverage, StageDeclaration, in_order
from safelight.services.stages.declarations import COMPARISON, THUMBNAIL, VECTOR
from safelight.services.stages.film import FilmStage, FineFilmStage
from safelight.services.stages.fingerprint import FingerprintStage
from safelight.services.stages.frames import FrameStage
from safelight.services.stages.metadata import MetadataStage
from safelight.services.stages.sharpness import SharpnessStage
from safelight.services.stages.stage import AnyStage
from safelight.services.stages.windows import WindowStage
from safelight.store import stage_states, vectors
from safelight.store.library import Connection


def photo_stages(load: Callable[[], Encoder], spec: InputSpec) -> list[AnyStage]:
    """A new instance of each stage that the runner runs.

    ``load`` returns the model in use, whose input is ``spec``.
    """
    return [
        MetadataStage(),
        FingerprintStage(),
        WindowStage(load, spec),
        FrameStage(load, spec),
        FilmStage(),
        FineFilmStage(),
        SharpnessStage(),
    ]


def declared() -> list[StageDeclaration]:
    """Every stage, in the order in which they run."""
    run_by_runner: list[type[AnyStage]] = [
        MetadataStage,
        FingerprintStage,
        WindowStage,
        FrameStage,
        FilmStage,
        FineFilmStage,
        SharpnessStage,
    ]
    return in_order([THUMBNAIL, VECTOR, COMPARISON, *(stage.declaration for stage in run_by_runner)])


def coverage(db: Connection, model_key: str | None = None) -> list[Coverage]:
    """The coverage of each stage, in the order in which they run.

    Stages that depend on a model are counted for the model of ``model_key``, by default the one whose vectors
    cover most photos.
    """
    model_id = vectors.most_used(db) if model_key is None else vectors.model_id(db, model_key)
    return [stage_states.coverage(db, stage, model_id) for stage in declared()]
