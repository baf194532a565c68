"""Whatever a folder contains, the worst result is an ImageError with the right reason."""

from __future__ import annotations

import os
import random
import socket
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, features

from safelight.core.encoder import InputSpec
from safelight.core.errors import FailureKind, ImageError
from safelight.imaging import source
from safelight.imaging.faults import decoding
from safelight.imaging.read import decode_photo, load_bytes, load_image, model_input
from support.pictures import DISPLAY_P3, Decode, dng, encoded, heic, jpeg_xl, matrix_profile, scene

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such files on Windows")


def refusal(act: Callable[[], object]) -> ImageError:
    with pytest.raises(ImageError) as caught:
        act()
    text = str(caught.value)
    assert "\n" not in text
    assert text[0].isupper()
    assert text.endswith(".")
    return caught.value


def png(width: int, height: int, tail: bytes = b"") -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header)) + tail


def test_an_empty_file(decode: Decode) -> None:
    assert refusal(lambda: decode(b"")).kind is FailureKind.EMPTY


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    error = refusal(lambda: decode_photo(str(tmp_path / "gone.jpg"), None))
    assert error.kind is FailureKind.UNREADABLE
    assert "no longer there" in str(error)


def test_a_name_that_no_file_can_have() -> None:
    assert refusal(lambda: decode_photo("a\0b.jpg", None)).kind is FailureKind.UNREADABLE


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "album.jpg").mkdir()
    assert refusal(lambda: decode_photo(str(tmp_path / "album.jpg"), None)).kind is FailureKind.NOT_A_FILE


@posix
def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    caught: list[ImageError] = []

    def attempt() -> None:
        try:
            load_image(str(path), None)
        except ImageError as error:
            caught.append(error)

    reader = threading.Thread(target=attempt, daemon=True)
    reader.start()
    reader.join(timeout=60)
    assert not reader.is_alive()
    assert caught[0].kind is FailureKind.NOT_A_FILE


@posix
def test_a_device_and_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(lambda: decode_photo("/dev/zero", None)).kind is FailureKind.NOT_A_FILE
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.jpg")
        assert refusal(lambda: decode_photo("s.jpg", None)).kind is FailureKind.NOT_A_FILE


@posix
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "locked.jpg"
    path.write_bytes(encoded(scene(), "JPEG"))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    error = refusal(lambda: decode_photo(str(path), None))
    assert error.kind is FailureKind.UNREADABLE
    assert error.kind.passing


def test_too_many_bytes(decode: Decode) -> None:
    data = encoded(scene(), "PNG")
    assert refusal(lambda: decode(data, max_bytes=len(data) - 1)).kind is FailureKind.TOO_LARGE
    assert decode(data, max_bytes=len(data)).size == len(data)


@posix
def test_a_file_that_grows_while_it_is_read_is_left_for_later(tmp_path: Path) -> None:
    path = Path("/proc/self/status")  # says it has no bytes, and has some
    if not path.exists():
        pytest.skip("no /proc here")
    assert refusal(lambda: source.read_file(str(path))).kind is FailureKind.UNREADABLE


def test_a_header_that_promises_too_much_is_refused_before_decoding(decode: Decode) -> None:
    error = refusal(lambda: decode(png(60_000, 60_000, b"\0\0\0\x08IDAT" + bytes(12))))
    assert error.kind is FailureKind.TOO_LARGE
    error = refusal(lambda: decode(png(15_000, 15_000, b"\0\0\0\x08IDAT" + bytes(12)), max_pixels=10**8))
    assert "15000 × 15000" in str(error)


def test_the_pixel_limit_is_the_callers(decode: Decode) -> None:
    data = encoded(scene(100, 50), "PNG")
    assert decode(data, max_pixels=5000).width == 100
    assert refusal(lambda: decode(data, max_pixels=4999)).kind is FailureKind.TOO_LARGE
    assert refusal(lambda: load_bytes(data, 10, max_pixels=4999)).kind is FailureKind.TOO_LARGE
    assert refusal(lambda: model_input(data, InputSpec(), max_pixels=9)).kind is FailureKind.TOO_LARGE


@pytest.mark.slow
def test_a_panorama_of_200_megapixels_is_a_picture(decode: Decode) -> None:
    photo = decode(encoded(Image.new("1", (40_000, 5_000), 1), "PNG"), spec=InputSpec(size=32))
    assert (photo.width, photo.height) == (40_000, 5_000)


def test_a_gif_whose_frame_is_larger_than_its_canvas(decode: Decode) -> None:
    data = b"GIF89a\x0a\0\x0a\0\0\0\0" + b",\0\0\0\0" + struct.pack("<HH", 65535, 65535) + b"\0\x02\0;"
    assert refusal(lambda: decode(data)).kind in (FailureKind.TOO_LARGE, FailureKind.BROKEN)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF", "JPEG2000", "BMP"])
def test_a_picture_cut_short_is_broken(decode: Decode, format_name: str) -> None:
    data = encoded(scene(), format_name)
    for part in (0.15, 0.5, 0.9):
        error = refusal(lambda part=part: decode(data[: int(len(data) * part)]))  # type: ignore[misc]
        assert error.kind is FailureKind.BROKEN


def test_cut_short_is_reported_in_words(decode: Decode) -> None:
    data = encoded(scene(), "JPEG")
    assert "cut short" in str(refusal(lambda: decode(data[: len(data) // 2])))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), FailureKind.OUT_OF_MEMORY),
        (Image.DecompressionBombError("big"), FailureKind.TOO_LARGE),
        (struct.error("x"), FailureKind.BROKEN),
        (KeyError(3), FailureKind.BROKEN),
        (ZeroDivisionError(), FailureKind.BROKEN),
        (RecursionError(), FailureKind.BROKEN),
        (EOFError(), FailureKind.BROKEN),
        (zlib.error("x"), FailureKind.BROKEN),
    ],
)
def test_whatever_a_decoder_raises(error: BaseException, kind: FailureKind) -> None:
    def act() -> None:
        with decoding("PNG"):
            raise error

    assert refusal(act).kind is kind


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_what_ends_the_program_is_let_through(error: BaseException) -> None:
    with pytest.raises(type(error)), decoding("PNG"):
        raise error


def samples() -> dict[str, bytes]:
    image = scene(96, 64)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Acme"
    exif.get_ifd(0x8769)[0x9003] = "2019:08:07 16:05:04"
    profile = matrix_profile(DISPLAY_P3)
    found = {
        "jpeg": encoded(image, "JPEG", exif=exif, icc_profile=profile),
        "progressive": encoded(image, "JPEG", progressive=True),
        "cmyk": encoded(image.convert("CMYK"), "JPEG"),
        "png": encoded(image, "PNG", exif=exif, icc_profile=profile),
        "palette": encoded(image.quantize(16), "PNG", transparency=3),
        "gif": encoded(image, "GIF", save_all=True, append_images=[scene(96, 64, 1)]),
        "bmp": encoded(image, "BMP"),
        "tiff": encoded(image, "TIFF", exif=exif),
        "deflate": encoded(image, "TIFF", compression="tiff_adobe_deflate"),
        "webp": encoded(image, "WEBP", exif=exif),
        "pnm": encoded(image, "PPM"),
    }
    if features.check("avif"):
        found["avif"] = encoded(image, "AVIF", exif=exif)
    if features.check("jpg_2000"):
        found["jp2"] = encoded(image, "JPEG2000")
    return found


def mutations(data: bytes, seed: int, count: int) -> list[bytes]:
    """Copies with flipped, overwritten, removed, repeated or cut bytes; half of them near the header."""
    rng = random.Random(seed)
    mutated = []
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(rng.choice((1, 2, 5, 20))):
            if len(copy) < 32:
                break
            at = rng.randrange(min(len(copy), 200) if rng.random() < 0.5 else len(copy))
            match rng.randrange(5):
                case 0:
                    copy[at] ^= 1 << rng.randrange(8)
                case 1:
                    copy[at : at + 4] = rng.choice(
                        (b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", rng.randbytes(4))
                    )
                case 2:
                    del copy[at : at + rng.randrange(1, 16)]
                case 3:
                    copy[at:at] = copy[at : at + rng.randrange(1, 64)]
                case 4:
                    copy = copy[: max(at, 16)]
        mutated.append(bytes(copy))
    return mutated


def survive(decode: Decode, data: bytes, name: str) -> None:
    try:
        photo = decode(data, name, InputSpec(size=16), max_pixels=2_000_000)
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - most mutations must be refused, some need not be
    else:
        assert photo.model_input is not None
        assert photo.model_input.shape == (16, 16, 3)


@pytest.mark.parametrize("sample", sorted(samples()))
def test_only_an_image_error_escapes(decode: Decode, sample: str) -> None:
    for data in mutations(samples()[sample], seed=zlib.crc32(sample.encode()), count=30):
        survive(decode, data, "photo")


@pytest.mark.parametrize("encode", [heic, jpeg_xl])
def test_only_an_image_error_escapes_from_heic_and_jpeg_xl(
    decode: Decode, encode: Callable[[Image.Image], bytes]
) -> None:
    for data in mutations(encode(scene(96, 64)), seed=5, count=30):
        survive(decode, data, "photo")


def test_only_an_image_error_escapes_from_raw(decode: Decode) -> None:
    import numpy as np

    mosaic = np.asarray(scene(64, 48).convert("L"), dtype=np.uint16) * 200
    for data in mutations(dng(mosaic, preview=encoded(scene(64, 48), "JPEG")), seed=7, count=30):
        survive(decode, data, "photo.dng")
