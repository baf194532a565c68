"""One reading of a file: what comes out, upright and all from the same pixels."""

from __future__ import annotations

import hashlib
import os
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.core.encoder import InputSpec
from safelight.imaging.prepare import prepare_input
from safelight.imaging.read import decode_photo, load_bytes, load_image, model_input
from support.pictures import Decode, encoded, scene

# How a camera held in each way stores the upright picture.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def held(image: Image.Image, orientation: int, format_name: str, **options: object) -> bytes:
    method = STORED[orientation]
    stored = image if method is None else image.transpose(method)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(stored, format_name, exif=exif, **options)


def test_everything_comes_from_one_reading(decode: Decode) -> None:
    data = encoded(scene(), "JPEG", quality=90)
    photo = decode(data, spec=InputSpec(size=64))
    assert photo.content_hash == hashlib.blake2b(data, digest_size=20).digest()
    assert photo.size == len(data)
    assert (photo.format, photo.width, photo.height) == ("JPEG", 320, 240)
    assert photo.model_input is not None
    assert photo.model_input.shape == (64, 64, 3)
    assert photo.model_input.dtype == np.uint8
    assert len(photo.pixel_hash) == 20
    assert -(2**63) <= photo.perceptual_hash < 2**63


def test_without_a_model_there_is_no_input(decode: Decode) -> None:
    assert decode(encoded(scene(), "PNG"), "photo.png").model_input is None


def test_a_path_may_be_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + (b"/caf\xe9.jpg" if sys.platform.startswith("linux") else b"/cafe.jpg")
    with open(path, "wb") as file:
        file.write(encoded(scene(), "JPEG"))
    assert decode_photo(path, None).width == 320
    assert decode_photo(os.fsdecode(path), None).width == 320


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("format_name", "tolerance"), [("PNG", 0), ("TIFF", 0), ("WEBP", 0), ("JPEG", 8)])
def test_every_orientation_comes_out_upright(
    tmp_path: Path, format_name: str, tolerance: int, orientation: int
) -> None:
    upright = scene(96, 64)
    options = {"lossless": True} if format_name == "WEBP" else {}
    if format_name == "JPEG":
        options = {"quality": 98, "subsampling": 0}  # type: ignore[dict-item]
    path = tmp_path / f"photo.{format_name.lower()}"
    path.write_bytes(held(upright, orientation, format_name, **options))
    pixels, _ = load_image(str(path), None)
    difference = np.abs(pixels.astype(int) - np.asarray(upright, dtype=int))
    assert difference.mean() <= tolerance / 4
    assert difference.max() <= tolerance * 8
    photo = decode_photo(str(path), None)
    assert (photo.width, photo.height) == (96, 64)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("with_xmp", [True, False])
def test_only_the_container_turns_an_avif(tmp_path: Path, orientation: int, with_xmp: bool) -> None:
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="3"/>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    upright = scene(96, 64)
    path = tmp_path / "photo.avif"
    options = {"xmp": xmp} if with_xmp else {}
    path.write_bytes(held(upright, orientation, "AVIF", quality=95, **options))
    pixels, _ = load_image(str(path), None)
    assert np.abs(pixels.astype(int) - np.asarray(upright, dtype=int)).mean() < 4


def test_a_large_photo_is_decoded_reduced_and_still_upright(decode: Decode) -> None:
    upright = scene(3200, 2000)
    photo = decode(held(upright, 6, "JPEG", quality=90), spec=InputSpec(size=128))
    assert (photo.width, photo.height) == (3200, 2000)
    assert photo.model_input is not None
    expected = prepare_input(upright, InputSpec(size=128))
    assert np.abs(photo.model_input.astype(int) - expected).mean() < 2


def test_the_thumbnail_is_a_small_baseline_jpeg_without_the_originals_words(decode: Decode) -> None:
    photo = decode(encoded(scene(1600, 900), "JPEG", comment=b"secret", icc_profile=b"x" * 200))
    with Image.open(BytesIO(photo.thumbnail)) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert thumbnail.size == (384, 216)
        assert "progressive" not in thumbnail.info
        assert not thumbnail.info.get("comment")
        assert "icc_profile" not in thumbnail.info
        assert not thumbnail.getexif()


@pytest.mark.parametrize(
    ("size", "expected"), [((40, 30), (40, 30)), ((5000, 2), (384, 1)), ((1, 1), (1, 1))]
)
def test_a_thumbnail_is_never_enlarged_and_never_empty(
    decode: Decode, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    photo = decode(encoded(Image.new("RGB", size, "teal"), "PNG"), "photo.png", InputSpec(size=32))
    with Image.open(BytesIO(photo.thumbnail)) as thumbnail:
        assert thumbnail.size == expected
    assert photo.model_input is not None
    assert np.abs(photo.model_input.astype(int) - (0, 128, 128)).max() <= 1


def test_the_mean_colour_is_red_green_blue(decode: Decode) -> None:
    image = Image.new("RGB", (20, 10), (250, 10, 30))
    image.paste((50, 10, 30), (0, 0, 10, 10))
    assert decode(encoded(image, "PNG"), "photo.png").colour == 0x960A1E


@pytest.mark.parametrize("format_name", ["PNG", "TIFF", "WEBP"])
def test_the_pixel_hash_outlives_edited_metadata(decode: Decode, format_name: str) -> None:
    options = {"lossless": True} if format_name == "WEBP" else {}
    exif = Image.Exif()
    exif[0x010F] = "Acme"
    plain = decode(encoded(scene(), format_name, **options), "photo")
    edited = decode(encoded(scene(), format_name, exif=exif, **options), "photo")
    other = decode(encoded(scene(seed=2), format_name, **options), "photo")
    assert plain.content_hash != edited.content_hash
    assert plain.pixel_hash == edited.pixel_hash
    assert plain.pixel_hash != other.pixel_hash


def test_the_pixel_hash_does_not_depend_on_the_model(decode: Decode) -> None:
    data = encoded(scene(3000, 2000), "JPEG")
    hashes = {
        decode(data, spec=spec).pixel_hash for spec in (None, InputSpec(224), InputSpec(384), InputSpec(896))
    }
    assert len(hashes) == 1


def test_a_model_with_a_large_input_gets_more_detail(decode: Decode) -> None:
    upright = scene(3000, 2000)
    spec = InputSpec(size=900)
    photo = decode(encoded(upright, "JPEG", quality=95), spec=spec)
    assert photo.model_input is not None
    assert np.abs(photo.model_input.astype(int) - prepare_input(upright, spec)).mean() < 1.5


def test_the_viewer_gets_no_more_than_it_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(scene(2400, 1200), "JPEG"))
    assert load_image(str(path), None)[0].shape == (1200, 2400, 3)
    assert load_image(str(path), 1000)[0].shape == (500, 1000, 3)
    assert load_image(str(path), 9000)[0].shape == (1200, 2400, 3)


def test_pasted_bytes_are_read_like_files(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(data := encoded(scene(), "PNG"))
    pixels, _ = load_bytes(data, None)
    assert np.array_equal(pixels, load_image(str(path), None)[0])
    spec = InputSpec(size=48)
    photo = decode_photo(str(path), spec)
    assert photo.model_input is not None
    assert np.array_equal(model_input(data, spec), photo.model_input)
    assert np.array_equal(model_input(str(path), spec), photo.model_input)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_an_animation_shows_its_first_frame(format_name: str) -> None:
    first, *rest = (Image.new("RGB", (32, 24), colour) for colour in ("red", "lime", "blue"))
    options = {"lossless": True} if format_name == "WEBP" else {}
    data = encoded(first, format_name, save_all=True, append_images=rest, duration=100, **options)
    pixels, _ = load_bytes(data, None)
    assert np.abs(pixels.astype(int) - (255, 0, 0)).max() <= 2
