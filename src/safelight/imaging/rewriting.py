"""Gives a JPEG or PNG other metadata without touching its pixels.

All metadata of the file are removed, known or not, and only the blocks that are given are added. What follows
the picture, such as the video of a motion photo or a second picture, is removed too: it has metadata of its
own.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from safelight.core.errors import FailureKind, ImageError

_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_MOST_IN_SEGMENT = 65_533
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)
"""Chunks that decide what the picture looks like."""


def rewritten_jpeg(data: bytes, exif: bytes, xmp: bytes) -> bytes:
    """``exif`` begins with ``Exif\\0\\0``, as Pillow makes it; empty blocks are left out.

    Raises ImageError (BROKEN) for what is no complete JPEG, and for blocks that do not fit into one.
    """
    parts = [b"\xff\xd8"]
    for block in (exif, _XMP_HEADER + xmp if xmp else b""):
        if len(block) > _MOST_IN_SEGMENT:
            raise ImageError(FailureKind.TOO_LARGE, "Its titles, captions and tags are too long for a JPEG.")
        if block:
            parts.append(b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    parts += [segment for marker, segment in _segments(data) if _is_kept(marker, segment)]
    return b"".join(parts)


def rewritten_png(data: bytes, exif: bytes, xmp: bytes) -> bytes:
    """As :func:`rewritten_jpeg`."""
    if not data.startswith(_PNG):
        raise _broken()
    parts, at = [_PNG], len(_PNG)
    while True:
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or len(kind) < 4:
            raise _broken()
        if kind in _PNG_KEPT:
            parts.append(data[at:end])
        if kind == b"IHDR":
            if exif:
                parts.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
            if xmp:
                parts.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
        if kind == b"IEND":
            return b"".join(parts)
        at = end


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _is_kept(marker: int, segment: bytes) -> bool:
    if marker == 0xE0:
        return segment[4:9] == b"JFIF\0" and len(segment) == 18  # longer ones contain a thumbnail
    if marker == 0xE2:
        return segment[4:16] == b"ICC_PROFILE\0"
    if marker == 0xEE:
        return segment[4:9] == b"Adobe"
    return marker != 0xFE and not 0xE1 <= marker <= 0xEF


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
