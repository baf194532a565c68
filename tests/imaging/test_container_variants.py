"""Variants of containers: what cameras, phones and programs write beside the plain form of a format."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from safelight.core.errors import ImageError
from safelight.imaging.iso_boxes import boxes
from safelight.imaging.multi_frame import AnimationReader, load_page, pages
from safelight.imaging.opening import read_size
from safelight.imaging.read import decode_photo, load_bytes
from support.containers import gif, heic_grid, jpeg_of, png, segments, with_profile_in_pieces
from support.format_samples import FOLDER, Pixels, drawing, on_white, with_alpha
from support.pictures import encoded, heic, scene
from support.several_frames import drawn
from support.videos import plain_shots, write_clip

MUCH = 2**30


def decoded(data: bytes, extension: str) -> Pixels:
    return load_bytes(data, None, extension)[0]


def distance(one: Pixels, other: Pixels) -> float:
    """Mean difference in levels."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


# --- TIFF ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("tile", [None, (16, 32), (64, 64)])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiffs_of_every_layout(
    tmp_path: Path, big: bool, order: Any, planes: Any, tile: tuple[int, int] | None, compression: str | None
) -> None:
    path = tmp_path / "a.tif"
    pixels = drawing()
    stored = np.moveaxis(pixels, 2, 0) if planes == "separate" else pixels
    options: dict[str, Any] = {"photometric": "rgb", "planarconfig": planes, "compression": compression}
    with tifffile.TiffWriter(path, bigtiff=big, byteorder=order) as out:
        out.write(stored, tile=tile, **options)
        out.write(stored[::-1] if planes == "contig" else stored[:, ::-1], tile=tile, **options)
    assert np.array_equal(decoded(path.read_bytes(), "tif"), pixels)
    assert [(page.width, page.height) for page in pages(str(path))] == [(96, 64)] * 2
    assert np.array_equal(load_page(str(path), 1, None)[0], pixels[::-1])


@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_sixteen_bits_in_tiles_and_planes(planes: Any) -> None:
    pixels = drawing()
    deep = pixels.astype(np.uint16) * 257
    buffer = BytesIO()
    tifffile.imwrite(
        buffer,
        np.moveaxis(deep, 2, 0) if planes == "separate" else deep,
        photometric="rgb",
        planarconfig=planes,
        tile=(32, 32),
        bigtiff=True,
    )
    assert distance(decoded(buffer.getvalue(), "tif"), pixels) < 0.6


# --- JPEG ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [range(12), range(11, -1, -1), (5, 0, 11, 3, 1, 2, 4, 10, 6, 9, 7, 8)])
def test_a_profile_in_twelve_segments(order: Any) -> None:
    """Profiles of printers are longer than a segment."""
    data = (FOLDER / "p3.jpg").read_bytes()
    with Image.open(BytesIO(data)) as image:
        profile = image.info["icc_profile"]
    # Bytes behind the tags make it longer than eleven segments hold.
    long = profile + bytes(11 * 65_000 - len(profile))
    long = len(long).to_bytes(4) + long[4:]
    whole = with_profile_in_pieces(data, long, 12, order)
    assert sum(marker == 0xE2 for marker, _ in segments(whole)) == 12
    assert np.array_equal(decoded(whole, "jpg"), decoded(data, "jpg"))
    assert distance(decoded(whole, "jpg"), drawing()) < 2
    without = jpeg_of([part for part in segments(data) if part[0] != 0xE2])
    assert distance(decoded(without, "jpg"), drawing()) > 2, "the profile counts"


def cmyk_levels() -> Image.Image:
    cells = np.zeros((64, 96, 4), np.uint8)
    for number in range(24):
        row, column = divmod(number, 6)
        cells[row * 16 :, column * 16 :] = (
            number * 37 % 256,
            number * 91 % 256,
            number * 53 % 256,
            number * 4,
        )
    return Image.fromarray(cells, "CMYK")


def test_cmyk_with_and_without_the_marker_of_adobe() -> None:
    """Photoshop stores inverted CMYK, and its marker says so. Browsers expect that without it, too."""
    plain = cmyk_levels()
    marked = encoded(plain, "JPEG", quality=100)
    assert any(marker == 0xEE and content[:5] == b"Adobe" for marker, content in segments(marked))
    unmarked = jpeg_of([part for part in segments(marked) if part[0] != 0xEE])
    wanted = decoded(encoded(plain, "TIFF"), "tif")
    assert distance(decoded(marked, "jpg"), wanted) < 2
    assert distance(decoded(unmarked, "jpg"), wanted) < 2


def test_both_views_of_a_stereo_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.mpo"
    first, second = scene(96, 64), scene(96, 64, seed=1)
    path.write_bytes(encoded(first, "MPO", save_all=True, append_images=[second], quality=100))
    assert distance(decoded(path.read_bytes(), "mpo"), np.asarray(first)) < 3
    assert len(pages(str(path))) == 2
    assert distance(load_page(str(path), 1, None)[0], np.asarray(second)) < 3


# --- PNG ----------------------------------------------------------------------------------------------------


def test_sixteen_bits_with_alpha() -> None:
    pixels = with_alpha().astype(">u2") * 257
    data = png(96, 64, 16, 6, [row.tobytes() for row in pixels])
    assert distance(decoded(data, "png"), on_white()) < 1
    grey = np.dstack((np.tile(np.arange(96) * 688, (64, 1)), np.full((64, 96), 32_768))).astype(">u2")
    shown = decoded(png(96, 64, 16, 4, [row.tobytes() for row in grey]), "png")
    ramp = np.arange(96) * 688 / 257 * 0.5 + 255 * 0.5
    assert np.abs(shown[0, :, 0] - ramp).max() < 2


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palettes_of_every_depth_with_transparency(depth: int) -> None:
    count = 2 ** min(depth, 3)
    colours = [(number * 36, 255 - number * 36, number * 20) for number in range(count)]
    levels = np.tile(np.arange(96) // 16 % count, (64, 1)).astype(np.uint8)
    bits = np.unpackbits(levels[..., None], axis=2)[..., 8 - depth :].reshape(64, -1)
    rows = [np.packbits(row).tobytes() for row in bits]
    opacity = bytes((0, 128)[:count])  # of the first two; the others are opaque
    data = png(96, 64, depth, 3, rows, PLTE=bytes(np.array(colours, np.uint8)), tRNS=opacity)
    alpha = np.array([0, 128, *[255] * 6])[levels][..., None] / 255
    wanted = np.array(colours)[levels] * alpha + 255 * (1 - alpha)
    assert distance(decoded(data, "png"), np.round(wanted).astype(np.uint8)) < 1


@pytest.mark.parametrize("place", ["eXIf", "after_eXIf"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_orientation_of_a_png_before_and_behind_the_pixels(place: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Acme"
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    turns = {3: 2, 6: 1, 8: 3}[orientation]
    stored = np.ascontiguousarray(np.rot90(drawing(), turns))
    rows = [row.tobytes() for row in stored]
    data = png(stored.shape[1], stored.shape[0], 8, 2, rows, **{place: block})
    pixels, metadata = load_bytes(data, None, "png")
    assert np.array_equal(pixels, drawing())
    assert read_size(data, "png") == (96, 64)
    assert metadata.camera == "Acme"


def test_a_png_whose_animation_leaves_out_its_still_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    frames = [drawn((96, 64), colour) for colour in ("#d02020", "#20a020", "#2030d0")]
    frames[0].save(
        path, save_all=True, append_images=frames[1:], default_image=True, duration=100, disposal=1, blend=0
    )
    still = decode_photo(str(path), None)
    assert (still.width, still.height) == (96, 64)
    assert decoded(path.read_bytes(), "png")[0, 0].tolist() == [0xD0, 0x20, 0x20]
    part = AnimationReader().part(str(path), 0, 96, MUCH)
    assert part.frames[-1][0, 0].tolist() == [0x20, 0x30, 0xD0]


@pytest.mark.parametrize(
    ("extension", "disposal"),
    [
        ("png", [0, 0, 0, 0]),
        ("png", [1, 1, 1, 1]),
        ("png", [0, 2, 0, 0]),
        ("gif", [1, 1, 1, 1]),
        ("gif", [2, 2, 2, 2]),
    ],
)
def test_frames_of_patches_are_put_together(tmp_path: Path, extension: str, disposal: list[int]) -> None:
    """Animations store only what changes."""
    path = tmp_path / f"a.{extension}"
    ground = drawing()
    shown = [ground.copy() for _ in range(4)]
    for number, frame in enumerate(shown):
        frame[10 * number : 10 * number + 12, 20 * number : 20 * number + 12] = (200, 40, 40)
    images = [Image.fromarray(frame) for frame in shown]
    images[0].save(path, save_all=True, append_images=images[1:], duration=100, disposal=disposal)
    part = AnimationReader().part(str(path), 0, 96, MUCH)
    assert len(part.frames) == 4
    for frame, wanted in zip(part.frames, shown, strict=True):
        assert distance(frame, wanted) < 1


def test_a_gif_of_patches_with_every_disposal(tmp_path: Path) -> None:
    palette = [(0, 0, 0), (200, 0, 0), (0, 200, 0), (0, 0, 200)]
    whole, left, right = ((0, 0), (40, 20)), ((0, 0), (10, 20)), ((30, 5), (10, 10))

    def patch(place: tuple[tuple[int, int], tuple[int, int]], colour: int, disposal: int) -> dict[str, Any]:
        return {"at": place[0], "size": place[1], "colour": colour, "disposal": disposal}

    path = tmp_path / "a.gif"
    frames = [patch(whole, 1, 1), patch(left, 2, 3), patch(right, 3, 2), patch(left, 3, 1)]
    path.write_bytes(gif((40, 20), palette, frames))
    shown = AnimationReader().part(str(path), 0, 40, MUCH).frames
    red, green, blue = palette[1:]

    def colours(number: int) -> list[tuple[int, ...]]:
        """Left, in the middle, at the right."""
        return [tuple(shown[number][10, column].tolist()) for column in (5, 20, 35)]

    assert colours(0) == [red, red, red]
    assert colours(1) == [green, red, red]
    assert colours(2) == [red, red, blue], "the patch before was taken back"
    middle = colours(3)
    assert middle[:2] == [blue, red]
    assert middle[2] != blue, "the patch was cleared"


# --- WebP, HEIC, AVIF ---------------------------------------------------------------------------------------


def test_an_animated_webp_with_exif(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Acme"
    frames = [Image.fromarray(drawing()), Image.fromarray(drawing()[::-1])]
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=100, lossless=True, exif=exif.tobytes()
    )
    found = decode_photo(str(path), None)
    assert (found.width, found.height, found.frames) == (64, 96, 2)
    assert found.metadata.camera == "Acme"
    part = AnimationReader().part(str(path), 0, 96, MUCH)
    for frame, stored in zip(part.frames, (drawing(), drawing()[::-1]), strict=True):
        assert np.array_equal(frame, np.rot90(stored, -1))


@pytest.mark.parametrize("angle", [0, 1, 2, 3])
def test_a_heic_of_tiles(angle: int) -> None:
    """Phones store their pictures so."""
    big = np.kron(drawing(), np.ones((4, 4, 1), np.uint8))
    shown = decoded(heic_grid(big, 3, 2, angle=angle), "heic")
    assert distance(shown, np.rot90(big, angle)) < 1.5


def test_an_avif_sequence(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    frames = [scene(96, 64, seed=seed) for seed in range(4)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50, speed=9, quality=95)
    assert decode_photo(str(path), None).frames == 4
    part = AnimationReader().part(str(path), 0, 96, MUCH)
    assert (part.total, part.durations) == (4, (50,) * 4)
    for frame, wanted in zip(part.frames, frames, strict=True):
        assert distance(frame, np.asarray(wanted)) < 6


@pytest.mark.parametrize("brand", [b"hevc", b"msf1"])
def test_a_heic_sequence_without_a_still_picture_is_refused_in_one_line(tmp_path: Path, brand: bytes) -> None:
    data = write_clip(tmp_path / "a.mp4", plain_shots(2), codec="libx265").read_bytes()
    data = (data[:8] + brand + data[12:16] + brand + data[20:]).replace(b"hev1", b"hvc1")
    with pytest.raises(ImageError, match="variant that Safelight cannot read"):
        load_bytes(data, None, "heics")


def test_a_heic_sequence_with_a_still_picture_shows_that(tmp_path: Path) -> None:
    """Cameras that write sequences store one picture as a still too."""
    film = write_clip(tmp_path / "a.mp4", plain_shots(1), codec="libx265").read_bytes()
    film = film.replace(b"hev1", b"hvc1")
    movie = next(bytes(content) for kind, content in boxes(film) if kind == b"moov")
    data = heic(Image.fromarray(drawing()), quality=-1, chroma=444)
    data += (len(movie) + 8).to_bytes(4) + b"moov" + movie
    path = tmp_path / "a.heics"
    path.write_bytes(data)
    assert distance(decoded(data, "heics"), drawing()) < 1.5
    assert decode_photo(str(path), None).frames == 2, "the sequence tells it from other files"
