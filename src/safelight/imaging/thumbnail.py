"""The thumbnail shown in the grid, and the colour shown while it loads."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

from PIL import Image

from safelight.core.encoder import Pixels
from safelight.imaging.encoded import open_thumbnail

THUMBNAIL_SIDE = 384
"""Maximum long side in pixels."""

_QUALITY = 82
_PICTURE_QUALITY = 88

Made = TypeVar("Made")


def shrink(image: Image.Image, side: int, *, smooth: bool = False) -> Image.Image:
    """``image`` reduced to a long side of at most ``side``, with its aspect ratio. Never enlarged, never
    empty. ``smooth`` takes longer, for pictures that are kept.
    """
    longest = max(image.size)
    if longest <= side:
        return image
    width, height = (max(1, round(length * side / longest)) for length in image.size)
    if smooth:
        return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image.resize((width, height), Image.Resampling.HAMMING, reducing_gap=2.0)


def encode_thumbnail(image: Image.Image, side: int = THUMBNAIL_SIDE) -> bytes:
    """A baseline JPEG (4:2:0, about 20 kB at 384 px) of an RGB image, its long side at most ``side``."""
    buffer = BytesIO()
    # comment: otherwise Pillow copies the original's comment into the thumbnail.
    shrink(image, side).save(
        buffer, "JPEG", quality=_QUALITY, subsampling="4:2:0", progressive=False, comment=b""
    )
    return buffer.getvalue()


def encode_jpeg(pixels: Pixels) -> bytes:
    """A JPEG of sRGB pixels, uint8 (h, w, 3), without any metadata."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_PICTURE_QUALITY)
    return buffer.getvalue()


def shrunk_thumbnail(data: bytes, side: int) -> bytes:
    """A stored thumbnail with a long side of at most ``side`` pixels, as a JPEG. Raises OSError, ValueError
    or SyntaxError for damaged data."""
    with open_thumbnail(data) as image:
        return encode_thumbnail(shrink(image.convert("RGB"), side))


def decode_thumbnail(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and pixels (8-bit RGB, row by row without padding). Raises OSError, ValueError or
    SyntaxError for damaged data. Releases Python's lock while decoding.
    """
    with open_thumbnail(data) as image:
        picture = image.convert("RGB")
    return picture.width, picture.height, picture.tobytes()


def mean_colour(image: Image.Image) -> int:
    """The mean of an RGB image as 0xRRGGBB."""
    pixel = image.resize((1, 1), Image.Resampling.BOX).tobytes()
    return int.from_bytes(pixel)


def read_thumbnail(jpeg: bytes, make: Callable[[bytes], Made]) -> Made | None:
    """The result of ``make`` for an encoded thumbnail; None where the thumbnail is damaged."""
    try:
        return make(jpeg)
    except (OSError, ValueError, SyntaxError, EOFError):
        return None
