"""Converts the colours of any file to 8-bit sRGB."""

from __future__ import annotations

import functools
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

# Modes that can be scaled directly and that a profile may apply to.
_PLAIN = frozenset(("L", "RGB", "CMYK", "LAB"))
_DEEP = frozenset(("I;16", "I;16L", "I;16B", "I;16N", "I", "F"))

_SAME = 2
"""Two renderings of a colour that differ by at most this many levels count as equal."""


_SQUARES = 64
"""Squares of a checkerboard along the long side of a picture: the same at every resolution."""
_LIGHT, _DARK = 255, 216
"""Their levels of grey."""


def to_srgb(
    image: Image.Image, profile: bytes | None = None, reduction: int = 1, *, checkered: bool = False
) -> Image.Image:
    """An RGB image in sRGB without metadata, reduced by ``reduction`` in each direction (a box filter).

    Transparency is shown on white: transparent drawings are mostly made for white pages, and on black, which
    is the result of dropping the alpha channel, dark text disappears. To look at a picture, it may be
    ``checkered``, so that white on transparent is visible too. A profile that cannot be used is
    ignored, as in other viewers.
    """
    plain = _flatten(_to_eight_bits(image), checkered=checkered)
    if reduction > 1:
        plain = plain.reduce(reduction)
    rgb = _through_profile(plain, profile)
    if rgb is image:
        rgb = image.copy()
    rgb.info = {}
    return rgb


def _to_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode == "1":
        return image.convert("L")
    if image.mode not in _DEEP:
        return image
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        grey = Image.fromarray((values >> 8).astype(np.uint8))
        transparent = image.info.get("transparency")
        if not isinstance(transparent, int):
            return grey
        alpha = np.where(values == transparent, 0, 255).astype(np.uint8)
        return Image.merge("LA", [grey, Image.fromarray(alpha)])
    return Image.fromarray(scale_to_bytes(values))


def scale_to_bytes(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Map 32-bit integers or floats to 0..255.

    The file does not state the value of white. Tries 1.0 (for floats, with some tolerance), 255, and 65535 or
    what the integer type can hold if that is less, and otherwise stretches from the minimum to the maximum.
    """
    floats = np.nan_to_num(values.astype(np.float32, copy=False), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(floats.min()), float(floats.max())
    black, white = low, high
    if values.dtype.kind == "f" and low >= -0.5 and high <= 1.5:
        black, white = 0.0, 1.0
    elif values.dtype.kind == "f" and low >= 0 and high <= 255:
        black, white = 0.0, 255.0
    elif low >= 0 and high <= 65535:
        black, white = 0.0, 65535.0
        if values.dtype.kind in "iu":
            white = min(white, 2.0 ** (8 * values.dtype.itemsize - (values.dtype.kind == "i")) - 1)
    with np.errstate(over="ignore"):
        scaled = (floats - np.float32(black)) * np.float32(255.0 / max(white - black, 1e-30))
    rounded: npt.NDArray[np.float32] = np.clip(np.nan_to_num(scaled) + 0.5, 0, 255)
    return rounded.astype(np.uint8)


def _flatten(image: Image.Image, *, checkered: bool) -> Image.Image:
    """Resolve palettes and put transparent images on a page. Other modes are unchanged."""
    if image.has_transparency_data:
        return _on_page(image, checkered=checkered)
    if image.mode in _PLAIN:
        return image
    return image.convert("RGB")  # P, RGBX, YCbCr, HSV


def _on_page(image: Image.Image, *, checkered: bool) -> Image.Image:
    grey = image.mode in ("LA", "La")
    with_alpha = image.convert("LA" if grey else "RGBA")
    alpha = with_alpha.getchannel("A")
    base = "L" if grey else "RGB"
    if alpha.getextrema() == (255, 255):
        return with_alpha.convert(base)
    page = _checkerboard(image.size).convert(base) if checkered else Image.new(base, image.size, "white")
    page.paste(with_alpha.convert(base), mask=alpha)
    return page


def _checkerboard(size: tuple[int, int]) -> Image.Image:
    side = max(1, -(-max(size) // _SQUARES))
    columns, rows = (np.arange(length) // side for length in size)
    is_dark = (columns[None, :] + rows[:, None]) % 2 == 1
    return Image.fromarray(np.where(is_dark, _DARK, _LIGHT).astype(np.uint8))


def _through_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode == "LAB":
        return _lab_transform().apply(image)
    transform = _transform(profile, image.mode) if profile else None
    return image.convert("RGB") if transform is None else transform.apply(image)


# A library has few different profiles and very many pictures, and building a transform takes as long
# as applying it to a thumbnail.
@functools.lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform from a picture's profile to sRGB, or None if it cannot be used or would change
    nothing.
    """
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None  # damaged, or made for another colour mode
    probe = _probe().convert(mode)
    difference = np.asarray(transform.apply(probe), dtype=np.int16) - np.asarray(probe.convert("RGB"))
    return None if np.abs(difference).max() <= _SAME else transform


def _probe() -> Image.Image:
    """Colours from all over the RGB cube. A profile is recognised by its effect on them rather than by
    its name.
    """
    levels = np.arange(0, 256, 51, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
    return Image.fromarray(cube.reshape(1, -1, 3))


@functools.cache
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
