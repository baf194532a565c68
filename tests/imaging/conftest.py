"""Fixtures of the imaging tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.core.encoder import InputSpec
from safelight.core.photo import DecodedPhoto
from safelight.imaging.opening import MAX_PIXELS
from safelight.imaging.read import decode_photo
from safelight.imaging.source import MAX_BYTES
from support.pictures import Decode


@pytest.fixture
def decode(tmp_path: Path) -> Decode:
    """Decode bytes as a file: ``decode(data, name="photo.jpg", spec=None, **limits)``."""

    def run(
        data: bytes,
        name: str = "photo.jpg",
        spec: InputSpec | None = None,
        *,
        max_pixels: int = MAX_PIXELS,
        max_bytes: int = MAX_BYTES,
    ) -> DecodedPhoto:
        path = tmp_path / name
        path.write_bytes(data)
        return decode_photo(str(path), spec, max_pixels=max_pixels, max_bytes=max_bytes)

    return run


@pytest.fixture
def shared() -> Path:
    """The sample photos beside the checkout."""
    folder = Path(__file__).resolve().parents[3] / "shared"
    if not folder.is_dir():
        pytest.skip("the sample photos are not beside this checkout")
    return folder
