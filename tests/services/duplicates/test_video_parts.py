"""A part that was cut out of a video and encoded again is found; videos that share less are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from safelight.core.duplicates import DuplicateGroup, DuplicateKind
from safelight.core.jobs import JobControl
from safelight.core.stages import CostClass
from safelight.core.videos import Film
from safelight.imaging.film import read_film, step_of
from safelight.imaging.film_parts import SearchedFilm, find_part
from safelight.imaging.opening import MAX_PIXELS
from safelight.services.duplicates.comparing import Comparer
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.services.stages.film import FineFilmStage
from safelight.store import stage_states, vectors
from services.conftest import Bench
from support.pictures import scene
from support.videos import RATE, write_clip

SIZE = 160, 120
SECONDS = 16
Shots = list[Image.Image]


def take(number: int, seconds: float = SECONDS, *, place: int = 0) -> Shots:
    """The frames of a video of a place, in which two discs move in a way that ``number`` decides."""
    background = scene(*SIZE, seed=place)
    frames = []
    for frame in range(round(seconds * RATE)):
        image = background.copy()
        draw = ImageDraw.Draw(image)
        for disc, colour in enumerate(((250, 240, 60), (20, 20, 30))):
            angle = 0.035 * frame * (1 + 0.3 * disc) + 2.4 * number + disc
            x = SIZE[0] * (0.5 + 0.4 * math.sin(angle) * math.cos(0.011 * frame))
            y = SIZE[1] * (0.5 + 0.4 * math.cos(1.7 * angle + number))
            draw.ellipse((x - 14, y - 14, x + 14, y + 14), fill=colour)
        frames.append(image)
    return frames


def cut(shots: Shots, start: float, end: float) -> Shots:
    return shots[round(start * RATE) : round(end * RATE)]


def slides(numbers: Sequence[int]) -> Shots:
    return [scene(*SIZE, seed=number) for number in numbers for _ in range(2 * RATE)]


def write(path: Path, shots: Shots, codec: str = "libx264", size: tuple[int, int] = SIZE) -> Path:
    return write_clip(path, shots, seconds=1 / RATE, size=size, codec=codec, flickering=False)


def groups_of(bench: Bench) -> list[DuplicateGroup]:
    """Index everything as the window does, and return the groups."""
    bench.index()
    assert bench.library.stages.run(JobControl(), {CostClass.BACKGROUND})
    assert bench.library.stages.run(JobControl(), {CostClass.IDLE})
    with bench.store.read() as db:
        model_id = vectors.model_id(db, bench.encoder.info.key)
    for _ in Comparer(bench.store).run(model_id, JobControl()):
        pass
    with bench.store.read() as db:
        return find_groups(db, Qualities())


def names(group: DuplicateGroup) -> list[str]:
    return [Path(member.path).name for member in group.members]


def test_a_part_is_found_and_the_longer_video_is_the_one_to_keep(bench: Bench) -> None:
    whole = take(1)
    write(bench.root / "whole.mp4", whole)
    write(bench.root / "part.webm", cut(whole, 5.2, 11.2), "libvpx", (96, 72))
    write(bench.root / "another take.mp4", take(2, 6.0))
    write(bench.root / "another place.mp4", take(1, 7.0, place=5))
    (group,) = groups_of(bench)
    assert group.kind is DuplicateKind.VIDEO_PART
    assert names(group) == ["whole.mp4", "part.webm"]
    assert not group.kind.safe
    assert all(member.keep for member in group.members)
    assert group.freed == 0
    assert str(group.reason).startswith("Part of a longer video (0:05.2 to 0:11.2); ")
    assert str(group.members[0].why) == "the longer video"
    assert str(group.members[1].why) == "shows 0:05.2 to 0:11.2 of the longer video"
    assert [member.part for member in group.members] == [None, (5.2, 11.2)]


def test_several_parts_and_a_later_one_are_in_one_group(bench: Bench) -> None:
    whole = take(3)
    write(bench.root / "beginning.mp4", cut(whole, 0, 5))
    write(bench.root / "whole.mp4", whole)
    (group,) = groups_of(bench)
    assert names(group) == ["whole.mp4", "beginning.mp4"]
    write(bench.root / "end.avi", cut(whole, 10, 16), "mpeg4", (320, 240))
    (group,) = groups_of(bench)
    assert names(group)[0] == "whole.mp4"
    assert set(names(group)) == {"whole.mp4", "beginning.mp4", "end.avi"}
    with bench.store.read() as db:
        coverage = stage_states.coverage(db, FineFilmStage.declaration, None)
    assert (coverage.photos, coverage.done, coverage.failed) == (3, 3, 0)


@pytest.mark.slow
def test_what_two_videos_have_in_common_does_not_make_one_a_part(bench: Bench) -> None:
    """A title at the beginning, most of the slides, black frames, and a take that ends differently."""
    title = take(9, 4.0, place=7)
    whole = [*title, *take(1)]
    write(bench.root / "whole.mp4", whole)
    write(bench.root / "same title.mp4", [*title, *take(4, 5.0)])
    write(bench.root / "other end.mp4", [*cut(whole, 6, 11), *take(6, 2.0)])
    write(bench.root / "slides.mp4", slides(range(20, 30)))
    write(bench.root / "one other slide.mp4", slides([22, 23, 24, 25, 99, 27]))
    write(bench.root / "other order.mp4", slides([25, 22, 27, 24]))
    black = [Image.new("RGB", SIZE)] * (5 * RATE)
    write(bench.root / "black.mp4", black)
    write(bench.root / "black at the end.mp4", [*take(8, 6.0, place=3), *black])
    assert [group for group in groups_of(bench) if group.kind is DuplicateKind.VIDEO_PART] == []


def test_a_video_without_a_possible_partner_is_not_read(bench: Bench) -> None:
    write(bench.root / "only.mp4", take(1, 5.0))
    write(bench.root / "short.mp4", take(1, 2.0))
    groups_of(bench)
    with bench.store.read() as db:
        assert stage_states.coverage(db, FineFilmStage.declaration, None).photos == 0


def searched(path: Path, duration: float) -> SearchedFilm:
    return SearchedFilm.of(read_film(str(path), MAX_PIXELS, fine=True), duration)


def test_the_same_title_over_two_takes_of_a_place_is_not_enough(tmp_path: Path) -> None:
    """The title changes more than what moves below it."""

    def titled(shots: Shots) -> Shots:
        made = []
        for frame, shot in enumerate(shots):
            image = shot.copy()
            draw = ImageDraw.Draw(image)
            draw.rectangle((0, 96, 160, 118), fill=(10, 10, 10))
            x = (frame * 3) % 160
            draw.rectangle((x - 24, 98, x + 24, 116), fill=(255, 255, 255))
            made.append(image)
        return made

    one = titled(take(1, 12.0))
    whole = searched(write(tmp_path / "whole.mp4", one), 12.0)
    other = searched(write(tmp_path / "other.mp4", titled(take(2, 6.0))), 6.0)
    part = searched(write(tmp_path / "part.mp4", cut(one, 3, 9)), 6.0)
    assert find_part(whole, other) is None
    found = find_part(whole, part)
    assert found is not None
    assert found.start == pytest.approx(3.0, abs=0.2)


def test_only_a_video_that_was_read_to_its_end_can_be_a_part(tmp_path: Path) -> None:
    shots = take(5)
    whole = searched(write(tmp_path / "whole.mp4", shots), SECONDS)
    part = searched(write(tmp_path / "part.mp4", cut(shots, 4, 12)), 8.0)
    assert find_part(whole, part) is not None
    half = Film(part.film.step, part.film.frames[: len(part.film.frames) // 2])
    assert find_part(whole, SearchedFilm.of(half, 8.0)) is None
    # The longer video may end early, as long as it contains the part.
    shorter = Film(whole.film.step, whole.film.frames[: round(13 / whole.film.step)])
    assert find_part(SearchedFilm.of(shorter, SECONDS), part) is not None


@pytest.mark.parametrize("duration", [3.0, 16.0, 60.0, 5400.0])
def test_fine_films_have_more_frames_at_the_same_times(duration: float) -> None:
    ratio = step_of(duration) / step_of(duration, fine=True)
    assert ratio in (1, 2, 4, 8)
    assert 40 <= duration / step_of(duration, fine=True) <= 130


def test_frames_without_texture_are_similar_to_nothing() -> None:
    plain = Film(0.125, np.full((40, 144), 16, np.uint8))
    film = SearchedFilm.of(plain, 5.0)
    assert not film.normed.any()
    assert find_part(SearchedFilm.of(Film(0.25, plain.frames), 10.0), film) is None
