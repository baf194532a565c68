"""The boxes of ISO base media files (ISO/IEC 14496-12): HEIC, AVIF, JPEG XL, CR3, MP4 and others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Box(NamedTuple):
    """The place of a box in the data that contains it."""

    kind: bytes
    start: int
    begin: int
    """Where its content begins."""
    end: int
    """As the box states it: before ``begin`` or behind the data where the box is damaged."""


def box_places(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Successive boxes, as they are stated. The last one may be damaged."""
    end = len(data) if end is None else end
    at = start
    while at + 8 <= end:
        box = _box_at(data, at, end)
        yield box
        if box.end < box.begin:
            return
        at = box.end


def boxes(data: bytes | memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The types and contents of successive boxes. Contents are not copied. Ends where a size is damaged."""
    view = memoryview(data)
    for box in box_places(view):
        if box.end >= box.begin:
            yield box.kind, view[box.begin : box.end]


def end_of_first_file(data: bytes) -> int:
    """The length of the first file in ``data``. In motion photos, another file or a trailer follows it.
    A file whose last box is cut short is not divided.
    """
    at = 0
    while at + 8 <= len(data):
        if not any(data[at : at + 4]):  # up to the end
            return len(data)
        box = _box_at(data, at, len(data))
        if not box.kind.isalnum() or (at and box.kind == b"ftyp"):
            return at
        at = max(box.end, at + 8)
    return len(data)


def _box_at(data: bytes | memoryview, at: int, end: int) -> Box:
    size, begin = int.from_bytes(data[at : at + 4]), at + 8
    if size == 1:
        size, begin = int.from_bytes(data[at + 8 : at + 16]), at + 16
    elif size == 0:
        size = end - at
    return Box(bytes(data[at + 4 : at + 8]), at, begin, at + size)
