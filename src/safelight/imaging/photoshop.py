"""Prepares PSD files for Pillow, which reads 8 bits per sample and expects no channels beside the colours.

Photoshop stores saved selections and spot colours as further channels. Pillow takes the fourth channel of an
RGB picture for its transparency, and loses its place in compressed pictures with more channels than it
expects. It refuses 16 bits per sample.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

_HEADER = struct.Struct(">4sH6sHIIHH")
_COLOURS = {1: 1, 2: 1, 3: 3, 4: 4, 8: 1, 9: 3}
"""Channels of grey, indexed, RGB, CMYK, duotone and Lab."""
_RGB = 3
_RAW, _PACKED = 0, 1
_DEEP = 16
_DEEP_LAYERS = b"8BIMLr16"


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is known before the flattened picture, and where that begins."""

    channels: int
    height: int
    width: int
    bits: int
    mode: int
    layers: slice
    """The section of layers and masks."""
    picture: int

    @property
    def wanted(self) -> int:
        """Channels that are part of the picture."""
        return _COLOURS[self.mode]


def readable(data: bytes) -> bytes:
    """The file as Pillow reads it correctly, with its layers and metadata. Files that need no change, and
    damaged ones, are returned as they are.
    """
    try:
        layout = _layout(data)
        if layout is None:
            return data
        wanted = layout.wanted
        if layout.mode == _RGB and layout.channels > wanted and _is_transparent(data[layout.layers]):
            wanted += 1
        if layout.bits == 8 and layout.channels == wanted:
            return data
        planes = _planes(data, layout, wanted)
    except (ValueError, struct.error):
        return data
    header = _HEADER.pack(b"8BPS", 1, bytes(6), wanted, layout.height, layout.width, 8, layout.mode)
    return b"".join((header, data[_HEADER.size : layout.picture], planes))


def _layout(data: bytes) -> _Layout | None:
    """None for files that are left as they are."""
    signature, version, _, channels, height, width, bits, mode = _HEADER.unpack_from(data)
    if (signature, version) != (b"8BPS", 1) or bits not in (8, _DEEP) or channels < _COLOURS.get(mode, 99):
        return None
    if width * height > 2 * (Image.MAX_IMAGE_PIXELS or 0):
        return None  # refused by its size, before anything is decoded
    at = _HEADER.size
    for _ in range(3):  # palette, resources, layers
        begin = at + 4
        at = begin + int.from_bytes(data[at:begin])
    if at + 2 > len(data):
        return None
    return _Layout(channels, height, width, bits, mode, slice(begin, at), at)


def _is_transparent(layers: bytes) -> bool:
    """Whether the first channel after the colours is the transparency of the flattened picture: the number of
    layers is then negative.
    """
    at = layers.find(_DEEP_LAYERS)
    count = layers[at + 12 : at + 14] if at >= 0 else layers[4:6]
    return len(count) == 2 and int.from_bytes(count, signed=True) < 0


def _planes(data: bytes, layout: _Layout, wanted: int) -> bytes:
    """The flattened picture with its first channels only, of 8 bits. Raises ValueError."""
    compression = int.from_bytes(data[layout.picture : layout.picture + 2])
    at = layout.picture + 2
    row = layout.width * layout.bits // 8
    if compression == _RAW:
        content = data[at : at + wanted * layout.height * row]
        if layout.bits == 8:
            return bytes(2) + content
        return bytes(2) + b"".join(_reduced(content[plane]) for plane in _slices(wanted, layout.height * row))
    if compression != _PACKED:
        raise ValueError("a compression that flattened pictures do not have")
    rows = layout.channels * layout.height
    lengths = np.frombuffer(data, ">u2", rows, at).astype(np.int64)
    begin, kept = at + 2 * rows, wanted * layout.height
    end = begin + int(lengths[:kept].sum())
    if layout.bits == 8:
        return _PACKED.to_bytes(2) + data[at : at + 2 * kept] + data[begin:end]
    unpacked = Image.frombytes("L", (row, kept), data[begin:end], "packbits", "L")
    return bytes(2) + _reduced(unpacked.tobytes())


def _slices(count: int, size: int) -> Iterator[slice]:
    return (slice(number * size, (number + 1) * size) for number in range(count))


def _reduced(samples: bytes) -> bytes:
    """Samples of 16 bits as 8 bits."""
    deep = np.frombuffer(samples, ">u2").astype(np.uint32)
    return ((deep * 255 + 32_767) // 65_535).astype(np.uint8).tobytes()
