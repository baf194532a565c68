"""Pages and frames of animations, read from real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor, TiffImagePlugin

from safelight.core.encoder import Pixels
from safelight.core.errors import FailureKind, ImageError
from safelight.core.multi_frame import Page, is_animation, may_have_frames, shows_first_frame_only
from safelight.imaging.multi_frame import AnimationReader, load_page, pages
from safelight.imaging.read import decode_photo
from support.several_frames import COLOURS, TWO_FRAMES_IN_JXL, animation, document, drawn

MUCH = 2**30


def assert_colour(pixels: Pixels, colour: str) -> None:
    assert np.abs(pixels.reshape(-1, 3).mean(0) - ImageColor.getrgb(colour)).max() < 4


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_an_animation_comes_in_parts_that_fit_the_budget(tmp_path: Path, name: str) -> None:
    path = str(animation(tmp_path / name, 9))
    reader = AnimationReader()
    budget = 4 * 160 * 120 * 3
    shown: list[Pixels] = []
    while len(shown) < 9:
        part = reader.part(path, len(shown), 400, budget)
        assert part.first == len(shown)
        assert part.total == 9
        assert part.durations == (100,) * len(part.frames)
        assert 1 <= len(part.frames) <= 4
        shown += list(part.frames)
    for number, frame in enumerate(shown):
        assert_colour(frame, COLOURS[number])
    again = reader.part(path, 2, 400, MUCH)
    assert_colour(again.frames[0], COLOURS[2])
    assert len(again.frames) == 7


def test_frames_are_reduced_and_a_frame_larger_than_the_budget_comes_alone(tmp_path: Path) -> None:
    path = str(animation(tmp_path / "a.webp", 3, (400, 200)))
    part = AnimationReader().part(path, 0, 100, 1)
    assert part.frames.shape == (1, 50, 100, 3)


def test_frames_too_short_to_be_meant_are_shown_as_browsers_do(tmp_path: Path) -> None:
    path = str(animation(tmp_path / "a.gif", 3, milliseconds=0))
    assert set(AnimationReader().part(path, 0, 100, MUCH).durations) == {100}


def test_a_changed_file_is_opened_again(tmp_path: Path) -> None:
    reader, path = AnimationReader(), tmp_path / "a.gif"
    animation(path, 5)
    assert reader.part(str(path), 0, 100, 1).total == 5
    animation(path, 3)
    assert reader.part(str(path), 1, 100, 1).total == 3
    with pytest.raises(ImageError):
        reader.part(str(path), 3, 100, 1)


def test_a_truncated_animation_gives_its_whole_frames_and_then_a_reason(tmp_path: Path) -> None:
    path = animation(tmp_path / "a.webp", 6)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(ImageError) as raised:
        AnimationReader().part(str(path), 0, 100, MUCH)
    assert raised.value.kind is FailureKind.BROKEN


@pytest.mark.parametrize("name", ["a.tiff", "a.mpo"])
def test_every_page_is_listed_and_read(tmp_path: Path, name: str) -> None:
    sizes = [(160, 120), (160, 120), (160, 120)]
    path = str(document(tmp_path / name, sizes))
    assert pages(path) == tuple(Page(number, 160, 120) for number in range(3))
    for number in range(3):
        pixels, _ = load_page(path, number, 80)
        assert pixels.shape == (60, 80, 3)
        assert_colour(pixels, COLOURS[number])


def test_pages_have_their_own_size_and_are_upright(tmp_path: Path) -> None:
    turned = TiffImagePlugin.ImageFileDirectory_v2()
    turned[274] = 6
    second = drawn((200, 100), "#2030d0")
    second.encoderinfo = {"tiffinfo": turned}
    path = tmp_path / "a.tiff"
    drawn((160, 120), "#d02020").save(path, save_all=True, append_images=[second])
    assert pages(str(path)) == (Page(0, 160, 120), Page(1, 100, 200))
    assert load_page(str(path), 1, None)[0].shape == (200, 100, 3)


def test_a_reduced_version_in_a_tiff_is_not_a_page(tmp_path: Path) -> None:
    reduced = TiffImagePlugin.ImageFileDirectory_v2()
    reduced[254] = 1
    small = drawn((40, 30), "#20a020")
    small.encoderinfo = {"tiffinfo": reduced}
    path = tmp_path / "a.tiff"
    drawn((160, 120), "#d02020").save(
        path, save_all=True, append_images=[small, drawn((160, 120), "#2030d0")]
    )
    assert [page.number for page in pages(str(path))] == [0, 2]


def test_a_preview_in_a_jpeg_is_not_a_page(tmp_path: Path) -> None:
    path = str(document(tmp_path / "a.jpg", [(160, 120), (80, 60)]))
    assert pages(path) == (Page(0, 160, 120),)


def test_ordinary_pictures_have_one_page(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    drawn((160, 120), "#d02020").save(path)
    assert pages(str(path)) == (Page(0, 160, 120),)


def test_a_page_beyond_the_pixel_limit_is_refused(tmp_path: Path) -> None:
    path = str(document(tmp_path / "a.tiff", [(100, 100), (400, 400)]))
    with pytest.raises(ImageError) as raised:
        pages(path, max_pixels=50_000)
    assert raised.value.kind is FailureKind.TOO_LARGE
    with pytest.raises(ImageError):
        load_page(path, 1, None, max_pixels=50_000)


def test_indexing_counts_what_the_viewer_plays(tmp_path: Path) -> None:
    decoded = decode_photo(str(animation(tmp_path / "a.gif", 5)), None)
    assert is_animation(decoded.format, decoded.frames)
    decoded = decode_photo(str(document(tmp_path / "a.tif", [(160, 120)] * 3)), None)
    assert not is_animation(decoded.format, decoded.frames)
    assert may_have_frames(decoded.format, decoded.frames)
    jxl = tmp_path / "a.jxl"
    jxl.write_bytes(TWO_FRAMES_IN_JXL)
    decoded = decode_photo(str(jxl), None)
    assert is_animation(decoded.format, decoded.frames)
    assert shows_first_frame_only(decoded.format, decoded.frames)
    assert not may_have_frames(decoded.format, decoded.frames), "only its first frame can be decoded"
    still = tmp_path / "b.png"
    Image.new("RGB", (50, 50)).save(still)
    decoded = decode_photo(str(still), None)
    assert not may_have_frames(decoded.format, decoded.frames)
