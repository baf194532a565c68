"""Two versions of one picture are laid over one another, and what differs is seen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from safelight.core.encoder import Pixels
from safelight.imaging.overlay import overlay
from support.pictures import scene


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"))


ORIGINAL = scene(640, 480, seed=3)


def test_equal_pictures_do_not_differ() -> None:
    found = overlay(pixels(ORIGINAL), pixels(ORIGINAL))
    assert (found.largest, found.differing, found.shared) == (0, 0.0, 1.0)
    assert found.fits
    assert not found.turned
    assert not found.difference.any()


def test_a_smaller_version_is_brought_to_the_common_size() -> None:
    small = ORIGINAL.resize((320, 240), Image.Resampling.LANCZOS)
    found = overlay(pixels(ORIGINAL), pixels(small))
    assert found.second.shape == found.difference.shape == (480, 640, 3)
    assert found.fits
    assert found.differing < 0.02


def test_a_retouched_spot_is_amplified() -> None:
    edited = ORIGINAL.copy()
    edited.paste((128, 128, 128), (300, 200, 360, 250))
    found = overlay(pixels(ORIGINAL), pixels(edited))
    spot, rest = found.difference[210:240, 310:350], found.difference[300:, :200]
    assert spot.mean() > 20 * max(1.0, float(rest.mean()))
    assert 0.001 < found.differing < 0.03


def test_a_faint_difference_is_amplified_more_than_a_strong_one() -> None:
    faint = np.clip(pixels(ORIGINAL).astype(int) + 3, 0, 255).astype(np.uint8)
    strong = pixels(ImageEnhance.Brightness(ORIGINAL).enhance(0.5))
    assert overlay(pixels(ORIGINAL), faint).gain > overlay(pixels(ORIGINAL), strong).gain


@pytest.mark.parametrize("turn", list(Image.Transpose))
def test_rotated_and_mirrored_pictures_are_turned_back(turn: Image.Transpose) -> None:
    found = overlay(pixels(ORIGINAL), pixels(ORIGINAL.transpose(turn)))
    assert found.turned
    assert found.fits
    assert found.differing < 0.01


@pytest.mark.parametrize("box", [(60, 40, 560, 420), (0, 0, 320, 240), (300, 150, 640, 480)])
def test_a_crop_is_where_it_was_cut_from(box: tuple[int, int, int, int]) -> None:
    cut = ORIGINAL.crop(box).resize((400, round(400 * (box[3] - box[1]) / (box[2] - box[0]))))
    found = overlay(pixels(ORIGINAL), pixels(cut))
    assert found.fits
    area = (box[2] - box[0]) * (box[3] - box[1]) / (640 * 480)
    assert found.shared == pytest.approx(area, abs=0.03)
    assert found.differing < 0.05
    back = overlay(pixels(cut), pixels(ORIGINAL))
    assert back.fits
    assert back.shared == pytest.approx(1.0, abs=0.02)
    assert back.differing < 0.05


def test_pictures_of_other_things_are_only_scaled_and_this_is_reported() -> None:
    found = overlay(pixels(ORIGINAL), pixels(scene(500, 500, seed=9)))
    assert not found.fits
    assert found.differing > 0.3
    assert found.second.shape == (480, 640, 3)


@pytest.mark.parametrize("size", [(2, 2), (2, 900), (1200, 3), (64, 64)])
def test_any_shape_can_be_compared(size: tuple[int, int]) -> None:
    even = Image.new("RGB", size, (90, 90, 90))
    assert overlay(pixels(ORIGINAL), pixels(even)).difference.shape == (480, 640, 3)
    assert overlay(pixels(even), pixels(ORIGINAL)).difference.shape == (size[1], size[0], 3)
    assert overlay(pixels(even), pixels(even)).largest == 0
