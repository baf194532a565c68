"""A model made of arithmetic, for tests that need an encoder but not a network.

It sees colours and the coarse layout of light: pictures that look alike get near vectors, and the
name of a colour finds pictures of that colour. Deterministic across runs and processes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import InputSpec, ModelInfo, Pixels, Vectors

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "orange": (255, 128, 0),
    "yellow": (255, 255, 0),
    "green": (0, 160, 0),
    "cyan": (0, 255, 255),
    "blue": (0, 0, 255),
    "purple": (128, 0, 160),
    "pink": (255, 150, 200),
    "brown": (120, 70, 20),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "white": (255, 255, 255),
}
"""Colour words the texts understand, and the colour that each means."""

_ROWS, _COLUMNS = 4, 5
_DIM = len(COLOURS) + _ROWS * _COLUMNS  # 32
_SIZE = 32
_SPREAD = 90.0  # levels of RGB distance over which a pixel still counts towards a colour


class FakeEncoder:
    """Implements :class:`safelight.core.encoder.Encoder`: 32 px in, 32 dimensions out.

    Two encoders with different ``name`` have different keys, as two models do. ``images_encoded``
    and ``texts_encoded`` count what was asked, so that a test can show that something was not.
    """

    def __init__(self, name: str = "fake", *, batch_size: int = 4) -> None:
        self._info = ModelInfo(
            key=f"{name}@00000000", name=name, dim=_DIM, device="cpu", title=f"Fake {name}"
        )
        self._batch_size = batch_size
        self.images_encoded = 0
        self.texts_encoded = 0

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def input_spec(self) -> InputSpec:
        return InputSpec(size=_SIZE)

    @property
    def batch_size(self) -> int:
        return self._batch_size

    def encode_images(self, batch: Pixels) -> Vectors:
        """Share of the picture near each colour, then lightness of each cell against the whole."""
        if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != (_SIZE, _SIZE, 3):
            raise ValueError(f"expected uint8 (n, {_SIZE}, {_SIZE}, 3), got {batch.dtype} {batch.shape}")
        self.images_encoded += len(batch)
        return _look(batch)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """The picture of the colours named, else a direction that depends on the text alone."""
        if any(not text.strip() for text in texts):
            raise ValueError("an empty text describes nothing")
        self.texts_encoded += len(texts)
        return np.stack([_read(text) for text in texts]) if texts else np.zeros((0, _DIM), np.float32)


def solid(colour: str, size: int = _SIZE) -> Pixels:
    """A picture, (size, size, 3), of one named colour."""
    return np.full((size, size, 3), COLOURS[colour], np.uint8)


def _look(batch: Pixels) -> Vectors:
    pixels = batch.astype(np.float64)
    palette = np.array(list(COLOURS.values()), np.float64)
    distance = np.linalg.norm(pixels[:, :, :, None, :] - palette, axis=-1)
    nearness = np.exp(-((distance / _SPREAD) ** 2)) + 1e-6  # never all zero, whatever the colour
    shares = (nearness / nearness.sum(-1, keepdims=True)).mean((1, 2))
    light = pixels.mean(-1) / 255
    cells = np.stack(
        [
            cell.mean((1, 2))
            for row in np.array_split(light, _ROWS, axis=1)
            for cell in np.array_split(row, _COLUMNS, axis=2)
        ],
        axis=1,
    )
    return _unit(np.concatenate([shares, cells - cells.mean(1, keepdims=True)], axis=1))


# Every library that is searched has the thousands of reference descriptions encoded.
@lru_cache(maxsize=20_000)
def _read(text: str) -> npt.NDArray[np.float32]:
    named = [word for word in re.findall(r"[a-z]+", text.lower()) if word in COLOURS]
    if named:
        direction = _look(np.stack([solid(word) for word in named])).sum(0)
    else:
        seed = int.from_bytes(hashlib.blake2b(text.casefold().encode(), digest_size=8).digest(), "big")
        direction = np.random.default_rng(seed).standard_normal(_DIM).astype(np.float32)
    unit: npt.NDArray[np.float32] = (direction / np.linalg.norm(direction)).astype(np.float32)
    unit.setflags(write=False)
    return unit


def _unit(vectors: npt.NDArray[np.float64]) -> Vectors:
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit
