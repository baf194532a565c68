"""A copy that leaves something out contains nothing that Safelight does not know: a secret is put into every
place of a file that can hold one."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from safelight.core.description import EMPTY_DESCRIPTION
from safelight.core.exporting import SAFE_TO_SHARE, CopySpec, ExportFormat, PrivateInfo
from safelight.imaging.colour import to_srgb
from safelight.imaging.exporting import made_copy
from safelight.imaging.neutral_profile import neutral_profile
from support.pictures import DISPLAY_P3, encoded, heic, matrix_profile, scene

SECRET = b"Anna, Via Roma 5"


def contents(data: bytes) -> bytes:
    """The bytes of a file, and those of its compressed parts."""
    parts, at = [data], 0
    while (at := data.find(b"x", at)) >= 0:
        with contextlib.suppress(zlib.error):
            parts.append(zlib.decompressobj().decompress(data[at:], 10_000_000))
        at += 1
    found = b"".join(parts)
    return found + found.replace(b"\0", b"")  # as UTF-16


def profile_with(secret: bytes) -> bytes:
    """A profile whose name, unknown tags, gaps and header hold a secret."""
    plain = matrix_profile(DISPLAY_P3)
    count = int.from_bytes(plain[128:132])
    start = 132 + 12 * (count + 3)
    table, body = b"", b""
    for at in range(132, 132 + 12 * count, 12):
        key, offset, length = struct.unpack_from(">4sII", plain, at)
        value = (
            secret.join((b"desc\0\0\0\0\0\0\0\x11", bytes(80))) if key == b"desc" else plain[offset:][:length]
        )
        value += secret if key == b"rTRC" else b""
        table += struct.pack(">4sII", key, start + len(body), len(value))
        body += value + secret
    wide = secret.decode().encode("utf-16-be")
    mluc = b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(wide), 28) + wide
    for key, value in ((b"mmod", secret), (b"dscm", mluc), (b"lumi", b"text\0\0\0\0" + secret)):
        table += struct.pack(">4sII", key, start + len(body), len(value))
        body += value
    header = bytearray(plain[:128])
    header[100:128] = secret[:28].ljust(28, b"\0")
    header[:4] = (start + len(body)).to_bytes(4)
    return bytes(header) + (count + 3).to_bytes(4) + table + body


def jpeg_with(marker: int, content: bytes, **options: object) -> bytes:
    data = encoded(scene(), "JPEG", **options)
    segment = struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
    if marker == 0xE0:  # instead of Pillow's
        return data[:2] + segment + data[20:]
    return data[:20] + segment + data[20:]


def with_thumbnail() -> bytes:
    small = BytesIO()
    scene().resize((80, 60)).save(small, "JPEG", comment=SECRET)
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0" + struct.pack("<I", 14)
    exif += struct.pack(
        "<HHHIIHHIIHHIII", 3, 0x0103, 3, 1, 6, 0x0201, 4, 1, 56, 0x0202, 4, 1, small.tell(), 0
    )
    return encoded(scene(), "JPEG", exif=exif + small.getvalue())


def png_with(kind: bytes, content: bytes) -> bytes:
    data = encoded(scene(), "PNG")
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return data[:33] + chunk + data[33:]


def png_with_texts() -> bytes:
    info = PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_text("Comment", SECRET.decode(), zip=True)
    info.add_itxt("Title", SECRET.decode(), "en", SECRET.decode(), zip=True)
    return encoded(scene(), "PNG", pnginfo=info)


PACKED = zlib.compress(SECRET)
JPEGS: dict[str, Callable[[], bytes]] = {
    **{f"APP{n}": lambda n=n: jpeg_with(0xE0 + n, SECRET) for n in range(1, 16)},  # type: ignore[misc]
    "comment": lambda: jpeg_with(0xFE, SECRET),
    "Adobe": lambda: jpeg_with(0xEE, b"Adobe\0\x64\0\0\0\0\1" + SECRET),
    "JFIF": lambda: jpeg_with(0xE0, b"JFIF\0\1\1\1\0\1\0\1\0\0" + SECRET),
    "JFIF thumbnail": lambda: jpeg_with(0xE0, b"JFIF\0\1\1\1\0\1\0\1\2\3" + SECRET + b"ab"),
    "second profile": lambda: jpeg_with(0xE2, b"ICC_PROFILE\0\1\1" + SECRET),
    "MPF": lambda: jpeg_with(0xE2, b"MPF\0" + SECRET),
    "extended XMP": lambda: jpeg_with(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + SECRET),
    "after the end": lambda: encoded(scene(), "JPEG") + SECRET,
    "profile": lambda: encoded(scene(), "JPEG", icc_profile=profile_with(SECRET)),
    "thumbnail": with_thumbnail,
}
PNGS: dict[str, Callable[[], bytes]] = {
    **{
        kind: lambda kind=kind: png_with(kind.encode(), SECRET + bytes(30))  # type: ignore[misc]
        for kind in [
            "tEXt",
            "tIME",
            "eXIf",
            "sPLT",
            "hIST",
            "caBX",
            "prVt",
            "gAMA",
            "pHYs",
            "bKGD",
            "sBIT",
            "cICP",
        ]
    },
    "texts": png_with_texts,
    "profile": lambda: encoded(scene(), "PNG", icc_profile=profile_with(SECRET)),
    "name of the profile": lambda: png_with(
        b"iCCP", SECRET + b"\0\0" + zlib.compress(matrix_profile(DISPLAY_P3))
    ),
    "no profile": lambda: png_with(b"iCCP", b"x\0\0" + PACKED),
    "after the end": lambda: encoded(scene(), "PNG") + SECRET,
}
OTHERS: dict[str, Callable[[], bytes]] = {
    "tiff": lambda: encoded(
        scene(), "TIFF", tiffinfo={270: SECRET.decode(), 315: SECRET.decode(), 65000: SECRET}
    ),
    "webp": lambda: encoded(
        scene(), "WEBP", exif=b"Exif\0\0" + SECRET, xmp=SECRET, icc_profile=profile_with(SECRET)
    ),
    "gif": lambda: encoded(scene(), "GIF", comment=SECRET),
    "heic": lambda: heic(scene(), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0" + SECRET),
}
FILES = (
    [(f"jpg-{name}", make) for name, make in JPEGS.items()]
    + [(f"png-{name}", make) for name, make in PNGS.items()]
    + [(f"{name}-all", make) for name, make in OTHERS.items()]
)


@pytest.mark.parametrize(("name", "make"), FILES, ids=[name for name, _ in FILES])
def test_no_place_of_a_file_gives_a_secret_away(tmp_path: Path, name: str, make: Callable[[], bytes]) -> None:
    path = tmp_path / f"a.{name.partition('-')[0]}"
    path.write_bytes(make())
    assert SECRET in contents(path.read_bytes())
    kept = {"jpg": ExportFormat.JPEG, "png": ExportFormat.PNG}.get(name[:3], ExportFormat.JPEG)
    for written, size in (
        (kept, None),
        (ExportFormat.JPEG, 64),
        (ExportFormat.PNG, 64),
        (ExportFormat.WEBP, None),
    ):
        copy = made_copy(str(path), [], CopySpec(written, size, frozenset(PrivateInfo), EMPTY_DESCRIPTION))
        assert SECRET not in contents(copy), (written, size)
        with Image.open(BytesIO(copy)) as image:
            image.load()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_a_neutral_profile_shows_the_same_colours(file_format: str) -> None:
    profile = profile_with(SECRET)
    neutral = neutral_profile(profile)
    assert neutral is not None
    with Image.open(BytesIO(encoded(scene(), file_format))) as image:
        assert to_srgb(image, neutral).tobytes() == to_srgb(image, profile).tobytes()
        assert to_srgb(image, neutral).tobytes() != to_srgb(image, None).tobytes()
    assert neutral_profile(neutral) == neutral
    assert "original" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(neutral)))


def test_damaged_profiles_are_left_out() -> None:
    profile = matrix_profile(DISPLAY_P3)
    for size in range(132 + 12 * 9):
        assert neutral_profile(profile[:size]) is None
    endless = bytearray(profile)
    endless[128:132] = b"\xff" * 4
    assert neutral_profile(bytes(endless)) is None


def test_a_profile_of_many_segments_stays_whole(tmp_path: Path) -> None:
    """Its unknown tag makes it larger than a segment."""
    profile = profile_with(SECRET * 10_000)
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(scene(), "JPEG", icc_profile=profile))
    copy = made_copy(str(path), [], CopySpec(ExportFormat.JPEG, None, SAFE_TO_SHARE, EMPTY_DESCRIPTION))
    with Image.open(BytesIO(copy)) as image:
        assert image.info["icc_profile"] == neutral_profile(profile)
