"""Compares decoded pixels with pixels that are known, and with those of other decoders.

Orientation and colours are right if the mean difference is at most two levels of 255.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from safelight.core.errors import ImageError
from safelight.imaging import formats
from safelight.imaging.formats import extension_of
from safelight.imaging.read import load_image, picture_size
from support.format_samples import FOLDER, drawing, expected, mean_difference
from support.reference_decodes import by_ffmpeg, by_imagemagick

SAMPLES = sorted(path.name for path in FOLDER.iterdir())

MOST_LEVELS = 2.0

NO_PIXELS = {
    "t__images__CanonRaw.cr2",
    "t__images__DNG.dng",
    "t__images__FujiFilm.raf",
    "t__images__Nikon.nef",
    "t__images__Panasonic.rw2",
    "t__images__QuickTime.heic",
}
"""Files with headers only."""

PLAYED = {
    "test__fixtures__big-height.webp",
    "test__fixtures__expected__embed-animated-height.webp",
    "test__fixtures__expected__extend-equal-background.webp",
    "test__fixtures__expected__extend-equal-repeat.webp",
}
"""Animations, which this FFmpeg cannot decode."""


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_show_the_pixels_that_were_drawn(name: str) -> None:
    if name.endswith(".jxl"):
        pytest.importorskip("pylibjxl", reason="pylibjxl has no build for this platform")
    pixels, _ = load_image(str(FOLDER / name), None)
    assert pixels.shape == expected(name).shape
    assert mean_difference(name, pixels) <= MOST_LEVELS


@pytest.mark.parametrize("name", SAMPLES)
def test_the_size_is_that_of_the_decoded_picture(name: str) -> None:
    if name.endswith(".jxl"):
        pytest.importorskip("pylibjxl", reason="pylibjxl has no build for this platform")
    width, height = picture_size(str(FOLDER / name))
    assert expected(name).shape[:2] == (height, width)


def test_the_samples_hold_every_format_that_can_be_written() -> None:
    found = {extension_of(name) for name in SAMPLES}
    for each in formats.FORMATS:
        assert each is formats.RAW or found & set(each.extensions), each.name


def test_turned_drawings_would_be_noticed() -> None:
    upright = drawing()
    turns = [np.rot90(upright, count) for count in range(4)]
    turns += [np.fliplr(each) for each in turns]
    for other in turns[1:]:
        if other.shape == upright.shape:
            assert np.abs(other.astype(np.int16) - upright).mean() > 10 * MOST_LEVELS


@pytest.mark.slow
@pytest.mark.shared
def test_the_collection_looks_as_other_decoders_show_it(shared: Path) -> None:
    pytest.importorskip("av", reason="the extra video, which brings FFmpeg, is not installed")
    unlike: list[str] = []
    compared = 0
    for path in sorted((shared / "formats").iterdir()):
        if path.name in NO_PIXELS:
            with pytest.raises(ImageError):
                load_image(str(path), None)
            continue
        reference = by_imagemagick(path) if path.name in PLAYED else by_ffmpeg(path)
        if reference is None:
            # FFmpeg in PyAV has no decoder for JPEG XL: its samples with known pixels are above.
            assert path.suffix == ".jxl" or path.name in PLAYED, path.name
            continue
        pixels, _ = load_image(str(path), None)
        if pixels.shape != reference.shape:
            unlike.append(f"{path.name}: {pixels.shape} instead of {reference.shape}")
            continue
        levels = float(np.abs(pixels.astype(np.int16) - reference).mean())
        compared += 1
        if levels > MOST_LEVELS:
            unlike.append(f"{path.name}: {levels:.2f} levels")
    assert unlike == []
    assert compared >= 45
