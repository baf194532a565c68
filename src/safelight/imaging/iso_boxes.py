"""The boxes of ISO base media files (ISO/IEC 14496-12): HEIC, AVIF, JPEG XL, CR3, MP4 and others."""

from __future__ import annotations

from collections.abc import Iterator


def boxes(data: bytes | memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The types and contents of successive boxes. Contents are not copied. Ends where a size is damaged."""
    view = memoryview(data)
    at = 0
    while at + 8 <= len(view):
        size, header = int.from_bytes(view[at : at + 4]), 8
        if size == 1:
            size, header = int.from_bytes(view[at + 8 : at + 16]), 16
        elif size == 0:
            size = len(view) - at
        if size < header:
            return
        yield bytes(view[at + 4 : at + 8]), view[at + header : at + size]
        at += size


def end_of_first_file(data: bytes) -> int:
    """The length of the first file in ``data``. In motion photos, another file or a trailer follows it.
    A file whose last box is cut short is not divided.
    """
    at = 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        elif size == 0:
            return len(data)
        if not kind.isalnum() or (at and kind == b"ftyp"):
            return at
        at += max(size, 8)
    return len(data)
