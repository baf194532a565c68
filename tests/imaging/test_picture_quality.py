from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.hashes import content_hash, content_hash_of_file
from safelight.imaging.quality import jpeg_quality, sharpness
from support.pictures import scene


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@pytest.mark.parametrize("quality", [1, 10, 30, 49, 50, 51, 75, 90, 95, 99, 100])
def test_the_quality_that_a_jpeg_was_saved_with_is_found(tmp_path: Path, quality: int) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(jpeg(scene(), quality))
    assert jpeg_quality(os.fsencode(path)) == pytest.approx(quality, abs=1)


def test_tables_of_another_encoder_get_a_quality_of_about_their_loss(tmp_path: Path) -> None:
    qualities = []
    for step in (2, 8, 30):
        path = tmp_path / f"{step}.jpg"
        scene().save(path, "JPEG", qtables=[[step] * 64, [step] * 64])
        qualities.append(jpeg_quality(str(path)) or 0)
    assert qualities == sorted(qualities, reverse=True)
    assert 100 > qualities[0] > qualities[2] > 1


def test_what_is_no_jpeg_has_no_quality(tmp_path: Path) -> None:
    png, broken, missing = tmp_path / "x.png", tmp_path / "b.jpg", tmp_path / "m.jpg"
    scene().save(png)
    broken.write_bytes(b"\xff\xd8\xff\xdb")
    for path in (png, broken, missing, tmp_path):
        assert jpeg_quality(str(path)) is None


def test_blur_makes_less_sharp() -> None:
    picture = scene()
    found = [sharpness(jpeg(picture.filter(ImageFilter.GaussianBlur(radius)))) for radius in (0, 1, 3)]
    assert found[0] > found[1] > found[2]


def test_sharpness_is_comparable_between_sizes_and_zero_without_detail() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (96, 128), dtype=np.uint8)
    detailed = Image.fromarray(noise).resize((1536, 1152), Image.Resampling.BICUBIC)
    large, small = sharpness(jpeg(detailed)), sharpness(jpeg(detailed.resize((768, 576))))
    assert small == pytest.approx(large, rel=0.2)
    assert sharpness(jpeg(Image.new("RGB", (500, 300), "teal"))) < 1e-6
    assert sharpness(jpeg(Image.new("L", (2, 400)))) == 0


def test_a_files_hash_is_that_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    data = os.urandom(3 * 2**20 + 5)
    path.write_bytes(data)
    found, status = content_hash_of_file(os.fsencode(path))
    assert found == content_hash(data)
    assert status.st_size == len(data)
    with pytest.raises(ImageError) as caught:
        content_hash_of_file(str(tmp_path))
    assert caught.value.kind is FailureKind.NOT_A_FILE
