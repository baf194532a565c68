"""The work of a decode process: reads one file after another and answers with pixels or a failure.

When a decoder crashes, hangs or uses too much memory, it costs this process and one file, nothing else.
This module is imported in the child process, so it imports imaging and nothing heavier.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection

from safelight.core.encoder import InputSpec, Pixels
from safelight.core.exporting import CopySpec
from safelight.core.photo import DecodedPhoto, ImageMetadata
from safelight.core.region import Region
from safelight.services.indexing.worker_process import Limits as Limits
from safelight.services.indexing.worker_process import serve


@dataclass(frozen=True, slots=True)
class DecodeTask:
    """Read a file once for everything that indexing needs."""

    path: str
    spec: InputSpec | None


@dataclass(frozen=True, slots=True)
class MetadataTask:
    """Read the metadata of a file again. ``paths`` are the file and its copies, all of one content."""

    paths: tuple[bytes, ...]
    with_sidecars: bool


@dataclass(frozen=True, slots=True)
class LoadTask:
    """Read a picture (a file, or encoded bytes) to look at it, its long side at most ``max_side``."""

    source: str | bytes
    max_side: int | None
    seconds: float | None = None
    """The time of the frame of a video; None for its poster."""


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """Read a picture (a file, or encoded bytes) as a model's input.

    With ``regions``, as one input for each of these parts of it.
    """

    source: str | bytes
    spec: InputSpec
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class FramesTask:
    """Read frames of a video that differ from each other, at most ``most``, as a model's inputs."""

    path: str
    spec: InputSpec
    most: int


@dataclass(frozen=True, slots=True)
class CopyTask:
    """Make the content of a copy of a picture."""

    path: str
    spec: CopySpec


Frames = tuple[list[float], Pixels, list[bytes]]
"""Times in seconds, inputs (n, size, size, 3) and thumbnails."""

Task = DecodeTask | MetadataTask | LoadTask | PrepareTask | FramesTask | CopyTask
Result = DecodedPhoto | ImageMetadata | tuple[Pixels, ImageMetadata] | Pixels | Frames | bytes


def run(connection: Connection, limits: Limits) -> None:
    """Serve tasks until ``connection`` closes or the parent process is gone."""
    serve(connection, limits, _warm_up, partial(_carry_out, limits))


def _warm_up() -> None:
    import safelight.imaging.read  # noqa: F401 - loading it would count against the memory limit


def _carry_out(limits: Limits, task: Task) -> Result:
    from safelight.imaging import read
    from safelight.imaging.sidecars import sidecars_of

    match task:
        case DecodeTask(path, spec):
            return read.decode_photo(path, spec, max_pixels=limits.pixels)
        case MetadataTask(paths, with_sidecars):
            beside = [each for path in paths for each in sidecars_of(path)] if with_sidecars else []
            return read.read_metadata_of(paths[0], list(dict.fromkeys(beside)), max_pixels=limits.pixels)
        case LoadTask(source, max_side, seconds):
            if isinstance(source, bytes):
                return read.load_bytes(source, max_side, max_pixels=limits.pixels)
            return read.load_image(source, max_side, seconds, max_pixels=limits.pixels)
        case CopyTask(path, copy_spec):
            from safelight.imaging.exporting import made_copy

            beside = sidecars_of(os.fsencode(path))
            return made_copy(path, beside, copy_spec, max_pixels=limits.pixels)
        case FramesTask(path, spec, most):
            return read.frame_inputs(path, spec, most, max_pixels=limits.pixels)
        case PrepareTask(source, spec, regions):
            if regions:
                return read.region_inputs(source, spec, regions, max_pixels=limits.pixels)
            return read.model_input(source, spec, max_pixels=limits.pixels)
