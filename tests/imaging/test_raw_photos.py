"""Camera RAW: the preview where it is good, else a demosaic; turned as the camera was held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from safelight.core.encoder import InputSpec
from safelight.core.errors import FailureKind, ImageError
from safelight.core.photo import ImageMetadata
from safelight.imaging.raw import merged
from safelight.imaging.read import load_image
from support.pictures import Decode, dng, encoded, scene


def mosaic(image: Image.Image) -> npt.NDArray[np.uint16]:
    """What an RGGB sensor sees of it."""
    linear = (np.asarray(image) / 255) ** 2.2 * 60_000
    sensor = np.empty(linear.shape[:2], dtype=np.uint16)
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        sensor[row::2, column::2] = linear[row::2, column::2, channel]
    return sensor


UPRIGHT_WIDE, UPRIGHT_HIGH = (400, 300), (300, 400)


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, UPRIGHT_WIDE), (3, UPRIGHT_WIDE), (6, UPRIGHT_HIGH), (8, UPRIGHT_HIGH)]
)
@pytest.mark.parametrize("with_preview", [False, True])
def test_it_comes_out_upright(
    decode: Decode, tmp_path: Path, orientation: int, size: tuple[int, int], with_preview: bool
) -> None:
    turn = {
        1: None,
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }
    upright = scene(*size)
    method = turn[orientation]
    stored = upright if method is None else upright.transpose(method)
    preview = encoded(stored, "JPEG", quality=95) if with_preview else b""
    photo = decode(dng(mosaic(stored), preview=preview, orientation=orientation), "a.dng", InputSpec(size=64))
    assert photo.format == "RAW"
    assert (photo.width, photo.height) == size
    pixels, _ = load_image(str(tmp_path / "a.dng"), None)
    small = np.asarray(Image.fromarray(pixels).convert("L").resize((20, 20)), dtype=float).ravel()
    expected = np.asarray(upright.convert("L").resize((20, 20)), dtype=float).ravel()
    assert np.corrcoef(small, expected)[0, 1] > 0.9
    assert (pixels.shape[:2] == size[::-1]) == with_preview  # a demosaic has half the size


def test_a_preview_that_is_upright_already_is_not_turned_again(decode: Decode, tmp_path: Path) -> None:
    upright = scene(*UPRIGHT_HIGH)
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    decode(dng(mosaic(stored), preview=encoded(upright, "JPEG", quality=95), orientation=6), "a.dng")
    pixels, _ = load_image(str(tmp_path / "a.dng"), None)
    assert np.abs(pixels.astype(int) - np.asarray(upright)).mean() < 3


def test_a_preview_with_an_orientation_of_its_own(decode: Decode, tmp_path: Path) -> None:
    upright = scene(*UPRIGHT_HIGH)
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    preview = encoded(stored, "JPEG", quality=95, exif=exif)
    decode(dng(mosaic(stored), preview=preview, orientation=6), "a.dng")
    pixels, _ = load_image(str(tmp_path / "a.dng"), None)
    assert np.abs(pixels.astype(int) - np.asarray(upright)).mean() < 3


def test_a_preview_too_small_for_the_purpose_is_passed_over(decode: Decode, tmp_path: Path) -> None:
    data = dng(mosaic(scene(*UPRIGHT_WIDE)), preview=encoded(scene(80, 60), "JPEG"))
    decode(data, "a.dng")
    assert load_image(str(tmp_path / "a.dng"), None)[0].shape == (150, 200, 3)
    assert load_image(str(tmp_path / "a.dng"), 64)[0].shape == (48, 64, 3)


@pytest.mark.parametrize("preview", [b"", encoded(scene(400, 300), "JPEG")])
def test_its_metadata(decode: Decode, preview: bytes) -> None:
    found = decode(dng(mosaic(scene(400, 300)), preview=preview), "a.dng").metadata
    assert (found.taken_at, found.camera, found.aperture) == ("2021-02-03T04:05:06", "Acme Mirror 5", 2.8)


def test_what_the_preview_says_goes_first() -> None:
    first = ImageMetadata(camera="One", iso=100)
    second = ImageMetadata(camera="Two", lens="Lens", iso=200)
    assert merged(first, second) == ImageMetadata(camera="One", lens="Lens", iso=100)


def test_a_file_without_its_pixels_is_broken_not_black(decode: Decode) -> None:
    data = dng(mosaic(scene(1200, 900)))
    with pytest.raises(ImageError, match="cut short") as caught:
        decode(data[:4000], "a.dng")
    assert caught.value.kind is FailureKind.BROKEN


def test_the_pixel_limit_holds(decode: Decode) -> None:
    with pytest.raises(ImageError) as caught:
        decode(dng(mosaic(scene(400, 300))), "a.dng", max_pixels=100_000)
    assert caught.value.kind is FailureKind.TOO_LARGE
