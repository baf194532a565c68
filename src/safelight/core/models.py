"""Information about a model, shown before choosing it."""

from __future__ import annotations

from dataclasses import dataclass

TAKEOVER_SHARE = 0.95
"""The chosen model takes over when it covers this share of the photos covered by the current one."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One row of the list of models."""

    name: str
    title: str
    note: str
    licence: str
    research_only: bool
    size_bytes: int
    dim: int
    languages: str
    installed: bool
    active: bool
    """Whether it is the library's chosen model."""
    covered: int
    """Number of photos with a vector of this model."""
    photos: int
    """Number of photos in the library."""
    imagenet: float | None = None
    """Zero-shot top-1 accuracy in per cent, as published."""
    coco: float | None = None
    """Text-to-image recall at 1 in per cent, as published."""
    images_per_second: float | None = None
    """Photos per second on this machine; None if unknown."""
    estimated: bool = False
    """Whether the speed was estimated from another model's."""
    partial: int = 0
    """Bytes of an interrupted download that can be resumed."""
    page: str = ""
    """Web page of the model and its licence."""
    method: str = ""
    """How it computes pictures on this machine (``float32``, ``bfloat16``, ``int8``, …); empty if unknown."""
    recommended: bool = False
    """Whether it is the best choice for this machine and this library. At most one is."""
