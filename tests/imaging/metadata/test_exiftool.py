"""Compares what is read with exiftool, field by field, where that program is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from safelight.core.description import Description
from safelight.core.exporting import SAFE_TO_SHARE, CopySpec, ExportFormat
from safelight.core.photo import ImageMetadata
from safelight.imaging.exporting import made_copy
from safelight.imaging.metadata import with_sidecars
from safelight.imaging.read import read_metadata_of
from support.pictures import encoded, heic, scene
from support.xmp_samples import SAMPLES

EXIFTOOL = shutil.which("exiftool")
pytestmark = pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed")

WRITTEN = (
    "-EXIF:DateTimeOriginal=2019:05:12 10:15:00", "-EXIF:SubSecTimeOriginal=25",
    "-EXIF:OffsetTimeOriginal=+02:00", "-EXIF:Make=Canon", "-EXIF:Model=Canon EOS R5",
    "-EXIF:LensModel=RF50mm F1.8 STM", "-EXIF:ISO=800", "-EXIF:FNumber=2.8", "-EXIF:ExposureTime=1/250",
    "-EXIF:FocalLength=50", "-EXIF:GPSLatitude=48.8584", "-EXIF:GPSLatitudeRef=N",
    "-EXIF:GPSLongitude=2.2945", "-EXIF:GPSLongitudeRef=W", "-EXIF:Artist=Ann Example",
    "-EXIF:Copyright=© Ann", "-EXIF:ImageDescription=In EXIF", "-XMP-xmp:Rating=4", "-XMP-xmp:Label=Green",
    "-XMP-dc:Title=A title", "-XMP-dc:Description=In XMP", "-XMP-dc:Subject=Paris", "-XMP-dc:Subject=spring",
    "-XMP-lr:HierarchicalSubject=Places|Paris",
)  # fmt: skip
WITH_IPTC = ("-IPTC:Keywords=Straße", "-IPTC:Keywords=two", "-IPTC:Caption-Abstract=In IPTC",
             "-IPTC:By-line=Someone", "-IPTC:CodedCharacterSet=UTF8")  # fmt: skip


def run(*arguments: str) -> str:
    assert EXIFTOOL is not None
    return subprocess.run([EXIFTOOL, *arguments], check=True, capture_output=True, text=True).stdout


def oracle(path: Path) -> dict[str, Any]:
    fields = json.loads(
        run("-use", "MWG", "-j", "-n", "-G1", "-charset", "iptc=UTF8", "-a", "-struct", str(path))
    )
    return dict(fields[0])


def first(found: dict[str, Any], *names: str) -> Any:
    """The first that has a value. A list of one value counts as that value."""
    values = (found[name] for name in names if str(found.get(name, "")).strip())
    value = next(values, None)
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _joined(found: dict[str, Any], *names: str) -> Any:
    value = first(found, *names)
    return "; ".join(value) if isinstance(value, list) else value


def _moment(found: dict[str, Any]) -> str | None:
    value = first(
        found,
        *("MWG:DateTimeOriginal", "ExifIFD:DateTimeOriginal", "XMP-exif:DateTimeOriginal"),
        *("XMP-photoshop:DateCreated", "ExifIFD:CreateDate", "XMP-xmp:CreateDate"),
    )
    return None if value is None else value[:19].replace(":", "-", 2).replace(" ", "T")


def differences(path: Path, ours: ImageMetadata) -> dict[str, tuple[Any, Any]]:
    """Fields that exiftool knows and reads otherwise."""
    theirs = oracle(path)
    keywords = first(theirs, "XMP-dc:Subject", "IPTC:Keywords") or []
    paths = first(theirs, "XMP-digiKam:TagsList", "XMP-lr:HierarchicalSubject") or []
    keywords, paths = ([each] if isinstance(each, str) else each for each in (keywords, paths))
    paths = [path.replace("|", "/") for path in paths]
    levels = {level for path in paths for level in path.split("/")}
    expected = {
        "taken_at": _moment(theirs),
        "lens": first(theirs, "ExifIFD:LensModel", "XMP-aux:Lens"),
        "iso": first(theirs, "ExifIFD:ISO", "XMP-exif:ISO"),
        "aperture": first(theirs, "ExifIFD:FNumber", "XMP-exif:FNumber"),
        "exposure": first(theirs, "ExifIFD:ExposureTime", "XMP-exif:ExposureTime"),
        "focal_length": first(theirs, "ExifIFD:FocalLength", "XMP-exif:FocalLength"),
        "latitude": first(theirs, "Composite:GPSLatitude", "XMP-exif:GPSLatitude"),
        "longitude": first(theirs, "Composite:GPSLongitude", "XMP-exif:GPSLongitude"),
        "rating": first(theirs, "XMP-xmp:Rating", "IFD0:Rating"),
        "label": first(theirs, "XMP-xmp:Label"),
        "title": first(theirs, "XMP-dc:Title", "IPTC:ObjectName"),
        "caption": first(theirs, "Composite:Description", "MWG:Description", "IFD0:ImageDescription",
                         "XMP-dc:Description"),
        "creator": _joined(theirs, "IFD0:Artist", "XMP-dc:Creator", "IPTC:By-line"),
        "copyright": first(theirs, "IFD0:Copyright", "XMP-dc:Rights", "IPTC:CopyrightNotice"),
        "tags": sorted({*paths, *(each for each in keywords if each not in levels)}) or None,
    }  # fmt: skip
    found: dict[str, tuple[Any, Any]] = {}
    for name, value in expected.items():
        mine: Any = sorted(ours.tags) if name == "tags" else getattr(ours, name)
        same = abs(mine - value) < 1e-4 if isinstance(value, float) and mine is not None else mine == value
        if value is not None and not same:
            found[name] = (value, mine)
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_sidecars_of_other_programs(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.xmp"
    path.write_text(SAMPLES[name])
    found = differences(path, with_sidecars(ImageMetadata(), [path.read_bytes()]))
    # exiftool does not translate the colour labels of digiKam.
    found.pop("label", None)
    assert found == {}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP", "HEIC", "AVIF"])
def test_written_files(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo.{form.lower()}"
    path.write_bytes(heic(scene(64, 48)) if form == "HEIC" else encoded(scene(64, 48), form))
    more = WITH_IPTC if form in ("JPEG", "TIFF") else ()
    run("-q", "-overwrite_original", *WRITTEN, *more, str(path))
    ours = read_metadata_of(bytes(path))
    assert differences(path, ours) == {}
    assert (ours.subsecond, ours.utc_offset, ours.camera) == ("25", 120, "Canon EOS R5")
    assert set(ours.tags) == {"Places/Paris", "spring"}


@pytest.mark.slow
def test_iptc_alone(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(scene(64, 48), "JPEG"))
    run("-q", "-overwrite_original", *WITH_IPTC, "-IPTC:DateCreated=2011:02:03",
        "-IPTC:TimeCreated=04:05:06+00:00", str(path))  # fmt: skip
    ours = read_metadata_of(bytes(path))
    assert differences(path, ours) == {}
    assert (ours.tags, ours.taken_at) == (("Straße", "two"), "2011-02-03T04:05:06")


@pytest.mark.slow
@pytest.mark.shared
def test_the_sample_pictures(shared: Path) -> None:
    compared = 0
    for path in sorted((shared / "formats").iterdir()):
        try:
            ours = read_metadata_of(bytes(path))
        except Exception:  # noqa: BLE001 - some of the samples are cut short on purpose
            continue
        compared += 1
        assert differences(path, ours) == {}, path.name
    assert compared > 40


@pytest.mark.slow
def test_a_copy_without_private_metadata_gives_nothing_away(tmp_path: Path) -> None:
    """Also what Safelight does not read: cities, serial numbers, maker notes, and names of people."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(scene(64, 48), "JPEG"))
    private = (
        "-XMP-photoshop:City=Paris", "-XMP-iptcCore:Location=Montmartre", "-IPTC:City=Paris",
        "-XMP-iptcExt:PersonInImage=Anna", "-ExifIFD:SerialNumber=4711", "-ExifIFD:OwnerName=Anna",
        "-XMP-mwg-rs:RegionInfo={RegionList=[{Area={X=0.5,Y=0.5,W=0.1,H=0.1},Name=Anna,Type=Face}]}",
        "-XMP-xmpMM:DocumentID=4711", "-Comment=Anna",
    )  # fmt: skip
    run("-q", "-overwrite_original", *WRITTEN, *WITH_IPTC, *private, str(path))
    said_here = Description(4, "green", "A title", "In XMP", ("spring",))
    spec = CopySpec(ExportFormat.JPEG, None, SAFE_TO_SHARE, said_here)
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(made_copy(str(path), [], spec))
    found = oracle(copy)
    said = json.dumps(found)
    for word in ("Paris", "Montmartre", "Anna", "4711", "GPS", "Straße", "48.85"):
        assert word not in said
    assert found["XMP-dc:Title"] == "A title"
    assert found["IFD0:Model"] == "Canon EOS R5"
    assert "xpacket" not in run("-validate", "-warning", "-error", "-a", str(copy)).lower()
    assert run("-error", str(copy)) == ""
