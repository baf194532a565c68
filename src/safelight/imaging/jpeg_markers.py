"""The markers of a JPEG, which divide it into segments and scans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.core.errors import FailureKind, ImageError

MOST_SCANS = 500
"""Scans that are decoded. Progressive JPEGs have about ten. Each decodes the whole picture once more, so that
a small file with thousands of them takes minutes."""

START_OF_SCAN, END = 0xDA, 0xD9
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
"""The beginning of an APP1 segment with an XMP packet."""
_AFTER_SCAN = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
"""A marker after entropy-coded data, in which 00 is stuffing and D0 to D7 are restart markers."""


def markers(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers of the first picture with their positions, up to its end or to where it is damaged."""
    at = 2
    while at + 2 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        yield marker, at
        if marker == END:
            return
        at += 2
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # without a segment
            continue
        at += int.from_bytes(data[at : at + 2])
        if marker == START_OF_SCAN:
            following = _AFTER_SCAN.search(data, at)
            if following is None:
                return
            at = following.start()


def end_of_picture(data: bytes) -> int | None:
    """The position behind the first picture; None if it has no end."""
    return next((at + 2 for marker, at in markers(data) if marker == END), None)


def check_scans(data: bytes) -> None:
    """Raises ImageError for a JPEG with more than :data:`MOST_SCANS`."""
    if data.count(bytes((0xFF, START_OF_SCAN))) <= MOST_SCANS:
        return  # what follows the picture, such as a video, may have these bytes too
    if sum(marker == START_OF_SCAN for marker, _ in markers(data)) > MOST_SCANS:
        raise ImageError(
            FailureKind.BROKEN,
            "The JPEG picture has more than {most} scans, which would take too long to decode.",
            most=MOST_SCANS,
        )
