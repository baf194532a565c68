"""Profiles made from chromaticities, as colour management applies them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from safelight.imaging.colour import to_srgb
from safelight.imaging.matrix_profile import (
    BT2020,
    DISPLAY_P3,
    SRGB,
    Primaries,
    gamma_curve,
    matrix_profile,
    srgb_curve,
)
from support import pictures


def test_the_matrices_are_the_published_ones() -> None:
    np.testing.assert_allclose(DISPLAY_P3.to_d50().T, pictures.DISPLAY_P3, atol=2e-4)
    np.testing.assert_allclose(SRGB.to_d50().T, pictures.SRGB, atol=2e-4)
    # White is D50 in every profile.
    np.testing.assert_allclose(BT2020.to_d50().sum(axis=1), (0.9642, 1.0, 0.8249), atol=5e-4)


def test_colours_of_srgb_stay_and_those_of_display_p3_are_brighter() -> None:
    image = Image.new("RGB", (4, 4), (200, 100, 50))
    assert to_srgb(image, matrix_profile(SRGB, srgb_curve())).getpixel((0, 0)) == (200, 100, 50)
    red, green, blue = to_srgb(image, matrix_profile(DISPLAY_P3, srgb_curve())).getpixel((0, 0))  # type: ignore[misc]
    # By the definitions of both spaces: linear light, matrix to XYZ and to sRGB, sRGB's curve.
    assert (abs(red - 215), abs(green - 93), abs(blue - 31)) <= (2, 2, 2)


def test_a_gamma_of_one_brightens_the_middle() -> None:
    image = Image.new("RGB", (4, 4), (128, 128, 128))
    grey = to_srgb(image, matrix_profile(SRGB, gamma_curve(1.0))).getpixel((0, 0))
    assert grey == pytest.approx((188, 188, 188), abs=2)


@pytest.mark.parametrize(
    "primaries",
    [
        Primaries((0.64, 0.33), (0.64, 0.33), (0.64, 0.33)),
        Primaries((0.64, 0.0), (0.3, 0.6), (0.15, 0.06)),
    ],
)
def test_chromaticities_that_are_no_colour_space_are_refused(primaries: Primaries) -> None:
    with pytest.raises(ValueError, match="chromaticit"):
        matrix_profile(primaries, srgb_curve())
