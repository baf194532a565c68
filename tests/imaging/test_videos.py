"""Videos: every common container, their metadata, and those that are broken or hostile."""

from __future__ import annotations

import threading
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from safelight.core.encoder import InputSpec
from safelight.core.errors import FailureKind, ImageError
from safelight.imaging import read, video
from safelight.imaging.hashes import content_hash
from safelight.imaging.video import different, moments, video_format
from safelight.imaging.video_metadata import read_video_metadata
from support.pictures import encoded, scene
from support.videos import KINDS, plain_shots, write_clip, write_kind

MOST_PIXELS = 300_000_000
BLACK = Image.new("RGB", (320, 240))


def difference(found: Image.Image, wanted: Image.Image) -> float:
    """Mean difference in levels."""
    fitted = ImageOps.fit(wanted, found.size)
    return float(np.abs(np.asarray(found, np.int16) - np.asarray(fitted, np.int16)).mean())


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_size_length_poster_and_moments(tmp_path: Path, name: str) -> None:
    shots = plain_shots()
    path = write_kind(tmp_path, name, shots)
    decoded = read.decode_photo(str(path), InputSpec())
    assert (decoded.width, decoded.height) == (320, 240)
    assert decoded.duration == pytest.approx(4.0, abs=0.3)
    assert decoded.content_hash == content_hash(path.read_bytes())
    assert decoded.model_input is not None
    assert decoded.model_input.shape == (224, 224, 3)
    found = moments(str(path), 16, MOST_PIXELS, 320)
    assert [int(each.seconds) for each in found] == [0, 1, 2, 3]
    for moment, shot in zip(found, shots, strict=True):
        assert difference(moment.image, shot) < 9


@pytest.mark.parametrize("extension", ["jpg", "mov", "bin"])
def test_the_content_decides_and_not_the_name(tmp_path: Path, extension: str) -> None:
    path = write_kind(tmp_path, "clip.mp4", plain_shots()).rename(tmp_path / f"clip.{extension}")
    found = video_format(str(path))
    assert found is not None
    assert found.name == "MP4"
    assert read.decode_photo(str(path), None).duration == pytest.approx(4.0, abs=0.1)


def test_a_picture_named_like_a_video_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "scene.mp4"
    path.write_bytes(encoded(scene(), "JPEG"))
    decoded = read.decode_photo(str(path), None)
    assert (decoded.format, decoded.duration) == ("JPEG", None)


def test_the_poster_is_not_black(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "fade.mp4", [BLACK, BLACK, scene(seed=5), scene(seed=5)])
    pixels, _ = read.load_image(str(path), None)
    assert difference(Image.fromarray(pixels), scene(seed=5)) < 9


def test_a_black_video_still_has_a_poster(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "black.mp4", [BLACK])
    assert read.decode_photo(str(path), None).thumbnail


def test_a_frame_can_be_had_at_any_time_from_a_single_group_of_pictures(tmp_path: Path) -> None:
    shots = plain_shots(6)
    path = write_clip(tmp_path / "one.mp4", shots, keyframes=10_000)
    for second in (4.5, 0.5, 2.5, 99.0):
        pixels, _ = read.load_image(str(path), None, second)
        assert difference(Image.fromarray(pixels), shots[min(5, int(second))]) < 9


def test_near_equal_frames_are_dropped_and_there_are_at_most_sixteen(tmp_path: Path) -> None:
    same = write_clip(tmp_path / "same.mp4", [scene(seed=3)] * 6)
    assert len(moments(str(same), 16, MOST_PIXELS, 320)) == 1
    many = write_clip(tmp_path / "many.mp4", plain_shots(24), size=(160, 120))
    found = moments(str(many), 16, MOST_PIXELS, 320)
    assert len(found) == 16
    assert [each.seconds for each in found] == sorted(each.seconds for each in found)


def test_of_too_many_frames_the_most_alike_go() -> None:
    grids = [np.full((4, 4), level, np.float32) for level in (0, 50, 60, 120, 122)]
    assert different(grids, 16) == [0, 1, 2, 3]
    assert different(grids, 3) == [0, 1, 3]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_video_is_upright(tmp_path: Path, turn: int) -> None:
    path = write_clip(tmp_path / "turned.mp4", [scene(seed=2)], rotation=turn)
    decoded = read.decode_photo(str(path), None)
    wanted = scene(seed=2).rotate(turn, expand=True)
    assert (decoded.width, decoded.height) == wanted.size
    pixels, _ = read.load_image(str(path), None)
    assert difference(Image.fromarray(pixels), wanted) < 9


def test_metadata_come_from_the_container(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "tagged.mp4",
        [scene()],
        tags={"creation_time": "2021-05-04T10:20:30Z", "location": "+48.8577+002.2950/"},
    )
    metadata = read.decode_photo(str(path), None).metadata
    assert metadata.taken_at is not None
    assert metadata.taken_at.startswith("2021-05-04T")
    assert (metadata.latitude, metadata.longitude) == (48.8577, 2.295)


def test_tags_that_make_no_sense_are_left_out() -> None:
    assert read_video_metadata({}).taken_at is None
    assert read_video_metadata({"creation_time": "1904-01-01T00:00:00Z"}).taken_at is None
    assert read_video_metadata({"creation_time": "yesterday"}).taken_at is None
    assert read_video_metadata({"location": "+99.0+999.0/"}).latitude is None
    apple = read_video_metadata(
        {
            "com.apple.quicktime.creationdate": "2020-07-08T09:10:11+0200",
            "creation_time": "2020-07-08T07:10:11Z",
            "com.apple.quicktime.make": "Apple",
            "com.apple.quicktime.model": "iPhone\x00 12" + "x" * 10_000,
        }
    )
    assert apple.taken_at == "2020-07-08T09:10:11"
    assert apple.camera is not None
    assert apple.camera.startswith("Apple iPhone 12x")
    assert len(apple.camera) < 120


# --- broken and hostile -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("harm", ["cut", "head", "zeros", "noise"])
def test_only_an_image_error_escapes(tmp_path: Path, name: str, harm: str) -> None:
    path = write_kind(tmp_path, name, plain_shots(2))
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(len(data))
    match harm:
        case "cut":
            data = data[: len(data) // 3]
        case "head":
            data[32:512] = rng.bytes(480)
        case "zeros":
            data[64:] = bytes(len(data) - 64)
        case _:
            for at in rng.integers(0, len(data), 40):
                data[at] = rng.integers(256)
    path.write_bytes(data)
    try:
        decoded = read.decode_photo(str(path), InputSpec())
    except ImageError as error:
        outcome: object = error.kind, "\n" in str(error)
    else:
        outcome = bool(decoded.thumbnail)
    assert outcome in (True, (FailureKind.BROKEN, False), (FailureKind.TOO_LARGE, False))


def test_a_sound_file_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.rate = 44_100
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    with pytest.raises(ImageError, match="sound but no picture"):
        read.decode_photo(str(path), None)


def test_a_video_over_the_pixel_limit_is_refused_before_decoding(tmp_path: Path) -> None:
    path = write_kind(tmp_path, "clip.mp4", plain_shots(1))
    with pytest.raises(ImageError) as caught:
        read.decode_photo(str(path), None, max_pixels=10_000)
    assert caught.value.kind is FailureKind.TOO_LARGE


def test_a_list_of_files_is_not_followed(tmp_path: Path) -> None:
    """FFmpeg's playlists name files and addresses."""
    secret = write_kind(tmp_path, "clip.mp4", plain_shots(1))
    for name, text in (
        ("list.mp4", f"ffconcat version 1.0\nfile '{secret}'\n"),
        ("list.mkv", f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(ImageError, match="not a picture"):
            read.decode_photo(str(path), None)


def test_a_missing_extra_is_reported_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_kind(tmp_path, "clip.mp4", plain_shots(1))
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(ImageError, match="extra") as caught:
        read.decode_photo(str(path), None)
    assert caught.value.kind is FailureKind.NEEDS_DECODER


def test_reading_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    read.decode_photo(str(write_kind(tmp_path, "clip.mp4", plain_shots(1))), None)
    assert threading.active_count() == before
    assert video.video_format(str(tmp_path / "clip.mp4")) is not None
