"""Changes the orientation that the pages of a TIFF state, and nothing else in the file."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.orientation import orientation_after

_TAG, _SHORT = 0x0112, 3
_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class _Layout:
    """The sizes of numbers in a TIFF, or in a BigTIFF."""

    order: str
    pointer: str
    count: str
    first: int
    """Where the position of the first directory is."""
    largest: int

    @property
    def entry(self) -> int:
        """Bytes of one entry of a directory."""
        return 4 + 2 * struct.calcsize(self.pointer)

    def number(self, kind: str, data: bytes | bytearray, at: int) -> int:
        size = struct.calcsize(kind)
        if not 0 <= at <= len(data) - size:
            raise _damaged()
        return int(struct.unpack_from(self.order + kind, data, at)[0])

    def packed(self, kind: str, number: int) -> bytes:
        return struct.pack(self.order + kind, number)


def turned_tiff(data: bytes, turns: int) -> bytes:
    """The TIFF turned clockwise by this many quarters: each page states another orientation. A page without
    one gets a new directory at the end of the file, so that no other position changes.

    Raises ImageError for what is no TIFF, and for one that is damaged or has no room left.
    """
    layout = _layout_of(data)
    copy = bytearray(data)
    pointer = layout.first
    seen: set[int] = set()
    while (directory := layout.number(layout.pointer, copy, pointer)) and len(seen) < _MOST_PAGES:
        if directory in seen:
            raise _damaged()
        seen.add(directory)
        pointer = _turn_page(copy, layout, pointer, directory, turns)
    return bytes(copy)


def _turn_page(copy: bytearray, layout: _Layout, pointer: int, directory: int, turns: int) -> int:
    """Change one directory, whose position is at ``pointer``. Returns where that of the next one is."""
    count = layout.number(layout.count, copy, directory)
    begin = directory + struct.calcsize(layout.count)
    end = begin + count * layout.entry
    following = layout.number(layout.pointer, copy, end)
    entries = [bytes(copy[at : at + layout.entry]) for at in range(begin, end, layout.entry)]
    tags = [layout.number("H", entry, 0) for entry in entries]
    if _TAG in tags:
        at = begin + tags.index(_TAG) * layout.entry
        value = at + layout.entry - struct.calcsize(layout.pointer)
        if layout.number("H", copy, at + 2) != _SHORT:
            raise _damaged()
        stated = layout.number("H", copy, value)
        before = stated if 1 <= stated <= 8 else 1
        struct.pack_into(layout.order + "H", copy, value, orientation_after(before, turns))
        return end
    new = layout.packed("H", _TAG) + layout.packed("H", _SHORT) + layout.packed(layout.pointer, 1)
    new += layout.packed("H", orientation_after(1, turns)).ljust(struct.calcsize(layout.pointer), b"\0")
    place = sum(tag < _TAG for tag in tags)
    copy += bytes(-len(copy) % 8)
    if len(copy) + len(entries) * layout.entry + 64 > layout.largest:
        raise ImageError(FailureKind.TOO_LARGE, "The file leaves no room to store that it was turned.")
    struct.pack_into(layout.order + layout.pointer, copy, pointer, len(copy))
    copy += layout.packed(layout.count, count + 1) + b"".join((*entries[:place], new, *entries[place:]))
    after = len(copy)
    copy += layout.packed(layout.pointer, following)
    return after


def _layout_of(data: bytes) -> _Layout:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is not None and len(data) >= 16:
        match struct.unpack_from(f"{order}H", data, 2)[0]:
            case 42:
                return _Layout(order, "I", "H", 4, 2**32)
            case 43:
                return _Layout(order, "Q", "Q", 8, 2**63)
    raise _damaged()


def _damaged() -> ImageError:
    return ImageError(FailureKind.BROKEN, "The file is damaged, so it cannot be stored that it was turned.")
