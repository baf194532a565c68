"""What a person is told of a model before choosing it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the list of models."""

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
    """The library's chosen one."""
    covered: int
    """Photos of the library that have a vector of it."""
    photos: int
    """Photos of the library."""
    imagenet: float | None = None
    """Zero-shot top 1 in per cent, its authors' figure."""
    coco: float | None = None
    """Text to image recall at 1 in per cent, its authors' figure."""
    images_per_second: float | None = None
    """Measured on this machine; None before the first photos were read with it."""
