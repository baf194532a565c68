"""What a file shows beyond its first frame: pages, animation, layers, a second exposure, a short film.

The rest of the program looks at the first frame only. Two files that agree in it may still differ here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image

from safelight.core.errors import ImageError
from safelight.imaging import formats
from safelight.imaging.encoded import open_encoded
from safelight.imaging.faults import decoding
from safelight.imaging.formats import Decoder, PhotoFormat
from safelight.imaging.iso_boxes import box_places, end_of_first_file
from safelight.imaging.jpeg_markers import end_of_picture
from safelight.imaging.multi_picture import further_pictures
from safelight.imaging.opening import open_unread
from safelight.imaging.sniffing import sniff

_DIGEST_SIZE = 20

_MOST_FRAMES = 500
_MOST_PIXELS = 100_000_000
"""Limits on the frames and pixels that are decoded. A file with more equals no other file."""


@dataclass(frozen=True, slots=True)
class FurtherFrames:
    count: int
    """Frames, pages, layers and films beyond the first frame."""
    digest: bytes
    """A digest of their content, equal only where that is equal. Empty where ``count`` is 0."""


_NONE = FurtherFrames(0, b"")


def further_frames(data: bytes, extension: str, max_pixels: int = _MOST_PIXELS) -> FurtherFrames:
    """Count and hash what comes after the first frame.

    ``extension`` (lower case, no dot) tells TIFF from camera formats. Where frames cannot be read, or are too
    many, the digest is that of the whole file, so that only a file with the same bytes is equal. Raises
    ImageError (BROKEN) for what is no picture.
    """
    photo_format = sniff(data, extension)
    unique = hashlib.blake2b(data, digest_size=_DIGEST_SIZE)
    try:
        with decoding(photo_format.name):
            found = _found(data, photo_format, min(max_pixels, _MOST_PIXELS))
    except ImageError:
        return FurtherFrames(1, unique.digest())
    if found is None:
        return FurtherFrames(1, unique.digest())
    return found


def _found(data: bytes, photo_format: PhotoFormat, max_pixels: int) -> FurtherFrames | None:
    """None where there are further frames that are not decoded."""
    if photo_format is formats.JPEG:
        return _of_parts(list(_jpeg_parts(data)))
    if photo_format is formats.PSD:
        return _psd_layers(data)
    if photo_format is formats.JXL:
        with open_unread(data, photo_format) as image:
            return None if getattr(image, "is_animated", False) else _NONE
    if photo_format is formats.HEIC:
        return _heif(data, max_pixels)
    if photo_format is formats.PNG and b"acTL" not in data[: data.find(b"IDAT")]:
        return _NONE
    if photo_format is formats.WEBP and not (data[12:16] == b"VP8X" and data[20] & 0x02):
        return _NONE
    if photo_format is formats.AVIF and b"avis" not in data[: int.from_bytes(data[:4])]:
        return _NONE
    if photo_format.decoder is Decoder.PILLOW and photo_format.plugin in (
        "PNG",
        "WEBP",
        "GIF",
        "TIFF",
        "AVIF",
    ):
        with open_unread(data, photo_format) as image:
            return _decoded(image, max_pixels)
    return _NONE


def _decoded(image: Any, max_pixels: int) -> FurtherFrames | None:
    """Every frame after the first, as Pillow decodes it."""
    count = int(getattr(image, "n_frames", 1))
    if count <= 1:
        return _NONE
    if count > _MOST_FRAMES or count * image.width * image.height > max_pixels:
        return FurtherFrames(
            count - 1, hashlib.blake2b(image.fp.getbuffer(), digest_size=_DIGEST_SIZE).digest()
        )
    digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    left = max_pixels
    for number in range(1, count):
        image.seek(number)
        left -= image.width * image.height  # pages of a TIFF have sizes of their own
        if left < 0:
            return None
        image.load()
        digest.update(f"{image.mode} {image.width}x{image.height} {image.info.get('duration')}\n".encode())
        if image.palette is not None:
            digest.update(image.palette.tobytes())
        digest.update(image.tobytes())
    return FurtherFrames(count - 1, digest.digest())


def _of_parts(parts: list[bytes]) -> FurtherFrames:
    if not parts:
        return _NONE
    digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    for part in parts:
        digest.update(f"{len(part)}\n".encode())
        digest.update(part)
    return FurtherFrames(len(parts), digest.digest())


# --- JPEG: further images of the Multi-Picture Format, the film of a motion photo --------------------------


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """The encoded pictures and films that follow the first picture.

    Gain maps and previews are not counted: they show nothing that the first picture does not.
    """
    end = end_of_picture(data)
    if end is None or len(data) - end < 16:
        return
    with open_encoded(data, ("JPEG",)) as image:
        size = image.size
        yield from _further_pictures(data, image, size)
    film = data.find(b"ftyp", end + 4)
    if film >= 0:
        yield data[film - 4 :]


def _further_pictures(data: bytes, image: Any, size: tuple[int, int]) -> Iterator[bytes]:
    for picture in further_pictures(data, image._getmp()):
        if picture.is_alternative or (not picture.is_gain_map and _size_of(picture.jpeg) == size):
            yield picture.jpeg


def _size_of(jpeg: bytes) -> tuple[int, int] | None:
    try:
        with open_encoded(jpeg, ("JPEG",)) as image:
            return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


# --- other formats -----------------------------------------------------------------------------------------


def _psd_layers(data: bytes) -> FurtherFrames:
    """The section of layers and masks, as it is encoded (Adobe Photoshop File Formats Specification)."""
    wide = 8 if data[4:6] == b"\x00\x02" else 4  # PSB has longer lengths
    at = 26
    for _ in range(2):  # colour mode data, image resources
        at += 4 + int.from_bytes(data[at : at + 4])
    length = int.from_bytes(data[at : at + wide])
    section = data[at + wide : at + wide + length]
    layers = abs(int.from_bytes(section[wide : wide + 2], signed=True)) if len(section) > wide + 2 else 0
    if not layers:
        return _NONE
    return FurtherFrames(layers, hashlib.blake2b(section, digest_size=_DIGEST_SIZE).digest())


def _heif(data: bytes, max_pixels: int) -> FurtherFrames | None:
    """Sequences and the films of motion photos are not decoded; further pictures are."""
    # The kind of a last box counts also where its size is damaged.
    if {b"moov", b"mpvd"} & {box.kind for box in box_places(data)} or end_of_first_file(data) < len(data):
        return None
    with open_unread(data, formats.HEIC) as image:
        return _decoded(image, max_pixels)
