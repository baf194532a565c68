"""Pictures from real cameras and programs, and files made to break decoders."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.core.encoder import InputSpec
from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.formats import RAW, extension_of
from safelight.imaging.read import decode_photo, load_image
from support.pictures import hamming

pytestmark = pytest.mark.shared

SPEC = InputSpec(size=64)


def is_stub(path: Path) -> bool:
    """Whether a file has headers but no pixels: the collection's camera files and one HEIC."""
    return extension_of(str(path)) in RAW.extensions or (
        path.stat().st_size < 1000 and path.suffix == ".heic"
    )


@pytest.mark.slow
def test_every_format_decodes(shared: Path) -> None:
    paths = sorted((shared / "formats").iterdir())
    assert paths
    for path in paths:
        try:
            photo = decode_photo(str(path), SPEC)
        except ImageError as error:
            assert is_stub(path), (path.name, str(error))  # noqa: PT017
            assert error.kind is FailureKind.BROKEN  # noqa: PT017
        else:
            assert photo.model_input is not None
            assert photo.model_input.shape == (64, 64, 3)


def test_the_eight_orientations_of_a_landscape_look_alike(shared: Path) -> None:
    photos = [decode_photo(str(path), None) for path in sorted((shared / "formats").glob("Landscape_*.jpg"))]
    assert len(photos) > 5
    assert all(hamming(photos[0].perceptual_hash, photo.perceptual_hash) <= 4 for photo in photos)
    assert {(photo.width, photo.height) for photo in photos} == {(1800, 1200)}


def test_positions_of_a_real_camera(shared: Path) -> None:
    metadata = decode_photo(str(shared / "formats" / "jpg__gps__DSCN0010.jpg"), None).metadata
    assert metadata.camera == "NIKON COOLPIX P6000"
    assert metadata.latitude == pytest.approx(43.4674, abs=1e-3)
    assert metadata.longitude == pytest.approx(11.8851, abs=1e-3)


@pytest.mark.expected_log(r"PIL\.TiffImagePlugin")
def test_files_made_to_break_decoders_only_raise_image_errors(shared: Path) -> None:
    for path in sorted((shared / "broken").iterdir()):
        for read in (lambda p: decode_photo(p, SPEC), lambda p: load_image(p, 500)):
            try:
                read(str(path))
            except ImageError as error:
                assert "\n" not in str(error)  # noqa: PT017
