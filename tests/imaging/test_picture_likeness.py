"""Which pictures are one whole picture, and which show a part of another."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from safelight.imaging.crop_match import CropMatch, match_crop
from safelight.imaging.features import features
from safelight.imaging.frames import FrameLikeness, compare_frames, frame
from safelight.imaging.thumbnail import THUMBNAIL_SIDE, encode_thumbnail, shrink
from support.likenesses import captioned, cropped, next_frame, photograph

Change = Callable[[Image.Image], Image.Image]


def resaved(image: Image.Image, quality: int) -> Image.Image:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as again:
        return again.convert("RGB")


def thumbnail(image: Image.Image) -> bytes:
    return encode_thumbnail(shrink(image.convert("RGB"), THUMBNAIL_SIDE))


def wholes(one: Image.Image, two: Image.Image, orientation: int = 0) -> FrameLikeness:
    smaller = min(max(one.size), max(two.size))
    return compare_frames(frame(thumbnail(one)), frame(thumbnail(two)), orientation, smaller)


def parts(one: Image.Image, two: Image.Image) -> CropMatch:
    return match_crop(features(thumbnail(one)), features(thumbnail(two)))


SAME: dict[str, Change] = {
    "smaller": lambda image: image.resize((160, 120), Image.Resampling.LANCZOS),
    "compressed": lambda image: resaved(image, 30),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.25),
    "grey": lambda image: image.convert("L"),
}

PART: dict[str, Change] = {
    "cropped by 5 %": lambda image: cropped(image, 0.05, 0.2, 0.9),
    "cropped by 30 %": lambda image: cropped(image, 0.3, 0.8, 0.1),
    "turned by 3°": lambda image: cropped(image.rotate(3, Image.Resampling.BICUBIC), 0.1),
    "with a border": lambda image: ImageOps.expand(image, 30, "white"),
    "with a caption": captioned,
    "cropped and compressed": lambda image: resaved(cropped(image, 0.2), 40),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME.keys())
def test_saving_again_leaves_one_whole_picture(change: Change) -> None:
    image = photograph(1)
    found = wholes(image, change(image))
    assert found.same
    assert found.likeness > 0.8


@pytest.mark.parametrize("change", [*PART.values(), next_frame], ids=[*PART.keys(), "next frame"])
def test_what_lacks_or_has_more_is_not_the_whole_picture(change: Change) -> None:
    image = photograph(1)
    assert not wholes(image, change(image)).same


def test_a_turned_picture_is_the_same_in_its_orientation_alone() -> None:
    image = photograph(2)
    turned = image.transpose(Image.Transpose.ROTATE_90)
    # Turned counterclockwise, so: exchange rows and columns, then turn the columns about.
    assert [o for o in range(8) if wholes(image, turned, o).same] == [5]
    assert [o for o in range(8) if wholes(image, ImageOps.mirror(image), o).same] == [1]


@pytest.mark.parametrize("change", PART.values(), ids=PART.keys())
def test_parts_are_found_whichever_comes_first(change: Change) -> None:
    image = photograph(4)
    found, back = parts(image, change(image)), parts(change(image), image)
    assert found.found
    assert back.found
    assert found.likeness > 0.85
    assert {found.part, back.part} == {1, 2}


def test_the_share_that_a_part_takes_is_measured() -> None:
    image = photograph(5)
    assert parts(image, cropped(image, 0.3)).share == pytest.approx(0.49, abs=0.02)


@pytest.mark.slow
def test_strangers_and_flat_pictures_are_nothing_of_each_other() -> None:
    rng = random.Random(0)
    pictures = [photograph(seed) for seed in range(10, 22)]
    for _ in range(20):
        one, two = rng.sample(pictures, 2)
        assert not wholes(one, two).same
        assert not parts(one, two).found
    sky = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    other = ImageEnhance.Brightness(sky).enhance(0.9)
    assert not wholes(sky, other).same
    assert not parts(sky, other).found
    tiny = Image.new("RGB", (3, 2), "red")
    assert not wholes(tiny, tiny).same
    assert not parts(tiny, tiny).found


def test_two_halves_of_a_picture_are_nothing_of_each_other() -> None:
    image = photograph(6)
    left, right = image.crop((0, 0, 310, 480)), image.crop((330, 0, 640, 480))
    assert not wholes(left, right).same
    assert not parts(left, right).found
    assert parts(image, left).found


def test_a_changed_corner_is_seen() -> None:
    image = photograph(7)
    pixels = np.asarray(image).copy()
    pixels[300:400, 450:600] = np.asarray(photograph(8))[300:400, 450:600]
    assert not wholes(image, Image.fromarray(pixels)).same
