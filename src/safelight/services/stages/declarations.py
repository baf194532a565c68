"""The stages that the stage runner does not run.

The pipeline makes thumbnails and vectors from one decoding of a file. The comparison of photos needs all of
them, so :class:`safelight.services.duplicates.comparing.Comparer` does it.
"""

from __future__ import annotations

from safelight.core.message import Message
from safelight.core.stages import CostClass, Input, StageDeclaration, Subset
from safelight.services.stages.fingerprint import FingerprintStage

THUMBNAIL = StageDeclaration(
    name="thumbnail",
    title=Message("Thumbnails"),
    activity=Message("Making thumbnails"),
    version=1,
    inputs=frozenset({Input.PIXELS}),
    pixels=384,
    cost=CostClass.IMMEDIATE,
)

VECTOR = StageDeclaration(
    name="vector",
    title=Message("Search by description"),
    activity=Message("Reading photos for search"),
    version=1,
    inputs=frozenset({Input.PIXELS}),
    pixels=512,
    cost=CostClass.IMMEDIATE,
    after=("thumbnail",),
    per_model=True,
)

COMPARISON = StageDeclaration(
    name="comparison",
    title=Message("Duplicates"),
    activity=Message("Comparing photos"),
    # Another fingerprint gives other candidates.
    version=FingerprintStage.declaration.version,
    inputs=frozenset({Input.THUMBNAIL}),
    cost=CostClass.ON_REQUEST,
    after=("fingerprint",),
    per_model=True,
    subset=Subset.PICTURES,
)
