"""TIFF pictures of every kind of sample, against the values that were written."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
import pytest

from safelight.imaging.read import load_bytes

RAMP = np.linspace(0, 1, 256)[None, :, None] * np.array([1.0, 0.6, 0.3])[None, None, :] * np.ones((16, 1, 1))
"""A linear ramp of an orange, (16, 256, 3), 0 to 1."""

RGB, CMYK = 2, 5
"""Values of the tag PhotometricInterpretation."""


def tiff(samples: npt.NDArray[np.generic], photometric: int, alpha: bool = False) -> bytes:
    """An uncompressed little-endian TIFF of samples (height, width, channels)."""
    height, width, channels = samples.shape
    bits = samples.dtype.itemsize * 8
    data = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    numbers: list[tuple[int, int, list[int]]] = [
        *((256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels), (259, 3, [1])),
        *((262, 3, [photometric]), (273, 4, [0]), (277, 3, [channels]), (278, 4, [height])),
        (279, 4, [len(data)]),
        *([(338, 3, [2])] if alpha else []),
    ]
    end = 8 + 2 + 12 * len(numbers) + 4
    beyond = b"".join(
        struct.pack(f"<{len(values)}H", *values)
        for _, kind, values in numbers
        if kind == 3 and len(values) > 2
    )
    directory, at = b"", end
    for tag, kind, values in numbers:
        if tag == 273:
            field = struct.pack("<I", end + len(beyond))
        elif kind == 4:
            field = struct.pack("<I", values[0])
        elif len(values) <= 2:
            field = struct.pack(f"<{len(values)}H", *values).ljust(4, b"\0")
        else:
            field, at = struct.pack("<I", at), at + 2 * len(values)
        directory += struct.pack("<HHI", tag, kind, len(values)) + field
    return b"II*\0" + struct.pack("<IH", 8, len(numbers)) + directory + bytes(4) + beyond + data


def opaque(samples: npt.NDArray[np.generic], value: int) -> npt.NDArray[np.generic]:
    return np.concatenate([samples, np.full((*samples.shape[:2], 1), value, samples.dtype)], axis=2)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tiff((RAMP * 255).round().astype(np.uint8), RGB), id="RGB, 8 bits"),
        pytest.param(tiff((RAMP * 65535).round().astype(np.uint16), RGB), id="RGB, 16 bits"),
        pytest.param(
            tiff(opaque((RAMP * 65535).round().astype(np.uint16), 65535), RGB, alpha=True), id="RGBA, 16 bits"
        ),
        pytest.param(tiff(opaque(((1 - RAMP) * 255).round().astype(np.uint8), 0), CMYK), id="CMYK, 8 bits"),
        pytest.param(
            tiff(opaque(((1 - RAMP) * 65535).round().astype(np.uint16), 0), CMYK), id="CMYK, 16 bits"
        ),
    ],
)
def test_a_ramp_keeps_its_values_within_two_levels(data: bytes) -> None:
    pixels, _ = load_bytes(data, None)
    assert np.abs(pixels - (RAMP * 255)).max() <= 2
