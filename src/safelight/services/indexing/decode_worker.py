"""The work of a decode process: reads one file after another and answers with pixels or a failure.

When a decoder crashes, hangs or uses too much memory, it costs this process and one file, nothing else.
This module is imported in the child process, so it imports imaging and nothing heavier.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from safelight.core.encoder import InputSpec, Pixels
from safelight.core.exporting import CopySpec
from safelight.core.multi_frame import AnimationPart, Page
from safelight.core.photo import DecodedPhoto, ImageMetadata
from safelight.core.region import Region
from safelight.core.videos import Film
from safelight.services.indexing.worker_process import Limits as Limits
from safelight.services.indexing.worker_process import serve

if TYPE_CHECKING:
    from safelight.imaging.multi_frame import AnimationReader


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
    developed: bool = False
    """Whether to develop a RAW file, which takes seconds, instead of taking the camera's preview."""
    checkered: bool = False
    """Whether transparency is shown as a checkerboard instead of white."""


@dataclass(frozen=True, slots=True)
class DraftTask:
    """Read a picture to look at it, its long side at most ``max_side``, as soon as it is sharp. Transparency
    is shown as a checkerboard.
    """

    path: str
    max_side: int


@dataclass(frozen=True, slots=True)
class SizeTask:
    """Read the width and height of a picture or video."""

    path: str


@dataclass(frozen=True, slots=True)
class PagesTask:
    """List the pages of a file."""

    path: str


@dataclass(frozen=True, slots=True)
class PageTask:
    """Read a page of a file to look at it, its long side at most ``max_side``."""

    path: str
    number: int
    max_side: int | None


@dataclass(frozen=True, slots=True)
class MotionPhotoTask:
    """Read the film inside a motion photo, as an MP4 file."""

    path: str


@dataclass(frozen=True, slots=True)
class FilmFramesTask:
    """Read at most ``count`` frames of the film inside a motion photo, the long side at most ``max_side``."""

    path: str
    count: int
    max_side: int


@dataclass(frozen=True, slots=True)
class AnimationTask:
    """Read frames of an animation, beginning with ``first``, with at most ``max_bytes`` of pixels."""

    path: str
    first: int
    max_side: int
    max_bytes: int


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
class FilmTask:
    """Read small pictures of a video at fixed times, to compare it with other videos."""

    path: str
    fine: bool = False
    """At more times, to find parts."""


@dataclass(frozen=True, slots=True)
class CopyTask:
    """Make the content of a copy of a picture."""

    path: str
    spec: CopySpec


@dataclass(frozen=True, slots=True)
class WarmUpTask:
    """Do nothing. The first task starts a process, which is then ready when it is needed."""


Frames = tuple[list[float], Pixels, list[bytes]]
"""Times in seconds, inputs (n, size, size, 3) and thumbnails."""

ViewTask = (
    LoadTask | DraftTask | SizeTask | PagesTask | PageTask | AnimationTask | MotionPhotoTask | FilmFramesTask
)
Task = WarmUpTask | DecodeTask | MetadataTask | ViewTask | PrepareTask | FramesTask | FilmTask | CopyTask
Result = (
    DecodedPhoto
    | ImageMetadata
    | tuple[Pixels, ImageMetadata]
    | tuple[Pixels, bool]
    | tuple[int, int]
    | Pixels
    | Frames
    | Film
    | tuple[Page, ...]
    | AnimationPart
    | bytes
)


def run(connection: Connection, limits: Limits) -> None:
    """Serve tasks until ``connection`` closes or the parent process is gone."""
    serve(connection, limits, _warm_up, _TaskRunner(limits).run)


def _warm_up() -> None:
    import safelight.imaging.film
    import safelight.imaging.multi_frame
    import safelight.imaging.read  # noqa: F401 - loading it would count against the memory limit


class _TaskRunner:
    """Carries out tasks. Keeps the animation that was read last open for its next part."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._animations: AnimationReader | None = None

    def run(self, task: Task) -> Result:
        from safelight.imaging import film, motion_photo, multi_frame, read
        from safelight.imaging.sidecars import sidecars_of

        limits = self._limits
        match task:
            case WarmUpTask():
                return b""
            case DecodeTask(path, spec):
                return read.decode_photo(path, spec, max_pixels=limits.pixels)
            case MetadataTask(paths, with_sidecars):
                sidecars = [each for path in paths for each in sidecars_of(path)] if with_sidecars else []
                return read.read_metadata_of(
                    paths[0], list(dict.fromkeys(sidecars)), max_pixels=limits.pixels
                )
            case SizeTask(path):
                return read.picture_size(path, max_pixels=limits.pixels)
            case PagesTask(path):
                return multi_frame.pages(path, limits.pixels)
            case PageTask(path, number, max_side):
                return multi_frame.load_page(path, number, max_side, limits.pixels)
            case MotionPhotoTask(path):
                return motion_photo.read_embedded_film(path)
            case FilmFramesTask(path, count, max_side):
                return motion_photo.read_film_frames(path, count, max_side, limits.pixels)
            case AnimationTask(path, first, max_side, max_bytes):
                if self._animations is None:
                    self._animations = multi_frame.AnimationReader()
                return self._animations.part(path, first, max_side, max_bytes, limits.pixels)
            case LoadTask(source, max_side, seconds, developed, checkered):
                if isinstance(source, bytes):
                    return read.load_bytes(source, max_side, max_pixels=limits.pixels)
                return read.load_image(
                    *(source, max_side, seconds),
                    developed=developed,
                    checkered=checkered,
                    max_pixels=limits.pixels,
                )
            case DraftTask(path, max_side):
                return read.load_draft(path, max_side, max_pixels=limits.pixels)
            case CopyTask(path, copy_spec):
                from safelight.imaging.exporting import made_copy

                sidecars = sidecars_of(os.fsencode(path))
                return made_copy(path, sidecars, copy_spec, max_pixels=limits.pixels)
            case FramesTask(path, spec, most):
                return read.frame_inputs(path, spec, most, max_pixels=limits.pixels)
            case FilmTask(path, fine):
                return film.read_film(path, limits.pixels, fine=fine)
            case PrepareTask(source, spec, regions):
                if regions:
                    return read.region_inputs(source, spec, regions, max_pixels=limits.pixels)
                return read.model_input(source, spec, max_pixels=limits.pixels)
