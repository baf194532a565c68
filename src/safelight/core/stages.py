"""Stages: the work that is done for every photo, and how each piece of it is declared.

A declaration says what the work needs, when it may run and which version of the work this is. Order,
pausing, progress, coverage and retries follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from safelight.core.message import Message

Parameter = str | int | float
"""What fills in a message: stored as JSON."""


class Input(StrEnum):
    """What a stage reads of a photo."""

    BYTES = "bytes"
    """The path of a file that holds it, on a folder that is connected."""
    METADATA = "metadata"
    """What a file and its sidecars say of the photo."""
    PIXELS = "pixels"
    """The upright picture in sRGB, decoded to at least :attr:`StageDeclaration.pixels` on its long side."""
    THUMBNAIL = "thumbnail"
    """The stored thumbnail, as a JPEG."""
    FILM = "film"
    """Small pictures of a video at a few fixed times: see :mod:`safelight.imaging.film`."""
    FINE_FILM = "fine-film"
    """The same at five times as many times."""
    VECTOR = "vector"
    """The photo's vector by the model in use."""
    UNITS = "units"
    """Parts of the photo as inputs of the model in use: see
    :class:`safelight.services.stages.unit_stage.UnitStage`."""


class Subset(StrEnum):
    """Which photos a stage processes."""

    ALL = "all"
    PICTURES = "pictures"
    """All but videos."""
    VIDEOS = "videos"
    VIDEOS_OF_EQUAL_LENGTH = "videos-of-equal-length"
    """Videos that last about as long as another video."""
    VIDEOS_OF_OTHER_LENGTH = "videos-of-other-length"
    """Videos that may be a part of another video, or contain one, by their lengths."""
    ELONGATED = "elongated"
    """Pictures with an aspect ratio over :data:`safelight.core.windows.ELONGATED`."""


class CostClass(StrEnum):
    """When a stage may run, from the most urgent to the least."""

    IMMEDIATE = "immediate"
    """While a photo is first indexed: the window waits for it."""
    BACKGROUND = "background"
    """As soon as no photo waits for an immediate stage."""
    IDLE = "idle"
    """Only while no other stage has work and no search runs."""
    ON_REQUEST = "on_request"
    """Only once the user asks for its results."""


ORDER = tuple(CostClass)


@dataclass(frozen=True, slots=True)
class StageDeclaration:
    """What the scheduler knows about a stage."""

    name: str
    """Stored in the database: never rename one."""
    title: Message
    """What is covered, for people: ``Thumbnails``."""
    activity: Message
    """What happens while it runs, for the status bar: ``Making thumbnails``."""
    version: int
    """Increase it when results change. Photos of another version are processed again."""
    inputs: frozenset[Input]
    cost: CostClass
    pixels: int = 0
    """The least long side, where :attr:`Input.PIXELS` is among the inputs."""
    after: tuple[str, ...] = ()
    """Names of stages that run before this one."""
    batch: int = 128
    """Photos that are processed and committed together."""
    per_model: bool = False
    """Results belong to one model, and another model needs its own."""
    subset: Subset = Subset.ALL
    """The photos it processes. The others never lack it and are not counted."""


@dataclass(frozen=True, slots=True)
class StageFailure:
    """Why a stage could not process one photo. Stored: codes are never renamed."""

    code: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a stage has come among the visible photos that it processes."""

    name: str
    version: int
    cost: CostClass
    photos: int
    done: int
    failed: int

    @property
    def waiting(self) -> int:
        return max(0, self.photos - self.done - self.failed)


def in_order(declarations: Iterable[StageDeclaration]) -> list[StageDeclaration]:
    """Stages in the order in which they run: by cost class, and after those that they name.

    Raises ValueError for a name that is used twice or unknown, and where stages wait for each other.
    """
    declared = list(declarations)
    by_name = {each.name: each for each in declared}
    if len(by_name) != len(declared):
        raise ValueError("two stages have the same name")
    unknown = {name for each in declared for name in each.after} - by_name.keys()
    if unknown:
        raise ValueError(f"stages wait for others that do not exist: {', '.join(sorted(unknown))}")
    try:
        sorted_names = list(TopologicalSorter({each.name: each.after for each in declared}).static_order())
    except CycleError as error:
        raise ValueError(f"stages wait for each other: {error.args[1]}") from error
    place = {name: number for number, name in enumerate(sorted_names)}
    return sorted(declared, key=lambda each: (ORDER.index(each.cost), place[each.name]))
