"""What a person is told of a model before choosing it."""

from __future__ import annotations

from dataclasses import dataclass

ENOUGH = 0.95
"""Share of the photos read by the former model at which the chosen one takes over."""


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
    """On this machine; None while nothing is known of its speed."""
    estimated: bool = False
    """Whether the speed was reckoned from another model's, and not measured."""
    partial: int = 0
    """Bytes of a download that was broken off and can be gone on with."""
    page: str = ""
    """Web address where its publisher describes it and its licence."""
    missing_extra: str = ""
    """The optional extra of Safelight that it needs and that is not installed."""
