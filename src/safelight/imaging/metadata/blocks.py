"""Finds the blocks of EXIF, IPTC and XMP in a picture that a decoder has opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from PIL import ExifTags, Image

from safelight.imaging.iso_boxes import boxes

_TIFF_XMP, _TIFF_IPTC, _TIFF_PHOTOSHOP = 700, 33723, 34377
_RESOURCE_IPTC, _RESOURCE_IPTC_DIGEST = 0x0404, 0x0425
_RESOURCE_EXIF, _RESOURCE_XMP = 0x0422, 0x0424
_MAX_IPTC = 4 * 2**20
_CR3_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


@dataclass(slots=True)
class Blocks:
    """The metadata of one file before it is parsed; empty where the file has none."""

    exif: Image.Exif = field(default_factory=Image.Exif)
    iptc: bytes = b""
    iptc_digest: bytes = b""
    """The digest of the IPTC block that the program stored which wrote XMP last."""
    xmp: bytes = b""


def blocks_of(image: Image.Image, exif: Image.Exif, data: bytes) -> Blocks:
    """The metadata blocks of a picture that Pillow opened from ``data``. Never raises."""
    blocks = blocks_of_tiff(exif)
    info = image.info
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp")
    blocks.xmp = _as_bytes(xmp) or blocks.xmp
    resources = info.get("photoshop")
    if isinstance(resources, dict):
        blocks.iptc = _as_bytes(resources.get(_RESOURCE_IPTC)) or blocks.iptc
        blocks.iptc_digest = _as_bytes(resources.get(_RESOURCE_IPTC_DIGEST)) or blocks.iptc_digest
    if image.format == "PSD":
        _add_photoshop_resources(blocks, getattr(image, "resources", ()))
    if not blocks.xmp and data[4:8] == b"JXL ":
        blocks.xmp = next((bytes(content) for kind, content in boxes(data) if kind == b"xml "), b"")
    if not blocks.iptc:
        blocks.iptc = _raw_profile(info.get("Raw profile type iptc"))
    blocks.xmp = blocks.xmp or _raw_profile(info.get("Raw profile type xmp"))
    blocks.iptc = blocks.iptc if len(blocks.iptc) <= _MAX_IPTC else b""
    return blocks


def _add_photoshop_resources(blocks: Blocks, resources: Iterable[tuple[int, object, object]]) -> None:
    """Add the blocks of a PSD file. Its pixels are upright, whatever orientation they state."""
    found = {kind: _as_bytes(content) for kind, _, content in resources}
    blocks.iptc = found.get(_RESOURCE_IPTC, b"")
    blocks.iptc_digest = found.get(_RESOURCE_IPTC_DIGEST, b"")
    blocks.xmp = found.get(_RESOURCE_XMP, b"")
    with contextlib.suppress(Exception):  # damaged metadata must not hide the picture
        exif = Image.Exif()
        exif.load(found.get(_RESOURCE_EXIF, b""))
        exif.pop(ExifTags.Base.Orientation, None)
        blocks.exif = exif


def blocks_of_tiff(exif: Image.Exif) -> Blocks:
    """The metadata blocks of a directory of tags, as in TIFF and most RAW formats."""
    resources = dict(_resources(_as_bytes(exif.get(_TIFF_PHOTOSHOP))))
    return Blocks(
        exif,
        _as_bytes(exif.get(_TIFF_IPTC)) or resources.get(_RESOURCE_IPTC, b""),
        resources.get(_RESOURCE_IPTC_DIGEST, b""),
        _as_bytes(exif.get(_TIFF_XMP)),
    )


def cr3_xmp(data: bytes) -> bytes:
    """The XMP packet of a CR3 file of Canon."""
    found = (content[16:] for kind, content in boxes(data) if kind == b"uuid" and content[:16] == _CR3_XMP)
    return bytes(next(found, b""))


def _as_bytes(value: object) -> bytes:
    """A block that a decoder gives as bytes, as text, or as a tuple of bytes or of numbers."""
    if isinstance(value, tuple):
        if len(value) == 1 and not isinstance(value[0], int):
            return _as_bytes(value[0])
        if value and all(isinstance(each, int) and 0 <= each < 2**32 for each in value):
            wide = any(each > 255 for each in value)  # IPTC is often declared as a list of 32-bit numbers
            return b"".join(each.to_bytes(4, "little") for each in value) if wide else bytes(value)
        return b""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return value if isinstance(value, bytes) else b""


def _resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The image resources of Photoshop: number and content."""
    at = 0
    while data[at : at + 4] == b"8BIM" and at + 12 <= len(data):
        number = int.from_bytes(data[at + 4 : at + 6])
        begin = at + 6 + (data[at + 6] + 2) // 2 * 2
        size = int.from_bytes(data[begin : begin + 4])
        yield number, data[begin + 4 : begin + 4 + size]
        at = begin + 4 + (size + 1) // 2 * 2


def _raw_profile(value: object) -> bytes:
    """A block that ImageMagick stores in PNG as text: a line with its name, one with its size, then hex."""
    if not isinstance(value, str | bytes) or len(value) > 3 * _MAX_IPTC:
        return b""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    try:
        content = bytes.fromhex("".join(text.split()[2:]))
    except ValueError:
        return b""
    return dict(_resources(content)).get(_RESOURCE_IPTC, content)
