"""What a picture says of itself, and what is not believed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from safelight.core.photo import DateSource, ImageMetadata
from safelight.imaging.metadata import Blocks, clean_text, read_metadata
from support.pictures import Decode, encoded, heic, scene

PHOTO, GPS = 0x8769, 0x8825


def exif_of(
    base: dict[int, Any] | None = None, photo: dict[int, Any] | None = None, gps: dict[int, Any] | None = None
) -> Image.Exif:
    exif = Image.Exif()
    exif.update(base or {})
    exif.get_ifd(PHOTO).update(photo or {})
    exif.get_ifd(GPS).update(gps or {})
    return exif


def read(**parts: dict[int, Any]) -> ImageMetadata:
    return read_metadata(Blocks(exif_of(**parts)))


FULL: dict[str, dict[int, Any]] = {
    "base": {0x010F: "Canon", 0x0110: "Canon EOS 5D"},
    "photo": {
        0x9003: "2019:08:07 16:05:04",
        0xA434: "EF24-70mm f/2.8L",
        0x8827: 400,
        0x829D: IFDRational(28, 10),
        0x829A: IFDRational(1, 250),
        0x920A: IFDRational(50, 1),
    },
    "gps": {
        1: "S",
        2: (IFDRational(33), IFDRational(51), IFDRational(36, 1)),
        3: "E",
        4: (IFDRational(151), IFDRational(12), IFDRational(0)),
    },
}


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_round_trip_through_a_file(decode: Decode, format_name: str) -> None:
    found = decode(encoded(scene(64, 48), format_name, exif=exif_of(**FULL).tobytes())).metadata
    assert found == ImageMetadata(
        taken_at="2019-08-07T16:05:04",
        camera="Canon EOS 5D",
        lens="EF24-70mm f/2.8L",
        iso=400,
        aperture=2.8,
        exposure=0.004,
        focal_length=50.0,
        latitude=-33.86,
        longitude=151.2,
        date_source=DateSource.METADATA,
    )


def test_a_heic_round_trip(decode: Decode) -> None:
    found = decode(heic(scene(64, 48), exif=exif_of(**FULL))).metadata
    assert (found.camera, found.latitude, found.taken_at) == ("Canon EOS 5D", -33.86, "2019-08-07T16:05:04")


def test_a_picture_that_says_nothing(decode: Decode) -> None:
    assert decode(encoded(scene(64, 48), "JPEG")).metadata == ImageMetadata()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019:08:07 16:05:04", "2019-08-07T16:05:04"),
        ("2019-08-07T16:05:04.123+02:00", "2019-08-07T16:05:04"),
        ("2019/08/07 16:05:04\0junk", "2019-08-07T16:05:04"),
        ("1901:01:01", "1901-01-01T00:00:00"),
        ("0000:00:00 00:00:00", None),
        ("2019:02:30 10:00:00", None),
        ("2019:02:03 24:00:00", None),
        ("9999:01:01 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: str | None) -> None:
    assert read(photo={0x9003: text}).taken_at == expected


def test_the_date_taken_comes_before_the_others() -> None:
    taken, digitised, changed = "2001:01:01 00:00:00", "2002:01:01 00:00:00", "2003:01:01 00:00:00"
    assert (
        read(base={0x0132: changed}, photo={0x9003: taken, 0x9004: digitised}).taken_at
        == "2001-01-01T00:00:00"
    )
    assert (
        read(base={0x0132: changed}, photo={0x9003: "?", 0x9004: digitised}).taken_at == "2002-01-01T00:00:00"
    )
    assert read(base={0x0132: changed}).taken_at == "2003-01-01T00:00:00"


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        ("SONY", None, "SONY"),
        (None, "DMC-LX3", "DMC-LX3"),
        ("  ", "\0\0", None),
        ("Leica Camera AG", "LEICA Q2", "LEICA Q2"),
        (b"Bytes\xff", "One", "Bytes� One"),
    ],
)
def test_make_and_model_appear_once(make: str | None, model: str | None, expected: str | None) -> None:
    base = {tag: value for tag, value in ((0x010F, make), (0x0110, model)) if value is not None}
    assert read(base=base).camera == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\tb\x07c\x9bd", "a b c d"),
        ("x" * 5000, "x" * 100),
        ("one\0two", "one"),
        ("\u202eevil", "evil"),
        ("----", None),
        (b"latin \xe9", "latin �"),
        (("first", "second"), "first"),
        (12, None),
        (None, None),
        ((), None),
    ],
)
def test_text_is_one_clean_line(value: object, expected: str | None) -> None:
    assert clean_text(value) == expected


@pytest.mark.parametrize("lens", ["0.0 mm f/0.0", "-----", "\0"])
def test_a_lens_that_is_none(lens: str) -> None:
    assert read(photo={0xA434: lens}).lens is None


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        ({0x8827: 100}, 100),
        ({0x8827: (200, 0)}, 200),
        ({0x8827: 65535, 0x8832: 102400}, 102400),
        ({0x8827: 65535}, 65535),
        ({0x8833: 800}, 800),
        ({0x8827: 0}, None),
        ({0x8827: "many"}, None),
    ],
)
def test_iso(photo: dict[int, Any], expected: int | None) -> None:
    assert read(photo=photo).iso == expected


@pytest.mark.parametrize(
    "value", [IFDRational(1, 0), IFDRational(0, 0), IFDRational(-5, 1), IFDRational(10**9), "x", ()]
)
def test_absurd_numbers_are_dropped(value: object) -> None:
    found = read(photo={0x829D: value, 0x829A: value, 0x920A: value})
    assert (found.aperture, found.exposure, found.focal_length) == (None, None, None)


def test_apex_values_are_used_where_others_are_missing() -> None:
    found = read(photo={0x9202: IFDRational(4, 1), 0x9201: IFDRational(6, 1)})
    assert (found.aperture, found.exposure) == (4.0, 1 / 64)


SYDNEY = FULL["gps"]


@pytest.mark.parametrize(
    "change",
    [
        {1: "X"},
        {1: ""},
        {3: None},
        {2: (IFDRational(91), IFDRational(0), IFDRational(0))},
        {4: (IFDRational(180), IFDRational(1), IFDRational(0))},
        {2: (IFDRational(1, 0), IFDRational(0), IFDRational(0))},
        {2: 12.5},
        {2: ()},
        {2: (IFDRational(0),) * 3, 4: (IFDRational(0),) * 3},
    ],
)
def test_a_doubtful_position_is_no_position(change: dict[int, Any]) -> None:
    found = read(gps={**SYDNEY, **change})
    assert (found.latitude, found.longitude) == (None, None)


def test_west_is_negative() -> None:
    found = read(gps={**SYDNEY, 1: "N", 3: "W\0"})
    assert (found.latitude, found.longitude) == (33.86, -151.2)


def test_damaged_exif_does_not_hide_the_picture(decode: Decode) -> None:
    whole = exif_of(**FULL).tobytes()
    for end in range(8, len(whole), 7):
        photo = decode(encoded(scene(64, 48), "JPEG", exif=whole[:end]))
        assert photo.width == 64
    photo = decode(encoded(scene(64, 48), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert photo.metadata == ImageMetadata()


def test_an_exif_directory_that_holds_itself(decode: Decode) -> None:
    exif = bytearray(b"Exif\0\0II*\0\x08\0\0\0\x01\0")
    exif += b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0" + bytes(4)
    with Image.open(BytesIO(encoded(scene(64, 48), "JPEG", exif=bytes(exif)))) as image:
        assert image.getexif()[PHOTO] == 8
    assert decode(encoded(scene(64, 48), "JPEG", exif=bytes(exif))).metadata == ImageMetadata()
