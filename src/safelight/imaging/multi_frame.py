"""Reads the further frames of a file for display: pages one at a time, animations in parts.

Every function takes a path and raises only ImageError.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from safelight.core.encoder import Pixels
from safelight.core.errors import FailureKind, ImageError
from safelight.core.multi_frame import AnimationPart, Page
from safelight.core.photo import ImageMetadata
from safelight.imaging import formats
from safelight.imaging.colour import to_srgb
from safelight.imaging.detail import Detail
from safelight.imaging.faults import decoding, too_many_pixels
from safelight.imaging.formats import PhotoFormat, extension_of
from safelight.imaging.multi_picture import FurtherPicture, further_pictures
from safelight.imaging.opening import MAX_PIXELS, open_unread, upright
from safelight.imaging.read import load_bytes
from safelight.imaging.sniffing import sniff
from safelight.imaging.source import read_file
from safelight.imaging.stated_colours import profile_of
from safelight.imaging.thumbnail import shrink

MOST_PAGES = 10_000
"""Pages beyond this number are not listed."""
_MOST_AT_ONCE = 400
"""Frames in one part of an animation."""
_SHORTEST = 20
_USUAL = 100
"""Milliseconds. Browsers show a frame that asks for less than 20 ms for 100 ms, and animations rely on it."""

_REDUCED = 1
_MASK = 4
"""Bits of TIFF's NewSubfileType: a smaller version of another page, and a transparency mask."""
_NEW_SUBFILE_TYPE = 254


def pages(path: str, max_pixels: int = MAX_PIXELS) -> tuple[Page, ...]:
    """The pages of a picture; one if it has no others. Reduced versions, masks, previews and gain maps do not
    count.
    """
    data, photo_format = _read(path)
    with decoding(photo_format.name), open_unread(data, photo_format) as image:
        return tuple(_pages(image, data, photo_format, max_pixels))


def _pages(image: Any, data: bytes, photo_format: PhotoFormat, max_pixels: int) -> Iterator[Page]:
    size = image.size
    yield Page(0, *size)
    further: list[FurtherPicture] = []
    if photo_format is formats.JPEG:
        further = list(further_pictures(data, getattr(image, "mpinfo", None)))
    for number in range(1, min(getattr(image, "n_frames", 1), MOST_PAGES)):
        image.seek(number)
        if image.width * image.height > max_pixels:
            raise too_many_pixels(*image.size)
        if photo_format is formats.TIFF:
            kind = getattr(image, "tag_v2", {}).get(_NEW_SUBFILE_TYPE, 0)
            if isinstance(kind, int) and kind & (_REDUCED | _MASK):
                continue
        elif number <= len(further):
            picture = further[number - 1]
            if not picture.is_alternative and (image.size != size or picture.is_gain_map):
                continue
        yield Page(number, *image.size)


def load_page(
    path: str, number: int, max_side: int | None, max_pixels: int = MAX_PIXELS
) -> tuple[Pixels, ImageMetadata]:
    """A page as upright sRGB pixels (height, width, 3), the long side at most ``max_side``."""
    data, _ = _read(path)
    return load_bytes(data, max_side, extension_of(path), page=number, checkered=True, max_pixels=max_pixels)


class AnimationReader:
    """Reads animations in parts.

    Most formats store the differences between frames, so each frame needs all before it. The reader keeps the
    animation that was read last open, so that the part that follows continues where this one ended.
    """

    def __init__(self) -> None:
        self._file: tuple[str, int, int] | None = None
        self._image: Any = None
        self._format = formats.GIF
        self._profile: bytes | None = None

    def part(
        self, path: str, first: int, max_side: int, max_bytes: int, max_pixels: int = MAX_PIXELS
    ) -> AnimationPart:
        """Frames from ``first`` on, the long side at most ``max_side``: as many as fit in ``max_bytes``, but
        at least one.
        """
        self._open(path)
        image, file = self._image, self._file
        self._file = None  # after a failure, the file is opened again
        frames: list[Pixels] = []
        durations: list[int] = []
        with decoding(self._format.name):
            total = int(getattr(image, "n_frames", 1))
            if image.width * image.height > max_pixels:
                raise too_many_pixels(*image.size)
            if not 0 <= first < total:
                raise ImageError(FailureKind.BROKEN, "The animation has fewer frames than expected.")
            held = 0
            for number in range(first, min(total, first + _MOST_AT_ONCE)):
                image.seek(number)
                pixels = _rendered(image, self._format, self._profile, max_side)
                held += pixels.nbytes
                frames.append(pixels)
                shown = round(image.info.get("duration") or 0)
                durations.append(shown if shown >= _SHORTEST else _USUAL)
                if held + pixels.nbytes > max_bytes:
                    break
        self._file = file
        return AnimationPart(first, total, tuple(durations), np.stack(frames))

    def _open(self, path: str) -> None:
        """Open a file, unless it is open and has not changed."""
        try:
            status = os.stat(path)
        except OSError:
            identity = None  # reading it tells why
        else:
            identity = (path, status.st_mtime_ns, status.st_size)
        if identity is not None and identity == self._file:
            return
        self._file, self._image = None, None
        data, self._format = _read(path)
        with decoding(self._format.name):
            self._image = open_unread(data, self._format)
            self._profile = profile_of(self._image, self._format, data, Image.Exif())
        self._file = identity


def _rendered(image: Image.Image, photo_format: PhotoFormat, profile: bytes | None, max_side: int) -> Pixels:
    image.load()
    still = upright(image, photo_format)
    reduction = Detail(long=max_side).reduction(*still.size)
    rendered = to_srgb(still, profile, reduction, checkered=True)
    return np.asarray(shrink(rendered, max_side), np.uint8)


def _read(path: str) -> tuple[bytes, PhotoFormat]:
    data = read_file(path)
    photo_format = sniff(data, extension_of(path))
    if photo_format.is_video or photo_format is formats.RAW:
        raise ImageError(FailureKind.BROKEN, "This file has no further frames.")
    return data, photo_format
