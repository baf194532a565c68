"""Where faces are in pictures that are stored turned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.description import description_of
from safelight.core.exporting import CopySpec, ExportFormat
from safelight.core.photo import FaceRegion, ImageMetadata, upright_regions
from safelight.imaging.exporting import made_copy
from safelight.imaging.metadata import with_sidecars
from safelight.imaging.metadata.exif_write import exif_of
from safelight.imaging.metadata.xmp import read_xmp
from safelight.imaging.metadata.xmp_edit import packet_of
from safelight.imaging.opening import read_metadata_only
from safelight.imaging.orientation import orientation_after, turned, turned_right
from safelight.imaging.read import read_metadata_of
from support.pictures import encoded
from support.xmp_samples import PEOPLE

FACE = FaceRegion("Anna", "Face", 0.1, 0.2, 0.3, 0.5)
SIZE = (200, 100)


def drawn() -> Image.Image:
    """A picture that is white where the face is."""
    image = Image.new("L", SIZE)
    left, top = round(FACE.left * SIZE[0]), round(FACE.top * SIZE[1])
    white = Image.new("L", (round(FACE.width * SIZE[0]), round(FACE.height * SIZE[1])), 255)
    image.paste(white, (left, top))
    return image


def shares(image: Image.Image) -> list[float]:
    """Left, top, width and height of the white part."""
    box = image.point(lambda level: 255 * (level > 128)).getbbox()
    assert box is not None
    left, top, right, bottom = box
    width, height = image.size
    return [left / width, top / height, (right - left) / width, (bottom - top) / height]


def sides(region: FaceRegion) -> list[float]:
    return [region.left, region.top, region.width, region.height]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_region_is_turned_with_the_picture(orientation: int) -> None:
    upright = turned(drawn(), orientation)
    assert sides(FACE.upright(orientation)) == pytest.approx(shares(upright))
    for turns in range(4):
        shown = FACE.upright(orientation).turned(turns)
        assert sides(shown) == pytest.approx(shares(turned_right(upright, turns)))


def stored(place: Path, orientation: int) -> Path:
    """A JPEG as a camera stores it, to which a program has added the region."""
    metadata = ImageMetadata(regions=(FACE,))
    path = place / "a.jpg"
    path.write_bytes(
        encoded(drawn(), "JPEG", exif=exif_of(metadata, orientation), xmp=packet_of(metadata), quality=95)
    )
    return path


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_the_orientation_is_read_with_the_region(tmp_path: Path, orientation: int) -> None:
    path = stored(tmp_path, orientation)
    read = read_metadata_of(str(path).encode())
    assert (read.regions, read.orientation or 1) == ((FACE,), orientation)
    beside = tmp_path / "a.jpg.xmp"
    beside.write_bytes(packet_of(ImageMetadata(regions=(replace(FACE, name="Bruno"),))))
    read = read_metadata_of(str(path).encode(), [str(beside).encode()])
    assert (read.regions[0].name, read.orientation or 1) == ("Bruno", orientation)


@pytest.mark.parametrize("written", [ExportFormat.JPEG, ExportFormat.PNG])
@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_copy_has_the_region_at_the_face(
    tmp_path: Path, written: ExportFormat, turns: int, orientation: int
) -> None:
    path = stored(tmp_path, orientation)
    said = description_of(read_metadata_only(path.read_bytes(), "jpg"))
    for size in (None, 80):
        copy = made_copy(str(path), [], CopySpec(written, size, frozenset(), said, turns))
        (tmp_path / "copy").write_bytes(copy)
        read = read_metadata_only(copy, written.value)
        with Image.open(tmp_path / "copy") as image:
            shown = turned(image.convert("L"), read.orientation or 1)
        assert sides(read.regions[0].upright(read.orientation or 1)) == pytest.approx(shares(shown), abs=0.03)
        expected = orientation_after(orientation, turns)
        assert shares(shown) == pytest.approx(sides(FACE.upright(expected)), abs=0.03)


def test_regions_of_microsoft_count_where_there_are_no_others() -> None:
    without_others = PEOPLE.replace("mwg-rs:Regions", "mwg-rs:Other")
    read = with_sidecars(ImageMetadata(), [without_others.encode()])
    assert read.regions == (
        FaceRegion("ada lovelace", "Face", 0.4, 0.2, 0.2, 0.1),
        FaceRegion("Bob", "Face", 0.1, 0.2, 0.15, 0.2),
        FaceRegion("", "Face", 0.6, 0.2, 0.2, 0.1),
    )
    assert read.people == ("C/D | E",)
    for bad in ("0.1, 0.2, 0.15", "a, b, c, d", "0.1, 0.2, 0, 0.2", "2, 0.2, 0.1, 0.1", "", "9" * 400):
        damaged = without_others.replace("0.1, 0.2, 0.15, 0.2", bad)
        read = with_sidecars(ImageMetadata(), [damaged.encode()])
        assert [each.name for each in read.regions] == ["ada lovelace", ""]
        assert "Bob" in read.people


SQUARE = FaceRegion("Anna", "Face", 0.2, 0.4, 0.15, 0.2)
"""A square in a picture of 400 x 300 pixels, and of no other shape."""
TALL = FaceRegion("Anna", "Face", 0.4, 0.65, 0.2, 0.15)
"""The same in a picture of 300 x 400 pixels."""


@pytest.mark.parametrize(
    ("region", "orientation", "applied_to", "shown"),
    [
        (SQUARE, 1, None, SQUARE),
        (SQUARE, 1, (400, 300), SQUARE),
        (SQUARE, 3, (4000, 3010), SQUARE.upright(3)),  # as a RAW file has it, and larger
        (SQUARE, 1, (400, 200), None),  # before it was cropped
        (SQUARE, 1, (300, 400), None),
        (SQUARE, 6, (400, 300), SQUARE.upright(6)),  # as the specification says
        (TALL, 6, (300, 400), TALL),  # a program that marked the picture as it is shown
        (SQUARE, 6, (300, 400), SQUARE.upright(6)),  # and one that states only the size so
        (SQUARE, 6, (400, 200), None),
    ],
)
def test_the_picture_that_a_program_marked(
    region: FaceRegion, orientation: int, applied_to: tuple[float, float] | None, shown: FaceRegion | None
) -> None:
    """The picture is stored with 400 x 300 pixels."""
    size = (400, 300) if orientation < 5 else (300, 400)
    found = upright_regions([region], orientation, applied_to, *size)
    assert found == (() if shown is None else (shown,))


APPLIED = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"><mwg-rs:Regions rdf:parseType="Resource">{}
<mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="Anna" mwg-rs:Type="Face"><mwg-rs:Area
stArea:x="0.5" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"/></rdf:Description></rdf:li></rdf:Bag>
</mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize(
    ("stated", "size"),
    [
        ('<mwg-rs:AppliedToDimensions stDim:w="4000" stDim:h="3000" stDim:unit="pixel"/>', (4000, 3000)),
        (
            """<mwg-rs:AppliedToDimensions rdf:parseType="Resource"><stDim:w>40</stDim:w>
            <stDim:h>30</stDim:h></mwg-rs:AppliedToDimensions>""",
            (40, 30),
        ),
        ('<mwg-rs:AppliedToDimensions stDim:w="4000" stDim:h="0" stDim:unit="pixel"/>', None),
        ('<mwg-rs:AppliedToDimensions stDim:w="4" stDim:h="3" stDim:unit="inch"/>', None),
        ("<mwg-rs:AppliedToDimensions/>", None),
        ("", None),
    ],
)
def test_the_size_of_the_marked_picture_is_read(stated: str, size: tuple[float, float] | None) -> None:
    packet = APPLIED.format(stated).encode()
    values = read_xmp(packet).values
    assert (len(values.regions), values.regions_applied_to) == (1, size)
    whole = with_sidecars(ImageMetadata(regions_applied_to=(7, 7)), [packet])
    assert whole.regions_applied_to == size, "that of the regions that are used"
