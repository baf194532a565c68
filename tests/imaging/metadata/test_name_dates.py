"""Dates in names of files."""

from __future__ import annotations

import pytest

from safelight.imaging.metadata import date_in_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_20190512_101500.jpg", "2019-05-12T10:15:00"),
        ("PXL_20210307_123456789.jpg", "2021-03-07T12:34:56"),
        ("IMG20190512101500.jpg", "2019-05-12T10:15:00"),
        ("20190512_101500.heic", "2019-05-12T10:15:00"),
        ("MVIMG_20190512_101500(1).jpg", "2019-05-12T10:15:00"),
        ("Screenshot_20190512-101500_Chrome.jpg", "2019-05-12T10:15:00"),
        ("Screenshot 2019-05-12 at 10.15.00.png", "2019-05-12T10:15:00"),
        ("Screenshot 2019-05-12 at 3.04.05 PM.png", "2019-05-12T15:04:05"),
        ("Screenshot 2019-05-12 at 12.04.05\u202fAM.png", "2019-05-12T00:04:05"),
        ("Screenshot from 2019-05-12 10-15-00.png", "2019-05-12T10:15:00"),
        ("WhatsApp Image 2019-05-12 at 10.15.00.jpeg", "2019-05-12T10:15:00"),
        ("WhatsApp Image 2019-05-12.jpeg", "2019-05-12T00:00:00"),
        ("IMG-20190512-WA0001.jpg", "2019-05-12T00:00:00"),
        ("signal-2019-05-12-101500.jpg", "2019-05-12T10:15:00"),
        ("photo_2019-05-12_10-15-00.jpg", "2019-05-12T10:15:00"),
        ("2019-05-12 birthday.jpg", "2019-05-12T00:00:00"),
        ("IMG_20190512.jpg", "2019-05-12T00:00:00"),
        ("IMG_20190231_101500.jpg", None),
        ("IMG_20191312_101500.jpg", None),
        ("IMG_1234.jpg", None),
        ("DSC01234567.jpg", None),
        ("120190512101500.jpg", None),
        ("2019-05-121.jpg", None),
        ("a20190512f3.jpg", None),
        ("00000000_000000.jpg", None),
        ("", None),
    ],
)
def test_names(name: str, expected: str | None) -> None:
    assert date_in_name(name) == expected
