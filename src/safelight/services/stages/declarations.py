"""The stages that the pipeline and the comparison of duplicates carry out themselves.

The thumbnail and the vector come from one decoding of a file, so that the pipeline makes both. Comparing
photos needs all of them at once, so that :class:`safelight.services.duplicates.comparing.Comparer` does it.
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
