"""Changes the orientation that a JPEG states, and nothing else in the file."""

from __future__ import annotations

import struct

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.jpeg_markers import END, START_OF_SCAN, markers

_EXIF = b"Exif\0\0"
_MOST_IN_SEGMENT = 65_533
_TAG, _SHORT = 0x0112, 3
_ENTRY = 12
"""Bytes of one entry of a directory."""


def with_orientation(data: bytes, orientation: int) -> bytes:
    """The JPEG with another EXIF orientation, 1 to 8. Every other byte of its metadata, the pixels, and what
    follows the picture stay as they are.

    Raises ImageError for what is no JPEG, and for EXIF that is damaged or has no room left.
    """
    place, first = _exif_segment(data)
    if place is None:
        block = _EXIF + b"MM\0*\0\0\0\x08\0\x01" + _entry(">", orientation) + bytes(4)
        return data[:first] + _segment(block) + data[first:]
    start, end = place
    block = data[start + 4 : end]
    return data[:start] + _segment(_EXIF + _changed(block[len(_EXIF) :], orientation)) + data[end:]


def _exif_segment(data: bytes) -> tuple[tuple[int, int] | None, int]:
    """Where the EXIF segment begins and ends, and where one would be inserted: after the JFIF header."""
    if data[:2] != b"\xff\xd8":
        raise _damaged()
    first = 2
    for marker, at in markers(data):
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if end > len(data):
            break
        if marker in (START_OF_SCAN, END):
            return None, first
        if marker == 0xE1 and data[at + 4 : at + 4 + len(_EXIF)] == _EXIF:
            return (at, end), first
        if marker == 0xE0 and at == first:
            first = end
    raise _damaged()


def _changed(tiff: bytes, orientation: int) -> bytes:
    """EXIF with another orientation. A new entry needs a new first directory, which is appended, so that no
    offset in the block changes.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        raise _damaged()
    (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
    if directory + 2 > len(tiff):
        raise _damaged()
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    begin, end = directory + 2, directory + 2 + count * _ENTRY
    if end > len(tiff):
        raise _damaged()
    entries = [tiff[at : at + _ENTRY] for at in range(begin, end, _ENTRY)]
    tags = [struct.unpack(f"{order}H", each[:2])[0] for each in entries]
    new = _entry(order, orientation)
    if _TAG in tags:
        at = begin + tags.index(_TAG) * _ENTRY
        return tiff[:at] + new + tiff[at + _ENTRY :]
    following = tiff[end : end + 4].ljust(4, b"\0")
    place = sum(tag < _TAG for tag in tags)
    body = b"".join((*entries[:place], new, *entries[place:]))
    padded = tiff + bytes(len(tiff) % 2)
    head = padded[:4] + struct.pack(f"{order}I", len(padded))
    return head + padded[8:] + struct.pack(f"{order}H", count + 1) + body + following


def _entry(order: str, orientation: int) -> bytes:
    return struct.pack(f"{order}HHIHH", _TAG, _SHORT, 1, orientation, 0)


def _segment(content: bytes) -> bytes:
    if len(content) > _MOST_IN_SEGMENT:
        raise ImageError(FailureKind.TOO_LARGE, "Its metadata leave no room to store that it was turned.")
    return struct.pack(">BBH", 0xFF, 0xE1, len(content) + 2) + content


def _damaged() -> ImageError:
    return ImageError(
        FailureKind.BROKEN, "Its metadata are damaged, so it cannot be stored that it was turned."
    )
