"""Copies of photos that the user turned."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from safelight.core.description import description_of
from safelight.core.errors import ImageError
from safelight.core.exporting import SAFE_TO_SHARE, CopySpec, ExportFormat, PrivateInfo, private_info_in
from safelight.core.photo import ImageMetadata
from safelight.imaging.exporting import made_copy
from safelight.imaging.heif_orientation import turned_heif
from safelight.imaging.iso_boxes import boxes
from safelight.imaging.jpeg_orientation import with_orientation
from safelight.imaging.metadata.exif_write import exif_of
from safelight.imaging.motion_photo import read_embedded_film
from safelight.imaging.multi_frame import load_page, pages
from safelight.imaging.opening import open_picture, read_metadata_only
from safelight.imaging.tiff_orientation import turned_tiff
from support.motion_photos import in_heic, samsung
from support.pictures import encoded, heic, scene
from support.videos import write_clip

KNOWN = ImageMetadata(camera="Acme 5", latitude=48.0, longitude=2.0, taken_at="2020-01-02T03:04:05")
ORIENTATIONS = range(1, 9)
DATA = Path(__file__).parents[1] / "data"


def upright(data: bytes, extension: str) -> np.ndarray:
    return np.asarray(open_picture(data, extension, None).image.convert("RGB"), np.int16)


def told(data: bytes, extension: str) -> ImageMetadata:
    """The metadata without the orientation, which is what changes."""
    return replace(read_metadata_only(data, extension), orientation=None)


def copied(
    path: Path,
    turns: int,
    written: ExportFormat = ExportFormat.ORIGINAL,
    size: int | None = None,
    withheld: frozenset[PrivateInfo] = frozenset(),
) -> bytes:
    return made_copy(str(path), [], CopySpec(written, size, withheld, description_of(KNOWN), turns))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_only_the_orientation_of_a_jpeg_changes(tmp_path: Path, orientation: int, turns: int) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(scene(), "JPEG", exif=exif_of(KNOWN, orientation)) + b"a video")
    copy = copied(path, turns)
    before = path.read_bytes()
    assert np.array_equal(upright(copy, "jpg"), np.rot90(upright(before, "jpg"), -turns))
    assert copy.endswith(b"a video")
    assert told(copy, "jpg") == told(before, "jpg")
    if orientation != 1:  # the entry was there
        assert len(copy) == len(before)
        assert sum(one != two for one, two in zip(before, copy, strict=True)) == 1


@pytest.mark.parametrize("order", [b"II", b"MM"])
@pytest.mark.parametrize("with_exif", [True, False])
def test_an_orientation_is_added_where_there_is_none(order: bytes, with_exif: bool) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8298] = "Acme", "(c) somebody"
    exif.get_ifd(0x8769)[0x927C] = b"maker note " * 40
    exif.endian = "<" if order == b"II" else ">"
    block = exif.tobytes()
    assert block[6:8] == order
    data = encoded(scene(), "JPEG", **({"exif": block} if with_exif else {}))
    copy = with_orientation(data, 6)
    with Image.open(BytesIO(copy)) as image, Image.open(BytesIO(data)) as before:
        found = image.getexif()
        assert found[0x0112] == 6
        assert image.tobytes() == before.tobytes()
        assert copy[2:4] == data[2:4] == b"\xff\xe0" or with_exif  # the JFIF header stays first
        if with_exif:
            assert (found[0x010F], found[0x8298]) == ("Acme", "(c) somebody")
            assert found.get_ifd(0x8769)[0x927C] == b"maker note " * 40
    assert with_orientation(copy, 3) != copy
    assert with_orientation(with_orientation(copy, 3), 6) == copy


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\x00\x10Exif\0\0",
        b"\xff\xd8\xff\xe1\x00\x10Exif\0\0XX*\0\0\0\0\x08\xff\xd9",
        b"\xff\xd8\xff\xe1\x00\x10Exif\0\0MM\0*\0\0\xff\x08\xff\xd9",
        b"\xff\xd8\xff\xe1\x00\x12Exif\0\0MM\0*\0\0\0\x08\xff\xff\xff\xd9",
    ],
)
def test_damaged_metadata_are_refused(broken: bytes) -> None:
    with pytest.raises(ImageError):
        with_orientation(broken, 6)


def test_exif_without_room_is_refused() -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 65_480
    with pytest.raises(ImageError, match="no room"):
        with_orientation(encoded(scene(), "JPEG", exif=exif.tobytes()), 6)


@pytest.mark.parametrize("written", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("size", [None, 100])
def test_converted_copies_are_turned_themselves(tmp_path: Path, written: str, size: int | None) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(scene(120, 80), "PNG", exif=exif_of(KNOWN)))
    plain = copied(path, 0, ExportFormat(written), size)
    copy = copied(path, 1, ExportFormat(written), size)
    difference = np.abs(upright(copy, written) - np.rot90(upright(plain, written), -1))
    assert difference.mean() < 3
    if written == "png" and size is None:
        assert not difference.any()
    with Image.open(BytesIO(copy)) as image:
        assert 0x0112 not in image.getexif()
        assert image.height > image.width
    metadata = read_metadata_only(copy, written)
    assert replace(metadata, date_source=None, notes=()) == KNOWN


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_turned_jpeg_that_is_safe_to_share_keeps_its_pixels(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(scene(), "JPEG", exif=exif_of(KNOWN, orientation)))
    copy = copied(path, 3, ExportFormat.JPEG, withheld=SAFE_TO_SHARE)
    assert np.array_equal(upright(copy, "jpg"), np.rot90(upright(path.read_bytes(), "jpg"), -3))
    with Image.open(path) as before, Image.open(BytesIO(copy)) as after:
        assert before.tobytes() == after.tobytes()
    assert not private_info_in(read_metadata_only(copy, "jpg")) & SAFE_TO_SHARE


def tiff(path: Path, orientation: int | None = None, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x8298] = "Acme", "(c) somebody"
    if orientation is not None:
        exif[0x0112] = orientation
    scene().save(path, "TIFF", exif=exif, **options)
    return path.read_bytes()


@pytest.mark.parametrize("orientation", [None, *ORIENTATIONS])
@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("big", [False, True])
def test_only_the_orientation_of_a_tiff_changes(
    tmp_path: Path, orientation: int | None, turns: int, big: bool
) -> None:
    path = tmp_path / "a.tif"
    before = tiff(path, orientation, big_tiff=big, compression="tiff_lzw")
    copy = copied(path, turns)
    assert np.array_equal(upright(copy, "tif"), np.rot90(upright(before, "tif"), -turns))
    assert told(copy, "tif") == told(before, "tif")
    if orientation is not None:
        assert len(copy) == len(before)
        assert sum(one != two for one, two in zip(before, copy, strict=True)) == 1
    else:
        # All but the position of the first directory stays, and a directory follows.
        assert copy[16 : len(before)] == before[16:]


def test_every_page_of_a_tiff_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    sheets = [scene(60, 40, seed=number) for number in range(3)]
    sheets[0].save(path, "TIFF", save_all=True, append_images=sheets[1:])
    turned = tmp_path / "b.tif"
    turned.write_bytes(copied(path, 1))
    assert [(page.width, page.height) for page in pages(str(turned))] == [(40, 60)] * 3
    for number in range(3):
        before, after = (load_page(str(each), number, None)[0] for each in (path, turned))
        assert np.array_equal(after, np.rot90(before, -1))


@pytest.mark.parametrize("mode", ["I;16", "F", "CMYK", "1", "P", "LA"])
def test_tiffs_of_other_kinds_are_turned(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.tif"
    levels = np.asarray(scene().convert("L"))
    image = {
        "I;16": lambda: Image.fromarray(levels.astype(np.uint16) * 257),
        "F": lambda: Image.fromarray(levels.astype(np.float32) / 255),
    }.get(mode, lambda: scene().convert("L").convert(mode) if mode == "LA" else scene().convert(mode))()
    image.save(path, "TIFF")
    assert np.array_equal(upright(copied(path, 3), "tif"), np.rot90(upright(path.read_bytes(), "tif"), 1))


def test_damaged_tiffs_are_refused_or_copied_but_never_hang(tmp_path: Path) -> None:
    data = tiff(tmp_path / "a.tif")
    random = np.random.default_rng(2)
    for length in range(40):
        with pytest.raises(ImageError):
            turned_tiff(data[:length], 1)
    path = tmp_path / "cut.tif"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError):
        copied(path, 1)
    directory = int.from_bytes(data[4:8], "little")
    endless = data[:directory] + bytes(2) + data[4:8] + data[directory + 6 :]  # no entries; follows itself
    with pytest.raises(ImageError):
        turned_tiff(endless, 1)
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(3):
            changed[int(random.integers(directory, len(data)))] = int(random.integers(256))
        try:
            turned_tiff(bytes(changed), 1)
        except ImageError:
            continue


# --- HEIC and AVIF ------------------------------------------------------------------------------------------


def heif(orientation: int, extension: str) -> bytes:
    """A picture whose container states this orientation."""
    exif = exif_of(KNOWN, orientation)
    return heic(scene(), exif=exif) if extension == "heic" else encoded(scene(), "AVIF", exif=exif, speed=9)


@pytest.mark.parametrize("extension", ["heic", "avif"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_only_the_rotation_of_a_heif_changes(
    tmp_path: Path, orientation: int, turns: int, extension: str
) -> None:
    path = tmp_path / f"a.{extension}"
    before = heif(orientation, extension)
    path.write_bytes(before)
    copy = copied(path, turns)
    assert np.array_equal(upright(copy, extension), np.rot90(upright(before, extension), -turns))
    assert told(copy, extension) == told(before, extension)
    if b"irot" in before:
        assert sum(one != two for one, two in zip(before, copy, strict=True)) == 1
    else:
        assert pixels_of(copy) == pixels_of(before)
    back = turned_heif(copy, 4 - turns)
    assert back is not None
    assert np.array_equal(upright(back, extension), upright(before, extension))
    assert len(back) == len(copy), "now there is a rotation that can be changed in its place"
    assert path.read_bytes() == before


def pixels_of(data: bytes) -> bytes:
    return next(bytes(content) for kind, content in boxes(data) if kind == b"mdat")


def test_all_pictures_and_thumbnails_of_a_heic_are_turned(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    made = pillow_heif.from_pillow(scene(160, 120))
    made.add_from_pillow(scene(120, 90, seed=1))
    buffer = BytesIO()
    made.save(buffer, save_all=True, quality=-1)
    path.write_bytes(buffer.getvalue())
    turned = tmp_path / "b.heic"
    turned.write_bytes(copied(path, 1))
    assert [(page.width, page.height) for page in pages(str(turned))] == [(120, 160), (90, 120)]
    for number in range(2):
        before, after = (load_page(str(each), number, None)[0] for each in (path, turned))
        assert np.array_equal(after, np.rot90(before, -1))


@pytest.mark.parametrize("extension", ["heic", "avif"])
def test_opacity_is_turned_with_the_picture(tmp_path: Path, extension: str) -> None:
    data = (DATA / "formats" / f"alpha.{extension}").read_bytes()
    path = tmp_path / f"a.{extension}"
    path.write_bytes(data)
    before, after = (open_picture(each, extension, None).image for each in (data, copied(path, 1)))
    assert before.mode == "RGBA"
    assert np.array_equal(np.asarray(after), np.rot90(np.asarray(before), -1))


def test_a_motion_photo_that_is_turned_keeps_its_film(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    film = write_clip(tmp_path / "film.mp4", [scene(160, 120)], size=(160, 120), codec="mpeg4").read_bytes()
    for content in (in_heic(heic(scene()), film, boxed=True), samsung(heic(scene()), film)):
        path.write_bytes(content)
        copy = copied(path, 1)
        assert np.array_equal(upright(copy, "heic"), np.rot90(upright(content, "heic"), -1))
        path.write_bytes(copy)
        assert read_embedded_film(str(path)) == film


def test_an_animation_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    scene().save(path, save_all=True, append_images=[scene(seed=1)], speed=9)
    assert copied(path, 1) == b""


def test_damaged_heifs_are_refused_or_turned_right_but_never_hang(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    path = tmp_path / "a.heic"
    for data in (heif(1, "heic"), heif(6, "heic")):
        header = data.index(b"mdat")
        for length in range(0, header, 7):
            path.write_bytes(data[:length] or b"x")
            with pytest.raises(ImageError):
                copied(path, 1)
        for _ in range(400):
            changed = bytearray(data)
            for _ in range(int(random.integers(1, 4))):
                changed[int(random.integers(20, header))] = int(random.integers(256))
            try:
                turned_heif(bytes(changed), 1)
            except ImageError:
                continue
