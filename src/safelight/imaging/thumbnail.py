"""The small picture shown in the grid, and the colour shown until it is there."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from safelight.imaging.encoded import open_thumbnail

THUMBNAIL_SIDE = 384
"""Pixels of the long side, at most."""

_QUALITY = 82


def shrink(image: Image.Image, side: int) -> Image.Image:
    """``image`` with its long side at most ``side``, aspect kept; never enlarged, never empty."""
    longest = max(image.size)
    if longest <= side:
        return image
    width, height = (max(1, round(length * side / longest)) for length in image.size)
    return image.resize((width, height), Image.Resampling.HAMMING, reducing_gap=2.0)


def encode_thumbnail(image: Image.Image) -> bytes:
    """A baseline JPEG (4:2:0, about 20 kB) of an RGB image, long side at most THUMBNAIL_SIDE."""
    buffer = BytesIO()
    # comment: Pillow would copy the original's into the thumbnail.
    shrink(image, THUMBNAIL_SIDE).save(
        buffer, "JPEG", quality=_QUALITY, subsampling="4:2:0", progressive=False, comment=b""
    )
    return buffer.getvalue()


def decode_thumbnail(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and the pixels, 8 bits each of red, green and blue, row by row without padding. Raises
    OSError, ValueError or SyntaxError for anything damaged. Other threads go on meanwhile."""
    with open_thumbnail(data) as image:
        picture = image.convert("RGB")
    return picture.width, picture.height, picture.tobytes()


def mean_colour(image: Image.Image) -> int:
    """The mean of an RGB image as 0xRRGGBB."""
    pixel = image.resize((1, 1), Image.Resampling.BOX).tobytes()
    return int.from_bytes(pixel)
