"""Pictures that state their colours by numbers, beside the formulas of the standards."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import ExifTags, Image

from safelight.imaging.matrix_profile import SRGB, matrix_profile, srgb_curve
from safelight.imaging.multi_frame import AnimationReader
from safelight.imaging.read import load_bytes
from safelight.imaging.stated_colours import _avif_coding
from support.pictures import encoded, scene

COLOUR = (200, 100, 50)

# Primaries of BT.2020, Display P3 and Adobe RGB to those of sRGB, all with the white D65 (linear light).
FROM_2020 = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
FROM_P3 = [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]]
FROM_ADOBE = [[1.3984, -0.3984, 0.0], [0.0, 1.0, 0.0], [0.0, -0.0429, 1.0429]]

Linear = npt.NDArray[np.float64]


def srgb(light: Linear) -> Linear:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255


def from_srgb(levels: Linear) -> Linear:
    values = levels / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def pq(levels: Linear) -> Linear:
    """Light relative to 203 candela per square metre."""
    root = (levels / 255) ** (1 / 78.84375)
    return (
        (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125) * 1e4 / 203
    )


def hlg(levels: Linear) -> Linear:
    values = levels / 255
    scene_light = np.where(
        values <= 0.5, values**2 / 3, (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    return scene_light**1.2 * 1000 / 203


def compressed(light: Linear) -> Linear:
    return np.where(light <= 0.5, light, 1 - 0.5 * np.exp(-(np.maximum(light, 0.5) - 0.5) / 0.5))


LEVELS = np.array([(200, 100, 50), (128, 128, 128), (60, 90, 120), (150, 140, 130)], np.float64)
"""Colours that are inside sRGB in each of the spaces."""


def expected(primaries: int, transfer: int, levels: Linear = LEVELS) -> Linear:
    light = {13: from_srgb, 16: pq, 18: hlg}[transfer](levels)
    if transfer != 13:
        light = compressed(light)
    matrix = {1: np.eye(3), 9: np.array(FROM_2020), 12: np.array(FROM_P3)}[primaries]
    return srgb(light @ matrix.T)


def picture() -> Image.Image:
    """A square of 16 pixels of each of the colours."""
    blocks = [np.tile(colour.astype(np.uint8), (16, 16, 1)) for colour in LEVELS]
    return Image.fromarray(np.concatenate(blocks, axis=1))


def shown(data: bytes, extension: str = "") -> Linear:
    """The colours in the middles of the squares."""
    pixels, _ = load_bytes(data, None, extension)
    return pixels[8, 8::16].astype(np.float64)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(image: Image.Image, *chunks: tuple[bytes, bytes], **options: object) -> bytes:
    """A PNG with further chunks before its pixels."""
    data = encoded(image, "PNG", **options)
    added = b"".join(chunk(kind, content) for kind, content in chunks)
    return data[:33] + added + data[33:]


CODINGS = [(12, 13), (9, 16), (9, 18), (1, 13), (1, 16), (12, 16)]


@pytest.mark.parametrize(("primaries", "transfer"), CODINGS)
def test_coding_independent_code_points_of_png(primaries: int, transfer: int) -> None:
    data = png(picture(), (b"cICP", bytes((primaries, transfer, 0, 1))))
    np.testing.assert_allclose(shown(data), expected(primaries, transfer), atol=4)


@pytest.mark.parametrize(("primaries", "transfer"), CODINGS)
def test_code_points_of_heic(primaries: int, transfer: int) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = BytesIO()
    pillow_heif.from_pillow(picture()).save(
        buffer,
        quality=100,
        chroma=444,
        save_nclx_profile=True,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=6,
        full_range_flag=1,
    )
    np.testing.assert_allclose(shown(buffer.getvalue()), expected(primaries, transfer), atol=8)


@pytest.mark.parametrize(("primaries", "transfer"), CODINGS)
def test_code_points_of_avif(primaries: int, transfer: int) -> None:
    data = encoded(picture(), "AVIF", quality=100, subsampling="4:4:4")
    at = data.index(b"colrnclx") + 8
    data = data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]
    np.testing.assert_allclose(shown(data), expected(primaries, transfer), atol=8)


def test_code_points_of_the_picture_count_and_not_those_of_another_item() -> None:
    half = picture().convert("RGBA")
    half.putalpha(Image.linear_gradient("L").resize(half.size))
    data = encoded(half, "AVIF", quality=100, subsampling="4:4:4")
    at = data.index(b"colrnclx") + 8
    data = data[:at] + struct.pack(">HH", 12, 13) + data[at + 4 :]
    assert data.count(b"av01") >= 2, "the opacity is an item of its own"
    # The same file, whose property now belongs to the opacity only.
    items = data.index(b"ipma") + 12
    assert data[items : items + 2] == b"\0\1"
    swapped = data[:items] + b"\0\2" + data[items + 2 :]
    assert _avif_coding(data) == (12, 13)
    assert _avif_coding(swapped) is None


def test_frames_of_an_animation_have_the_colours_too(tmp_path: Path) -> None:
    buffer = BytesIO()
    picture().save(buffer, "PNG", save_all=True, append_images=[picture().rotate(180)])
    data = buffer.getvalue()
    path = tmp_path / "a.png"
    path.write_bytes(data[:33] + chunk(b"cICP", bytes((12, 13, 0, 1))) + data[33:])
    part = AnimationReader().part(str(path), 0, 400, 2**30)
    frames = np.asarray(part.frames, np.float64)
    np.testing.assert_allclose(frames[0][8, 8::16], expected(12, 13), atol=4)
    np.testing.assert_allclose(frames[1][8, 8::16], expected(12, 13)[::-1], atol=4)


def test_code_points_precede_a_profile_and_a_profile_precedes_gamma() -> None:
    profile = matrix_profile(SRGB, srgb_curve())
    linear = (b"gAMA", struct.pack(">I", 100_000))
    both = png(picture(), (b"cICP", bytes((12, 13, 0, 1))), linear, icc_profile=profile)
    np.testing.assert_allclose(shown(both), expected(12, 13), atol=4)
    np.testing.assert_allclose(shown(png(picture(), linear, icc_profile=profile)), LEVELS, atol=2)
    np.testing.assert_allclose(shown(png(picture(), linear, (b"sRGB", b"\0"))), LEVELS, atol=2)


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2, 2.8])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_gamma_of_png(gamma: float, mode: str) -> None:
    image = picture().convert(mode)
    data = png(image, (b"gAMA", struct.pack(">I", round(1e5 / gamma))))
    levels = np.asarray(image.convert("RGB"))[8, 8::16].astype(np.float64)
    # Programs that write 1 / 2.2 mean sRGB.
    wanted = levels if gamma == 2.2 else srgb((levels / 255) ** gamma)
    np.testing.assert_allclose(shown(data), wanted, atol=3)


def test_chromaticities_of_png_count_where_they_are_a_colour_space() -> None:
    p3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
    stated = [
        (b"gAMA", struct.pack(">I", 100_000)),
        (b"cHRM", b"".join(struct.pack(">I", round(each * 1e5)) for each in p3)),
    ]
    wanted = srgb((LEVELS / 255) @ np.array(FROM_P3).T)
    np.testing.assert_allclose(shown(png(picture(), *stated)), wanted, atol=3)
    for broken in (bytes(32), b"\0\0\0\1" * 8, b"\xff\xff\xff\xff" * 8):
        found = shown(png(picture(), stated[0], (b"cHRM", broken)))
        np.testing.assert_allclose(found, srgb(LEVELS / 255), atol=3)


def test_a_camera_names_adobe_rgb_in_its_exif_data() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ColorSpace] = 0xFFFF
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop] = {1: "R03"}
    data = encoded(picture(), "JPEG", quality=100, subsampling=0, exif=exif)
    wanted = srgb((LEVELS / 255) ** (563 / 256) @ np.array(FROM_ADOBE).T)
    np.testing.assert_allclose(shown(data), wanted, atol=4)
    # An uncalibrated space without that name may be anything.
    del exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop]
    data = encoded(picture(), "JPEG", quality=100, subsampling=0, exif=exif)
    np.testing.assert_allclose(shown(data), LEVELS, atol=4)


def test_transparent_colours_of_16_bits() -> None:
    def made(colour_type: int, pixels: list[int], transparent: list[int]) -> bytes:
        per_pixel = 3 if colour_type == 2 else 1
        header = struct.pack(">IIBBBBB", len(pixels) // per_pixel, 1, 16, colour_type, 0, 0, 0)
        row = b"\0" + struct.pack(f">{len(pixels)}H", *pixels)
        parts = [
            (b"IHDR", header),
            (b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)),
            (b"IDAT", zlib.compress(row)),
            (b"IEND", b""),
        ]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)

    grey, _ = load_bytes(made(0, [1000, 40_000, 1001], [1000]), None)
    assert grey[0].tolist() == [[255] * 3, [156] * 3, [3] * 3]
    colour, _ = load_bytes(made(2, [1000, 2000, 3000, 50_000, 20_000, 65_535], [1000, 2000, 3000]), None)
    assert colour[0].tolist() == [[255, 255, 255], [195, 78, 255]]


def test_damaged_boxes_are_no_reason_to_refuse_a_picture() -> None:
    data = encoded(scene(64, 64), "AVIF")
    random = np.random.default_rng(5)
    for _ in range(2000):
        changed = bytearray(data)
        for _ in range(3):
            changed[int(random.integers(32, data.index(b"mdat")))] = int(random.integers(256))
        _avif_coding(bytes(changed))
    for length in range(0, len(data), 3):
        _avif_coding(data[:length])
