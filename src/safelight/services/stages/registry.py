"""The list of all stages. A new stage is one module and one line here."""

from __future__ import annotations

from safelight.core.stages import Coverage, StageDeclaration, in_order
from safelight.services.stages.declarations import COMPARISON, THUMBNAIL, VECTOR
from safelight.services.stages.fingerprint import FingerprintStage
from safelight.services.stages.sharpness import SharpnessStage
from safelight.services.stages.stage import AnyStage
from safelight.store import stage_states, vectors
from safelight.store.library import Connection


def photo_stages() -> list[AnyStage]:
    """A new instance of each stage that the runner carries out."""
    return [FingerprintStage(), SharpnessStage()]


def declared() -> list[StageDeclaration]:
    """Every stage, in the order in which they run."""
    mine = [stage.declaration for stage in photo_stages()]
    return in_order([THUMBNAIL, VECTOR, COMPARISON, *mine])


def coverage(db: Connection, model_key: str | None = None) -> list[Coverage]:
    """How far each stage has come, in the order in which they run.

    For the model named, or else the one whose vectors cover most photos: results of another count as absent.
    """
    model_id = vectors.most_used(db) if model_key is None else vectors.model_id(db, model_key)
    return [stage_states.coverage(db, stage, model_id) for stage in declared()]
