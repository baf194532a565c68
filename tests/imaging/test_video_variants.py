"""Variants of video containers: turned, cut, uneven, without a key frame, without pictures."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging import read
from safelight.imaging.video import moments
from support.containers import png
from support.format_samples import drawing
from support.pictures import scene
from support.videos import plain_shots, write_clip

SIZE = 320, 240
MOST_PIXELS = 300_000_000


def difference(found: Image.Image, wanted: Image.Image) -> float:
    """Mean difference in levels."""
    fitted = ImageOps.fit(wanted, found.size)
    return float(np.abs(np.asarray(found, np.int16) - np.asarray(fitted, np.int16)).mean())


def shown_at(path: Path, seconds: float) -> Image.Image:
    return Image.fromarray(read.load_image(str(path), None, seconds)[0])


def nearest(found: Image.Image, shots: Sequence[Image.Image]) -> int:
    return min(range(len(shots)), key=lambda number: difference(found, shots[number]))


def write_at(path: Path, shots: Sequence[Image.Image], times: Sequence[float], *, first_key: int = 0) -> Path:
    """Frames at these times in seconds, each of a shot, without the first ``first_key`` packets."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = 1000
        stream.codec_context.max_b_frames = 0
        number = 0
        for shot, seconds in zip(shots, times, strict=True):
            frame = av.VideoFrame.from_ndarray(
                np.asarray(ImageOps.fit(shot.convert("RGB"), SIZE)), format="rgb24"
            )
            frame.pts = round(seconds * 1000)
            frame.time_base = Fraction(1, 1000)
            for packet in stream.encode(frame):
                if number >= first_key:
                    out.mux(packet)
                number += 1
        for packet in stream.encode(None):
            if number >= first_key:
                out.mux(packet)
            number += 1
    return path


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mkv", "libx264"), ("a.mov", "mpeg4"), ("a.webm", "libvpx-vp9"), ("a.mp4", "libx265")],
)
def test_containers_that_state_a_rotation(tmp_path: Path, name: str, codec: str, turn: int) -> None:
    path = write_clip(tmp_path / name, [scene(seed=2)], rotation=turn, codec=codec)
    with av.open(str(path)) as container:
        stated = next(container.decode(video=0)).rotation
    found = read.decode_photo(str(path), None)
    wanted = scene(seed=2).rotate(stated, expand=True)
    assert (found.width, found.height) == wanted.size
    assert difference(Image.fromarray(read.load_image(str(path), None)[0]), wanted) < 10
    if path.suffix in (".mp4", ".mov"):
        assert stated % 360 == turn


@pytest.mark.parametrize("name", ["a.mov", "a.mp4", "a.mkv"])
def test_a_film_that_begins_late(tmp_path: Path, name: str) -> None:
    """MOV and MP4 state a late beginning in an edit list. Times count from the first frame."""
    shots = plain_shots(4)
    times = [2.5 + number / 10 for number in range(40)]
    path = write_at(tmp_path / name, [shots[number // 10] for number in range(40)], times)
    assert b"elst" in path.read_bytes() or path.suffix == ".mkv"
    found = read.decode_photo(str(path), None)
    assert found.duration == pytest.approx(4.0, abs=2.6)
    assert [nearest(each.image, shots) for each in moments(str(path), 16, MOST_PIXELS, 320)][:1] == [0]
    assert {nearest(each.image, shots) for each in moments(str(path), 16, MOST_PIXELS, 320)} == {0, 1, 2, 3}


def test_an_edit_list_that_leaves_out_the_beginning(tmp_path: Path) -> None:
    """As phones write it for a film whose beginning was cut away."""
    shots = plain_shots(4)
    path = write_clip(tmp_path / "a.mov", shots, codec="libx264", keyframes=12)
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 4
    assert int.from_bytes(data[at + 4 : at + 8]) == 1, "one edit"
    unit_at = data.index(b"mdhd") + 4 + 12
    unit = int.from_bytes(data[unit_at : unit_at + 4])
    movie_unit_at = data.index(b"mvhd") + 4 + 12
    movie_unit = int.from_bytes(data[movie_unit_at : movie_unit_at + 4])
    data[at + 8 : at + 12] = (2 * movie_unit).to_bytes(4)  # two seconds,
    start = int.from_bytes(data[at + 12 : at + 16]) + 2 * unit
    data[at + 12 : at + 16] = start.to_bytes(4)  # from the third second on
    path.write_bytes(data)
    found = {nearest(each.image, shots) for each in moments(str(path), 16, MOST_PIXELS, 320)}
    assert found <= {2, 3}
    assert nearest(shown_at(path, 0.3), shots) == 2
    assert read.decode_photo(str(path), None).duration is not None


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_uneven_rates_show_the_frame_of_a_time(tmp_path: Path, name: str) -> None:
    """Screen recordings and phones in the dark have no fixed rate."""
    shots = plain_shots(4)
    path = write_at(tmp_path / name, [*shots, shots[3]], [0.0, 0.5, 3.0, 3.5, 6.0])
    for seconds, number in ((0.3, 0), (1.5, 1), (2.9, 1), (3.2, 2), (5.0, 3)):
        assert nearest(shown_at(path, seconds), shots) == number, seconds


@pytest.mark.parametrize("name", ["a.ts", "a.mts", "a.mkv"])
def test_a_film_without_a_key_frame_at_its_beginning(tmp_path: Path, name: str) -> None:
    """A recording that was cut, or begun in the middle."""
    shots = plain_shots(4)
    path = tmp_path / name
    form = "mpegts" if path.suffix != ".mkv" else "matroska"
    whole = write_clip(tmp_path / f"whole{path.suffix}", shots, container=form, keyframes=12)
    with av.open(str(whole)) as source, av.open(str(path), "w", format=form) as out:
        target = out.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.dts is not None]
        keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
        assert len(keys) > 2
        for packet in packets[keys[0] + 5 :]:
            packet.stream = target
            out.mux(packet)
    found = read.decode_photo(str(path), None)
    assert found.duration is not None
    assert 2.0 < found.duration < 4.5
    seen = [nearest(each.image, shots) for each in moments(str(path), 16, MOST_PIXELS, 320)]
    # FFmpeg itself begins at the third shot of a Matroska file.
    assert {2, 3} <= set(seen) if name == "a.mkv" else {1, 2, 3} <= set(seen)
    assert seen == sorted(seen)


def test_only_a_part_without_any_key_frame_is_refused_or_shown(tmp_path: Path) -> None:
    path = write_at(tmp_path / "a.mkv", plain_shots(4) * 5, [n / 10 for n in range(20)], first_key=3)
    try:
        read.decode_photo(str(path), None)
    except ImageError as error:
        refused = error
    else:
        return
    assert refused.kind is FailureKind.BROKEN


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.mov", "aac"), ("a.mkv", "libopus"), ("a.webm", "libopus")]
)
def test_sound_without_pictures_is_refused_in_one_line(tmp_path: Path, name: str, codec: str) -> None:
    path = tmp_path / name
    with av.open(str(path), "w") as out:
        stream = cast(av.AudioStream, out.add_stream(codec, rate=48_000))
        for number in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 960), np.float32), format="fltp", layout="stereo")
            frame.rate, frame.pts = 48_000, 960 * number
            for each in av.AudioResampler(stream.format, "stereo", 48_000).resample(frame):
                for packet in stream.encode(each):
                    out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    with pytest.raises(ImageError, match="sound but no picture") as refused:
        read.decode_photo(str(path), None)
    assert refused.value.kind is FailureKind.BROKEN


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.ts", "a.avi"])
def test_a_video_of_no_length(tmp_path: Path, name: str) -> None:
    """Recording was ended before the first frame, or after it."""
    empty = tmp_path / f"empty-{name}"
    empty.touch()
    with pytest.raises(ImageError) as refused:
        read.decode_photo(str(empty), None)
    assert refused.value.kind is FailureKind.EMPTY
    codec = "libvpx" if name.endswith("webm") else "mpeg4"
    none = tmp_path / f"none-{name}"
    with av.open(str(none), "w") as out:
        stream = cast(av.VideoStream, out.add_stream(codec, rate=12))
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        out.start_encoding()
    with pytest.raises(ImageError) as refused:
        read.decode_photo(str(none), None)
    assert refused.value.kind in (FailureKind.BROKEN, FailureKind.EMPTY)
    one = write_clip(tmp_path / name, [scene()], seconds=1 / 12, codec=codec)
    found = read.decode_photo(str(one), None)
    assert found.duration is not None
    assert 0 <= found.duration < 0.2
    assert len(moments(str(one), 16, MOST_PIXELS, 320)) == 1


_BT709, _BT2020, _DISPLAY_P3, _TEN_BITS, _PQ, _HLG = 1, 9, 12, 14, 16, 18
"""Code points of ITU-T H.273."""


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
@pytest.mark.parametrize(
    ("primaries", "transfer", "matrix"),
    [
        (_BT709, _BT709, _BT709),
        (_BT2020, _PQ, _BT2020),
        (_BT2020, _HLG, _BT2020),
        (_BT2020, _TEN_BITS, _BT2020),
        (_DISPLAY_P3, _BT709, _BT709),
    ],
)
def test_colours_are_those_of_a_picture_with_the_same_code_points(
    tmp_path: Path, name: str, primaries: int, transfer: int, matrix: int
) -> None:
    """Phones record HDR (HLG with BT.2020) by themselves."""
    pixels = drawing()
    height, width, _ = pixels.shape
    path = tmp_path / name
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=12, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p10le"
        coding = stream.codec_context
        coding.color_primaries, coding.color_trc, coding.colorspace = primaries, transfer, matrix
        coding.color_range = 1
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame = frame.reformat(format="yuv444p10le", dst_colorspace=matrix, dst_color_range=1)
        for number in range(6):
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    rows = [row.tobytes() for row in pixels]
    still = png(width, height, 8, 2, rows, cICP=bytes((primaries, transfer, 0, 1)))
    wanted = Image.fromarray(read.load_bytes(still, None, "png")[0])
    assert difference(Image.fromarray(read.load_image(str(path), None)[0]), wanted) < 2
    changed = difference(Image.fromarray(pixels), wanted)
    assert changed < 2 if primaries == _BT709 else changed > 5, "the code points count"
