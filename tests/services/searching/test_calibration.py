"""Bands over made-up vectors: concepts planted in a library, a common direction that texts and photos share,
and photos that are near everything."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.search import Band
from safelight.services.models.neutral import encoded_prompts, neutral_prompts
from safelight.services.searching import photo_backgrounds
from safelight.services.searching.calibration import Calibration
from safelight.services.searching.query_vectors import QueryVector, QueryVectors
from safelight.services.searching.ranked_search import NOTHING_STRONG
from safelight.services.searching.targets import Ranked
from safelight.store import files, vectors
from safelight.store.library import LibraryStore
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.stored import add_folder, add_photo, unprivileged

DIM = 64
CONCEPTS = 30
"""Axes 1 to 30 are things a photo may show; axis 0 is what all texts share; the others are noise."""
PRESENT = range(1, 21)
ABSENT = range(21, 31)
MODEL = ModelInfo(key="planted@00000000", name="planted", dim=DIM, device="cpu")
SHOWING = 12
"""Photos that show each concept."""


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def said(concept: int, seed: int = 0) -> Vectors:
    """The vector of a text that names a concept."""
    text = np.random.default_rng([seed, concept]).normal(0, 0.03, DIM)
    text[0] += 1
    text[concept] += 1
    return unit(text)


def shown(concept: int, count: int, seed: int) -> Vectors:
    """Photos of a concept; each is nearer or farther to all texts by chance."""
    rng = np.random.default_rng([seed, concept])
    rows = rng.normal(0, 0.12, (count, DIM))
    rows[:, 0] += rng.uniform(-0.4, 0.8, count)
    rows[:, concept] += 1
    return unit(rows)


PROMPTS = np.stack([said(concept, seed) for concept in range(1, CONCEPTS + 1) for seed in range(5, 9)])


@dataclass
class Planted:
    store: LibraryStore
    model_id: int
    folder_id: int
    concept_of: dict[int, int]

    def add(self, concept: int, count: int, seed: int) -> list[int]:
        rows = shown(concept, count, seed)
        with self.store.write() as db:
            ids = [add_photo(db, self.folder_id, f"{concept}-{seed}-{row}.jpg") for row in range(count)]
            vectors.put(db, self.model_id, ids, rows)
        self.concept_of |= dict.fromkeys(ids, concept)
        return ids

    def calibrated(self, photos: int | None = None) -> Calibration:
        made = Calibration(self.store, self.model_id, PROMPTS)
        made.refresh(len(self.concept_of) if photos is None else photos)
        return made

    def ask(
        self, concept: int, made: Calibration | None = None, allowed: Sequence[int] | None = None
    ) -> Ranked:
        made = made or self.calibrated()
        query = said(concept)
        with self.store.read() as db:
            target = made.target(QueryVectors.for_words(query))
            found = vectors.nearest(db, self.model_id, target.direction, 400, allowed)
        return made.rank(target, found, len(self.concept_of) if allowed is None else len(allowed))

    def like(self, photo: int) -> Ranked:
        with self.store.read() as db:
            query = vectors.get(db, self.model_id, photo)
            assert query is not None
            found = vectors.nearest(db, self.model_id, query, 400)
        made = self.calibrated()
        return made.rank(made.target(QueryVectors.for_picture(query)), found, len(self.concept_of))

    def vector(self, photo: int) -> Vectors:
        with self.store.read() as db:
            found = vectors.get(db, self.model_id, photo)
        assert found is not None
        return found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Planted]:
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        with store.write() as db:
            planted = Planted(store, vectors.register(db, MODEL, 1.0), add_folder(db), {})
        yield planted


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """A library that is closed, of which each test gets a copy."""
    with LibraryStore.create_or_open(tmp_path_factory.mktemp("filled") / "library") as store:
        with store.write() as db:
            made = Planted(store, vectors.register(db, MODEL, 1.0), add_folder(db), {})
        for concept in PRESENT:
            made.add(concept, SHOWING, seed=1)
    return made


@pytest.fixture
def planted(filled: Planted, tmp_path: Path) -> Iterator[Planted]:
    shutil.copytree(filled.store.directory, tmp_path / "library")
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        yield replace(filled, store=store, concept_of=dict(filled.concept_of))


# --- words ---------------------------------------------------------------------------------------------


def test_what_is_there_is_strong_and_leads(planted: Planted) -> None:
    made = planted.calibrated()
    for concept in PRESENT:
        answer = planted.ask(concept, made)
        assert not answer.nothing_strong
        leading = [planted.concept_of[hit.photo_id] for hit in answer.hits[:SHOWING]]
        assert leading == [concept] * SHOWING
        strong = [planted.concept_of[hit.photo_id] for hit in answer.hits if hit.band is Band.STRONG]
        assert set(strong) == {concept}
        assert len(strong) >= SHOWING // 3


def test_what_is_not_there_has_nothing_strong(planted: Planted) -> None:
    made = planted.calibrated()
    answers = [planted.ask(concept, made) for concept in ABSENT]
    assert all(answer.nothing_strong for answer in answers)
    assert all(hit.band is not Band.STRONG for answer in answers for hit in answer.hits)


def test_bands_follow_the_order_and_scores_are_cosines(planted: Planted) -> None:
    order = [Band.STRONG, Band.MAYBE, Band.REST]
    for concept in (1, 25):
        hits = planted.ask(concept).hits
        assert len(hits) == len(planted.concept_of)
        assert [hit.band for hit in hits] == sorted((hit.band for hit in hits), key=order.index)
        for hit in hits:
            cosine = float(said(concept) @ planted.vector(hit.photo_id))
            assert hit.score == pytest.approx(cosine, abs=1e-5)


def test_a_photo_near_everything_does_not_lead(planted: Planted) -> None:
    """By cosine alone a photo of nothing in particular comes before some that show what is asked for."""
    hub = np.zeros((1, DIM))
    hub[0, 0] = 1
    with planted.store.write() as db:
        photo = add_photo(db, planted.folder_id, "hub.jpg")
        vectors.put(db, planted.model_id, [photo], unit(hub))
    planted.concept_of[photo] = 0
    with planted.store.read() as db:
        nearest = [found for found, _ in vectors.nearest(db, planted.model_id, said(3), SHOWING)]
    assert photo in nearest
    hits = planted.ask(3).hits
    place = [hit.photo_id for hit in hits].index(photo)
    assert place >= SHOWING
    assert hits[place].band is not Band.STRONG


def test_the_same_question_has_the_same_answer(planted: Planted) -> None:
    first, second = planted.ask(4), planted.ask(4)
    assert first == second


def test_a_search_among_few_is_banded_against_the_whole_library(planted: Planted) -> None:
    others = [photo for photo, concept in planted.concept_of.items() if concept != 5]
    assert planted.ask(5, allowed=others).nothing_strong
    mine = [photo for photo, concept in planted.concept_of.items() if concept == 5]
    answer = planted.ask(5, allowed=mine)
    assert {hit.photo_id for hit in answer.hits} == set(mine)
    assert not answer.nothing_strong


def test_in_a_handful_of_photos_everything_is_a_maybe(empty: Planted) -> None:
    empty.add(1, 12, seed=1)
    empty.add(2, 11, seed=1)
    answer = empty.ask(1)
    assert len(answer.hits) == 23
    assert {hit.band for hit in answer.hits} == {Band.MAYBE}
    assert not answer.nothing_strong


def test_nothing_to_rank(empty: Planted) -> None:
    assert empty.ask(1) == Ranked(())


def test_a_query_that_says_what_all_texts_say_still_has_a_direction(planted: Planted) -> None:
    query = said(1)
    made = Calibration(planted.store, planted.model_id, np.stack([query, query]))
    made.refresh(len(planted.concept_of))
    target = made.target(QueryVectors.for_words(query))
    assert np.array_equal(target.direction, query)
    with planted.store.read() as db:
        found = vectors.nearest(db, planted.model_id, query, 5)
    hits = made.rank(target, found, len(planted.concept_of)).hits
    assert {hit.photo_id: hit.score for hit in hits} == {
        photo: pytest.approx(score, abs=1e-6) for photo, score in found
    }


# --- a library that changes ------------------------------------------------------------------------------


def test_a_photo_that_came_later_counts_at_once(planted: Planted) -> None:
    made = planted.calibrated()
    late = planted.add(1, 5, seed=2)
    made.refresh(len(planted.concept_of))  # no tenth yet
    fresh = planted.ask(1)
    assert {hit.photo_id for hit in fresh.hits} >= set(late)
    scores = {hit.photo_id: hit.score for hit in planted.ask(1, made).hits}
    for hit in fresh.hits:
        assert scores[hit.photo_id] == pytest.approx(hit.score, abs=1e-5)


def test_a_library_that_grew_by_a_tenth_is_measured_again(planted: Planted) -> None:
    made = planted.calibrated()
    assert planted.ask(25, made).nothing_strong
    for concept in (25, 26, 27):
        planted.add(concept, SHOWING, seed=3)
    made.refresh(len(planted.concept_of))
    assert not planted.ask(25, made).nothing_strong
    assert planted.ask(25, made) == planted.ask(25), "as if it had been measured for the first time"


@pytest.mark.slow
def test_a_library_answers_alike_however_it_came_to_be_what_it_is(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_backgrounds, "SAMPLE_SIZE", 100)
    made = planted.calibrated()
    for step in range(8):  # far from a tenth of 240 photos, one way and the other
        (late,) = planted.add(1 + step, 1, seed=20 + step)
        if step % 2:
            with planted.store.write() as db:
                files.remove(db, [held.id for held in files.of_photo(db, late - 7 * step)])
        made.refresh(len(planted.concept_of))
        grown, fresh = planted.ask(1, made).hits, planted.ask(1).hits
        assert [(hit.photo_id, hit.band) for hit in grown] == [(hit.photo_id, hit.band) for hit in fresh]
        words = QueryVectors.for_words(said(1))
        background, measured_again = (each.target(words).background for each in (made, planted.calibrated()))
        assert (background.middle, background.spread) == pytest.approx(
            (measured_again.middle, measured_again.spread), abs=1e-6
        )


def test_a_photo_that_left_between_search_and_ranking_does_no_harm(planted: Planted) -> None:
    made = Calibration(planted.store, planted.model_id, PROMPTS)
    target = made.target(QueryVectors.for_words(said(1)))
    with planted.store.read() as db:
        found = vectors.nearest(db, planted.model_id, target.direction, 400)
    gone = found[0][0]
    with planted.store.write() as db:
        files.remove(db, [held.id for held in files.of_photo(db, gone)])
        vectors.remove(db, [gone])
    assert len(made.rank(target, found, 240).hits) == len(found)


# --- words and pictures -----------------------------------------------------------------------------------


def pointed(planted: Planted, *senses: QueryVector) -> list[int]:
    """The concepts of this many photos, the first ones."""
    made = planted.calibrated()
    target = made.target(QueryVectors(senses))
    with planted.store.read() as db:
        found = vectors.nearest(db, planted.model_id, target.direction, 400)
    hits = made.rank(target, found, len(planted.concept_of)).hits
    return [planted.concept_of[hit.photo_id] for hit in hits[: 2 * SHOWING]]


def test_words_and_a_picture_weigh_alike(planted: Planted) -> None:
    found = pointed(
        planted, QueryVector(said(1), by_words=True), QueryVector(shown(2, 1, seed=9)[0], by_words=False)
    )
    assert found.count(1) >= SHOWING // 2
    assert found.count(2) >= SHOWING // 2


def test_a_query_turned_away_is_answered_as_long_as_its_words_are(planted: Planted) -> None:
    made = planted.calibrated()
    count = len(planted.concept_of)
    for concept, nothing_strong in ((1, False), (25, True)):
        wanted = QueryVector(said(concept), by_words=True)
        turned = QueryVector(unit(said(concept) - 0.9 * said(2) - 0.9 * said(3)), by_words=True)
        target = made.target(QueryVectors((turned,), wanted=wanted))
        assert target.wanted is not None
        with planted.store.read() as db:
            found = vectors.nearest(db, planted.model_id, target.direction, 400)
            plain = vectors.nearest(db, planted.model_id, target.wanted.direction, 400)
        assert made.rank(target, found, count, wanted=plain).nothing_strong is nothing_strong
        assert made.rank(target, found, count).nothing_strong, "by itself it stands out too little"


def test_what_is_disliked_moves_a_query_little(planted: Planted) -> None:
    disliked = QueryVector(shown(2, 1, seed=9)[0], by_words=False, weight=-0.25)
    found = pointed(planted, QueryVector(said(1), by_words=True), disliked)
    assert found[: SHOWING - 2].count(1) >= SHOWING - 4
    assert found.count(2) == 0


def test_the_order_of_senses_and_their_common_weight_do_not_matter(planted: Planted) -> None:
    made = planted.calibrated()
    words, picture = QueryVector(said(1), True), QueryVector(shown(2, 1, seed=9)[0], False)
    doubled = [QueryVector(sense.vector, sense.by_words, 2.0) for sense in (picture, words)]
    one, other = made.target(QueryVectors((words, picture))), made.target(QueryVectors(tuple(doubled)))
    rows = shown(1, 5, seed=3)
    assert made.deviations(rows, one) == pytest.approx(made.deviations(rows, other), rel=1e-3)


def test_vectors_that_are_not_in_the_library_stand_out_as_photos_do(planted: Planted) -> None:
    made = planted.calibrated()
    for query_vectors in (QueryVectors.for_words(said(1)), QueryVectors.for_picture(shown(1, 1, seed=9)[0])):
        target = made.target(query_vectors)
        with planted.store.read() as db:
            found = vectors.nearest(db, planted.model_id, target.direction, 20)
        rows = np.stack([planted.vector(photo) for photo, _ in found])
        measured = made.measured(target, found)
        assert made.deviations(rows, target) == pytest.approx(measured.deviations, abs=2e-3)


# --- pictures --------------------------------------------------------------------------------------------


def test_photos_like_a_photo_keep_the_order_of_the_cosine(planted: Planted) -> None:
    for concept in (1, 9):
        photo = next(photo for photo, each in planted.concept_of.items() if each == concept)
        hits = planted.like(photo).hits
        assert hits[0].photo_id == photo
        assert hits[0].score == pytest.approx(1, abs=1e-5)
        assert hits[0].band is Band.STRONG
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        shown_too = [hit for hit in hits if hit.band is not Band.REST]
        right = sum(planted.concept_of[hit.photo_id] == concept for hit in shown_too)
        assert right >= max(SHOWING // 2, len(shown_too) // 2)


def test_a_picture_alone_in_its_kind_is_strong_by_itself(planted: Planted) -> None:
    (photo,) = planted.add(28, 1, seed=4)
    strong = [hit.photo_id for hit in planted.like(photo).hits if hit.band is Band.STRONG]
    assert strong[0] == photo
    assert len(strong) <= 3


# --- the prompts -----------------------------------------------------------------------------------------


def test_the_prompts_are_a_few_hundred_and_differ() -> None:
    prompts = neutral_prompts()
    assert 200 <= len(prompts) == len(set(prompts)) <= 600
    assert all(prompt == prompt.strip() and len(prompt) <= 60 for prompt in prompts)


def test_the_prompts_are_encoded_once_for_each_model(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    first = encoded_prompts(encoder, tmp_path)
    assert encoder.texts_encoded == len(neutral_prompts()) == len(first)
    again = FakeEncoder()
    np.testing.assert_array_equal(encoded_prompts(again, tmp_path), first)
    assert again.texts_encoded == 0
    other = FakeEncoder("other")
    encoded_prompts(other, tmp_path)
    assert other.texts_encoded == len(first), "two models never share vectors"


@pytest.mark.parametrize("damage", ["empty", "garbage", "cut", "another shape", "not unit", "nan"])
def test_kept_prompts_that_do_not_fit_are_encoded_again(tmp_path: Path, damage: str) -> None:
    first = encoded_prompts(FakeEncoder(), tmp_path)
    (kept,) = tmp_path.iterdir()
    match damage:
        case "empty":
            kept.write_bytes(b"")
        case "garbage":
            kept.write_bytes(b"no array at all")
        case "cut":
            kept.write_bytes(kept.read_bytes()[:-100])
        case "another shape":
            np.save(kept, first[:, :5])
        case "not unit":
            np.save(kept, first * 2)
        case _:
            np.save(kept, np.full_like(first, np.nan))
    encoder = FakeEncoder()
    np.testing.assert_array_equal(encoded_prompts(encoder, tmp_path), first)
    assert encoder.texts_encoded == len(first)
    np.testing.assert_array_equal(np.load(kept), first)


def test_where_the_prompts_cannot_be_kept_they_are_encoded_each_time(open_place: Path) -> None:
    with unprivileged(open_place):
        encoder = FakeEncoder()
        assert len(encoded_prompts(encoder, open_place)) == encoder.texts_encoded
    assert list(open_place.iterdir()) == []


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that other users can reach, as tmp_path is not."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


# --- through the searcher --------------------------------------------------------------------------------


def test_a_search_says_when_nothing_is_strong(bench: Bench) -> None:
    for number in range(60):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    searcher = bench.library.searcher()
    found = searcher.search("qwertyuiop", 5)
    assert len(found.hits) == 5
    assert found.notices == (NOTHING_STRONG,)
    assert all(hit.band is not Band.STRONG for hit in found.hits)
    assert searcher.search("-qwertyuiop", 5).notice == "", "that nothing is like the unwanted is no news"
    assert searcher.similar_to_photo(bench.photos()[0].id, 5).notice == ""


def test_how_many_are_asked_for_changes_no_hit(bench: Bench) -> None:
    for number in range(60):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    searcher = bench.library.searcher()
    for words in ("red", "qwertyuiop"):
        everything = searcher.search(words, 60).hits
        assert len(everything) == 60
        assert searcher.search(words, 3).hits == everything[:3]


def test_preparing_leaves_nothing_for_the_first_search_but_its_words(bench: Bench) -> None:
    bench.library.searcher().prepare()  # of a library that holds nothing yet
    assert bench.encoder.texts_encoded == len(neutral_prompts())
    for number in range(30):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    searcher = bench.library.searcher()
    searcher.prepare()
    assert bench.encoder.texts_encoded == len(neutral_prompts())
    searcher.search("red", 5)
    assert bench.encoder.texts_encoded == len(neutral_prompts()) + 1


def test_the_sample_is_bounded(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_backgrounds, "SAMPLE_SIZE", 100)
    made = planted.calibrated()
    answers = [planted.ask(concept, made) for concept in PRESENT]
    assert not any(answer.nothing_strong for answer in answers)
