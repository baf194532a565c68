"""What the rest of the program knows about a model: its input, its identity, its two encoders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Float32, shape (n, dim), every row of unit length and finite."""

Pixels = npt.NDArray[np.uint8]
"""RGB in sRGB, shape (height, width, 3), or (n, height, width, 3) for a batch."""

Resize = Literal["shortest", "longest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a picture becomes a model's input; the names are open_clip's.

    ``shortest`` scales the short side to ``size`` and crops the centre, ``longest`` scales the long
    side and pads with ``fill``, ``squash`` ignores the aspect ratio. The mean and standard deviation
    are applied by the encoder, so that what travels is 8-bit.
    """

    size: int = 224
    resize: Resize = "shortest"
    interpolation: Interpolation = "bicubic"
    fill: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Identity of a loaded model. Two models with different ``key`` never share vectors."""

    key: str
    """Stable identity: name and a digest of the weights, e.g. ``starter@1f3a9c0b``."""
    name: str
    dim: int
    device: str
    """``cuda``, ``mps`` or ``cpu``."""
    title: str = ""
    """What a person reads, e.g. ``Starter (built in)``."""
    memory: int = 0
    """Bytes that its weights take on the device, where that is known."""


class Encoder(Protocol):
    """A loaded model. Not thread-safe unless it says so; callers hold a lock."""

    @property
    def info(self) -> ModelInfo: ...

    @property
    def input_spec(self) -> InputSpec: ...

    @property
    def batch_size(self) -> int:
        """How many images at a time run fastest on this device."""
        ...

    def encode_images(self, batch: Pixels) -> Vectors:
        """Uint8 (n, size, size, 3) to unit float32 (n, dim)."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """n non-empty strings to unit float32 (n, dim)."""
        ...
