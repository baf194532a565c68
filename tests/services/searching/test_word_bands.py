"""Bands of words that are judged by the reference descriptions, over made-up vectors: things planted in a
library, and descriptions that name them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from safelight.core import relevance
from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.search import Band
from safelight.core.vocabulary import Vocabulary
from safelight.embedding.word_classifiers import WordClassifier
from safelight.services.models.references import Descriptions, References
from safelight.services.searching import calibration
from safelight.services.searching.calibration import Calibration
from safelight.services.searching.query_vectors import QueryVector, QueryVectors
from safelight.services.searching.targets import Ranked
from safelight.store import vectors
from safelight.store.library import LibraryStore
from support.stored import add_folder, add_photo

DIM = 64
THINGS = [f"thing{number}" for number in range(40)]
MODEL = ModelInfo(key="planted@00000000", name="planted", dim=DIM, device="cpu")
VOCABULARY = Vocabulary.parse(
    "= ignored\na\n\n= things\nanything\n" + "\n".join(f"  {thing}" for thing in THINGS)
)


def unit(rows: np.ndarray) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def said(thing: int, seed: int = 0, noise: float = 0.03) -> Vectors:
    row = np.random.default_rng([seed, thing]).normal(0, noise, DIM)
    row[0] += 1
    row[1 + thing] += 1
    return unit(row)


TEXTS = [f"a {THINGS[thing]}" for thing in range(40) for _ in range(30)]
REFERENCES = References(
    Descriptions(VOCABULARY, TEXTS),
    np.stack([said(thing, seed, 0.1) for thing in range(40) for seed in range(30)]),
)
PROMPTS = np.stack([said(thing, seed) for thing in range(40) for seed in range(50, 53)])


@dataclass
class Planted:
    store: LibraryStore
    model_id: int
    folder_id: int
    count: int = 0
    added: dict[int, set[int]] = field(default_factory=dict)

    def add(self, thing: int, count: int) -> list[int]:
        rng = np.random.default_rng([thing, count, self.count])
        rows = rng.normal(0, 0.12, (count, DIM))
        rows[:, 0] += rng.uniform(-0.4, 0.8, count)
        rows[:, 1 + thing] += 1
        with self.store.write() as db:
            ids = [add_photo(db, self.folder_id, f"{thing}-{self.count + row}.jpg") for row in range(count)]
            vectors.put(db, self.model_id, ids, unit(rows))
        self.count += count
        self.added.setdefault(thing, set()).update(ids)
        return ids

    def calibrated(self) -> Calibration:
        made = Calibration(self.store, self.model_id, PROMPTS, REFERENCES)
        made.refresh(self.count)
        return made

    def ask(self, thing: int, *excluded: int, made: Calibration | None = None) -> Ranked:
        wanted = QueryVector(said(thing), by_words=True, text=THINGS[thing])
        unwanted = tuple(QueryVector(said(each), by_words=True, text=THINGS[each]) for each in excluded)
        query = QueryVectors((wanted,), wanted=wanted if excluded else None, excluded=unwanted)
        made = made or self.calibrated()
        target = made.target(query)
        with self.store.read() as db:
            found = vectors.nearest(db, self.model_id, target.direction, self.count)
        return made.rank(target, found, self.count)


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Planted]:
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        with store.write() as db:
            planted = Planted(store, vectors.register(db, MODEL, 1.0), add_folder(db))
        yield planted


def strong(ranked: Ranked) -> set[int]:
    return {hit.photo_id for hit in ranked.hits if hit.band is Band.STRONG}


@pytest.mark.parametrize("showing", [3, 30, 270])
def test_a_thing_is_found_whatever_share_of_the_library_shows_it(planted: Planted, showing: int) -> None:
    right = set(planted.add(0, showing))
    for thing in range(1, 10):
        planted.add(thing, max(1, (300 - showing) // 9))
    found = planted.ask(0)
    assert not found.nothing_strong
    assert len(strong(found) & right) >= 0.9 * showing
    assert len(strong(found) - right) <= 0.02 * planted.count


def test_a_library_that_shows_only_that_thing(planted: Planted) -> None:
    right = planted.add(0, 200)
    assert len(strong(planted.ask(0))) >= 0.9 * len(right)


def test_general_words_are_answered_by_what_descriptions_imply(planted: Planted) -> None:
    planted.add(3, 50)
    made = planted.calibrated()
    target = made.target(QueryVectors.for_words(said(39), "anything"))
    with planted.store.read() as db:
        found = vectors.nearest(db, planted.model_id, target.direction, planted.count)
    shown = made.rank(target, found, planted.count)
    # No photo is near the word, but each shows something.
    assert len(strong(shown)) >= 0.9 * planted.count


def test_what_is_not_there_has_nothing_strong(planted: Planted) -> None:
    for thing in range(20):
        planted.add(thing, 15)
    made = planted.calibrated()
    assert all(planted.ask(thing, made=made).nothing_strong for thing in range(20, 40))


def test_a_small_library_has_bands_too(planted: Planted) -> None:
    right = set(planted.add(0, 2))
    planted.add(1, 2)
    assert strong(planted.ask(0)) == right


def test_a_photo_keeps_its_band_while_the_library_grows(planted: Planted) -> None:
    made = planted.calibrated()
    for thing in range(5):
        planted.add(thing, 20)
    made.refresh(planted.count)
    before = {hit.photo_id: hit.band for hit in planted.ask(0, made=made).hits}
    planted.add(0, 200)
    for thing in range(5, 20):
        planted.add(thing, 30)
    made.refresh(planted.count)
    after = {hit.photo_id: hit.band for hit in planted.ask(0, made=made).hits}
    assert all(after[photo] is band for photo, band in before.items())


def test_the_answer_does_not_depend_on_how_the_library_came_to_be(planted: Planted) -> None:
    made = planted.calibrated()
    for thing in range(8):
        planted.add(thing, 15)
        planted.ask(thing, made=made)
    made.refresh(planted.count)
    assert planted.ask(2, made=made) == planted.ask(2)


def test_what_probably_matches_an_exclusion_is_removed(planted: Planted) -> None:
    both = np.zeros((12, DIM))
    both[:, 1] += 1
    both[:, 2] += 1
    both += np.random.default_rng(9).normal(0, 0.05, both.shape)
    right = set(planted.add(0, 30))
    with planted.store.write() as db:
        ids = [add_photo(db, planted.folder_id, f"both-{row}.jpg") for row in range(12)]
        vectors.put(db, planted.model_id, ids, unit(both))
    planted.count += 12
    found = planted.ask(0, 1)
    shown = {hit.photo_id for hit in found.hits if hit.band is not Band.REST}
    assert len(shown & right) >= 25
    assert not strong(found) & set(ids)


def test_a_search_compares_a_limited_number_of_photos(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "MAX_COMPARED_PER_SEARCH", 10)
    planted.add(0, 40)
    made = planted.calibrated()
    assert len(strong(planted.ask(0, made=made))) <= 10
    while made.compare_some():
        pass
    assert len(strong(planted.ask(0, made=made))) >= 36


def test_comparing_in_advance_comes_to_an_end(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "IDLE_COMPARISON_BATCH", 7)
    planted.add(0, 20)
    made = planted.calibrated()
    slices = 1
    while made.compare_some():
        slices += 1
    assert slices == 3


def test_the_estimate_is_near_the_truth(planted: Planted) -> None:
    planted.add(0, 120)
    for thing in range(1, 10):
        planted.add(thing, 60)
    made = planted.calibrated()
    target = made.target(QueryVectors.for_words(said(0), THINGS[0]))
    with planted.store.read() as db:
        found = vectors.nearest(db, planted.model_id, target.direction, 100)
    estimate = made.estimate(target, found, planted.count, None)
    assert estimate is not None
    assert estimate.low <= 120 <= estimate.high
    assert made.matching_share(target) == pytest.approx(120 / planted.count, abs=0.05)


def test_pictures_have_no_estimate(planted: Planted) -> None:
    planted.add(0, 30)
    made = planted.calibrated()
    target = made.target(QueryVectors.for_picture(said(0)))
    assert made.estimate(target, [], planted.count, None) is None
    assert made.matching_share(target) == 0


CLASSIFIERS = {
    THINGS[thing]: WordClassifier(np.eye(DIM, dtype=np.float32)[1 + thing] * 20, -8.0) for thing in (0, 1)
}
"""Of two things: a photo of one has log odds of about 2 and more, the others have about −8."""


@pytest.fixture
def classified(planted: Planted) -> Calibration:
    """A library with 30 photos each of ten things, whose model has classifiers of two."""
    for thing in range(10):
        planted.add(thing, 30)
    made = Calibration(planted.store, planted.model_id, PROMPTS, replace(REFERENCES, classifiers=CLASSIFIERS))
    made.refresh(planted.count)
    return made


def find(planted: Planted, made: Calibration, query: QueryVectors) -> Ranked:
    target = made.target(query)
    with planted.store.read() as db:
        found = vectors.nearest(db, planted.model_id, target.direction, 40)
    return made.rank(target, found, planted.count)


def test_a_single_word_is_judged_by_its_classifier(planted: Planted, classified: Calibration) -> None:
    elsewhere = said(5)  # where the model places the word's text
    by_classifier = find(planted, classified, QueryVectors.for_words(elsewhere, THINGS[0]))
    assert len(strong(by_classifier) & planted.added[0]) >= 25
    assert strong(by_classifier) <= planted.added[0]
    # The text is all there is for another word, and for one that is named with others.
    for text in (THINGS[7], f"{THINGS[0]} {THINGS[7]}", f"{THINGS[0]} unheard-of"):
        by_text = find(planted, classified, QueryVectors.for_words(elsewhere, text))
        assert {hit.photo_id for hit in by_text.hits[:20]} <= planted.added[5]


def test_an_exclusion_is_judged_by_its_classifier(planted: Planted, classified: Calibration) -> None:
    wanted = QueryVector(said(5), by_words=True, text=THINGS[0])
    unwanted = QueryVector(said(6), by_words=True, text=THINGS[1])
    both = np.zeros((12, DIM))
    both[:, 1] = both[:, 2] = 1
    with planted.store.write() as db:
        ids = [add_photo(db, planted.folder_id, f"both-{row}.jpg") for row in range(12)]
        vectors.put(
            db, planted.model_id, ids, unit(both + np.random.default_rng(9).normal(0, 0.05, both.shape))
        )
    planted.count += 12
    made = Calibration(planted.store, planted.model_id, PROMPTS, replace(REFERENCES, classifiers=CLASSIFIERS))
    made.refresh(planted.count)
    target = made.target(QueryVectors((wanted,), wanted=wanted, excluded=(unwanted,)))
    with planted.store.read() as db:
        found = vectors.nearest(db, planted.model_id, target.direction, planted.count)
    ranked = made.rank(target, found, planted.count)
    assert len(strong(ranked) & planted.added[0]) >= 25
    assert not strong(ranked) & set(ids)


def test_other_ways_to_judge_photos_agree_with_the_search(planted: Planted, classified: Calibration) -> None:
    words = QueryVectors.for_words(said(0), THINGS[0])
    searched = {hit.photo_id: hit.probability for hit in find(planted, classified, words).hits}
    ids = np.array(list(searched), np.int64)
    likely = np.array(list(searched.values()), np.float32)
    suggested = relevance.probability(classified.log_odds_of(ids, [(THINGS[0], said(0))])[0])
    assert suggested == pytest.approx(likely, abs=1e-3)
    with planted.store.read() as db:
        of_ids, rows = vectors.of_visible(db, planted.model_id, ids.tolist())
    alone = relevance.probability(classified.deviations(rows, classified.target(words)))
    assert dict(zip(of_ids.tolist(), alone.tolist(), strict=True)) == pytest.approx(searched, abs=1e-3)
    assert classified.matching_share(classified.target(words)) == pytest.approx(0.1, abs=0.03)
