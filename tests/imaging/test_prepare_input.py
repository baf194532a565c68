"""A model's input is what open_clip's own preprocessing makes of the same picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from safelight.core.encoder import InputSpec, Interpolation, Resize
from safelight.imaging.prepare import prepare_input
from support.pictures import scene

SIZES = [(320, 240), (241, 333), (224, 224), (97, 640), (1000, 125), (64, 50), (3, 200)]
MODES: tuple[Resize, ...] = ("shortest", "longest", "squash")
FILTERS: tuple[Interpolation, ...] = ("bicubic", "bilinear")


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("resize", MODES)
@pytest.mark.parametrize("interpolation", FILTERS)
def test_it_equals_open_clip(resize: Resize, interpolation: Interpolation) -> None:
    from safelight.embedding.torchvision_fix import import_torchvision

    import_torchvision()
    from open_clip.transform import image_transform

    for size, fill in ((224, 0), (61, 200)):
        transform = image_transform(
            size, is_train=False, mean=(0, 0, 0), std=(1, 1, 1), resize_mode=resize,
            interpolation=interpolation, fill_color=fill,
        )  # fmt: skip
        for width, height in SIZES:
            image = scene(width, height)
            expected = transform(image).permute(1, 2, 0).numpy() * 255
            spec = InputSpec(size=size, resize=resize, interpolation=interpolation, fill=fill)
            ours = prepare_input(image, spec)
            assert ours.shape == expected.shape
            difference = np.abs(ours - expected)
            extreme = max(width, height) > 4 * min(width, height)
            assert difference.max() <= (6.01 if extreme else 1.01), (width, height, size)
            assert difference.mean() <= (0.5 if extreme else 0.05), (width, height, size)


@pytest.mark.parametrize("resize", MODES)
@pytest.mark.parametrize("size", [*SIZES, (60_000, 1), (1, 60_000), (1, 1)])
def test_any_shape_gives_the_models_shape(resize: Resize, size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (10, 200, 90))
    pixels = prepare_input(image, InputSpec(size=48, resize=resize, fill=7))
    assert pixels.shape == (48, 48, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable
    colours = {tuple(colour) for colour in pixels.reshape(-1, 3).tolist()}
    assert colours <= ({(10, 200, 90), (7, 7, 7)} if resize == "longest" else {(10, 200, 90)})


def test_the_centre_is_kept() -> None:
    image = Image.new("RGB", (300, 100), "red")
    image.paste("blue", (100, 0, 200, 100))
    pixels = prepare_input(image, InputSpec(size=100))
    assert np.all(pixels == (0, 0, 255))


def test_grey_becomes_colour() -> None:
    assert np.all(prepare_input(Image.new("L", (50, 60), 9), InputSpec(size=16)) == 9)
