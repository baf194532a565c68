"""Queries of the search language over indexed pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from safelight.core.errors import SafelightError, UsageError
from safelight.core.query import parse
from safelight.core.search import Band, SearchHit
from safelight.core.stopwatch import Stopwatch
from safelight.services.searching import query_plan, ranked_search
from safelight.services.searching import results as searching_results
from safelight.services.searching.query_vectors import QueryVectors
from safelight.store import marks
from services.conftest import Bench, IndexedLibraries
from support.pictures import encoded

COLOURS = {"red": (250, 5, 5), "green": (5, 160, 5), "blue": (5, 5, 250), "white": (250, 250, 250)}

PLAIN = {f"{name}.png" for name in COLOURS}


def draw(bench: Bench) -> None:
    for number, (name, colour) in enumerate(COLOURS.items()):
        path = bench.root / f"{name}.png"
        path.write_bytes(encoded(Image.new("RGB", (200, 150), colour), "PNG"))
        os.utime(path, (1.5e9 + number * 1e6, 1.5e9 + number * 1e6))
    both = Image.new("RGB", (150, 200), COLOURS["red"])
    both.paste(COLOURS["blue"], (0, 100, 150, 200))
    (bench.root / "two").mkdir()
    (bench.root / "two" / "red and blue.png").write_bytes(encoded(both, "PNG"))
    for number in range(40):
        bench.draw(f"noise/{number}.jpg", number)


@pytest.fixture
def colours(indexed_libraries: IndexedLibraries, tmp_path: Path) -> Iterator[Bench]:
    with indexed_libraries.opened(draw, tmp_path / "library") as bench:
        yield bench


def found(bench: Bench, query: str, limit: int = 5) -> list[str]:
    by_id = {photo.id: Path(photo.files[0].path).name for photo in bench.photos()}
    return [by_id[hit.photo_id] for hit in bench.library.searcher().search(query, limit).hits]


def test_filters_never_lose_results(colours: Bench) -> None:
    """The photo that passes is far from what is described: it would be cut off if k came first."""
    assert found(colours, "red name:green.png", 1) == ["green.png"]
    assert found(colours, "red in:two", 1) == ["red and blue.png"]
    assert set(found(colours, "red -in:noise", 50)) == PLAIN | {"red and blue.png"}
    assert found(colours, "red -in:noise is:portrait", 50) == ["red and blue.png"]


def test_filters_alone_give_the_newest_first_without_a_model(colours: Bench) -> None:
    encoded_before = colours.encoder.texts_encoded
    hits = colours.library.searcher().search("type:png in:Pictures -in:two", 50).hits
    assert [hit.band for hit in hits] == [Band.STRONG] * 4
    assert found(colours, "type:png -in:two", 50) == ["white.png", "blue.png", "green.png", "red.png"]
    assert found(colours, "type:png -in:two", 2) == ["white.png", "blue.png"]
    assert colours.encoder.texts_encoded == encoded_before


def test_marks_answer_as_soon_as_there_are_any(colours: Bench) -> None:
    assert found(colours, "is:favourite") == []
    green = colours.photo_at(colours.root / "green.png").id
    with colours.store.write() as db:
        marks.set_favourite(db, [green], True)
        marks.add_tag(db, [green], "leaf")
    assert found(colours, "red is:favourite") == ["green.png"]
    assert found(colours, "tag:leaf") == ["green.png"]


def test_exclusions_and_additions_turn_the_query(colours: Bench) -> None:
    assert found(colours, "red -in:noise", 2) == ["red.png", "red and blue.png"]
    scores = {
        query: {hit.photo_id: hit.score for hit in colours.library.searcher().search(query, 50).hits}
        for query in ("red", "red -blue", "red -2:blue", "red +blue", "red 3:blue")
    }
    mixed = colours.photo_at(colours.root / "two" / "red and blue.png").id
    by_score = [scores[query][mixed] for query in ("red -2:blue", "red -blue", "red", "red +blue")]
    assert by_score == sorted(by_score)
    assert found(colours, "red 3:blue -in:noise", 1) == ["blue.png"]
    assert found(colours, "red -red", 1) == ["red.png"]


def test_only_exclusions_give_what_is_least_like_them(colours: Bench) -> None:
    hits = colours.library.searcher().search("-blue", 500).hits
    assert len(hits) == 45
    bands = {hit.photo_id: hit.band for hit in hits}
    assert bands[colours.photo_at(colours.root / "blue.png").id] is Band.REST
    assert bands[colours.photo_at(colours.root / "green.png").id] is Band.STRONG
    order = [Band.STRONG, Band.MAYBE, Band.REST]
    assert [hit.band for hit in hits] == sorted((hit.band for hit in hits), key=order.index)
    assert hits[-1].photo_id == colours.photo_at(colours.root / "blue.png").id
    assert found(colours, "-blue name:white.png") == ["white.png"]


def test_only_exclusions_look_no_farther_than_other_searches(
    colours: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a library that is larger than what is looked at, the photos least like it come first."""
    whole = [hit.photo_id for hit in colours.library.searcher().search("-blue", None).hits]
    for module, name in (
        (ranked_search, "MAX_SCORED_HITS"),
        (ranked_search, "MIN_COMPARED"),
        (searching_results, "MAX_SCORED_HITS"),
    ):
        monkeypatch.setattr(module, name, 10)
    answer = colours.library.searcher().search("-blue", None)
    assert {hit.photo_id for hit in answer.hits} <= set(whole[:20])
    assert {hit.band for hit in answer.hits} == {Band.STRONG}
    assert (len(answer.hits), answer.also, answer.others) == (10, {}, 35)
    others = answer.remainder()
    assert sorted([*(hit.photo_id for hit in answer.hits), *others]) == sorted(whole)
    assert others[-1] == whole[-1] == colours.photo_at(colours.root / "blue.png").id
    assert len(colours.library.searcher().search("-blue", 5).hits) == 5


def test_exact_phrases_restrict(colours: Bench) -> None:
    assert found(colours, '"red and blue"') == ["red and blue.png"]
    assert found(colours, 'green "red and blue"') == ["red and blue.png"]
    assert found(colours, '"blue red"') == []


def test_a_picture_in_the_query(colours: Bench, tmp_path: Path) -> None:
    inside = colours.root / "green.png"
    encoded_before = colours.encoder.images_encoded
    assert found(colours, f'like:"{inside}"', 1) == ["green.png"]
    assert colours.encoder.images_encoded == encoded_before, "its vector is in the library"
    outside = tmp_path / "my blue.jpg"
    Image.new("RGB", (90, 60), COLOURS["blue"]).save(outside)
    assert found(colours, f'like:"{outside}"', 1) == ["blue.png"]
    assert set(found(colours, f'green like:"{outside}" -in:noise -in:two', 2)) == {"green.png", "blue.png"}
    mixed = f'like:"{colours.root / "two" / "red and blue.png"}" -in:noise'
    red = tmp_path / "red.png"
    Image.new("RGB", (90, 60), COLOURS["red"]).save(red)
    unlike_blue = found(colours, f'{mixed} -like:"{outside}"', 5)
    unlike_red = found(colours, f'{mixed} -like:"{red}"', 5)
    assert unlike_blue[0] == unlike_red[0] == "red and blue.png"
    assert unlike_blue.index("red.png") < unlike_blue.index("blue.png")
    assert unlike_red.index("blue.png") < unlike_red.index("red.png")


@pytest.mark.parametrize("path", ["/nowhere/a.jpg", "a\0b", "\udcff\ud800", "~nobody/a.jpg"])
def test_a_picture_that_is_not_there_is_named(colours: Bench, path: str) -> None:
    with pytest.raises(SafelightError, match="Check the name after like:") as error:
        colours.library.searcher().search(f"dog like:{path}", 5)
    assert path in str(error.value)


def test_a_picture_that_cannot_be_read_is_named(colours: Bench, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    with pytest.raises(SafelightError, match=r"bad\.jpg: "):
        colours.library.searcher().search(f"like:{tmp_path}/bad.jpg", 5)


def test_nothing_that_passes_is_an_empty_answer(colours: Bench) -> None:
    searcher = colours.library.searcher()
    assert searcher.search("red date:1901", 5).hits == ()
    assert searcher.search("date:1901", 5) == searcher.search("red date:1901", 5)
    assert searcher.search("place:Rome", 5).notice
    for nothing in ("", '""', ' -"" '):
        with pytest.raises(UsageError):
            searcher.search(nothing, 5)


def test_nonsense_is_words(colours: Bench) -> None:
    searcher = colours.library.searcher()
    assert len(searcher.search("date:foo", 5).hits) == 5
    assert len(searcher.search("\ud800 rating:9 \0", 5).hits) == 5


# --- the arithmetic ----------------------------------------------------------------------------------

Vector = npt.NDArray[np.float32]


def unit(*numbers: float) -> Vector:
    vector = np.array(numbers, np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


MEANINGS = {
    "dog": unit(1, 0, 0),
    "puppy": unit(1, 0.2, 0),
    "grass": unit(0, 1, 0),
    "cat": unit(-1, 0, 0),
    "sea": unit(0, 0, 1),
}


def vectors_of(query: str) -> QueryVectors | None:
    return query_plan.query_vectors(parse(query), MEANINGS.__getitem__, lambda like: MEANINGS[like.path])


def words_of(query: str) -> Vector:
    """Where the words of a query of words alone point."""
    query_vectors = vectors_of(query)
    assert query_vectors is not None
    (sense,) = query_vectors.parts
    assert sense.by_words
    assert sense.weight == 1
    return sense.vector


def test_words_add_up_by_their_weights() -> None:
    assert words_of("dog +grass") == pytest.approx(unit(1, 1, 0))
    assert words_of("2:dog grass") == pytest.approx(unit(2, 1, 0))


def test_words_and_pictures_are_not_added() -> None:
    query_vectors = vectors_of("dog like:sea -like:puppy -grass like:grass")
    assert query_vectors is not None
    words, liked, disliked = query_vectors.parts
    assert words.vector == pytest.approx(unit(1, -0.75, 0))
    assert liked.vector == pytest.approx(unit(0, 1, 1))
    assert disliked.vector == pytest.approx(MEANINGS["puppy"])
    assert [words.by_words, liked.by_words, disliked.by_words] == [True, False, False]
    assert [words.weight, liked.weight, disliked.weight] == [1, query_plan.LIKED, -query_plan.DISLIKED]
    assert not query_vectors.by_words
    assert not query_vectors.only_excludes


def test_a_query_that_wants_no_picture_is_one_of_words() -> None:
    query_vectors = vectors_of("dog -like:sea")
    assert query_vectors is not None
    assert query_vectors.by_words
    unwanted = vectors_of("like:sea -grass")
    assert unwanted is not None
    assert [(sense.by_words, sense.weight) for sense in unwanted.parts] == [
        (False, 1),
        (True, -query_plan.DISLIKED),
    ]


def test_what_is_wanted_is_remembered_where_the_query_is_turned_from_it() -> None:
    for query in ("2:dog grass -sea", "2:dog grass -like:sea"):
        query_vectors = vectors_of(query)
        assert query_vectors is not None
        assert query_vectors.wanted is not None
        assert query_vectors.wanted.by_words
        assert query_vectors.wanted.vector == pytest.approx(unit(2, 1, 0))
    for query in ("dog", "dog +grass", "dog like:sea -grass", "like:sea -like:grass", "-grass"):
        query_vectors = vectors_of(query)
        assert query_vectors is not None
        assert query_vectors.wanted is None


def test_an_exclusion_takes_only_what_is_not_wanted_too() -> None:
    assert words_of("dog -grass") == pytest.approx(unit(1, -0.75, 0))
    assert words_of("dog -2:grass") == pytest.approx(unit(1, -1.5, 0))
    assert words_of("dog -puppy") == pytest.approx(unit(1, -0.75, 0))
    assert words_of("dog -dog") == pytest.approx(MEANINGS["dog"])
    assert words_of("dog -grass -sea") == pytest.approx(unit(1, -0.75, -0.75))


def test_a_query_of_exclusions_aims_at_them() -> None:
    query_vectors = vectors_of("-grass -sea")
    assert query_vectors is not None
    assert query_vectors.only_excludes
    assert words_of("-grass -sea") == pytest.approx(unit(0, 1, 1))
    unlike = vectors_of("-like:sea")
    assert unlike is not None
    assert unlike.only_excludes
    assert vectors_of("is:favourite") is None
    assert vectors_of("dog +cat") is None


def test_bands_of_the_unwanted_turn_round() -> None:
    unwanted = [SearchHit(1, 0.9, Band.STRONG), SearchHit(2, 0.5, Band.MAYBE), SearchHit(3, 0.1, Band.REST)]
    hits = query_plan.invert_hits(unwanted)
    assert [(hit.photo_id, hit.band) for hit in hits] == [(3, Band.STRONG), (2, Band.REST), (1, Band.REST)]


def test_a_query_that_cancels_out_finds_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.draw("a.jpg", 1)
    bench.index()
    monkeypatch.setattr(bench.encoder, "encode_texts", lambda texts: np.stack(list(map(_opposed, texts))))
    searcher = bench.library.searcher()
    assert searcher.search("dog +cat", 5).hits == ()
    assert len(searcher.search("dog", 5).hits) == 1


def _opposed(text: str) -> Vector:
    vector = np.zeros(32, np.float32)
    vector[0] = 1 if text == "dog" else -1
    return vector


def test_the_stages_of_a_query_can_be_distinguished(colours: Bench) -> None:
    stopwatch = Stopwatch()
    found = colours.library.searcher().search("red type:jpeg", 10, record_step=stopwatch)
    assert found.hits
    assert list(stopwatch.seconds) == ["parse", "filter", "encode", "names", "measure", "search", "rank"]
    assert all(seconds >= 0 for seconds in stopwatch.seconds.values())


def test_a_prepared_searcher_answers_alike_from_memory(colours: Bench) -> None:
    before = colours.library.searcher().search("red -blue", 10)
    searcher = colours.library.searcher()
    searcher.prepare()
    assert colours.library.vectors.settle(60)
    assert colours.library.vectors.cached_photos == len(colours.photos())
    after = searcher.search("red -blue", 10)
    assert [hit.photo_id for hit in after.hits] == [hit.photo_id for hit in before.hits]
    assert [hit.band for hit in after.hits] == [hit.band for hit in before.hits]
    assert [hit.score for hit in after.hits] == pytest.approx([hit.score for hit in before.hits], abs=1e-5)


def test_alternatives_by_meaning_are_the_better_of_the_two(colours: Bench) -> None:
    assert set(found(colours, "(green OR blue) -in:noise -in:two", 2)) == {"green.png", "blue.png"}
    assert set(found(colours, "green OR white", 2)) == {"green.png", "white.png"}
    searcher = colours.library.searcher()
    alone = {hit.photo_id: hit.band for hit in searcher.search("red", None).hits}
    other = {hit.photo_id: hit.band for hit in searcher.search("blue", None).hits}
    order = list(Band)
    both = searcher.search("red OR blue", None)
    for hit in both.hits:
        assert order.index(hit.band) == min(
            order.index(found_in[hit.photo_id]) for found_in in (alone, other) if hit.photo_id in found_in
        )
    assert len({hit.photo_id for hit in both.hits}) == len(both.hits)


def test_alternatives_with_filters_of_their_own(colours: Bench) -> None:
    assert set(found(colours, "(red in:two OR green -in:two) type:png", 2)) == {
        "red and blue.png",
        "green.png",
    }
    assert found(colours, "name:green,white") == ["white.png", "green.png"]
    assert found(colours, "-(in:noise OR name:red,white) type:png") == ["blue.png", "green.png"]
    # An alternative that only filters is met completely by what passes.
    first = colours.library.searcher().search("name:white.png OR (green in:two)", None)
    assert [hit.band for hit in first.hits[:1]] == [Band.STRONG]
    assert len(first.hits) + first.others == 2
    assert found(colours, "(in:nowhere red OR in:nothing blue)") == []


def test_every_photo_can_be_reached_through_alternatives(
    colours: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {photo.id for photo in colours.photos()}
    for query in ("red OR blue", "red OR -blue", "name:red OR blue"):
        answer = colours.library.searcher().search(query, None)
        shown = [hit.photo_id for hit in answer.hits] + [
            photo for ids in answer.also.values() for photo in ids
        ]
        rest = list(answer.remainder())
        assert len(shown) == len(set(shown))
        assert not set(shown) & set(rest)
        assert {*shown, *rest} == everything
        assert answer.others == len(rest)


def test_why_a_photo_fits_an_alternative(colours: Bench) -> None:
    blue = colours.photo_at(colours.root / "blue.png").id
    parts = colours.library.searcher().explain(blue, "(green OR blue) -red").explanation.parts
    assert [part.text for part in parts] == ["green", "-red", "blue"]


def test_too_many_alternatives_say_so(colours: Bench) -> None:
    with pytest.raises(UsageError, match="combinations"):
        colours.library.searcher().search("(red OR blue) " * 8, 5)
