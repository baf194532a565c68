"""The beginning of a progressive JPEG that shows the whole picture, sharp but with less precise levels."""

from __future__ import annotations

from safelight.imaging.detail import Detail
from safelight.imaging.jpeg_markers import END, START_OF_SCAN, markers

_PROGRESSIVE = 0xC2
_LEAST_PIXELS = 4_000_000
"""Smaller pictures are decoded completely in the same time."""

_LAST_NEEDED = {4: 4, 8: 0}
"""By how much a picture is reduced, and the last coefficient (in the order of the file) that is then visible:
in each direction the two lowest frequencies of eight, or the mean level only. Where a picture is reduced
less, the bits that the first scans leave out are visible as lost texture, and leaving out fewer saves little.
"""


def sharp_beginning(data: bytes, max_side: int) -> bytes | None:
    """A JPEG of the first scans of a large progressive JPEG, sharp at a long side of ``max_side`` pixels.
    None for other files, for pictures shown at more than a quarter of their size, and where nothing would be
    left out.

    The first scans of a progressive JPEG hold the most significant bits of each frequency. The last scans,
    which add the least significant bits, are most of the file and take most of the time. Frequencies above
    those visible at ``max_side`` need not be there either.
    """
    components: list[int] = []
    needed = 0
    reached: dict[int, int] = {}
    """The last coefficient that is there of each component."""
    for marker, at in markers(data):
        if marker == _PROGRESSIVE:
            height, width = (int.from_bytes(data[at + start : at + start + 2]) for start in (5, 7))
            reduction = Detail(long=max_side).reduction(width, height)
            scale = max((each for each in _LAST_NEEDED if each <= reduction), default=1)
            if width * height < _LEAST_PIXELS or scale == 1 or at + 9 >= len(data):
                return None
            needed = _LAST_NEEDED[scale]
            components = list(data[at + 10 : at + 10 + 3 * data[at + 9] : 3])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return None  # another kind of frame
        elif marker == START_OF_SCAN:
            if not components:
                return None
            if all(reached.get(component, -1) >= needed for component in components):
                return data[:at] + bytes((0xFF, END))
            end = at + 5 + 2 * int.from_bytes(data[at + 4 : at + 5])
            if end + 1 >= len(data):
                return None
            for component in data[at + 5 : end : 2]:
                reached[component] = max(reached.get(component, 0), data[end + 1])
    return None
