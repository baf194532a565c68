"""Where a JPEG ends, and how many scans it may have."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.jpeg_markers import MOST_SCANS, check_scans, end_of_picture, markers
from safelight.imaging.opening import open_picture
from support.pictures import encoded, scene

END = b"\xff\xd9"


def progressive(scans: int, picture: Image.Image | None = None) -> bytes:
    """A progressive JPEG whose scans are repeated until there are this many."""
    data = encoded(picture or scene(64, 48), "JPEG", progressive=True)
    places = [at for marker, at in markers(data) if marker == 0xDA]
    last = data[places[-1] : -2]
    return data[:-2] + last * (scans - len(places)) + END


def test_a_small_file_of_thousands_of_scans_is_refused() -> None:
    """Each scan decodes the whole picture again: these 66 kB cost 8 seconds, and larger pictures more."""
    flat = Image.new("RGB", (2000, 2000), (1, 2, 3))
    with pytest.raises(ImageError) as caught:
        open_picture(progressive(3000, flat), ".jpg", None)
    assert caught.value.kind is FailureKind.BROKEN
    check_scans(progressive(MOST_SCANS))


def test_what_follows_the_picture_does_not_count() -> None:
    film = bytes((0xFF, 0xDA)) * 4000
    data = encoded(scene(64, 48), "JPEG")
    check_scans(data + film)
    assert end_of_picture(data + film) == len(data)


def test_markers_of_damaged_pictures_end() -> None:
    chance = random.Random(1)
    good = progressive(20)
    assert end_of_picture(good) == len(good)
    for _ in range(500):
        data = bytearray(good[: chance.randrange(len(good))])
        for _ in range(3):
            if data:
                data[chance.randrange(len(data))] = chance.choice((0, 0xFF, 0xDA, 0xD9, 0x10))
        places = [at for _, at in markers(bytes(data))]
        assert places == sorted(set(places))
