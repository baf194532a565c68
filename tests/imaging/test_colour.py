"""Whatever colours a file holds, sRGB comes out."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from safelight.imaging.colour import to_srgb
from safelight.imaging.read import load_bytes, load_image
from support.pictures import DISPLAY_P3, SRGB, encoded, matrix_profile, scene


def pixels_of(image: Image.Image, format_name: str, **options: object) -> npt.NDArray[np.int_]:
    return load_bytes(encoded(image, format_name, **options), None)[0].astype(int)


def ramp16() -> npt.NDArray[np.uint16]:
    return np.linspace(0, 65535, 256 * 8).reshape(8, 256).astype(np.uint16)


@pytest.mark.parametrize("format_name", ["PNG", "TIFF", "PPM"])
def test_16_bit_grey_keeps_its_range(format_name: str) -> None:
    pixels = pixels_of(Image.fromarray(ramp16()), format_name)
    assert pixels.min() == 0
    assert pixels.max() == 255
    assert abs(pixels.mean() - 127.5) < 2


def test_big_endian_16_bit_grey() -> None:
    little = encoded(Image.fromarray(ramp16()), "TIFF")
    big = encoded(Image.fromarray(ramp16().astype(">u2")), "TIFF")
    assert big[:2] == b"MM"
    assert np.array_equal(load_bytes(big, None)[0], load_bytes(little, None)[0])


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 4.0e6])
def test_float_grey_finds_its_white(white: float) -> None:
    grey = np.linspace(0, white, 256, dtype=np.float32).reshape(8, 32)
    pixels = pixels_of(Image.fromarray(grey), "TIFF")[..., 0]
    assert np.abs(pixels - np.linspace(0, 255, 256).reshape(8, 32)).max() <= 1


def test_float_grey_below_zero_is_stretched() -> None:
    pixels = pixels_of(Image.fromarray(np.linspace(-50, 50, 256, dtype=np.float32).reshape(8, 32)), "TIFF")
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_numbers_that_are_none_do_not_spread() -> None:
    grey = np.full((8, 8), 0.5, dtype=np.float32)
    grey[0, :4] = (np.nan, np.inf, -np.inf, 3e38)
    grey[0, 3] = 1.0
    pixels = pixels_of(Image.fromarray(grey), "TIFF")
    assert np.all(pixels[1:] == 128)


@pytest.mark.parametrize("value", [0.0, 7.0, -3.0, 1e9])
def test_a_float_picture_of_one_value_decodes(value: float) -> None:
    assert pixels_of(Image.fromarray(np.full((4, 4), value, dtype=np.float32)), "TIFF").shape == (4, 4, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_transparency_is_shown_on_white(mode: str, format_name: str) -> None:
    image = Image.new(mode, (20, 10), 0)
    image.paste((0, 255) if mode == "LA" else (0, 0, 0, 255), (0, 0, 10, 10))
    pixels = pixels_of(image, format_name)
    assert np.all(pixels[:, :10] == 0)
    assert np.all(pixels[:, 10:] == 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_shown_on_a_checkerboard_in_the_viewer(tmp_path: Path, mode: str) -> None:
    white = (255, 255) if mode == "LA" else (255, 255, 255, 255)
    image = Image.new(mode, (256, 128), 0)
    image.paste(white, (0, 0, 128, 128))
    image.save(tmp_path / "logo.png")
    pixels, _ = load_image(str(tmp_path / "logo.png"), None, checkered=True)
    assert np.all(pixels[:, :128] == 255)
    assert set(np.unique(pixels[:, 128:])) == {216, 255}
    squares = pixels[2::4, 130::4, 0]
    assert np.all(squares[:, 1:] != squares[:, :-1])
    assert np.all(squares[1:] != squares[:-1])
    # The board looks the same in a smaller version of the picture.
    small, _ = load_image(str(tmp_path / "logo.png"), 128, checkered=True)
    assert np.array_equal(small[1::2, 65::2, 0] > 230, squares > 230)
    plain, _ = load_image(str(tmp_path / "logo.png"), None)
    assert np.all(plain == 255)


def test_half_transparent_black_is_grey() -> None:
    assert np.all(pixels_of(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG") == 127)


@pytest.mark.parametrize(
    ("format_name", "options"), [("PNG", {"transparency": 1}), ("GIF", {"transparency": 1})]
)
def test_a_palette_with_transparency(format_name: str, options: dict[str, object]) -> None:
    image = Image.new("P", (20, 10), 0)
    image.putpalette([200, 30, 40, 10, 20, 30])
    image.paste(1, (10, 0, 20, 10))
    pixels = pixels_of(image, format_name, **options)
    assert np.all(pixels[:, :10] == (200, 30, 40))
    assert np.all(pixels[:, 10:] == 255)


def test_an_orientation_does_not_lose_the_transparency() -> None:
    image = Image.new("P", (20, 10), 1)
    image.putpalette([200, 30, 40, 10, 20, 30])
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = pixels_of(image, "PNG", transparency=1, exif=exif)
    assert pixels.shape == (20, 10, 3)
    assert np.all(pixels == 255)


def test_one_bit_and_grey() -> None:
    assert set(np.unique(pixels_of(Image.new("1", (9, 9), 1), "PNG"))) == {255}
    assert set(np.unique(pixels_of(Image.new("L", (9, 9), 77), "PNG"))) == {77}


@pytest.mark.parametrize("format_name", ["JPEG", "TIFF"])
def test_cmyk_without_a_profile(format_name: str) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    pixels = pixels_of(image, format_name)
    assert np.abs(pixels - (255, 0, 0)).max() <= 3


def test_a_cmyk_picture_with_an_rgb_profile_ignores_it() -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    pixels = pixels_of(image, "TIFF", icc_profile=matrix_profile(DISPLAY_P3))
    assert np.abs(pixels - (255, 0, 0)).max() <= 3


def test_lab() -> None:
    # The red of sRGB under D50: L* 54.3, a* 80.8, b* 69.9.
    image = Image.new("LAB", (8, 8), (round(54.3 * 2.55), 128 + 81, 128 + 70))
    red, green, blue = to_srgb(image).getpixel((0, 0))  # type: ignore[misc]
    assert red > 240
    assert green < 60
    assert blue < 60


def expected_srgb(colour: tuple[int, int, int], gamma: float) -> npt.NDArray[np.float64]:
    """By the formulas of ICC.1 and IEC 61966-2-1."""
    linear = (np.array(colour) / 255) ** gamma
    xyz = np.array(DISPLAY_P3).T @ linear
    red_green_blue = np.clip(np.linalg.inv(np.array(SRGB).T) @ xyz, 0, 1)
    curve = np.where(
        red_green_blue <= 0.0031308, 12.92 * red_green_blue, 1.055 * red_green_blue ** (1 / 2.4) - 0.055
    )
    return np.asarray(255 * curve)


@pytest.mark.parametrize("colour", [(180, 100, 60), (90, 160, 110), (60, 70, 150), (128, 128, 128)])
@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_a_wide_gamut_profile_is_followed(colour: tuple[int, int, int], format_name: str) -> None:
    image = Image.new("RGB", (8, 8), colour)
    pixels = pixels_of(image, format_name, icc_profile=matrix_profile(DISPLAY_P3))
    assert np.abs(pixels - expected_srgb(colour, 2.2)).max() <= 3
    if colour != (128, 128, 128):
        assert np.abs(pixels - np.array(colour)).max() > 5  # or the test would pass without a profile


def test_a_palette_follows_its_profile() -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([180, 100, 60])
    pixels = pixels_of(image, "PNG", icc_profile=matrix_profile(DISPLAY_P3))
    assert np.abs(pixels - expected_srgb((180, 100, 60), 2.2)).max() <= 3


def test_an_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = scene(64, 48)
    assert np.array_equal(pixels_of(image, "PNG", icc_profile=profile), np.asarray(image))


@pytest.mark.parametrize("profile", [b"no profile at all", b"\0" * 128, matrix_profile(SRGB)[:180]])
def test_a_damaged_profile_is_ignored(profile: bytes) -> None:
    image = scene(64, 48)
    assert np.array_equal(pixels_of(image, "PNG", icc_profile=profile), np.asarray(image))


def test_a_reduction_is_a_mean() -> None:
    checks = np.indices((8, 8)).sum(axis=0) % 2 * 200
    image = Image.fromarray(checks.astype(np.uint8))
    assert np.asarray(to_srgb(image, None, 2)).tolist() == [[[100, 100, 100]] * 4] * 4


def test_the_result_is_its_own_image_without_metadata() -> None:
    image = Image.new("RGB", (4, 4), "red")
    image.info["comment"] = b"words"
    result = to_srgb(image)
    assert result is not image
    assert result.info == {}
    assert image.info == {"comment": b"words"}


def test_a_big_endian_pgm_of_32_bit_range() -> None:
    header = b"P5 4 1 65535\n" + struct.pack(">4H", 0, 16384, 32768, 65535)
    assert load_bytes(header, None)[0][0, :, 0].tolist() == [0, 64, 128, 255]
