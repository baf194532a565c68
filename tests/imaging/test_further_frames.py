"""What comes after the first frame is part of a picture."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from safelight.core.multi_frame import Page
from safelight.imaging.full_comparison import full_pixel_hash
from safelight.imaging.further_frames import further_frames
from safelight.imaging.multi_frame import pages
from safelight.imaging.read import decode_photo
from support.pictures import scene

SIZE = (96, 64)


def saved(plugin: str, frames: list[Image.Image], **options: object) -> bytes:
    buffer = BytesIO()
    first, *others = frames
    if others:
        options |= {"save_all": True, "append_images": others}
    first.save(buffer, plugin, **options)
    return buffer.getvalue()


def pictures(plugin: str) -> list[Image.Image]:
    image = scene(*SIZE)
    found = [image, ImageOps.mirror(image), ImageOps.flip(image)]
    return [each.quantize(32) for each in found] if plugin == "GIF" else found


FORMATS = [
    ("TIFF", "tif", {}),
    ("GIF", "gif", {"duration": 100}),
    ("WEBP", "webp", {"lossless": True, "duration": 100}),
    ("PNG", "png", {"duration": 100}),
    ("AVIF", "avif", {"duration": 100}),
]


@pytest.mark.parametrize(("plugin", "suffix", "options"), FORMATS)
def test_files_with_equal_first_frames_are_distinguished(
    tmp_path: Path, plugin: str, suffix: str, options: dict[str, object]
) -> None:
    one, two, three = pictures(plugin)
    contents = [
        saved(plugin, [one], **({} if plugin in ("PNG", "AVIF") else options)),
        saved(plugin, [one, two], **options),
        saved(plugin, [one, three], **options),
        saved(plugin, [one, two, three], **options),
    ]
    assert [further_frames(content, suffix).count for content in contents] == [0, 1, 1, 2]
    paths = [tmp_path / f"{number}.{suffix}" for number in range(4)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    decoded = [decode_photo(str(path), None) for path in paths]
    assert [each.frames for each in decoded] == [1, 2, 2, 3]
    assert len({each.pixel_hash for each in decoded}) == 4
    assert len({full_pixel_hash(str(path)) for path in paths}) == 4


def test_pages_with_other_metadata_are_equal() -> None:
    pages = pictures("TIFF")
    plain, tagged = saved("TIFF", pages), saved("TIFF", pages, description="a tag")
    assert plain != tagged
    assert further_frames(plain, "tif") == further_frames(tagged, "tif")


def test_the_film_of_a_motion_photo_counts() -> None:
    still = saved("JPEG", [scene(*SIZE)])
    film = b"\0\0\0\x18ftypmp42" + bytes(200)
    assert further_frames(still, "jpg").count == 0
    assert further_frames(still + bytes(64), "jpg").count == 0
    moving, other = further_frames(still + film, "jpg"), further_frames(still + film + b"x", "jpg")
    assert moving.count == other.count == 1
    assert moving.digest != other.digest


def test_further_pictures_of_an_mpo_count_and_previews_do_not() -> None:
    one, two, _ = pictures("MPO")
    assert further_frames(saved("MPO", [one, two]), "jpg").count == 1
    assert further_frames(saved("MPO", [one, two.resize((48, 32))]), "jpg").count == 0


@pytest.mark.parametrize(
    "mark",
    [
        b"http://ns.adobe.com/hdr-gain-map/1.0/",
        b"urn:iso:std:iso:ts:21496:-1",
        b"urn:com:apple:photo:2020:aux:hdrgainmap",
    ],
)
def test_a_gain_map_is_no_picture_even_in_full_size(tmp_path: Path, mark: bytes) -> None:
    data = ultra_hdr(scene(*SIZE), scene(*SIZE, seed=1).convert("L"), mark)
    assert further_frames(data, "jpg").count == 0
    assert further_frames(ultra_hdr(scene(*SIZE), scene(*SIZE, seed=1), b"another picture"), "jpg").count == 1
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    assert pages(str(path)) == (Page(0, *SIZE),)


def ultra_hdr(picture: Image.Image, gain_map: Image.Image, mark: bytes) -> bytes:
    """A JPEG followed by a gain map, which the index of the Multi-Picture Format calls undefined."""
    first, second = saved("JPEG", [picture]), saved("JPEG", [gain_map])
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + mark
    second = second[:2] + b"\xff\xe1" + (len(xmp) + 2).to_bytes(2) + xmp + second[2:]

    def index(size: int, offset: int) -> bytes:
        entries = struct.pack(">IIIHH", 0x030000, size, 0, 0, 0) + struct.pack(
            ">IIIHH", 0, len(second), offset, 0, 0
        )
        tags = struct.pack(">HHI4s", 0xB000, 7, 4, b"0100") + struct.pack(">HHII", 0xB001, 4, 1, 2)
        tags += struct.pack(">HHII", 0xB002, 7, len(entries), 8 + 2 + 3 * 12 + 4)
        content = b"MPF\0MM\0*" + struct.pack(">IH", 8, 3) + tags + bytes(4) + entries
        return b"\xff\xe2" + (len(content) + 2).to_bytes(2) + content

    size = len(first) + len(index(0, 0))
    start = 2 + 4 + 4  # offsets count from behind the segment's header and "MPF"
    return first[:2] + index(size, size - start) + first[2:] + second


def psd(layers: int, note: bytes = b"") -> bytes:
    """A flat picture, and a section that claims this many layers."""
    info = layers.to_bytes(2) + bytes(20) + note
    section = len(info).to_bytes(4) + info if layers else b""
    header = b"8BPS" + (1).to_bytes(2) + bytes(6) + (3).to_bytes(2) + (2).to_bytes(4) * 2
    header += (8).to_bytes(2) + (3).to_bytes(2)
    return header + bytes(4) + bytes(4) + len(section).to_bytes(4) + section + bytes(2) + bytes(12)


def test_layers_of_a_psd_count() -> None:
    found = [further_frames(data, "psd") for data in (psd(0), psd(3), psd(3, b"other"))]
    assert [each.count for each in found] == [0, 3, 3]
    assert found[1].digest != found[2].digest


@pytest.mark.parametrize("box", [b"moov", b"mpvd"])
def test_sequences_and_films_in_heic_are_like_no_other_file(box: bytes) -> None:
    from pi_heif import register_heif_opener  # noqa: F401 - the decoder is there

    start = (24).to_bytes(4) + b"ftypheic" + bytes(4) + b"mif1heic"
    film = (12).to_bytes(4) + box + b"film"
    first, second = (
        further_frames(start + film, "heic"),
        further_frames(start + film + b"\0\0\0\x08free", "heic"),
    )
    assert (first.count, second.count) == (1, 1)
    assert first.digest != second.digest


def test_too_many_frames_are_counted_and_not_decoded() -> None:
    frames = [Image.new("L", (2, 2), number % 256) for number in range(600)]
    content = saved("GIF", frames, duration=10)
    found = further_frames(content, "gif")
    assert found.count > 500
    assert found.digest != further_frames(content + b"\0", "gif").digest


def test_a_damaged_later_frame_leaves_the_first_readable(tmp_path: Path) -> None:
    content = saved("TIFF", pictures("TIFF"), compression="tiff_lzw")
    path = tmp_path / "a.tif"
    path.write_bytes(content[:-50])
    decoded = decode_photo(str(path), None)
    assert decoded.frames >= 2
