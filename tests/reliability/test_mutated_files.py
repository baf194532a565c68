"""Files that are nearly pictures: none of them hangs, ends or spoils anything but itself."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from safelight.core.errors import FailureKind
from safelight.imaging.formats import extension_of, is_photo_name
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from safelight.store import files
from support.fake_encoder import FakeEncoder
from support.originals import differences, taken_stock
from support.pictures import dng, encoded, scene
from support.reliable import add_root, assert_equals_disk, assert_sound, index, opened, paths

SECONDS = 10.0
"""What one file may take."""


def seeds() -> dict[str, bytes]:
    """A small picture of each format, with all that its format can carry."""
    image = scene(96, 72)
    exif = image.getexif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "Acme", "2020:01:02 03:04:05"
    carried = {"exif": exif.tobytes(), "icc_profile": bytes(200)}
    frames = [scene(96, 72, seed=number) for number in (1, 2)]
    preview = encoded(image, "JPEG")
    mosaic = np.full((64, 64), 900, np.uint16)
    made = {
        "jpg": encoded(image, "JPEG", progressive=False, **carried),
        "jpeg": encoded(image, "JPEG", progressive=True, **carried),
        "png": encoded(image, "PNG", **carried),
        "webp": encoded(image, "WEBP", **carried),
        "gif": encoded(image, "GIF", save_all=True, append_images=frames),
        "bmp": encoded(image, "BMP"),
        "tif": encoded(image, "TIFF", compression="tiff_lzw", **carried),
        "tiff": encoded(image, "TIFF", compression="jpeg"),
        "avif": encoded(image, "AVIF", **carried),
        "jp2": encoded(image, "JPEG2000"),
        "ppm": encoded(image, "PPM"),
        "dng": dng(mosaic, preview=preview),
        "psd": psd(96, 72),
    }
    assert len(made) >= 10
    return made


def psd(width: int, height: int) -> bytes:
    """A flat Photoshop picture (Adobe's specification of 2019): header, three empty sections, raw pixels."""
    header = b"8BPS\0\1" + bytes(6) + b"\0\3"
    header += height.to_bytes(4, "big") + width.to_bytes(4, "big") + b"\0\x08\0\3"
    return header + bytes(12) + b"\0\0" + bytes(range(256)) * (3 * width * height // 256 + 1)


Mutation = Callable[[bytearray, random.Random], None]


def flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 8, 64))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def flip_in_header(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(min(len(data), 200))] = chance.randrange(256)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def cut_out(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.randint(1, 300)]


def repeat(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start:start] = data[start : start + chance.randint(1, 2000)] * chance.randint(1, 4)


def blank(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    length = min(chance.randint(1, 400), len(data) - start)
    data[start : start + length] = bytes([chance.choice((0, 255))]) * length


def promise(data: bytearray, chance: random.Random) -> None:
    """A number somewhere becomes an enormous one."""
    size = chance.choice((2, 4, 8))
    start = chance.randrange(max(1, min(len(data), 600) - size))
    value = chance.choice((2 ** (8 * size) - 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 65_000))
    data[start : start + size] = (value % 2 ** (8 * size)).to_bytes(size, chance.choice(("big", "little")))


MUTATIONS: tuple[Mutation, ...] = (flip, flip_in_header, cut, cut_out, repeat, blank, promise)


def mutated(original: bytes, number: int) -> bytes:
    """The same for the same number, on every machine."""
    chance = random.Random(number)
    data = bytearray(original)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if data:
            chance.choice(MUTATIONS)(data, chance)
    return bytes(data)


def test_each_mutant_is_read_or_listed_once_and_no_neighbour_suffers(tmp_path: Path, nightly: bool) -> None:
    amount = 20_000 if nightly else 1_000
    root = tmp_path / "Pictures"
    root.mkdir()
    samples = sorted(seeds().items())
    for number in range(amount):
        extension, original = samples[number % len(samples)]
        (root / f"{number:05d}.{extension}").write_bytes(mutated(original, number))
    hold_against(root, tmp_path / "library", good=20)


@pytest.mark.shared
def test_known_killers_of_decoders(shared: Path, tmp_path: Path) -> None:
    """Files that crashed or hung Pillow's decoders in the past, from its own test suite."""
    root = tmp_path / "Pictures"
    root.mkdir()
    for path in sorted((shared / "broken").iterdir()):
        if path.is_file():
            name = path.name if is_photo_name(path.name) else f"{path.name}.jpg"
            shutil.copyfile(path, root / name)
    hold_against(root, tmp_path / "library", good=5)


def hold_against(root: Path, library: Path, *, good: int) -> None:
    for number in range(good):
        (root / f"good {number}.jpg").write_bytes(encoded(scene(96, 72, seed=1000 + number), "JPEG"))
    before = taken_stock(root)
    encoder = FakeEncoder(batch_size=32)
    with (
        DecodePool(2, Limits(seconds=SECONDS)) as pool,
        opened(library, encoder, pool) as opened_library,
    ):
        add_root(opened_library, root)
        report = index(opened_library)
        assert_sound(opened_library, encoder)
        assert_equals_disk(opened_library)
        with opened_library.store.read() as db:
            failures = files.failures(db)
        listed = Counter(failure.path for failure in failures)
        shown = {path.decode() for path in paths(opened_library)}
        assert set(listed.values()) <= {1}
        assert listed.keys() | shown == {path.decode() for path in before}
        assert not listed.keys() & shown
        assert report.failed == len(failures)
        assert len(failures) > len(before) // 20  # the mutants are not all harmless
        assert {f"{root.resolve()}/good {number}.jpg" for number in range(good)} <= shown
        for failure in failures:
            assert failure.kind not in (FailureKind.TIMED_OUT, FailureKind.CRASHED), failure
            assert str(failure.reason).endswith(".")
            assert "\n" not in str(failure.reason)
        again = index(opened_library)
        assert (again.added, again.updated, again.removed) == (0, 0, 0)
    assert differences(before, taken_stock(root)) == []


def test_the_mutations_are_the_same_everywhere() -> None:
    assert mutated(bytes(1000), 5) == mutated(bytes(1000), 5) != mutated(bytes(1000), 6)
    extensions = {extension_of(f"a.{name}") for name in seeds()}
    assert all(is_photo_name(f"a.{extension}") for extension in extensions)
    assert BytesIO(psd(8, 8)).read(4) == b"8BPS"
