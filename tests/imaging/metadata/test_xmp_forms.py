"""Sidecars as other programs write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.core.description import description_of
from safelight.core.exporting import PrivateInfo, private_info_in, without_private_info
from safelight.core.photo import DateSource, FaceRegion, ImageMetadata
from safelight.imaging.metadata import with_sidecars
from support.xmp_samples import (
    APPLE,
    DARKTABLE,
    DIGIKAM,
    GOOGLE,
    LIGHTROOM,
    OWN_TAGS_OF_DARKTABLE,
    PEOPLE,
)

BOMB = '<!DOCTYPE z [<!ENTITY a "0"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><z>&c;</z>'


def read(text: str, embedded: ImageMetadata | None = None) -> ImageMetadata:
    return with_sidecars(embedded or ImageMetadata(), [text.encode()])


def test_digikam() -> None:
    assert read(DIGIKAM) == ImageMetadata(
        taken_at="2019-05-12T10:15:00",
        subsecond="25",
        utc_offset=120,
        date_source=DateSource.SIDECAR,
        sidecars=1,
        latitude=48.8583333,
        longitude=2.2945,
        rating=4,
        label="Green",
        title="Spring in Paris",
        caption="At the Eiffel Tower",
        tags=("Places/France/Paris", "People/Anna", "holiday"),
        regions=(FaceRegion("Anna", "Face", 0.4, 0.2, 0.2, 0.1),),
    )


def test_darktable() -> None:
    found = read(DARKTABLE)
    assert (found.rating, found.tags) == (-1, ("birds/heron",))
    assert (found.taken_at, found.subsecond) == ("2021-07-01T08:09:10", "500")


def test_tags_that_darktable_gives_by_itself_are_left_out() -> None:
    assert read(OWN_TAGS_OF_DARKTABLE).tags == ("birds/heron",)
    flat = OWN_TAGS_OF_DARKTABLE.replace("hierarchicalSubject", "other").replace(
        "birds", "darktable|format|nef"
    )
    assert "darktable/format/nef" not in read(flat).tags


def test_names_of_people_are_private_tags() -> None:
    found = read(PEOPLE)
    assert found.tags == ("Ada Lovelace", "beach")
    assert found.people == ("Bob", "C/D | E")
    assert description_of(found).tags == ("beach", "People/Ada Lovelace", "People/Bob", "People/C-D - E")
    assert private_info_in(found) >= {PrivateInfo.NAMES}
    assert without_private_info(found, [PrivateInfo.NAMES]) == replace(
        found, tags=("beach",), regions=(), people=()
    )


def test_people_whom_a_tag_names_in_another_language_have_one_tag() -> None:
    german = read(DIGIKAM.replace("People/Anna", "Personen/Anna").replace("People|Anna", "Personen|Anna"))
    assert description_of(german).tags == ("Places/France/Paris", "Personen/Anna", "holiday")


@pytest.mark.parametrize(
    ("text", "label"),
    [("Rot", "red"), ("Jaune", "yellow"), ("グリーン", "green"), ("Blå", "blue"), ("Mine", "")],
)
def test_colours_are_known_in_the_language_of_the_other_program(text: str, label: str) -> None:
    assert description_of(ImageMetadata(label=text)).label == label


def test_lightroom() -> None:
    assert read(LIGHTROOM) == ImageMetadata(
        taken_at="2022-03-04T05:06:07",
        subsecond="89",
        date_source=DateSource.SIDECAR,
        sidecars=1,
        camera="Canon EOS R5",
        lens="RF50mm F1.8 STM",
        iso=800,
        aperture=2.8,
        exposure=0.004,
        focal_length=50.0,
        rating=3,
        label="Green",
        creator="Ann Example",
        copyright="© 2022 Ann Example",
        tags=("Events/Wedding", "Bride"),
    )


def test_apple() -> None:
    found = read(APPLE)
    assert (found.title, found.tags) == ("By the sea", ("Beach", "Family"))
    assert (found.latitude, found.longitude) == (-33.8688, 151.2093)
    assert (found.taken_at, found.utc_offset) == ("2020-08-09T10:11:12", 120)


def test_google() -> None:
    found = read(GOOGLE)
    assert (found.taken_at, found.subsecond, found.utc_offset) == ("2023-01-02T03:04:05", "678", -300)


def test_a_sidecar_comes_before_the_file_and_completes_it() -> None:
    embedded = ImageMetadata(
        rating=1, title="inside", tags=("old",), iso=100, caption="kept", taken_at="2000-01-01T00:00:00",
        date_source=DateSource.METADATA,
    )  # fmt: skip
    found = read(DIGIKAM, embedded)
    assert (found.rating, found.title, found.iso, found.caption) == (
        4,
        "Spring in Paris",
        100,
        "At the Eiffel Tower",
    )
    assert "old" not in found.tags
    assert (found.taken_at, found.date_source) == ("2019-05-12T10:15:00", DateSource.SIDECAR)


def test_the_same_date_with_fewer_details_does_not_replace_the_one_in_the_file() -> None:
    embedded = ImageMetadata(taken_at="2020-08-09T10:11:12", subsecond="5", date_source=DateSource.METADATA)
    found = read(APPLE, embedded)
    assert (found.subsecond, found.utc_offset, found.date_source) == ("5", 120, DateSource.METADATA)


def test_a_creation_date_in_a_sidecar_does_not_replace_when_the_picture_was_taken() -> None:
    embedded = ImageMetadata(taken_at="1999-01-01T00:00:00", date_source=DateSource.METADATA)
    assert read(GOOGLE, embedded).taken_at == "1999-01-01T00:00:00"


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("", "xmp:damaged"),
        ("<x:xmpmeta", "xmp:damaged"),
        ("\0\0\0", "xmp:damaged"),
        (LIGHTROOM[:-40], "xmp:damaged"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "xmp:refused"),
        (BOMB, "xmp:refused"),
        ('<!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/passwd">]><z>&a;</z>', "xmp:refused"),
        ("<a/>" + " " * 70_000_000, "xmp:too_large"),
    ],
    ids=["empty", "begun", "zeros", "cut", "entity", "bomb", "external", "70 MB"],
)  # fmt: skip
def test_hostile_sidecars_are_dropped_with_a_note(text: str, note: str) -> None:
    embedded = ImageMetadata(title="kept")
    found = read(text, embedded)
    assert (found.title, found.notes) == ("kept", (note,))


def test_the_rest_of_an_overwritten_packet_is_ignored() -> None:
    assert "<?xpacket end" in DIGIKAM
    overwritten = DIGIKAM + 'li>\n <rdf:Description mwg-rs:Name="somebody"/>\n</x:xmpmeta><?xpacket end="w"?>'
    assert read(overwritten) == read(DIGIKAM)
    assert read(DIGIKAM).tags


def _with(attributes: str) -> str:
    return LIGHTROOM.replace('xmp:Rating="3"', attributes)


@pytest.mark.parametrize(
    ("attributes", "notes"),
    [
        ('xmp:Rating="17"', ("rating:invalid",)),
        ('xmp:Rating="many"', ()),
        ('xmp:Rating="NaN" exif:GPSLatitude="999,0N" exif:GPSLongitude="2,0E"', ("gps:invalid",)),
        ('exif:DateTimeOriginal="0000-00-00T00:00:00"', ()),
    ],
)
def test_absurd_values_are_dropped(attributes: str, notes: tuple[str, ...]) -> None:
    found = read(_with(attributes))
    assert (found.rating, found.latitude, found.notes) == (None, None, notes)
    assert found.taken_at == "2022-03-04T05:06:07"


def test_a_date_that_does_not_exist_is_noted() -> None:
    found = read(LIGHTROOM.replace("2022-03-04T05:06:07.89", "0000-13-45"))
    assert (found.taken_at, found.notes) == (None, ("taken_at:invalid",))


def test_deeply_nested_xml_does_not_crash() -> None:
    depth = 200_000
    found = read("<a>" * depth + "</a>" * depth)
    assert found == ImageMetadata(sidecars=1, notes=("xmp:refused",))


@pytest.mark.parametrize("element", ["rdf:Description", "rdf:li", "dc:subject"])
def test_deep_nesting_inside_a_property_is_refused(element: str) -> None:
    deep = f"<{element}>" * 3_000 + f"</{element}>" * 3_000
    found = read(LIGHTROOM.replace("<rdf:li>Wedding</rdf:li>", f"<rdf:li>{deep}</rdf:li>"))
    assert (found.rating, found.notes) == (None, ("xmp:refused",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\0\0"])
def test_sidecars_in_any_encoding_of_xml_are_read(encoding: str, end: str) -> None:
    mark = "\ufeff" if encoding[-2:] in ("le", "be") else ""
    data = (mark + LIGHTROOM.replace("\n", "\r\n") + end).encode(encoding)
    assert with_sidecars(ImageMetadata(), [data]).rating == 3


def test_half_a_million_keywords_are_limited() -> None:
    many = "".join(f"<rdf:li>tag {number}</rdf:li>" for number in range(300_000))
    found = read(LIGHTROOM.replace("<rdf:li>Wedding</rdf:li>", many))
    assert len(found.tags) <= 502
