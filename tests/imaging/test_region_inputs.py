"""Parts of a picture as a model's input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.core.encoder import InputSpec
from safelight.core.errors import ImageError
from safelight.core.region import Region
from safelight.imaging.prepare import prepare_input
from safelight.imaging.read import model_input, region_inputs
from support.pictures import encoded, scene


def test_a_part_is_prepared_as_a_picture_that_shows_it_alone() -> None:
    picture = scene(1600, 1200)
    region = Region.of(0.5, 0.1, 0.3, 0.4)
    spec = InputSpec(size=96)
    (found,) = region_inputs(encoded(picture, "PNG"), spec, [region])
    # Decoding may leave out what is not needed, so that edges differ by a few grey levels.
    alone = prepare_input(picture.crop(region.box(1600, 1200)), spec)
    assert np.abs(found.astype(int) - alone).mean() < 1.5


def test_the_whole_is_a_part_too(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(scene(640, 480), "JPEG", quality=95))
    spec = InputSpec(size=64)
    both = region_inputs(str(path), spec, [Region.of(0, 0, 1, 1), Region.of(0, 0, 0.5, 0.5)])
    assert both.shape == (2, 64, 64, 3)
    assert np.abs(both[0].astype(int) - model_input(str(path), spec)).mean() < 1.5


def test_a_small_part_of_a_large_picture_keeps_its_detail() -> None:
    """Fine stripes in a tenth of the picture would be grey, were it decoded for the whole."""
    stripes = np.zeros((3000, 3000), np.uint8)
    stripes[:300, :300] = np.tile([[0], [0], [255], [255]], (75, 300))
    data = encoded(Image.fromarray(stripes).convert("RGB"), "JPEG", quality=98)
    (part,) = region_inputs(data, InputSpec(size=150), [Region.of(0, 0, 0.1, 0.1)])
    assert part.std() > 60


def test_a_rectangle_is_of_the_upright_picture() -> None:
    picture = Image.new("RGB", (400, 200), "blue")
    picture.paste("red", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its left side: upright, the red half is the upper one
    data = encoded(picture, "JPEG", quality=95, exif=exif)
    upper, lower = region_inputs(
        data, InputSpec(size=32), [Region.of(0, 0, 1, 0.5), Region.of(0, 0.5, 1, 0.5)]
    )
    assert upper[16, 16, 0] > 200 > upper[16, 16, 2]
    assert lower[16, 16, 2] > 200 > lower[16, 16, 0]


def test_a_broken_picture_has_no_parts() -> None:
    with pytest.raises(ImageError):
        region_inputs(b"nothing", InputSpec(size=32), [Region.of(0, 0, 1, 1)])
