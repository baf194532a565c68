"""Which names are photos', and what a file is whatever its name."""

from __future__ import annotations

import sys

import pytest
from PIL import Image, features

from safelight.core.encoder import InputSpec
from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.formats import FORMATS, Decoder, decoder_versions, extension_of, is_photo_name
from safelight.imaging.read import load_bytes
from safelight.imaging.sniffing import sniff
from support.pictures import Decode, encoded, heic, jpeg_xl, scene


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "A.JPG",
        "IMG_1.HeiC",
        "x.y.png",
        "été.webp",
        "  .tiff",
        "raw.CR3",
        "p.dng",
        "scan.tif",
        ".hidden.jpg",
    ],
)
def test_photo_names(name: str) -> None:
    assert is_photo_name(name)
    assert is_photo_name(name.encode())


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "jpg", ".jpg", "a.jpg.txt", "a.mp4", "a.", "a.jpg ", "._IMG_1.jpg", "a.xmp", "Thumbs.db"],
)
def test_names_of_other_things(name: str) -> None:
    assert not is_photo_name(name)
    assert not is_photo_name(name.encode())


def test_a_name_that_is_no_text() -> None:
    assert is_photo_name(b"caf\xe9.jpg")
    assert is_photo_name("caf\udce9.jpg")


def test_every_extension_is_lower_case_and_belongs_to_one_format() -> None:
    extensions = [extension for each in FORMATS for extension in each.extensions]
    assert len(set(extensions)) == len(extensions)
    assert all(extension == extension.lower() and is_photo_name("x." + extension) for extension in extensions)


def test_the_extension_of_a_path() -> None:
    assert extension_of(b"/a.b/c.NEF") == "nef"
    assert extension_of("/a.b/c") == ""


@pytest.mark.parametrize(
    ("format_name", "name"),
    [
        ("JPEG", "JPEG"),
        ("MPO", "JPEG"),
        ("PNG", "PNG"),
        ("GIF", "GIF"),
        ("BMP", "BMP"),
        ("TIFF", "TIFF"),
        ("WEBP", "WEBP"),
        ("AVIF", "AVIF"),
        ("JPEG2000", "JP2"),
        ("PPM", "PNM"),
    ],
)
def test_formats_of_pillow_are_detected_by_their_bytes(decode: Decode, format_name: str, name: str) -> None:
    feature = {"WEBP": "webp", "AVIF": "avif", "JPEG2000": "jpg_2000"}.get(format_name)
    if feature is not None and not features.check(feature):
        pytest.skip(f"this Pillow was built without {feature}")
    photo = decode(encoded(scene(), format_name), "misnamed.heic", InputSpec(size=32))
    assert photo.format == name
    assert (photo.width, photo.height) == (320, 240)


def test_both_kinds_of_tiff_and_only_a_camera_name_makes_it_raw() -> None:
    assert sniff(encoded(scene(), "TIFF", big_tiff=True), "tif").name == "TIFF"
    data = encoded(scene(), "TIFF")
    assert sniff(data).name == "TIFF"
    assert sniff(data, "nef").name == "RAW"
    assert sniff(b"II*\0\x10\0\0\0CR\x02\0", "jpg").name == "RAW"


@pytest.mark.parametrize(
    ("brand", "compatible", "name"),
    [
        (b"heic", b"mif1heic", "HEIC"),
        (b"mif1", b"mif1heic", "HEIC"),
        (b"mif1", b"avifmif1", "AVIF"),
        (b"avif", b"mif1miaf", "AVIF"),
        (b"crx ", b"crx isom", "RAW"),
    ],
)
def test_the_brands_of_base_media_files(brand: bytes, compatible: bytes, name: str) -> None:
    box = b"ftyp" + brand + bytes(4) + compatible
    assert sniff((len(box) + 4).to_bytes(4) + box).name == name


def test_a_video_is_distinguished_from_a_picture(decode: Decode) -> None:
    data = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100)
    assert sniff(data).is_video
    with pytest.raises(ImageError, match="MP4 video is damaged") as caught:
        decode(data)
    assert caught.value.kind is FailureKind.BROKEN


@pytest.mark.parametrize(
    "data", [b"x", b"hello, world", b"%PDF-1.7\n", b"P6", b"BX" + bytes(100), b"\0" * 1000]
)
def test_what_is_no_picture_says_so(decode: Decode, data: bytes) -> None:
    with pytest.raises(ImageError, match="not a picture") as caught:
        decode(data)
    assert caught.value.kind is FailureKind.BROKEN


@pytest.mark.parametrize(
    ("data", "module", "package"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "pi_heif", "pi-heif"),
        (b"\xff\x0a" + bytes(20), "pylibjxl.pillow_plugin", "pylibjxl"),
        (b"FUJIFILMCCD-RAW " + bytes(200), "rawpy", "rawpy"),
    ],
)
def test_a_missing_decoder_is_named(
    decode: Decode, monkeypatch: pytest.MonkeyPatch, data: bytes, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # what an import meets where it is not installed
    with pytest.raises(ImageError) as caught:
        decode(data)
    assert caught.value.kind is FailureKind.NEEDS_DECODER
    assert f"pip install {package}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_heic_whatever_its_name(decode: Decode) -> None:
    photo = decode(heic(scene()), "photo.jpg", InputSpec(size=32))
    assert (photo.format, photo.width, photo.height) == ("HEIC", 320, 240)


@pytest.mark.parametrize("container", [False, True])
def test_jpeg_xl(decode: Decode, container: bool) -> None:
    data = jpeg_xl(scene(300, 200), container=container)
    photo = decode(data, "photo.jxl", InputSpec(size=32))
    assert (photo.format, photo.width, photo.height) == ("JXL", 300, 200)
    assert (load_bytes(data, None)[0] == scene(300, 200)).all()


@pytest.mark.parametrize("container", [False, True])
@pytest.mark.parametrize("size", [(300, 200), (256, 256), (8, 2000), (5000, 3), (1, 1)])
def test_a_jpeg_xl_too_large_is_refused_by_its_header(
    decode: Decode, size: tuple[int, int], container: bool
) -> None:
    data = jpeg_xl(Image.new("RGB", size), container=container)
    pixels = size[0] * size[1]
    assert decode(data, max_pixels=pixels).width == size[0]
    if pixels > 1:
        with pytest.raises(ImageError, match=f"{size[0]} × {size[1]}") as caught:
            decode(data, max_pixels=pixels - 1)
        assert caught.value.kind is FailureKind.TOO_LARGE


def test_the_versions_name_every_decoder() -> None:
    versions = decoder_versions()
    assert "\n" not in versions
    assert all(decoder in versions for decoder in Decoder)
