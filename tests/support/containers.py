"""Picture files in forms that no library at hand writes, put together from their parts."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from safelight.imaging.iso_boxes import boxes
from support.pictures import heic

_PROFILE = b"ICC_PROFILE\0"


# --- JPEG ---------------------------------------------------------------------------------------------------


def segments(jpeg: bytes) -> list[tuple[int, bytes]]:
    """The marker segments before the first scan, as (marker, content), and the rest under marker 0xDA."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        length = int.from_bytes(jpeg[at + 2 : at + 4])
        found.append((jpeg[at + 1], jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
    return [*found, (0xDA, jpeg[at + 2 :])]


def jpeg_of(parts: Sequence[tuple[int, bytes]]) -> bytes:
    """The JPEG of :func:`segments`."""
    made = [b"\xff\xd8"]
    for marker, content in parts:
        length = b"" if marker == 0xDA else (len(content) + 2).to_bytes(2)
        made.append(bytes((0xFF, marker)) + length + content)
    return b"".join(made)


def with_profile_in_pieces(jpeg: bytes, profile: bytes, count: int, order: Sequence[int]) -> bytes:
    """The JPEG with a colour profile that is divided into ``count`` segments, stored in this order."""
    size = -(-len(profile) // count)
    pieces = [
        (0xE2, _PROFILE + bytes((at + 1, count)) + profile[at * size : (at + 1) * size])
        for at in range(count)
    ]
    others = [part for part in segments(jpeg) if part[0] != 0xE2]
    return jpeg_of([others[0], *(pieces[at] for at in order), *others[1:]])


# --- PNG ----------------------------------------------------------------------------------------------------


def png(width: int, height: int, depth: int, colour: int, rows: Sequence[bytes], **more: bytes) -> bytes:
    """A PNG of packed rows. ``more``: further chunks before the pixels by name; ``after_…`` behind them."""
    before = [(name.encode(), content) for name, content in more.items() if "_" not in name]
    after = [(name[6:].encode(), content) for name, content in more.items() if name.startswith("after_")]
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    every = [(b"IHDR", header), *before, (b"IDAT", packed), *after, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in every
    )


# --- HEIC ---------------------------------------------------------------------------------------------------


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def _find(data: bytes | memoryview, *path: bytes) -> bytes:
    """The content of the first box at a path of types."""
    kind, *rest = path
    content = next(content for each, content in boxes(data) if each == kind)
    if not rest:
        return bytes(content)
    return _find(content[4:] if kind == b"meta" else content, *rest)


def heic_grid(pixels: npt.NDArray[np.uint8], columns: int, rows: int, *, angle: int = 0) -> bytes:
    """A HEIC whose picture is a grid of tiles of equal size, turned anticlockwise by quarters."""
    height, width = pixels.shape[0] // rows, pixels.shape[1] // columns
    tiles = [
        heic(
            Image.fromarray(pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]),
            quality=-1,
            chroma=444,
        )
        for row in range(rows)
        for column in range(columns)
    ]
    encoded = [_find(tile, b"mdat") for tile in tiles]
    configuration = _box(b"hvcC", _find(tiles[0], b"meta", b"iprp", b"ipco", b"hvcC"))
    tile_size, whole_size = (
        _box(b"ispe", struct.pack(">III", 0, *size))
        for size in ((width, height), (columns * width, rows * height))
    )
    colours = _box(b"colr", _find(tiles[0], b"meta", b"iprp", b"ipco", b"colr"))
    depth = _box(b"pixi", struct.pack(">IBBBB", 0, 3, 8, 8, 8))
    count, grid = len(tiles), len(tiles) + 1
    ipco = _box(
        b"ipco", configuration + tile_size + whole_size + colours + depth + _box(b"irot", bytes((angle,)))
    )
    ipma = struct.pack(">II", 0, count + 1)
    for item in range(1, count + 1):
        ipma += struct.pack(">HBBBB", item, 3, 0x80 | 1, 2, 4)
    ipma += struct.pack(">HBBBBB", grid, 4, 3, 4, 5, 0x80 | 6)
    description = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, columns * width, rows * height)
    infos = b"".join(
        _box(b"infe", struct.pack(">BBHHH4sB", 2, 0, 1 if item != grid else 0, item, 0, kind, 0))
        for item, kind in [*((item, b"hvc1") for item in range(1, count + 1)), (grid, b"grid")]
    )
    references = _box(b"dimg", struct.pack(f">HH{count}H", grid, count, *range(1, count + 1)))
    handler = _box(b"hdlr", struct.pack(">II4s12xB", 0, 0, b"pict", 0))

    def places(offset: int) -> bytes:
        made = struct.pack(">IHH", 0x01000000, 0x4400, count + 1)
        for item, content in enumerate(encoded, 1):
            made += struct.pack(">HHHHII", item, 0, 0, 1, offset, len(content))
            offset += len(content)
        return _box(b"iloc", made + struct.pack(">HHHHII", grid, 1, 0, 1, 0, len(description)))

    def meta(offset: int) -> bytes:
        content = handler + _box(b"pitm", struct.pack(">IH", 0, grid)) + places(offset)
        content += _box(b"iinf", struct.pack(">IH", 0, count + 1) + infos) + _box(
            b"iref", bytes(4) + references
        )
        content += _box(b"iprp", ipco + _box(b"ipma", ipma)) + _box(b"idat", description)
        return _box(b"meta", bytes(4) + content)

    brand = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return brand + meta(len(brand) + len(meta(0)) + 8) + _box(b"mdat", b"".join(encoded))


# --- GIF ----------------------------------------------------------------------------------------------------


def gif(
    size: tuple[int, int], palette: Sequence[tuple[int, int, int]], frames: Sequence[dict[str, Any]]
) -> bytes:
    """An animation of patches: dictionaries of ``at``, ``size``, ``colour`` (a number of the palette of four
    colours, 0 being transparent) and ``disposal``.
    """
    made = b"GIF89a" + struct.pack("<HHBBB", *size, 0xF1, 0, 0)
    made += b"".join(bytes(colour) for colour in palette) + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    for frame in frames:
        made += b"\x21\xf9\x04" + struct.pack("<BHBB", frame["disposal"] << 2 | 1, 10, 0, 0)
        (left, top), (width, height) = frame["at"], frame["size"]
        made += b"\x2c" + struct.pack("<HHHHB", left, top, width, height, 0)
        made += b"\x02" + _lzw([frame["colour"]] * (width * height)) + b"\0"
    return made + b"\x3b"


def _lzw(codes: Sequence[int]) -> bytes:
    """Codes of two bits without compression: the dictionary is cleared before it makes codes longer."""
    bits = 0
    held = 0
    for place, code in enumerate(codes):
        for each in (4, code) if place % 2 == 0 else (code,):
            bits |= each << held
            held += 3
    bits |= 5 << held
    data = bits.to_bytes(-(-(held + 3) // 8), "little")
    return b"".join(
        bytes((len(data[at : at + 255]),)) + data[at : at + 255] for at in range(0, len(data), 255)
    )
