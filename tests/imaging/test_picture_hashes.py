"""Hashes of bytes, of pixels and of looks."""

from __future__ import annotations

import hashlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from safelight.imaging.hashes import content_hash, perceptual_hash, pixel_hash
from support.pictures import encoded, hamming, scene

INT64 = st.integers(-(2**63), 2**63 - 1)


def reopened(image: Image.Image, **options: object) -> Image.Image:
    return Image.open(BytesIO(encoded(image, "JPEG", **options))).convert("RGB")


def test_the_content_hash_is_blake2b_160() -> None:
    assert content_hash(b"abc") == hashlib.blake2b(b"abc", digest_size=20).digest()


def test_the_pixel_hash_of_a_large_picture_is_that_of_its_bytes() -> None:
    image = Image.effect_noise((3000, 2000), 50)
    assert pixel_hash(image, 3000, 2000) == pixel_hash(image.copy(), 3000, 2000)
    altered = image.copy()
    altered.putpixel((2999, 1999), (altered.getpixel((2999, 1999)) or 0) ^ 1)  # type: ignore[operator]
    assert pixel_hash(image, 3000, 2000) != pixel_hash(altered, 3000, 2000)


def test_the_pixel_hash_knows_the_full_size_the_shape_and_the_palette() -> None:
    image = Image.new("L", (10, 20))
    assert pixel_hash(image, 10, 20) != pixel_hash(image, 100, 200)
    assert pixel_hash(image, 10, 20) != pixel_hash(Image.new("L", (20, 10)), 10, 20)
    first, second = Image.new("P", (4, 4)), Image.new("P", (4, 4))
    first.putpalette([1, 2, 3])
    second.putpalette([4, 5, 6])
    assert pixel_hash(first, 4, 4) != pixel_hash(second, 4, 4)


@pytest.mark.parametrize("seed", range(6))
def test_looks_survive_what_programs_do_to_copies(seed: int) -> None:
    image = scene(640, 480, seed)
    original = perceptual_hash(image)
    assert hamming(original, perceptual_hash(reopened(image, quality=40))) <= 4
    assert hamming(original, perceptual_hash(image.resize((320, 240)))) <= 4
    assert hamming(original, perceptual_hash(ImageEnhance.Brightness(image).enhance(0.85))) <= 6
    assert hamming(original, perceptual_hash(image.convert("L").convert("RGB"))) <= 2


def test_different_pictures_look_different() -> None:
    hashes = [perceptual_hash(scene(320, 240, seed)) for seed in range(6)]
    hashes.append(perceptual_hash(scene(320, 240).rotate(90, expand=True)))
    for index, first in enumerate(hashes):
        for second in hashes[index + 1 :]:
            assert hamming(first, second) >= 8


@pytest.mark.parametrize("colour", ["black", "white", (17, 99, 200)])
def test_a_single_colour_says_nothing(colour: object) -> None:
    assert perceptual_hash(Image.new("RGB", (400, 300), colour)) == 0  # type: ignore[arg-type]


def test_about_half_of_the_bits_are_set() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        image = Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
        assert 28 <= hamming(perceptual_hash(image), 0) <= 36


@given(INT64, INT64)
def test_hamming_counts_differing_bits(first: int, second: int) -> None:
    def bits(value: int) -> str:
        return f"{value % 2**64:064b}"

    assert hamming(first, second) == sum(a != b for a, b in zip(bits(first), bits(second), strict=True))
    assert hamming(first, first) == 0


def test_hamming_of_opposite_signs() -> None:
    assert hamming(-1, 0) == 64
    assert hamming(-(2**63), 2**63 - 1) == 64
