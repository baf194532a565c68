"""Videos whose headers lie: each is read or listed with one line, and its neighbours are indexed."""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.errors import FailureKind
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from safelight.store import files
from support.fake_encoder import FakeEncoder
from support.originals import differences, taken_stock
from support.pictures import encoded, scene
from support.reliable import add_root, assert_sound, index, opened, paths

pytest.importorskip("av")
from support.videos import plain_shots, write_clip

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="memory limits of Linux")]

CONTAINERS = {"mp4": "mp4", "mkv": "matroska", "avi": "avi"}
MOST = 2**31 - 1
ALL = 2**32 - 1


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("clips")
    return {
        extension: write_clip(
            *(place / f"clip.{extension}", plain_shots(2)),
            seconds=0.5,
            size=(64, 48),
            codec="mpeg4",
            container=container,
        ).read_bytes()
        for extension, container in CONTAINERS.items()
    }


def patched(data: bytes, mark: bytes, offset: int, layout: str, *values: float) -> bytes:
    """Write numbers at an offset from the first occurrence of ``mark``, which must be there."""
    changed = bytearray(data)
    struct.pack_into(layout, changed, data.index(mark) + offset, *values)
    return bytes(changed)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def nested(kind: bytes, depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(kind, content)
    return content


def with_tracks(mp4: bytes, count: int) -> bytes:
    """The file with its only track repeated."""
    movie = mp4.index(b"moov") - 4
    movie_end = movie + int.from_bytes(mp4[movie : movie + 4], "big")
    track = mp4.index(b"trak") - 4
    track_end = track + int.from_bytes(mp4[track : track + 4], "big")
    content = mp4[movie + 8 : track] + mp4[track:track_end] * count + mp4[track_end:movie_end]
    return mp4[:movie] + box(b"moov", content) + mp4[movie_end:]


def liars(clips: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Endless durations, frames without number, huge sizes, boxes in boxes and a thousand streams.

    Offsets are those of ISO/IEC 14496-12, Matroska and the AVI RIFF reference.
    """
    mp4, mkv, avi = clips["mp4"], clips["mkv"], clips["avi"]
    for number in (0, 1, MOST, ALL):
        yield f"movie of {number}.mp4", patched(mp4, b"mvhd", 20, ">I", number)
        yield f"media of {number}.mp4", patched(mp4, b"mdhd", 20, ">I", number)
        yield f"{number} ticks a second.mp4", patched(mp4, b"mdhd", 16, ">I", number)
    for number in (MOST, ALL):
        yield f"{number} times.mp4", patched(mp4, b"stts", 8, ">I", number)
        yield f"{number} frames of one time.mp4", patched(mp4, b"stts", 12, ">I", number)
        yield f"frames of {number} ticks.mp4", patched(mp4, b"stts", 16, ">I", number)
        yield f"{number} sizes.mp4", patched(mp4, b"stsz", 12, ">I", number)
        yield f"{number} frames of one byte.mp4", patched(mp4, b"stsz", 8, ">II", 1, number)
        yield f"{number} chunks.mp4", patched(mp4, b"stsc", 8, ">I", number)
        yield f"{number} frames.avi", patched(avi, b"avih", 24, "<I", number)
        yield f"length of {number}.avi", patched(avi, b"strh", 40, "<I", number)
    for side in (0, 16_385, 65_535):
        yield f"side of {side}.mp4", patched(mp4, b"mp4v", 28, ">HH", side, side)
        yield f"side of {side}.avi", patched(avi, b"strf", 12, "<ii", side, side)
    for seconds in (float("inf"), float("nan"), 1e300, -5.0):
        yield f"{seconds} ms.mkv", patched(mkv, b"\x44\x89\x88", 3, ">d", seconds)
    start = mp4[: int.from_bytes(mp4[:4], "big")]
    yield "boxes.mp4", start + nested(b"moov", 20_000)
    yield "boxes in a movie.mp4", start + box(b"moov", nested(b"udta", 20_000))
    yield "a thousand tracks.mp4", with_tracks(mp4, 1_000)


def mutants(clips: dict[str, bytes], amount: int) -> Iterator[tuple[str, bytes]]:
    """Clips with bytes of their headers changed, cut off, or repeated elsewhere."""
    chance = random.Random("videos")
    for number in range(amount):
        extension, original = chance.choice(sorted(clips.items()))
        data = bytearray(original)
        match chance.randrange(3):
            case 0:
                for _ in range(chance.choice((1, 4, 40))):
                    data[chance.randrange(min(len(data), 2_000))] = chance.choice((0, 0x7F, 0xFF))
            case 1:
                del data[chance.randrange(len(data)) :]
            case _:
                at, taken = chance.randrange(len(data)), chance.randrange(len(data))
                data[at:at] = data[taken : taken + chance.randrange(1, 3_000)]
        yield f"{number:05d}.{extension}", bytes(data)


def test_videos_that_lie(clips: dict[str, bytes], tmp_path: Path, nightly: bool) -> None:
    root = (tmp_path / "Videos").resolve()
    root.mkdir()
    for name, data in (*liars(clips), *mutants(clips, 3_000 if nightly else 30)):
        (root / name).write_bytes(data)
    good = {f"good {number}.jpg" for number in range(5)}
    for number, name in enumerate(sorted(good)):
        (root / name).write_bytes(encoded(scene(seed=number), "JPEG"))
    before = taken_stock(root)
    encoder = FakeEncoder(batch_size=32)
    with DecodePool(2, Limits()) as pool, opened(tmp_path / "library", encoder, pool) as library:
        add_root(library, root)
        index(library)
        assert_sound(library, encoder)
        with library.store.read() as db:
            failures = files.failures(db)
        shown = {Path(path.decode()).name for path in paths(library)}
    listed = [Path(failure.path).name for failure in failures]
    assert len(listed) == len(set(listed))
    assert set(listed) | shown == {path.name for path in root.iterdir()}
    assert not set(listed) & shown
    assert good <= shown
    assert {"boxes.mp4", f"{MOST} sizes.mp4"} <= set(listed)
    for failure in failures:
        assert failure.kind not in (FailureKind.TIMED_OUT, FailureKind.CRASHED), failure
        assert str(failure.reason).endswith((".", ")"))
        assert "\n" not in str(failure.reason)
    assert differences(before, taken_stock(root)) == []
