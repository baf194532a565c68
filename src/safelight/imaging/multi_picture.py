"""The further pictures of a JPEG file in the Multi-Picture Format (CIPA DC-007)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_ENTRIES = 0xB002
"""The tag of the list of pictures."""
_HEADER = b"MPF\0"
_GAIN_MAPS = (
    b"http://ns.adobe.com/hdr-gain-map/",  # Ultra HDR
    b"urn:iso:std:iso:ts:21496:-1",
    b"urn:com:apple:photo:2020:aux:hdrgainmap",
)
"""What the metadata of a gain map contains. It makes the first picture brighter on an HDR screen."""
_METADATA = 2**16


class FurtherPicture(NamedTuple):
    kind: str
    """The type that the file states."""
    jpeg: bytes

    @property
    def is_alternative(self) -> bool:
        """Whether it shows the scene again: another view, exposure or moment. The file says so."""
        return self.kind.startswith("Multi-Frame")

    @property
    def is_gain_map(self) -> bool:
        return any(mark in self.jpeg[:_METADATA] for mark in _GAIN_MAPS)


def further_pictures(data: bytes, index: dict[int, Any] | None) -> Iterator[FurtherPicture]:
    """The pictures after the first, as they are encoded. ``index`` is what Pillow read from the header."""
    header = data.find(_HEADER)
    if not index or header < 0:
        return
    offset = header + len(_HEADER)  # offsets of the pictures count from here
    for entry in index.get(_ENTRIES, ())[1:]:
        start = offset + int(entry["DataOffset"])
        yield FurtherPicture(str(entry["Attribute"]["MPType"]), data[start : start + int(entry["Size"])])
