"""Copies of pictures: converted, reduced, and without what is private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageCms

from safelight.core.description import Description, description_of
from safelight.core.errors import ImageError
from safelight.core.exporting import (
    SAFE_TO_SHARE,
    CopySpec,
    ExportFormat,
    PrivateInfo,
    private_info_in,
    without_private_info,
)
from safelight.core.photo import DateSource, FaceRegion, ImageMetadata
from safelight.imaging import exporting
from safelight.imaging.colour import to_srgb
from safelight.imaging.exporting import made_copy
from safelight.imaging.metadata.exif_write import exif_of
from safelight.imaging.metadata.xmp_edit import packet_of
from safelight.imaging.opening import open_picture, read_metadata_only
from support.pictures import DISPLAY_P3, encoded, heic, matrix_profile, scene


def assert_same_colours(before: bytes, after: bytes, image: Image.Image) -> None:
    assert to_srgb(image, before).tobytes() == to_srgb(image, after).tobytes()
    assert to_srgb(image, before).tobytes() != to_srgb(image, None).tobytes()


KNOWN = ImageMetadata(
    taken_at="2020-01-02T03:04:05",
    date_source=DateSource.METADATA,
    subsecond="12",
    utc_offset=-330,
    camera="Acme Mirror 5",
    lens="Acme 50 mm",
    iso=100,
    aperture=1.8,
    exposure=1 / 250,
    focal_length=50.0,
    latitude=-48.8583701,
    longitude=2.2944813,
    creator="Jörg",
    copyright="(c) Jörg",
    title="By the lake",
    caption="With Anna,\nin summer",
    tags=("People/Anna", "Places/Como", "summer"),
    rating=4,
    label="Red",
    regions=(FaceRegion("Anna", "Face", 0.1, 0.2, 0.3, 0.4),),
)
SECRET = b"a remark in the file"


def picture(file_format: str, place: Path, *, orientation: int = 1) -> Path:
    options: dict[str, object] = {"exif": exif_of(KNOWN, orientation), "xmp": packet_of(KNOWN)}
    options |= {"icc_profile": matrix_profile(DISPLAY_P3), "comment": SECRET}
    path = place / f"picture.{file_format.lower()}"
    path.write_bytes(encoded(scene(), file_format, **options))
    return path


def copied(
    path: Path,
    file_format: ExportFormat,
    *,
    size: int | None = None,
    withheld: Sequence[PrivateInfo] | frozenset[PrivateInfo] = (),
    description: Description | None = None,
) -> bytes:
    said = description_of(KNOWN) if description is None else description
    return made_copy(str(path), [], CopySpec(file_format, size, frozenset(withheld), said))


@pytest.mark.parametrize("written", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("size", [None, 100])
def test_known_metadata_are_kept(tmp_path: Path, written: str, size: int | None) -> None:
    copy = copied(picture("JPEG", tmp_path), ExportFormat(written), size=size)
    metadata = read_metadata_only(copy, written)
    assert replace(metadata, notes=()) == KNOWN
    with Image.open(BytesIO(copy)) as image:
        assert max(image.size) == (size or 320)


def test_a_jpeg_without_its_metadata_keeps_its_pixels(tmp_path: Path) -> None:
    path = picture("JPEG", tmp_path, orientation=6)
    path.write_bytes(path.read_bytes() + b"a video with a place")
    copy = copied(path, ExportFormat.JPEG, withheld=SAFE_TO_SHARE)
    with Image.open(path) as before, Image.open(BytesIO(copy)) as after:
        assert before.tobytes() == after.tobytes()
        assert_same_colours(before.info["icc_profile"], after.info["icc_profile"], before)
        assert after.getexif()[0x0112] == 6
    assert SECRET not in copy
    assert b"a video" not in copy
    metadata = read_metadata_only(copy, "jpg")
    assert metadata.regions == ()
    assert metadata.latitude is None
    assert metadata.tags == ("summer",)
    assert metadata.caption is None  # it names Anna
    assert (metadata.title, metadata.camera, metadata.rating) == ("By the lake", "Acme Mirror 5", 4)


def test_a_png_without_its_metadata_keeps_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    drawn = scene().convert("RGBA")
    drawn.putalpha(200)
    path.write_bytes(encoded(drawn, "PNG", exif=exif_of(KNOWN), xmp=packet_of(KNOWN)))
    copy = copied(path, ExportFormat.PNG, withheld=list(PrivateInfo))
    with Image.open(path) as before, Image.open(BytesIO(copy)) as after:
        assert before.tobytes() == after.tobytes()
    assert private_info_in(read_metadata_only(copy, "png")) == frozenset()
    assert b"Anna" not in copy


@pytest.mark.parametrize("private", list(PrivateInfo))
@pytest.mark.parametrize("written", ["jpeg", "png", "webp"])
def test_each_thing_can_be_left_out_and_the_others_stay(
    tmp_path: Path, written: str, private: PrivateInfo
) -> None:
    copy = copied(picture("JPEG", tmp_path), ExportFormat(written), withheld=[private])
    assert private_info_in(read_metadata_only(copy, written)) == frozenset(PrivateInfo) - {private}


@pytest.mark.parametrize(
    ("name", "text", "stays"),
    [
        ("Jose\u0301", "con JOS\u00c9", False),  # accents as one character or two
        ("Anna Schmidt", "With Anna", False),
        ("Anna Schmidt", "Annas Hut", False),
        ("Anna", "Anna_1", False),
        ("\u82b1\u5b50", "\u592a\u90ce\u3068\u82b1\u5b50\u3068\u6d77", False),  # no spaces between words
        ("Anna van der Berg", "Unter der Linde", True),
        ("Ann", "A banner", True),
        ("", "Anything", True),
        (".*", "Anything", True),
    ],
)
@pytest.mark.parametrize("by", ["region", "tag"])
def test_texts_that_name_somebody(name: str, text: str, stays: bool, by: str) -> None:
    metadata = ImageMetadata(title=text, caption=text, tags=(text, "sea"))
    if by == "region":
        metadata = replace(metadata, regions=(FaceRegion(name, "Face", 0.1, 0.1, 0.1, 0.1),))
    else:
        metadata = replace(metadata, tags=(*metadata.tags, f"People/Friends/{name}".rstrip("/")))
    left = without_private_info(metadata, [PrivateInfo.NAMES])
    kept = ImageMetadata(title=text, caption=text, tags=(text, "sea"))
    assert left == (kept if stays else ImageMetadata(tags=("sea",)))


def test_texts_that_name_the_place() -> None:
    metadata = ImageMetadata(
        title="Roma by night", caption="A lake", tags=("Places/Italy/Roma", "Places/The Lake")
    )
    assert without_private_info(metadata, [PrivateInfo.PLACE]) == ImageMetadata(caption="A lake")


def test_what_the_library_says_counts(tmp_path: Path) -> None:
    said = Description(2, "", "Other", "", ("new/tag",))
    metadata = read_metadata_only(
        copied(picture("JPEG", tmp_path), ExportFormat.WEBP, description=said), "webp"
    )
    assert description_of(metadata).is_same(said)


def test_a_sidecar_counts_before_the_file(tmp_path: Path) -> None:
    path = picture("JPEG", tmp_path)
    beside = tmp_path / "picture.jpeg.xmp"
    beside.write_bytes(packet_of(replace(KNOWN, creator="Another")))
    spec = CopySpec(ExportFormat.JPEG, 50, frozenset(), description_of(KNOWN))
    copy = made_copy(str(path), [bytes(beside)], spec)
    assert read_metadata_only(copy, "jpg").creator == "Another"


def test_a_heic_becomes_an_upright_jpeg_in_srgb(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(heic(scene(), exif=exif_of(KNOWN)))
    copy = copied(path, ExportFormat.JPEG, withheld=[PrivateInfo.PLACE])
    before = open_picture(path.read_bytes(), "heic", None)
    after = open_picture(copy, "jpg", None)
    assert (after.width, after.height) == (before.width, before.height)
    difference = ImageChops.difference(before.image.convert("RGB"), after.image.convert("RGB"))
    assert int(np.asarray(difference).max()) < 60
    assert after.metadata.latitude is None


@pytest.mark.parametrize("cut", [2, 100, -3])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_a_damaged_file_is_refused(tmp_path: Path, file_format: str, cut: int) -> None:
    path = picture(file_format, tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ImageError):
        copied(path, ExportFormat(file_format.lower()), withheld=SAFE_TO_SHARE)


def test_a_text_too_long_for_a_jpeg_is_reported(tmp_path: Path) -> None:
    said = Description(caption="x" * 90_000)
    with pytest.raises(ImageError, match="too long"):
        copied(picture("JPEG", tmp_path), ExportFormat.JPEG, withheld=[PrivateInfo.PLACE], description=said)


def test_copies_of_equal_pictures_are_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time at which they are made is not in them."""
    path = picture("JPEG", tmp_path)
    exporting._srgb_profile.cache_clear()
    first = copied(path, ExportFormat.WEBP, withheld=list(PrivateInfo))
    made = ImageCms.createProfile

    def later(name: Any) -> Any:
        profile = ImageCms.ImageCmsProfile(made(name)).tobytes()
        return ImageCms.ImageCmsProfile(BytesIO(profile[:24] + b"\x07\xd9\0\1\0\1" + profile[30:])).profile

    monkeypatch.setattr(ImageCms, "createProfile", later)
    exporting._srgb_profile.cache_clear()
    assert copied(path, ExportFormat.WEBP, withheld=list(PrivateInfo)) == first
    exporting._srgb_profile.cache_clear()
