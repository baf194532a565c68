"""Searching the vectors of an earlier version of a model with its successor.

When an update replaces a model's weights, the library still holds the vectors of the old ones, and the old
model is gone. A *bridge* in the new model's folder is a linear map from the new space into the old one, so
that the old vectors answer searches until the photos have been read again. No torch here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Encoder, InputSpec, ModelInfo, Pixels, Vectors
from safelight.embedding.companion_files import read_companion

BRIDGE_NAME = "bridge.safetensors"

Matrix = npt.NDArray[np.float32]


class TextEncoder(Protocol):
    """Encodes texts like a model, without loading it."""

    @property
    def memory(self) -> int:
        """Bytes that its weights occupy."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """n non-empty strings to unit float32 (n, dim)."""
        ...


@dataclass(frozen=True, slots=True)
class Bridge:
    """Linear maps from the space of a model to the space of its predecessor."""

    key: str
    """The key of the predecessor, under which its vectors are stored."""
    texts: Matrix
    """(old dim, new dim), for vectors of texts."""
    pictures: Matrix
    """(old dim, new dim), for vectors of pictures."""

    @property
    def name(self) -> str:
        return self.key.partition("@")[0]

    @property
    def dim(self) -> int:
        """Length of the predecessor's vectors."""
        return len(self.texts)


def bridge_of(folder: Path) -> Bridge | None:
    """The bridge of the model in ``folder``; None if there is none or it is damaged."""
    found = read_companion(folder / BRIDGE_NAME, ("texts", "pictures"))
    if found is None or "key" not in found.metadata:
        return None
    texts, pictures = found.tensors
    return Bridge(found.metadata["key"], texts, pictures)


class BridgedTexts:
    """Encodes texts approximately as the predecessor did."""

    def __init__(self, texts: TextEncoder, bridge: Bridge) -> None:
        self._texts = texts
        self._bridge = bridge

    @property
    def memory(self) -> int:
        return self._texts.memory + self._bridge.texts.nbytes

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return _mapped(self._texts.encode_texts(texts), self._bridge.texts)


class BridgedEncoder:
    """Implements :class:`safelight.core.encoder.Encoder` for the predecessor's space. Thread-safe where the
    encoder is."""

    def __init__(self, encoder: Encoder, bridge: Bridge) -> None:
        self._encoder = encoder
        self._bridge = bridge
        self._info = replace(encoder.info, key=bridge.key, dim=bridge.dim, folder=None)

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def input_spec(self) -> InputSpec:
        return self._encoder.input_spec

    @property
    def batch_size(self) -> int:
        return self._encoder.batch_size

    def encode_images(self, batch: Pixels) -> Vectors:
        return _mapped(self._encoder.encode_images(batch), self._bridge.pictures)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return _mapped(self._encoder.encode_texts(texts), self._bridge.texts)


def _mapped(vectors: Vectors, matrix: Matrix) -> Vectors:
    mapped = vectors @ matrix.T
    lengths = np.linalg.norm(mapped, axis=1, keepdims=True)
    return np.asarray(mapped / np.maximum(lengths, 1e-12), np.float32)
