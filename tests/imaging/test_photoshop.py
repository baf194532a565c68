"""PSD files with 16 bits, with channels beside the colours, and with metadata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from safelight.core.errors import ImageError
from safelight.core.photo import ImageMetadata
from safelight.imaging.metadata.exif_write import exif_of
from safelight.imaging.metadata.xmp_edit import packet_of
from safelight.imaging.opening import open_picture, read_metadata_only
from support.pictures import scene

SIZE = 60, 40
KNOWN = ImageMetadata(camera="Acme 5", taken_at="2020-01-02T03:04:05", title="By the lake", tags=("a", "b"))
MODES = {1: 1, 3: 3, 4: 4}
"""Channels of grey, RGB and CMYK."""


def planes(mode: int) -> list[np.ndarray]:
    """The colours of a picture as Photoshop stores them: ink is inverted."""
    kind = {1: "L", 3: "RGB", 4: "CMYK"}[mode]
    pixels = np.asarray(scene(*SIZE).convert(kind)).reshape(SIZE[1], SIZE[0], -1)
    found = [pixels[..., number] for number in range(pixels.shape[2])]
    return [255 - each for each in found] if mode == 4 else found


def packed(row: bytes) -> bytes:
    """A row as PackBits, with runs of equal bytes."""
    made, at = b"", 0
    while at < len(row):
        run = 1
        while run < 128 and row[at : at + 1] * (run + 1) == row[at : at + run + 1]:
            run += 1
        made += bytes((257 - run if run > 1 else 0, row[at]))
        at += run
    return made


def photoshop(
    mode: int,
    channels: Sequence[np.ndarray],
    bits: int = 8,
    *,
    compressed: bool = True,
    layers: int = 0,
    resources: bytes = b"",
) -> bytes:
    header = b"8BPS\0\1" + bytes(6) + len(channels).to_bytes(2) + SIZE[1].to_bytes(4) + SIZE[0].to_bytes(4)
    header += bits.to_bytes(2) + mode.to_bytes(2)
    info = layers.to_bytes(2, signed=True) + bytes(2) if layers else b""
    section = len(info).to_bytes(4) + info + bytes(4) if layers else b""
    if layers and bits == 16:
        section = bytes(8) + b"8BIMLr16" + len(info).to_bytes(4) + info
    head = header + bytes(4) + len(resources).to_bytes(4) + resources + len(section).to_bytes(4) + section
    stored = [each.astype(np.uint16) * 257 if bits == 16 else each for each in channels]
    rows = [row.astype(f">u{bits // 8}").tobytes() for each in stored for row in each]
    if not compressed:
        return head + bytes(2) + b"".join(rows)
    short = [packed(row) for row in rows]
    return head + b"\0\1" + b"".join(len(row).to_bytes(2) for row in short) + b"".join(short)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("further", [0, 1, 3])
def test_only_colours_are_shown(mode: int, bits: int, compressed: bool, further: int) -> None:
    selection = np.zeros(SIZE[::-1], np.uint8)
    selection[:20] = 255
    data = photoshop(mode, [*planes(mode), *[selection] * further], bits, compressed=compressed)
    picture = open_picture(data, "psd", None)
    plain = open_picture(photoshop(mode, planes(mode), compressed=False), "psd", None)
    assert picture.image.mode == plain.image.mode == {1: "L", 3: "RGB", 4: "CMYK"}[mode]
    assert picture.image.tobytes() == plain.image.tobytes()
    shown = np.asarray(plain.image.convert("RGB"), np.int16)
    expected = scene(*SIZE).convert("L" if mode == 1 else "RGB").convert("RGB")
    assert np.abs(shown - np.asarray(expected, np.int16)).mean() < 2


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("further", [1, 2])
def test_the_transparency_of_layers_is_part_of_the_picture(bits: int, further: int) -> None:
    alpha = np.full(SIZE[::-1], 128, np.uint8)
    others = [alpha, np.zeros_like(alpha)][:further]
    picture = open_picture(photoshop(3, [*planes(3), *others], bits, layers=-2), "psd", None)
    assert picture.image.mode == "RGBA"
    assert picture.image.getchannel("A").getextrema() == (128, 128)
    assert open_picture(photoshop(3, [*planes(3), *others], bits, layers=2), "psd", None).image.mode == "RGB"


def resource(kind: int, content: bytes) -> bytes:
    return (
        b"8BIM" + kind.to_bytes(2) + bytes(2) + len(content).to_bytes(4) + content + bytes(len(content) % 2)
    )


def test_metadata_are_read() -> None:
    exif = exif_of(KNOWN, orientation=6).removeprefix(b"Exif\0\0")
    resources = resource(0x0422, exif) + resource(0x0424, packet_of(KNOWN))
    for bits in (8, 16):
        data = photoshop(3, planes(3), bits, resources=resources)
        metadata = read_metadata_only(data, "psd")
        assert (metadata.camera, metadata.taken_at) == (KNOWN.camera, KNOWN.taken_at)
        assert (metadata.title, metadata.tags) == (KNOWN.title, KNOWN.tags)
        assert open_picture(data, "psd", None).image.size == SIZE  # Photoshop stores upright pixels
    damaged = photoshop(3, planes(3), resources=resource(0x0422, b"nothing") + resource(0x0424, b"<no"))
    assert read_metadata_only(damaged, "psd").taken_at is None
    assert open_picture(damaged, "psd", None).image.size == SIZE


@pytest.mark.parametrize("bits", [8, 16])
def test_a_file_that_is_cut_short_has_a_reason(bits: int) -> None:
    data = photoshop(3, [*planes(3), planes(1)[0]], bits)
    for length in (10, 27, 60, len(data) // 2):
        with pytest.raises(ImageError):
            open_picture(data[:length], "psd", None)
