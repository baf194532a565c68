"""The drawing in ``tests/data/formats``, as exact pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).resolve().parents[1] / "data" / "formats"

Pixels = npt.NDArray[np.uint8]

_WIDTH, _HEIGHT = 96, 64
_CELL = 16
_BLURRED = 3
"""Pixels beside an edge that colour of half resolution reaches."""

HALF_RESOLUTION_COLOUR = ("lossy.webp", "ten_bits.avif")

_COLOURS = (
    (0, 0, 0), (64, 64, 64), (128, 128, 128), (192, 192, 192), (255, 255, 255), (200, 40, 40),
    (40, 180, 60), (40, 60, 200), (220, 200, 40), (180, 60, 180), (60, 190, 200), (240, 150, 90),
    (120, 80, 50), (90, 110, 70), (230, 200, 190), (30, 40, 70), (250, 120, 20), (170, 210, 240),
)  # fmt: skip


def drawing() -> Pixels:
    """24 flat squares of different colours, (64, 96, 3). No turn or mirroring of it equals another."""
    image = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    columns = _WIDTH // _CELL
    for number in range(columns * (_HEIGHT // _CELL)):
        row, column = divmod(number, columns)
        colour = _COLOURS[number * 7 % len(_COLOURS)]
        image[row * _CELL : (row + 1) * _CELL, column * _CELL : (column + 1) * _CELL] = colour
    return image


def with_alpha() -> Pixels:
    """The drawing with an opacity that falls in steps from the top to the bottom, (64, 96, 4)."""
    alpha = np.repeat(np.array((255, 170, 85, 0), np.uint8), _CELL)
    return np.dstack((drawing(), np.repeat(alpha[:, None], _WIDTH, axis=1)))


def on_white() -> Pixels:
    """:func:`with_alpha` as it looks on a white page."""
    pixels = with_alpha().astype(np.float64)
    opacity = pixels[..., 3:] / 255
    return np.round(pixels[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)


def in_grey() -> Pixels:
    """The drawing in grey, with the weights of BT.601 that JPEG and Pillow use."""
    grey = np.round(drawing().astype(np.float64) @ (0.299, 0.587, 0.114)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def expected(name: str) -> Pixels:
    """What a sample shows, as sRGB (64, 96, 3)."""
    if name.startswith(("alpha", "palette")):
        return on_white()
    if name.startswith(("grey", "deep", "float")):
        return in_grey()
    return drawing()


def mean_difference(name: str, pixels: Pixels) -> float:
    """Mean difference in levels between what a decoder returned for a sample and what the sample shows.

    Where colour is stored at half resolution, the edges of the squares are blurred in the file itself, so
    that only the inside of the squares is compared.
    """
    difference = np.abs(pixels.astype(np.int16) - expected(name))
    if name in HALF_RESOLUTION_COLOUR:
        place = np.arange(_CELL)
        inside = (place >= _BLURRED) & (place < _CELL - _BLURRED)
        difference = difference[np.tile(inside, _HEIGHT // _CELL)][:, np.tile(inside, _WIDTH // _CELL)]
    return float(difference.mean())


def srgb_to_linear(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Light from 0 to 1 of sRGB levels from 0 to 255."""
    share = values.astype(np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
