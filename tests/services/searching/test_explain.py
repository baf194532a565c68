"""Why a photo answers a query."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.core.errors import SafelightError
from safelight.core.explanation import Standing
from safelight.core.region import Region
from safelight.core.tag_words import is_about_a_person
from safelight.services.models.neutral import neutral_prompts
from safelight.services.searching.calibration import Calibration
from safelight.services.searching.heat_windows import Windows
from services.conftest import Bench, IndexedLibraries
from support.pictures import encoded


def paint(bench: Bench, name: str, left: str, right: str) -> Path:
    picture = Image.new("RGB", (300, 200), left)
    picture.paste(right, (150, 0, 300, 200))
    path = bench.root / name
    path.write_bytes(encoded(picture, "PNG"))
    return path


def draw(bench: Bench) -> None:
    """One photo half red and half blue among many of neither colour."""
    for number in range(40):
        shade = 40 + 4 * number
        paint(bench, f"plain{number}.png", f"rgb({shade}, {shade}, {shade})", "white")
    paint(bench, "flag.png", "red", "blue")


@pytest.fixture
def painted(indexed_libraries: IndexedLibraries, tmp_path: Path) -> Iterator[Bench]:
    with indexed_libraries.opened(draw, tmp_path / "library") as bench:
        yield bench


def flag(bench: Bench) -> int:
    return bench.photo_at(bench.root / "flag.png").id


def test_each_part_of_a_query_is_distinguished(painted: Bench) -> None:
    explained = painted.library.searcher().explain(flag(painted), "red -blue -green name:flag")
    parts = {part.text: part for part in explained.explanation.parts}
    assert list(parts) == ["red", "-blue", "-green"]
    assert parts["red"].standing is Standing.CLEARLY
    assert not parts["red"].excluded
    assert parts["-blue"].excluded
    deviations = [parts[part].deviation or 0.0 for part in ("-blue", "-green")]
    assert deviations[0] > deviations[1]
    assert explained.explanation.heat == ()


def test_a_photo_that_is_no_hit_hardly_deviates(painted: Bench) -> None:
    other = painted.photo_at(painted.root / "plain3.png").id
    (part,) = painted.library.searcher().explain(other, "red").explanation.parts
    assert part.standing is Standing.HARDLY


def test_the_heat_is_where_the_thing_is(painted: Bench) -> None:
    searcher = painted.library.searcher()
    red = np.array(searcher.explain(flag(painted), "red").with_heat().heat)
    blue = np.array(searcher.explain(flag(painted), "blue").with_heat().heat)
    middle = red.shape[1] // 2
    assert red[:, :middle].mean() > 2 * red[:, middle + 1 :].mean()
    assert blue[:, middle + 1 :].mean() > 2 * blue[:, :middle].mean()
    assert 0 <= red.min() <= red.max() <= 1


def test_what_its_names_say_is_part_of_it(painted: Bench) -> None:
    explained = painted.library.searcher().explain(flag(painted), "flag")
    assert str(explained.explanation.names) == "file name: flag"


def test_a_picture_is_a_part_too(painted: Bench) -> None:
    searcher = painted.library.searcher()
    like = f"like:{painted.root / 'flag.png'}"
    (part,) = searcher.explain(flag(painted), like).explanation.parts
    assert (part.text, part.standing) == (like, Standing.CLEARLY)
    assert part.score == pytest.approx(1, abs=1e-4)
    first, second = searcher.explain(flag(painted), "red", like=flag(painted)).explanation.parts
    assert (first.text, second.text) == ("this picture", "red")


def test_it_looks_like_some_of_the_neutral_things(painted: Bench) -> None:
    looks = painted.library.searcher().explain(flag(painted), "red").explanation.looks_like
    assert len(looks) == len(set(looks)) == 5


def test_it_does_not_say_what_kind_of_person_somebody_is(
    painted: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = neutral_prompts()
    about_persons = [number for number, each in enumerate(prompts) if is_about_a_person(each)]
    others = [number for number in range(len(prompts)) if number not in about_persons]
    assert "an old woman" in {prompts[number] for number in about_persons}

    def persons_first(_: Calibration, row: object, count: int) -> list[int]:
        return [*about_persons, *others][:count]

    monkeypatch.setattr(Calibration, "nearest_prompts", persons_first)
    looks = painted.library.searcher().explain(flag(painted), "red").explanation.looks_like
    assert looks == tuple(prompts[number] for number in others[:5])


def test_a_query_of_filters_alone_has_no_heat(painted: Bench) -> None:
    explained = painted.library.searcher().explain(flag(painted), "name:flag")
    assert explained.explanation.parts == ()
    assert explained.with_heat().heat == ()
    assert "has no description" in str(explained.with_heat().notice)


def test_a_file_that_is_away_has_no_heat(painted: Bench) -> None:
    photo = flag(painted)
    (painted.root / "flag.png").unlink()
    heated = painted.library.searcher().explain(photo, "red").with_heat()
    assert heated.heat == ()
    assert "not there" in str(heated.notice)
    assert heated.parts


def test_a_file_that_broke_has_no_heat(painted: Bench) -> None:
    photo = flag(painted)
    (painted.root / "flag.png").write_bytes(b"nothing")
    heated = painted.library.searcher().explain(photo, "red").with_heat()
    assert heated.heat == ()
    assert heated.notice is not None


def test_a_photo_that_is_not_there_cannot_be_explained(painted: Bench) -> None:
    with pytest.raises(SafelightError, match="not been read"):
        painted.library.searcher().explain(987, "red")


def test_a_part_of_a_picture_is_searched_for(painted: Bench) -> None:
    searcher = painted.library.searcher()
    paint(painted, "sky.png", "blue", "blue")
    painted.index()
    sky = painted.photo_at(painted.root / "sky.png").id
    part = f'like:"{painted.root / "flag.png"}{Region.of(0.55, 0, 0.4, 1)}"'
    assert searcher.search(part, 1).hits[0].photo_id == sky
    encoded_before = painted.encoder.images_encoded
    assert searcher.search(f"{part} is:landscape", 1).hits[0].photo_id == sky
    assert painted.encoder.images_encoded == encoded_before
    with pytest.raises(SafelightError, match="no picture"):
        searcher.search(f"like:missing.png{Region.of(0, 0, 0.5, 0.5)}", 1)


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (100, 100), (5000, 100), (1, 900), (1, 1)])
def test_windows_cover_the_picture(size: tuple[int, int]) -> None:
    windows = Windows.covering(*size)
    assert len(windows.regions) == windows.rows * windows.columns <= 81
    assert min(region.left for region in windows.regions) == 0
    assert max(region.left + region.width for region in windows.regions) == pytest.approx(1, abs=1e-3)
    assert max(region.top + region.height for region in windows.regions) == pytest.approx(1, abs=1e-3)
    heat = windows.spread([1.0] * len(windows.regions))
    assert len(heat) == windows.rows + 1
    assert {round(cell, 6) for row in heat for cell in row} == {1.0}


def test_a_cell_is_the_mean_of_its_windows() -> None:
    windows = Windows(2, 1, ())
    assert windows.spread([0.0, 1.0]) == ((0.0, 0.5, 1.0), (0.0, 0.5, 1.0))
