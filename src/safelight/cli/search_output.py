"""Prints the results of searches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.cli import console
from safelight.core.estimate import Estimate, rounded


@dataclass(frozen=True, slots=True)
class PrintedPhoto:
    """A photo as it is printed."""

    path: str
    score: float
    band: str
    unit: dict[str, Any] | None = None
    """The part that matched best, for JSON; None for the whole picture."""
    why: dict[str, Any] | None = None
    """Why it matches, for JSON; None if that was not asked for."""
    lines: tuple[str, ...] = ()
    """Why it matches, for people."""

    def json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"path": self.path, "score": round(self.score, 4), "band": self.band}
        if self.unit is not None:
            entry["unit"] = self.unit
        if self.why is not None:
            entry["why"] = self.why
        return entry


def print_results(
    photos: Iterable[PrintedPhoto], notice: str, unknown_words: Sequence[str], *, as_json: bool
) -> None:
    """Print photos, each as soon as ``photos`` yields it, or all of them as JSON. The notice goes to standard
    error."""
    if notice:
        console.error(notice)
    if as_json:
        unknown = {"unknown_words": list(unknown_words)} if unknown_words else {}
        console.emit_json([photo.json() | unknown for photo in photos])
        return
    for photo in photos:
        console.emit(f"{photo.score:.3f}  {photo.band:<6}  {photo.path}")
        for line in photo.lines:
            console.emit(f"               {line}")


def print_estimate(found: Estimate, *, as_json: bool) -> None:
    if as_json:
        console.emit_json(
            {
                "estimate": round(found.count),
                "low": round(found.low),
                "high": round(found.high),
                "photos": found.photos,
            }
        )
    elif found.low == found.high:
        console.emit(f"{round(found.count):,}")
    else:
        console.emit(
            f"about {rounded(found.count):,} of {found.photos:,} photos "
            f"({rounded(found.low):,} to {rounded(found.high):,})"
        )
