"""Synthetic vectors and pictures that resemble a real library, generated from a seed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from safelight.core.encoder import Vectors

_CLUSTERS = 1000
_PIECE = 50_000
_KINDS = 4


class Clusters:
    """Unit vectors clustered around a thousand centres of unequal size, as photos are around subjects and
    occasions, in a space where some directions vary far more than others, as in CLIP.
    """

    def __init__(self, dim: int, seed: int = 0) -> None:
        self._dim = dim
        self._random = np.random.default_rng(seed)
        self._stretch = (1 / np.sqrt(1 + np.arange(dim) / 8)).astype(np.float32)
        self._centres = self._normal(_CLUSTERS)
        shares = 1 / np.arange(1, _CLUSTERS + 1)
        self._shares = shares / shares.sum()

    def rows(self, count: int) -> Iterator[Vectors]:
        """The given number of rows, float32 (n, dim), in chunks."""
        for start in range(0, count, _PIECE):
            size = min(_PIECE, count - start)
            kinds = self._random.choice(_CLUSTERS, size, p=self._shares)
            yield _unit(self._centres[kinds] + np.float32(0.8) * self._normal(size))

    def queries(self, count: int) -> Vectors:
        """Directions near random centres, (count, dim)."""
        kinds = self._random.choice(_CLUSTERS, count)
        return _unit(self._centres[kinds] + np.float32(0.8) * self._normal(count))

    def _normal(self, count: int) -> Vectors:
        rows = self._random.standard_normal((count, self._dim), dtype=np.float32)
        return np.asarray(rows * self._stretch, np.float32)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def write_pictures(folder: Path, count: int, size: tuple[int, int], seed: int = 0) -> int:
    """Write JPEGs like a camera's (quality 92, 4:2:0, an EXIF block) and return their total size in bytes.

    Detail decreases with frequency as in photographs (1/f), so that size and decoding time are realistic. A
    few pictures are generated; the others are shifted versions of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    width, height = size
    kinds = [scene(width, height, seed + kind) for kind in range(min(_KINDS, count))]
    total = 0
    for number in range(count):
        picture = kinds[number % len(kinds)]
        if number >= len(kinds):
            picture = ImageChops.offset(picture, 37 * number % width, 11 * number % height)
        exif = Image.Exif()
        exif[0x0110] = "Made up"
        exif[0x9003] = f"2024:{1 + number % 12:02}:{1 + number % 28:02} 12:00:{number % 60:02}"
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=92, exif=exif)
        (folder / f"{number:06}.jpg").write_bytes(data.getvalue())
        total += data.tell()
    return total


def scene(width: int, height: int, seed: int) -> Image.Image:
    """A picture with luminance noise at every scale and colour noise at coarse scales."""
    random = np.random.default_rng(seed)
    light = _noise(random, width, height, finest=width // 2)
    light += random.standard_normal((height, width), dtype=np.float32) * 4  # sensor noise
    planes = [light, *(_noise(random, width // 2, height // 2, finest=width // 32) for _ in range(2))]
    return Image.merge(
        "YCbCr",
        [
            Image.fromarray(np.clip(plane + 120, 0, 255).astype(np.uint8)).resize((width, height))
            for plane in planes
        ],
    )


def _noise(random: np.random.Generator, width: int, height: int, finest: int) -> npt.NDArray[np.float32]:
    """Each layer is twice as fine as the last, and weaker."""
    plane = np.zeros((height, width), np.float32)
    strength, cells = 45.0, 4
    while cells <= finest:
        layer = random.normal(0, strength, (max(2, cells * height // width), cells)).astype(np.float32)
        plane += np.asarray(Image.fromarray(layer).resize((width, height), Image.Resampling.BILINEAR))
        strength, cells = strength * 0.65, cells * 2
    return plane
