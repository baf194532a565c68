"""A pool of processes that decode files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future

from safelight.core.encoder import InputSpec, Pixels
from safelight.core.exporting import CopySpec
from safelight.core.multi_frame import AnimationPart, Page
from safelight.core.photo import DecodedPhoto, ImageMetadata
from safelight.core.region import Region
from safelight.core.videos import Film
from safelight.imaging.formats import is_video_name
from safelight.services.indexing import decode_worker
from safelight.services.indexing.decode_worker import (
    AnimationTask,
    CopyTask,
    DecodeTask,
    DraftTask,
    FilmFramesTask,
    FilmTask,
    Frames,
    FramesTask,
    LoadTask,
    MetadataTask,
    MotionPhotoTask,
    PagesTask,
    PageTask,
    PrepareTask,
    SizeTask,
    WarmUpTask,
)
from safelight.services.indexing.pool_processes import Serve
from safelight.services.indexing.process_pool import ProcessPool
from safelight.services.indexing.worker_process import Limits

_SLOW_DISK_BYTES_PER_S = 10e6
"""Bytes a second."""


class DecodePool(ProcessPool):
    """Decodes untrusted files in processes of their own, so that a crash costs one file."""

    def __init__(
        self, workers: int = 1, limits: Limits | None = None, *, serve: Serve = decode_worker.run
    ) -> None:
        super().__init__(workers, limits, serve, "decode")

    def decode(self, path: str, spec: InputSpec | None) -> Future[DecodedPhoto]:
        """Everything that indexing needs of a file. The future raises ImageError."""
        return self.submit(DecodeTask(path, spec), extra_seconds=_reading_seconds(path))

    def metadata(self, paths: Sequence[bytes], *, with_sidecars: bool) -> Future[ImageMetadata]:
        """Metadata of a file, with those of its sidecars and the sidecars of its copies, which follow it in
        ``paths``. The future raises ImageError."""
        return self.submit(MetadataTask(tuple(paths), with_sidecars))

    def load(
        self,
        source: str | bytes,
        max_side: int | None = None,
        seconds: float | None = None,
        *,
        developed: bool = False,
        checkered: bool = False,
    ) -> Future[tuple[Pixels, ImageMetadata]]:
        """Upright sRGB pixels (h, w, 3), the long side at most ``max_side``. Precedes all tasks that wait.

        Of a video it is the frame at ``seconds``, or the poster. A RAW file that is to be ``developed`` takes
        seconds, and follows the tasks that wait. What is transparent is white, or ``checkered``.
        """
        task = LoadTask(source, max_side, seconds, developed, checkered)
        return self.submit(
            task, urgent=not developed, is_large=isinstance(source, bytes), kill_if_cancelled=developed
        )

    def draft(self, path: str, max_side: int) -> Future[tuple[Pixels, bool]]:
        """Like :meth:`load`, but as soon as the picture is sharp, and checkered. The second value is whether
        it is complete; if not, :meth:`load` gives the complete one. Precedes all tasks that wait.
        """
        return self.submit(DraftTask(path, max_side), urgent=True)

    def warm_up(self) -> None:
        """Start a process, unless one is running, so that the first picture need not wait for it."""
        self.submit(WarmUpTask())

    def picture_size(self, path: str) -> Future[tuple[int, int]]:
        """The width and height in pixels of a picture or video, upright. The future raises ImageError."""
        return self.submit(SizeTask(path), urgent=True)

    def pages(self, path: str) -> Future[tuple[Page, ...]]:
        """The pages of a picture."""
        return self.submit(PagesTask(path))

    def page(self, path: str, number: int, max_side: int | None) -> Future[tuple[Pixels, ImageMetadata]]:
        """A page as upright sRGB pixels (h, w, 3), the long side at most ``max_side``."""
        return self.submit(PageTask(path, number, max_side), urgent=True)

    def film_inside(self, path: str) -> Future[bytes]:
        """The film inside a motion photo, as an MP4 file. The future raises ImageError."""
        return self.submit(MotionPhotoTask(path), urgent=True)

    def film_frames(self, path: str, count: int, max_side: int) -> Future[AnimationPart]:
        """At most ``count`` frames of the film inside a motion photo. The future raises ImageError."""
        return self.submit(FilmFramesTask(path, count, max_side), urgent=True)

    def animation(self, path: str, first: int, max_side: int, max_bytes: int) -> Future[AnimationPart]:
        """Frames of an animation from ``first`` on, at most ``max_bytes`` of pixels."""
        return self.submit(AnimationTask(path, first, max_side, max_bytes), kill_if_cancelled=True)

    def copy_of(self, path: str, spec: CopySpec) -> Future[bytes]:
        """The content of a copy of a picture in another form. The future raises ImageError."""
        return self.submit(CopyTask(path, spec))

    def frames(self, path: str, spec: InputSpec, most: int) -> Future[Frames]:
        """Frames of a video that differ from each other, at most ``most``."""
        return self.submit(FramesTask(path, spec, most))

    def film(self, path: str, *, fine: bool = False) -> Future[Film]:
        """How a video looks over time, at more times if ``fine``. The future raises ImageError."""
        return self.submit(FilmTask(path, fine))

    def prepare(self, source: str | bytes, spec: InputSpec) -> Future[Pixels]:
        """A model's input (size, size, 3). Precedes all tasks that wait."""
        return self.submit(PrepareTask(source, spec), urgent=True, is_large=isinstance(source, bytes))

    def prepare_regions(
        self, source: str | bytes, spec: InputSpec, regions: Sequence[Region], *, urgent: bool = True
    ) -> Future[Pixels]:
        """A model's input for each region of a picture (n, size, size, 3). If ``urgent``, this precedes all
        tasks that wait.
        """
        task = PrepareTask(source, spec, tuple(regions))
        return self.submit(task, urgent=urgent, is_large=isinstance(source, bytes))


def _reading_seconds(path: str) -> float:
    """Time that reading a whole video takes from a slow disk; 0 for a picture."""
    if not is_video_name(os.path.basename(os.fsencode(path))):
        return 0.0
    try:
        return os.stat(path).st_size / _SLOW_DISK_BYTES_PER_S
    except OSError:
        return 0.0  # the process that reads it reports the reason
