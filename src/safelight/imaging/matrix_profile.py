"""ICC profiles of RGB colours that are described by numbers instead of a profile."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
"""A chromaticity: x and y of CIE 1931."""

_D65: Point = (0.3127, 0.3290)
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_LEAST_VOLUME = 1e-3
"""Determinant of the primaries, each with a luminance of 1; that of sRGB is 19."""
_ENTRIES = 1024
"""Entries of the table of a transfer curve."""


class Primaries(NamedTuple):
    """The chromaticities of an RGB colour space."""

    red: Point
    green: Point
    blue: Point
    white: Point = _D65

    def to_d50(self) -> npt.NDArray[np.float64]:
        """The matrix (3, 3) from linear RGB to XYZ, adapted to D50 with the Bradford method.

        Raises ValueError for chromaticities that do not span a colour space.
        """
        if any(y <= 0 for _, y in self):
            raise ValueError("a chromaticity without light")
        columns = np.array([_xyz(point) for point in self[:3]]).T
        white = _xyz(self.white)
        if abs(np.linalg.det(columns)) < _LEAST_VOLUME:
            raise ValueError("the chromaticities are nearly on one line")
        matrix = columns * np.linalg.solve(columns, white)
        response, wanted = _BRADFORD @ white, _BRADFORD @ _D50
        if min(response) <= 0:
            raise ValueError("the chromaticity of white is no visible colour")
        adapted = np.linalg.inv(_BRADFORD) @ np.diag(wanted / response) @ _BRADFORD @ matrix
        return np.asarray(adapted, np.float64)


SRGB = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3 = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
BT2020 = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))


def srgb_curve() -> npt.NDArray[np.float64]:
    """Linear light for equally spaced values of sRGB from 0 to 1."""
    values = np.linspace(0, 1, _ENTRIES)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def gamma_curve(gamma: float) -> npt.NDArray[np.float64]:
    """Linear light for equally spaced values from 0 to 1 that were encoded with ``1 / gamma``."""
    return np.linspace(0, 1, _ENTRIES) ** gamma


def matrix_profile(primaries: Primaries, curve: Sequence[float] | npt.NDArray[np.float64]) -> bytes:
    """An ICC display profile (version 2.1) of ``primaries``. ``curve`` is linear light, 0 to 1, for equally
    spaced values. Raises ValueError for primaries that are no colour space.
    """
    keys = (b"rXYZ", b"gXYZ", b"bXYZ")
    columns = primaries.to_d50().T
    colours = {key: _numbers(column) for key, column in zip(keys, columns, strict=True)}
    return _written(b"RGB ", colours, (b"rTRC", b"gTRC", b"bTRC"), curve)


def grey_profile(curve: Sequence[float] | npt.NDArray[np.float64]) -> bytes:
    """Like :func:`matrix_profile`, for pictures without colours."""
    return _written(b"GRAY", {}, (b"kTRC",), curve)


def _written(
    space: bytes,
    colours: Mapping[bytes, bytes],
    curves: Sequence[bytes],
    curve: Sequence[float] | npt.NDArray[np.float64],
) -> bytes:
    levels = np.clip(np.round(np.asarray(curve) * 65535), 0, 65535).astype(">u2")
    table = b"curv\0\0\0\0" + struct.pack(">I", len(levels)) + levels.tobytes()
    name = b"RGB\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    values = {b"desc": description, b"cprt": b"text\0\0\0\0None\0", b"wtpt": _numbers(_D50)}
    values |= colours
    count = len(values) + len(curves)
    entries, body = struct.pack(">I", count), b""
    start = 128 + 4 + 12 * count
    for key, value in values.items():
        entries += key + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    for key in curves:  # one table for all
        entries += key + struct.pack(">II", start + len(body), len(table))
    body += table + bytes(-len(table) % 4)
    header = struct.pack(">I4sI", start + len(body), b"\0\0\0\0", 0x02100000) + b"mntr" + space + b"XYZ "
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += struct.pack(">3i", *(round(value * 65536) for value in _D50))
    return header.ljust(128, b"\0") + entries + body


def _xyz(point: Point) -> npt.NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _numbers(values: npt.NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + (np.clip(values, -32_767, 32_767) * 65536).round().astype(">i4").tobytes()
