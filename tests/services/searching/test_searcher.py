"""Searching by words and by pictures, and how sure an answer is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.errors import ImageError, SafelightError, UsageError
from safelight.core.search import Band
from services.conftest import Bench, IndexedLibraries
from support.pictures import encoded

COLOURS = {"red": (250, 5, 5), "green": (5, 160, 5), "blue": (5, 5, 250), "white": (250, 250, 250)}


def draw(bench: Bench) -> None:
    for name, colour in COLOURS.items():
        image = Image.new("RGB", (200, 150), colour)
        (bench.root / f"{name}.png").write_bytes(encoded(image, "PNG"))
    for number in range(60):
        bench.draw(f"noise/{number}.jpg", number)


@pytest.fixture
def colours(indexed_libraries: IndexedLibraries, tmp_path: Path) -> Iterator[Bench]:
    with indexed_libraries.opened(draw, tmp_path / "library") as bench:
        yield bench


def names(bench: Bench, hits: tuple) -> list[str]:  # type: ignore[type-arg]
    by_id = {photo.id: Path(photo.files[0].path).name for photo in bench.photos()}
    return [by_id[hit.photo_id] for hit in hits]


def test_words_find_what_they_describe(colours: Bench) -> None:
    searcher = colours.library.searcher()
    for name in COLOURS:
        found = searcher.search(name, 3)
        assert names(colours, found.hits)[0] == f"{name}.png"
        assert found.hits[0].band is Band.STRONG
        assert [hit.score for hit in found.hits] == sorted((h.score for h in found.hits), reverse=True)
        assert found.notice == ""


def test_a_photo_is_its_own_nearest(colours: Bench) -> None:
    searcher = colours.library.searcher()
    photo = colours.photo_at(colours.root / "red.png")
    found = searcher.similar_to_photo(photo.id, 5)
    assert found.hits[0].photo_id == photo.id
    assert found.hits[0].score == pytest.approx(1, abs=1e-5)


def test_a_picture_from_outside_finds_its_original(colours: Bench, tmp_path: Path) -> None:
    smaller = Image.new("RGB", (90, 60), COLOURS["blue"])
    data = encoded(smaller, "JPEG")
    (tmp_path / "outside.jpg").write_bytes(data)
    searcher = colours.library.searcher()
    assert names(colours, searcher.similar_to_picture(str(tmp_path / "outside.jpg"), 1).hits) == ["blue.png"]
    assert names(colours, searcher.similar_to_picture(data, 1).hits) == ["blue.png"]


def test_words_and_a_picture_together(colours: Bench) -> None:
    searcher = colours.library.searcher()
    both = searcher.search("green", 2, like=str(colours.root / "white.png"))
    assert set(names(colours, both.hits)) == {"green.png", "white.png"}
    known = colours.photo_at(colours.root / "white.png").id
    assert set(names(colours, searcher.search("green", 2, like=known).hits)) == {"green.png", "white.png"}
    assert names(colours, searcher.search("in:noise", 5, like=known).hits)[0].endswith(".jpg")


def test_what_cannot_be_asked(colours: Bench) -> None:
    searcher = colours.library.searcher()
    with pytest.raises(UsageError):
        searcher.search("  \t", 5)
    with pytest.raises(ImageError):
        searcher.similar_to_picture(b"no picture", 5)
    with pytest.raises(SafelightError):
        searcher.similar_to_photo(987_654, 5)


def test_photos_that_left_the_library_are_not_found(colours: Bench) -> None:
    (colours.root / "red.png").unlink()
    colours.index()
    assert "red.png" not in names(colours, colours.library.searcher().search("red", 64).hits)


def test_before_anything_is_indexed_the_answer_says_so(bench: Bench) -> None:
    found = bench.library.searcher().search("red", 5)
    assert found.hits == ()
    assert found.notice
