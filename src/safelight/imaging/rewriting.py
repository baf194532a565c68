"""Gives a JPEG or PNG other metadata without touching its pixels.

Only the blocks that decide what the picture looks like are kept, without anything else that they contain, and
the metadata that are given are added. What follows the picture, such as the video of a motion photo or a
second picture, is removed too: it has metadata of its own.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.jpeg_markers import XMP_HEADER
from safelight.imaging.neutral_profile import neutral_profile

_PROFILE_HEADER = b"ICC_PROFILE\0"
_MOST_IN_SEGMENT = 65_533
_MOST_OF_PROFILE = _MOST_IN_SEGMENT - len(_PROFILE_HEADER) - 2
_JPEG_KEPT = frozenset((*range(0xC0, 0xD0), 0xD9, 0xDA, 0xDB, 0xDC, 0xDD)) - {0xC8}
"""Markers of tables, frames and scans, and of the end."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = dict.fromkeys((b"IDAT", b"fdAT"), 2**31) | {
    b"IHDR": 13,
    b"PLTE": 768,
    b"IEND": 0,
    b"tRNS": 256,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"cICP": 4,
    b"sBIT": 4,
    b"bKGD": 6,
    b"pHYs": 9,
    b"acTL": 8,
    b"fcTL": 26,
}
"""Chunks that decide what the picture looks like, and the most bytes that they can need."""
_MOST_BYTES_OF_PROFILE = 32 * 2**20


def rewritten_jpeg(data: bytes, exif: bytes, xmp: bytes) -> bytes:
    """``exif`` begins with ``Exif\\0\\0``, as Pillow makes it; empty blocks are left out.

    Raises ImageError (BROKEN) for what is no complete JPEG, and for blocks that do not fit into one.
    """
    segments = list(_segments(data))
    head, profile = [b"\xff\xd8"], _profile_of(segments)
    for block in (exif, XMP_HEADER + xmp if xmp else b""):
        if len(block) > _MOST_IN_SEGMENT:
            raise ImageError(FailureKind.TOO_LARGE, "Its titles, captions and tags are too long for a JPEG.")
        if block:
            head.append(_segment(0xE1, block))
    if profile is not None:
        pieces = [profile[at : at + _MOST_OF_PROFILE] for at in range(0, len(profile), _MOST_OF_PROFILE)]
        head += [
            _segment(0xE2, _PROFILE_HEADER + bytes((number, len(pieces))) + piece)
            for number, piece in enumerate(pieces, 1)
        ]
    return b"".join((*head, *(_kept(marker, segment) for marker, segment in segments)))


def rewritten_png(data: bytes, exif: bytes, xmp: bytes) -> bytes:
    """Rewrite a PNG as :func:`rewritten_jpeg` does a JPEG."""
    if not data.startswith(_PNG):
        raise _broken()
    parts, at = [_PNG], len(_PNG)
    while True:
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or len(kind) < 4:
            raise _broken()
        if length <= _PNG_KEPT.get(kind, -1):
            parts.append(data[at:end])
        if kind == b"IHDR":
            if exif:
                parts.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
            if xmp:
                parts.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
        if kind == b"iCCP" and (profile := _unpacked_profile(data[at + 8 : end - 4])) is not None:
            parts.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)))
        if kind == b"IEND":
            return b"".join(parts)
        at = end


def _unpacked_profile(content: bytes) -> bytes | None:
    _, _, packed = content.partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(packed[1:], _MOST_BYTES_OF_PROFILE)
    except zlib.error:
        return None
    return neutral_profile(profile)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _profile_of(segments: list[tuple[int, bytes]]) -> bytes | None:
    """The colour profile, which may be divided into several segments."""
    found = (segment for marker, segment in segments if marker == 0xE2 and segment[4:16] == _PROFILE_HEADER)
    pieces = sorted(found, key=lambda segment: segment[16:17])
    return neutral_profile(b"".join(piece[18:] for piece in pieces)) if pieces else None


def _kept(marker: int, segment: bytes) -> bytes:
    """What stays of a segment."""
    if marker == 0xE0 and segment[4:9] == b"JFIF\0" and len(segment) >= 16:
        return _segment(marker, segment[4:16] + b"\0\0")  # without its thumbnail
    if marker == 0xEE and segment[4:9] == b"Adobe" and len(segment) >= 16:
        return _segment(marker, segment[4:16])
    return segment if marker in _JPEG_KEPT else b""


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments after the first marker (marker, whole segment), up to the end of the first picture. A
    segment that begins a scan includes its compressed pixels."""
    if data[:2] != b"\xff\xd8":
        raise _broken()
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if at + 2 > len(data) or data[at] != 0xFF:
            raise _broken()
        marker = data[at + 1]
        if marker == 0xD9:
            yield marker, data[at : at + 2]
            return
        length = int.from_bytes(data[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise _broken()
        if marker == 0xDA:
            end = _end_of_scan(data, end)
        yield marker, data[at:end]
        at = end


def _end_of_scan(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise _broken()
        following = data[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:  # an escaped byte, or a restart marker
            at += 2
        else:
            return at


def _broken() -> ImageError:
    return ImageError(FailureKind.BROKEN, "The file is damaged or cut short.")
