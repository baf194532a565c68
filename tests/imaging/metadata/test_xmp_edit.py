"""Writing into sidecars of other programs."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from safelight.core.description import EMPTY_DESCRIPTION, Description, description_of, people_of
from safelight.core.errors import SidecarError
from safelight.core.photo import ImageMetadata
from safelight.core.private_tags import with_people
from safelight.imaging.metadata import with_sidecars
from safelight.imaging.metadata.xmp_edit import edit_sidecar
from support.xmp_samples import DARKTABLE, DIGIKAM, LIGHTROOM, OWN_TAGS_OF_DARKTABLE, SAMPLES

OURS = {
    "{http://ns.adobe.com/xap/1.0/}Rating",
    "{http://ns.adobe.com/xap/1.0/}Label",
    "{http://purl.org/dc/elements/1.1/}title",
    "{http://purl.org/dc/elements/1.1/}description",
    "{http://purl.org/dc/elements/1.1/}subject",
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject",
    "{http://www.digikam.org/ns/1.0/}TagsList",
    "{http://www.digikam.org/ns/1.0/}ColorLabel",
    "{http://www.digikam.org/ns/1.0/}PickLabel",
    "{http://ns.microsoft.com/photo/1.0/}Rating",
    "{http://darktable.sf.net/}colorlabels",
}

ALL_CHANGED = Description(2, "blue", "Ein <Titel> & mehr", "Zwei\nZeilen", ("a/b/c", "Paris", "ä ö"))


def description(data: bytes) -> Description:
    return description_of(with_sidecars(ImageMetadata(), [data]))


def foreign(data: bytes) -> str:
    """The canonical form of the document without the properties that Safelight writes."""
    root = ET.fromstring(data)
    for element in root.iter():
        for child in [each for each in element if each.tag in OURS]:
            element.remove(child)
        for name in OURS & element.attrib.keys():
            del element.attrib[name]
    for element in root.iter():
        element.tail = None
        if len(element):
            element.text = None
    return ET.canonicalize(ET.tostring(root, "unicode"))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "after", [ALL_CHANGED, EMPTY_DESCRIPTION, Description(-1, tags=("x",))], ids=["all", "none", "few"]
)
def test_what_is_written_is_read_back_and_everything_else_stays(name: str, after: Description) -> None:
    data = SAMPLES[name].encode()
    before = description(data)
    written = edit_sidecar(data, before, after)
    people = people_of(with_sidecars(ImageMetadata(), [written]))  # regions are never written
    assert description(written).is_same(replace(after, tags=with_people(after.tags, people)))
    assert foreign(written) == foreign(data)
    again = edit_sidecar(written, after, before)
    assert description(again).is_same(before)
    assert foreign(again) == foreign(data)


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_changes_without_a_change(name: str) -> None:
    data = SAMPLES[name].encode()
    before = description(data)
    written = edit_sidecar(data, before, before)
    assert ET.canonicalize(written.decode()) == ET.canonicalize(data.decode())


def test_the_tags_of_darktable_itself_are_kept_although_they_are_not_read() -> None:
    data = OWN_TAGS_OF_DARKTABLE.encode()
    written = edit_sidecar(data, description(data), Description(tags=("heron", "lake"))).decode()
    assert description(written.encode()).tags == ("heron", "lake")
    for kept in ("changed", "format", "nef", "darktable|changed", "darktable|format|nef"):
        assert f"<rdf:li>{kept}</rdf:li>" in written
    assert "birds" not in written


@pytest.mark.parametrize(
    ("flag", "rejected", "none"), [("digiKam:PickLabel", "1", "0"), ("xmpDM:pick", "-1", "0")]
)
def test_rejections_of_lightroom_and_digikam_are_flags_beside_the_stars(
    flag: str, rejected: str, none: str
) -> None:
    def with_flag(value: str) -> bytes:
        spaces = 'xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/" xmpDM:good="false"'
        return DIGIKAM.replace('digiKam:PickLabel="3"', f'{spaces} {flag}="{value}"').encode()

    said = description(with_flag(rejected))
    assert said.rating == -1
    assert description(with_flag("3")).rating == 4
    written = edit_sidecar(with_flag(rejected), said, replace(said, rating=2))
    assert f'{flag}="{none}"'.encode() in written
    assert description(written).rating == 2
    assert f'{flag}="{rejected}"'.encode() in edit_sidecar(written, replace(said, rating=2), said)
    stays = edit_sidecar(with_flag("3"), replace(said, rating=4), replace(said, rating=2))
    assert f'{flag}="3"'.encode() in stays


def test_prefixes_comments_and_packets_are_kept() -> None:
    data = (
        DIGIKAM.replace("<x:xmpmeta", "<!-- by hand -->\n<x:xmpmeta", 1)
        .replace("xmp:", "xap:")
        .replace(":xmp=", ":xap=")
    )
    written = edit_sidecar(data.encode(), description(data.encode()), ALL_CHANGED).decode()
    assert 'xap:Rating="2"' in written
    assert "<!-- by hand -->" in written
    assert '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>' in written
    assert '<?xpacket end="w"?>' in written
    assert "ns0" not in written


def test_line_breaks_in_foreign_attributes_survive() -> None:
    data = DARKTABLE.replace(
        'darktable:raw_params="0"', 'darktable:raw_params="a&#10;b&#9;c&#13;d&quot;&lt;"'
    ).encode()
    written = edit_sidecar(data, EMPTY_DESCRIPTION, ALL_CHANGED)
    assert foreign(written) == foreign(data)
    assert b"a&#10;b&#9;c&#13;d&quot;&lt;" in written


def test_other_languages_stay_when_the_default_changes() -> None:
    data = DIGIKAM.encode()
    before = description(data)
    written = edit_sidecar(data, before, Description(4, "green", before.title, "New", before.tags))
    assert "Am Eiffelturm" in written.decode()
    assert description(written).caption == "New"


def test_only_the_list_items_that_changed_are_touched() -> None:
    data = LIGHTROOM.encode()
    before = description(data)
    after = Description(
        before.rating, before.label, before.title, before.caption, ("Events/Wedding", "Groom")
    )
    written = edit_sidecar(data, before, after).decode()
    assert "<rdf:Bag><rdf:li>Wedding</rdf:li><rdf:li>Groom</rdf:li></rdf:Bag></dc:subject>" in written
    assert "Events|Wedding" in written
    assert "Bride" not in written


def test_ancestors_of_a_removed_tag_go_with_it() -> None:
    data = DARKTABLE.encode()
    written = edit_sidecar(data, description(data), Description(-1, "red", tags=("fish",)))
    assert description(written).tags == ("fish",)
    assert b"heron" not in written


def test_other_forms_of_the_same_values_follow() -> None:
    written = edit_sidecar(DIGIKAM.encode(), description(DIGIKAM.encode()), ALL_CHANGED).decode()
    assert 'MicrosoftPhoto:Rating="25"' in written
    assert 'digiKam:ColorLabel="5"' in written
    assert 'xmp:Label="Blue"' in written


def test_a_new_sidecar() -> None:
    written = edit_sidecar(None, EMPTY_DESCRIPTION, ALL_CHANGED)
    assert description(written).is_same(ALL_CHANGED)
    text = written.decode()
    assert "<rdf:li>a|b|c</rdf:li>" in text
    assert "<rdf:li>a/b/c</rdf:li>" in text


def test_keywords_inside_the_picture_are_all_written_with_the_first_change() -> None:
    inside = Description(tags=("a", "b/c"))
    written = edit_sidecar(None, inside, Description(tags=("a", "b/c", "d")))
    assert set(description(written).tags) == {"a", "b/c", "d"}


def test_a_plain_text_list_becomes_a_real_one() -> None:
    data = LIGHTROOM.replace(
        "<dc:subject><rdf:Bag><rdf:li>Wedding</rdf:li><rdf:li>Bride</rdf:li></rdf:Bag></dc:subject>",
        "<dc:subject>Bride</dc:subject>",
    ).encode()
    before = description(data)
    written = edit_sidecar(data, before, replace(before, tags=(*before.tags, "Cake")))
    assert set(description(written).tags) == {"Events/Wedding", "Bride", "Cake"}


def test_a_sidecar_in_utf_16_is_written_in_utf_8() -> None:
    data = LIGHTROOM.encode("utf-16")
    written = edit_sidecar(data, description(data), ALL_CHANGED)
    assert description(written).is_same(ALL_CHANGED)
    assert foreign(written) == foreign(LIGHTROOM.encode())


DEEP = "<rdf:li>" * 3_000 + "</rdf:li>" * 3_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"<a/>",
        b'<!DOCTYPE z [<!ENTITY a "b">]><z>&a;</z>',
        b"\xff\xfe\0",
        LIGHTROOM.replace("<rdf:li>Wedding</rdf:li>", DEEP).encode(),
    ],
    ids=["empty", "begun", "other", "entity", "half a character", "deep"],
)
def test_what_is_no_xmp_is_left_alone(data: bytes) -> None:
    with pytest.raises(SidecarError):
        edit_sidecar(data, EMPTY_DESCRIPTION, ALL_CHANGED)
