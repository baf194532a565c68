"""Which value counts where EXIF, IPTC and XMP differ."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from PIL import Image

from safelight.core.photo import DateSource, ImageMetadata
from safelight.imaging.metadata import Blocks, read_metadata, with_sidecars
from support.xmp_samples import LIGHTROOM


def iptc(*records: tuple[int, str], encoding: str = "utf-8") -> bytes:
    blocks = [b"\x1c\x01\x5a\x00\x03\x1b%G"] if encoding == "utf-8" else []
    for number, text in records:
        value = text.encode(encoding)
        blocks.append(bytes((0x1C, 2, number)) + len(value).to_bytes(2) + value)
    return b"".join(blocks)


def exif(base: dict[int, object], photo: dict[int, object] | None = None) -> Image.Exif:
    made = Image.Exif()
    made.update(base)
    made.get_ifd(0x8769).update(photo or {})
    return made


IPTC = iptc(
    (5, "IPTC title"), (25, "one"), (25, "two"), (55, "20010203"), (60, "040506+0100"), (80, "IPTC author"),
    (116, "IPTC copyright"), (120, "IPTC caption"),
)  # fmt: skip


def test_iptc_alone() -> None:
    found = read_metadata(Blocks(iptc=IPTC))
    assert (found.title, found.caption, found.tags) == ("IPTC title", "IPTC caption", ("one", "two"))
    assert (found.creator, found.copyright) == ("IPTC author", "IPTC copyright")
    assert (found.taken_at, found.utc_offset) == ("2001-02-03T04:05:06", 60)


def test_iptc_of_western_windows() -> None:
    assert read_metadata(Blocks(iptc=iptc((120, "Café"), encoding="cp1252"))).caption == "Café"


def test_xmp_comes_before_iptc_unless_another_program_changed_that() -> None:
    blocks = Blocks(iptc=IPTC, xmp=LIGHTROOM.encode())
    assert read_metadata(blocks).creator == "Ann Example"
    same = replace(blocks, iptc_digest=hashlib.md5(IPTC).digest())
    assert read_metadata(same).creator == "Ann Example"
    changed = replace(blocks, iptc_digest=b"?" * 16)
    found = read_metadata(changed)
    assert (found.creator, found.tags, found.taken_at) == (
        "IPTC author",
        ("one", "two"),
        "2001-02-03T04:05:06",
    )
    assert found.rating == 3  # IPTC has none


def test_exif_comes_first_for_what_it_describes() -> None:
    own = exif(
        {0x010E: "EXIF caption", 0x013B: "EXIF author", 0x8298: "EXIF copyright", 0x4746: 2},
        {0x9003: "2000:01:01 00:00:01", 0x9291: "75", 0x9011: "-03:30"},
    )
    found = read_metadata(Blocks(own, IPTC, b"", LIGHTROOM.encode()))
    assert (found.caption, found.creator, found.copyright) == (
        "EXIF caption",
        "EXIF author",
        "EXIF copyright",
    )
    assert (found.taken_at, found.subsecond, found.utc_offset) == ("2000-01-01T00:00:01", "75", -210)
    assert (found.rating, found.title) == (3, "IPTC title")
    assert found.date_source is DateSource.METADATA


def test_when_it_was_taken_comes_before_when_it_was_scanned() -> None:
    scanned = exif({0x0132: "2015:01:01 00:00:00"}, {0x9004: "2014:01:01 00:00:00"})
    assert read_metadata(Blocks(scanned, iptc=iptc((55, "19500600")))).taken_at == "1950-06-01T00:00:00"
    assert read_metadata(Blocks(scanned)).taken_at == "2014-01-01T00:00:00"


def test_the_text_tags_of_windows() -> None:
    def text(value: str) -> bytes:
        return f"{value}\0".encode("utf-16-le")

    own = exif(
        {0x9C9B: text("Titel"), 0x9C9C: text("Kommentar"), 0x9C9D: text("Autor"), 0x9C9E: text("a;b/c")}
    )
    found = read_metadata(Blocks(own))
    assert (found.title, found.caption, found.creator, found.tags) == (
        "Titel",
        "Kommentar",
        "Autor",
        ("a", "b/c"),
    )


SAID_BY_CAMERA = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
    '<rdf:li xml:lang="x-default">TEXT</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF>'
    "</x:xmpmeta>"
)


@pytest.mark.parametrize("text", ["OLYMPUS DIGITAL CAMERA         ", "SONY DSC", "DCIM\\100GOPRO"])
def test_what_cameras_write_into_every_picture_is_no_caption(text: str) -> None:
    assert read_metadata(Blocks(exif({0x010E: text}))).caption is None
    assert with_sidecars(ImageMetadata(), [SAID_BY_CAMERA.replace("TEXT", text).encode()]).caption is None


def test_a_number_may_be_the_caption_of_a_person() -> None:
    assert with_sidecars(ImageMetadata(), [SAID_BY_CAMERA.replace("TEXT", "2019").encode()]).caption == "2019"
    assert read_metadata(Blocks(exif({0x010E: "2019"}))).caption is None


@pytest.mark.parametrize("cut", range(0, len(IPTC), 7))
def test_damaged_iptc_ends_there(cut: int) -> None:
    read_metadata(Blocks(iptc=IPTC[:cut] + b"\xff" + IPTC[cut + 1 :]))
    read_metadata(Blocks(iptc=IPTC[:cut]))
    assert read_metadata(Blocks(iptc=b"\x1c\x02\x19\xff\xff" + IPTC)).tags == ()


def test_positions_that_do_not_exist_are_noted() -> None:
    own = Image.Exif()
    own.get_ifd(0x8825).update({1: "N", 2: (999.0, 0.0, 0.0), 3: "E", 4: (2.0, 0.0, 0.0)})
    own.get_ifd(0x8769).update({0x9003: "0000:00:00 00:00:00"})
    found = read_metadata(Blocks(own))
    assert (found.latitude, found.taken_at, found.notes) == (None, None, ("gps:invalid", "taken_at:invalid"))
