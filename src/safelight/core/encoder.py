"""The interface of a model: its input, its identity and its two encoders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""float32, shape (n, dim). Every row is finite and of unit length."""

Pixels = npt.NDArray[np.uint8]
"""8-bit sRGB, shape (height, width, 3), or (n, height, width, 3) for a batch."""

Resize = Literal["shortest", "longest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a picture becomes a model's input. The names are open_clip's.

    ``shortest`` scales the short side to ``size`` and crops the centre, ``longest`` scales the long side and
    pads with ``fill``, ``squash`` ignores the aspect ratio. The encoder applies mean and standard deviation,
    so that inputs are 8-bit between processes.
    """

    size: int = 224
    resize: Resize = "shortest"
    interpolation: Interpolation = "bicubic"
    fill: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Identity of a loaded model. Models with different keys never share vectors."""

    key: str
    """Stable identity: name and a digest of the weights, for example ``starter@1f3a9c0b``."""
    name: str
    dim: int
    device: str
    """``cuda``, ``mps`` or ``cpu``."""
    title: str = ""
    """Display name, for example ``Starter (built in)``."""
    memory: int = 0
    """Bytes used by the weights on the device, if known."""
    method: str = ""
    """How pictures are computed: ``float32``, ``float16``, ``bfloat16`` or ``int8``; empty if unknown."""
    folder: Path | None = None
    """The folder of its files; None for an encoder that is no installed model."""


class Encoder(Protocol):
    """A loaded model. Not thread-safe unless stated; callers use a lock."""

    @property
    def info(self) -> ModelInfo: ...

    @property
    def input_spec(self) -> InputSpec: ...

    @property
    def batch_size(self) -> int:
        """The fastest batch size on this device."""
        ...

    def encode_images(self, batch: Pixels) -> Vectors:
        """Uint8 (n, size, size, 3) to unit float32 (n, dim)."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """n non-empty strings to unit float32 (n, dim)."""
        ...
