"""Videos that were encoded again are found as duplicates; other videos of the same place are not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from safelight.core.duplicates import DuplicateGroup, DuplicateKind
from safelight.core.jobs import JobControl
from safelight.core.stages import CostClass
from safelight.core.videos import Film
from safelight.imaging.film import likeness_of_films, read_film, step_of
from safelight.imaging.opening import MAX_PIXELS
from safelight.services.duplicates.comparing import Comparer
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.services.stages.film import FilmStage
from safelight.store import likeness, stage_states, vectors
from services.conftest import Bench
from support.pictures import scene
from support.videos import RATE, write_clip

SIZE = 160, 120
SECONDS = 3


def take(number: int, *, place: int = 0) -> list[Image.Image]:
    """The frames of a video of a place, in which two discs move in a way that ``number`` decides."""
    background = scene(*SIZE, seed=place)
    frames = []
    for frame in range(SECONDS * RATE):
        image = background.copy()
        draw = ImageDraw.Draw(image)
        for disc, colour in enumerate(((250, 240, 60), (20, 20, 30))):
            angle = 0.09 * frame * (1 + 0.3 * disc) + 2.4 * number + disc
            x = SIZE[0] * (0.5 + 0.4 * math.sin(angle))
            y = SIZE[1] * (0.5 + 0.4 * math.cos(1.7 * angle + number))
            draw.ellipse((x - 14, y - 14, x + 14, y + 14), fill=colour)
        frames.append(image)
    return frames


def write(path: Path, shots: list[Image.Image], codec: str, size: tuple[int, int] = SIZE) -> Path:
    return write_clip(path, shots, seconds=1 / RATE, size=size, codec=codec)


def videos_of(bench: Bench) -> list[DuplicateGroup]:
    """Index everything, and return the groups of videos that were encoded again."""
    bench.index()
    assert bench.library.stages.run(JobControl(), {CostClass.BACKGROUND})
    with bench.store.read() as db:
        model_id = vectors.model_id(db, bench.encoder.info.key)
    for _ in Comparer(bench.store).run(model_id, JobControl()):
        pass
    with bench.store.read() as db:
        groups = find_groups(db, Qualities())
    assert {group.kind for group in groups} <= {DuplicateKind.RESAVED_VIDEO}
    return groups


def names(group: DuplicateGroup) -> set[str]:
    return {Path(member.path).name for member in group.members}


def test_a_video_that_was_encoded_again_is_found(bench: Bench) -> None:
    write(bench.root / "first.mp4", take(1), "libx264")
    write(bench.root / "small.webm", take(1), "libvpx", (96, 72))
    write(bench.root / "large.avi", take(1), "mpeg4", (320, 240))
    write(bench.root / "other take.mp4", take(2), "libx264")
    write(bench.root / "other place.mp4", take(1, place=5), "libx264")
    write(bench.root / "longer.mp4", [*take(1), *take(1)], "libx264")
    (group,) = videos_of(bench)
    assert names(group) == {"first.mp4", "small.webm", "large.avi"}
    assert not group.kind.safe
    assert all(member.keep for member in group.members)
    assert group.freed == 0
    assert [member.facts.duration for member in group.members] == pytest.approx([SECONDS] * 3, abs=0.1)


def test_a_copy_that_comes_later_joins(bench: Bench) -> None:
    write(bench.root / "first.mp4", take(3), "libx264")
    assert videos_of(bench) == []
    with bench.store.read() as db:
        assert stage_states.coverage(db, FilmStage.declaration, None).photos == 0  # nothing to compare with
    write(bench.root / "later.webm", take(3), "libvpx")
    (group,) = videos_of(bench)
    assert names(group) == {"first.mp4", "later.webm"}
    with bench.store.read() as db:
        (pair,) = likeness.pairs(db)
        coverage = stage_states.coverage(db, FilmStage.declaration, None)
    assert pair.likeness > 0.95
    assert (coverage.photos, coverage.done) == (2, 2)


def test_videos_in_which_nothing_moves_are_not_compared(bench: Bench) -> None:
    still = [scene(*SIZE, seed=9)] * (SECONDS * RATE)
    write(bench.root / "first.mp4", still, "libx264")
    write(bench.root / "second.webm", still, "libvpx")
    assert videos_of(bench) == []


def test_videos_with_the_same_poster_are_not_taken_for_one(bench: Bench) -> None:
    """A title or a test picture at the beginning is the poster of many videos."""
    title = [scene(*SIZE, seed=9)] * RATE
    write(bench.root / "first.mp4", [*title, *take(1)], "libx264")
    write(bench.root / "second.mp4", [*title, *take(2)], "libx264")
    write(bench.root / "longer.mp4", [*title, *take(2), *take(1)], "libx264")
    scene(*SIZE, seed=9).save(bench.root / "title.jpg")
    assert videos_of(bench) == []


def film_of(tmp_path: Path, shots: list[Image.Image]) -> Film:
    return read_film(str(write(tmp_path / "clip.mp4", shots, "libx264")), MAX_PIXELS)


def test_a_fade_makes_no_videos_alike(tmp_path: Path) -> None:
    one, two = (film_of(tmp_path, take(number)) for number in (4, 5))
    before = likeness_of_films(one, two)
    fade = np.linspace(0, 1, len(one.frames))[:, None]
    faded = [Film(film.step, (film.frames * fade).astype(np.uint8)) for film in (one, two)]
    after = likeness_of_films(*faded)
    assert before is not None
    assert after is not None
    assert max(before, after) < 0.5
    again = likeness_of_films(faded[0], faded[0])
    assert again == pytest.approx(1.0)


def test_films_of_different_steps_are_compared_at_common_times(tmp_path: Path) -> None:
    film = film_of(tmp_path, take(6))
    coarse = Film(2 * film.step, film.frames[1::2])
    assert likeness_of_films(film, coarse) == pytest.approx(1.0)
    shifted = Film(film.step, np.roll(film.frames, 3, axis=0))
    found = likeness_of_films(film, shifted)
    assert found is not None
    assert found < 0.9


@pytest.mark.parametrize("duration", [0.0, 0.5, 3.0, 3.1, 60.0, 5400.0, 600_000.0])
def test_steps_are_powers_of_two_and_give_a_bounded_number_of_frames(duration: float) -> None:
    step = step_of(duration)
    assert math.log2(step).is_integer()
    assert duration / step < 160
    assert duration < 1 or duration / step >= 12
