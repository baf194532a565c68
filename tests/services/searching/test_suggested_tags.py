"""Suggested tags with the built-in model, on photos of known content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight import paths
from safelight.core.jobs import JobControl
from safelight.core.operations import AddFolder, AddTag, RefuseTag, TeachConcept, Undo
from safelight.core.tag_words import Suggestion
from safelight.services.library import Library
from safelight.services.operations.runner import OperationRunner
from safelight.services.searching.searcher import Searcher
from safelight.services.searching.tag_word_matching import MIN_PROBABILITY, threshold
from safelight.store import photos

PHOTOS = 40


def test_a_word_is_suggested_where_its_matches_are_right_on_average() -> None:
    assert threshold(np.array([0.9] * 50, np.float32)) == pytest.approx(0.9)
    # With a few good and many doubtful matches, only the good ones and some doubtful ones are taken.
    mixed = np.array([0.95] * 10 + [0.6] * 20 + [0.1] * 70, np.float32)
    assert threshold(mixed) == pytest.approx(0.6)
    assert threshold(np.array([0.8, *[0.56] * 20], np.float32)) == pytest.approx(0.8)
    assert threshold(np.array([0.95] * 90 + [0.3] * 10, np.float32)) == MIN_PROBABILITY
    assert threshold(np.array([0.5] * 10, np.float32)) > 1
    assert threshold(np.zeros(0, np.float32)) > 1


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Library]:
    place = tmp_path_factory.mktemp("suggested").resolve()
    (place / "Photos").mkdir()
    for number, photo in enumerate(sorted((shared / "photos" / "flickr").glob("*.jpg"))[:PHOTOS]):
        (place / "Photos" / f"{number:02}.jpg").write_bytes(photo.read_bytes())
    with Library.open(place / "library", paths.models_dir()) as opened:
        OperationRunner(opened.store).run(AddFolder(str(place / "Photos")))
        opened.indexer().run({1: None}, JobControl(), wait_for_model=True)
        yield opened


@pytest.fixture
def searcher(library: Library) -> Searcher:
    made = library.searcher()
    while made.improve():
        pass
    return made


def suggested(searcher: Searcher, ids: list[int]) -> dict[int, tuple[Suggestion, ...]]:
    while (found := searcher.suggest(ids)) is None:
        pass
    return found


@pytest.mark.shared
@pytest.mark.model
def test_the_words_are_encoded_before_somebody_asks(library: Library, searcher: Searcher) -> None:
    with library.store.read() as db:
        ids = list(photos.ids(db))
    assert searcher.suggest(ids) is not None


@pytest.mark.shared
@pytest.mark.model
def test_suggestions_are_searched_refused_and_accepted(library: Library, searcher: Searcher) -> None:
    with library.store.read() as db:
        ids = list(photos.ids(db))
    found = suggested(searcher, ids)
    tags = {photo: [each.tag for each in given] for photo, given in found.items()}
    assert sum(map(len, tags.values())) >= PHOTOS
    # The parent of a suggested word is not suggested beside it.
    assert not any("animal" in each and "animal/dog" in each for each in tags.values())
    dogs = {photo for photo, given in tags.items() if "animal/dog" in given}
    assert len(dogs) >= 3

    def looks(query: str) -> set[int]:
        return {hit.photo_id for hit in searcher.search(query, None).hits}

    assert looks("looks:dog") == dogs
    assert looks('looks:"PUPPY"') == dogs
    assert looks("-looks:dog") == set(ids) - dogs
    first = min(dogs)
    runner = OperationRunner(library.store)
    runner.run(RefuseTag((first,), "animal/dog"))
    assert "animal/dog" not in [each.tag for each in suggested(searcher, [first])[first]]
    assert looks("looks:dog") == dogs - {first}
    runner.run(Undo())
    assert looks("looks:dog") == dogs

    # A person's own tag takes the place of the word.
    runner.run(AddTag((first,), "Pets/Dog"))
    left = suggested(searcher, sorted(dogs))
    assert not any("dog" in each.tag.lower() for each in left[first])
    others = [each.tag for photo in dogs - {first} for each in left[photo]]
    assert "Pets/Dog" in others
    assert "animal/dog" not in others
    runner.run(Undo())


@pytest.mark.shared
@pytest.mark.model
def test_a_taught_concept_is_suggested(library: Library, searcher: Searcher) -> None:
    with library.store.read() as db:
        ids = list(photos.ids(db))
    dogs = sorted(
        photo
        for photo, given in suggested(searcher, ids).items()
        if "animal/dog" in [each.tag for each in given]
    )
    runner = OperationRunner(library.store)
    runner.run(TeachConcept("bruno", tuple(dogs[:-1])))
    found = suggested(searcher, ids)
    taught = {photo for photo, given in found.items() if any(each.is_concept for each in given)}
    assert taught.isdisjoint(dogs[:-1])
    strong = {
        hit.photo_id
        for hit in searcher.search("my:bruno", None).hits
        if hit.probability is not None and hit.probability >= 0.8
    }
    assert taught == strong - set(dogs[:-1])
    runner.run(Undo())


@pytest.mark.shared
@pytest.mark.model
def test_what_is_no_word_finds_nothing_and_says_so(searcher: Searcher) -> None:
    found = searcher.search("looks:blorp", None)
    assert not found.hits
    assert "not among the words" in found.notice
