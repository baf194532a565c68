"""Rows of a table of token vectors, read from the weights file as they are needed. No torch here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_EIGHT_BITS = "F8_E4M3"
"""8-bit floating point. numpy has no such type, so safetensors does not give it to numpy."""


class TokenTable:
    """A two-dimensional tensor in a safetensors file, of which a text needs only a few rows."""

    def __init__(self, weights: Path, file: Any, name: str) -> None:
        """``file`` is ``weights`` opened with ``safe_open(…, "np")``. Raises SafetensorError, OSError,
        KeyError, TypeError or ValueError where the file does not hold the tensor."""
        self._slice = file.get_slice(name)
        rows, width = self._slice.get_shape()
        self.shape = (int(rows), int(width))
        self._bytes: npt.NDArray[np.uint8] | None = None
        if self._slice.get_dtype() == _EIGHT_BITS:
            self._bytes = _mapped(weights, name, self.shape)

    def rows(self, numbers: Sequence[int]) -> Floats:
        """(n, width) float32."""
        if self._bytes is not None:
            return np.asarray(_VALUES[self._bytes[list(numbers)]], np.float32)
        parts = [self._slice[number : number + 1] for number in numbers]
        return np.concatenate(parts).astype(np.float32)


def _mapped(weights: Path, name: str, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The tensor's bytes, mapped into memory. They are found by the file's header: eight bytes with its
    length, then JSON."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        start, end = json.loads(file.read(length))[name]["data_offsets"]
    if end - start != shape[0] * shape[1]:
        raise ValueError(f"{name} is not of its own shape")
    return np.memmap(weights, np.uint8, mode="r", offset=8 + length + start, shape=shape)


def _e4m3() -> Floats:
    """The value of every byte in E4M3 without infinities (Micikevicius et al., "FP8 Formats for Deep
    Learning", 2022): a sign, four bits of exponent with a bias of 7, three bits of fraction."""
    codes = np.arange(256)
    exponent, fraction = (codes >> 3) & 15, (codes & 7) / 8
    normal = 2.0 ** (exponent - 7) * (1 + fraction)
    values = np.where(exponent > 0, normal, 2.0**-6 * fraction)
    values[(codes & 127) == 127] = np.nan
    return np.where(codes < 128, values, -values).astype(np.float32)


_VALUES = _e4m3()
