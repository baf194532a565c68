"""The beginning of a progressive JPEG: sharp, of the same size, and close to the complete picture."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.core.errors import ImageError
from safelight.imaging import jpeg_draft
from safelight.imaging.jpeg_draft import sharp_beginning
from safelight.imaging.read import load_draft, load_image
from safelight.services.bench.synthetic import scene
from support.pictures import encoded

SIZE = (1280, 960)


@pytest.fixture(autouse=True)
def _small_pictures_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg_draft, "_LEAST_PIXELS", 1_000_000)


@pytest.fixture(scope="module")
def drawn() -> Image.Image:
    return scene(*SIZE, seed=3).convert("RGB")


@pytest.mark.parametrize("side", [150, 160, 320])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_the_beginning_shows_the_picture_in_the_wanted_size(
    drawn: Image.Image, tmp_path: Path, side: int, mode: str
) -> None:
    path = tmp_path / "a.jpg"
    drawn.convert(mode).save(path, quality=92, progressive=True)
    draft, is_complete = load_draft(str(path), side)
    complete, _ = load_image(str(path), side)
    assert not is_complete
    assert draft.shape == complete.shape
    error = np.abs(draft.astype(int) - complete)
    assert 0 < error.mean() < 3
    # As much detail as in the complete picture: enlarging a smaller one would lose it.
    fine, whole = (np.abs(np.diff(pixels.astype(int), axis=1)).mean() for pixels in (draft, complete))
    assert fine > 0.8 * whole


def test_the_beginning_leaves_out_most_of_the_file(drawn: Image.Image) -> None:
    data = encoded(drawn, "JPEG", quality=92, progressive=True)
    beginning = sharp_beginning(data, 320)
    assert beginning is not None
    assert len(beginning) < len(data) / 2
    with Image.open(BytesIO(beginning)) as image:
        image.load()


@pytest.mark.parametrize(
    "options", [{"format_name": "JPEG"}, {"format_name": "PNG"}, {"format_name": "WEBP"}], ids=str
)
def test_other_files_are_read_completely(drawn: Image.Image, tmp_path: Path, options: dict[str, str]) -> None:
    data = encoded(drawn, **options)
    assert sharp_beginning(data, 320) is None
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    draft, is_complete = load_draft(str(path), 320)
    assert is_complete
    assert np.array_equal(draft, load_image(str(path), 320)[0])


def test_a_smaller_picture_needs_less_and_a_large_one_everything(drawn: Image.Image) -> None:
    data = encoded(drawn, "JPEG", quality=92, progressive=True)
    small, medium = sharp_beginning(data, 160), sharp_beginning(data, 320)
    assert small is not None
    assert medium is not None
    assert len(small) < len(medium) < len(data)
    assert sharp_beginning(data, 321) is None


def test_damaged_files_are_refused_for_the_same_reason(drawn: Image.Image, tmp_path: Path) -> None:
    data = encoded(drawn, "JPEG", quality=92, progressive=True)
    path = tmp_path / "a.jpg"
    # Cut at many places, the headers of frames and scans among them.
    for length in [*range(2, 700, 3), len(data) // 3, len(data) // 2]:
        path.write_bytes(data[:length])
        sharp_beginning(data[:length], 320)
    path.write_bytes(data[:400])
    with pytest.raises(ImageError) as drafted:
        load_draft(str(path), 320)
    with pytest.raises(ImageError) as whole:
        load_image(str(path), 320)
    assert str(drafted.value) == str(whole.value)
