"""Names beside looks, and every photo within reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight.core.message import Message
from safelight.core.search import Band, SearchHit
from safelight.services.searching import calibration, name_matching, ranked_search, results
from safelight.services.searching.ranked_search import NOTHING_STRONG
from safelight.services.searching.results import FoundPhotos, limit_hits
from safelight.store import marks, vectors
from services.conftest import Bench, IndexedLibraries

PHOTOS = 60


def draw(bench: Bench) -> None:
    for number in range(PHOTOS):
        folder = "Oma 1988/" if number < 4 else ""
        bench.draw(f"{folder}IMG_{2000 + number}.jpg", number)


@pytest.fixture
def named(indexed_libraries: IndexedLibraries, tmp_path: Path) -> Iterator[Bench]:
    with indexed_libraries.opened(draw, tmp_path / "library") as bench:
        yield bench


def asked(
    bench: Bench, query: str, limit: int | None = None
) -> tuple[FoundPhotos, list[tuple[str, SearchHit]]]:
    answer = bench.library.searcher().search(query, limit)
    names = {photo.id: Path(photo.files[0].path).name for photo in bench.photos()}
    return answer, [(names[hit.photo_id], hit) for hit in answer.hits]


def test_a_file_name_brings_its_photo_to_the_top(named: Bench) -> None:
    answer, hits = asked(named, "IMG_2041")
    name, best = hits[0]
    assert name == "IMG_2041.jpg"
    assert str(best.reason) == "file name: IMG_2041"
    assert best.band is not Band.REST
    assert [hit.reason for _, hit in hits[1:]] == [None] * (PHOTOS - 1)
    assert NOTHING_STRONG not in answer.notices


def test_a_folder_brings_its_photos_to_the_top(named: Bench) -> None:
    answer, hits = asked(named, "Oma")
    assert {name for name, _ in hits[:4]} == {f"IMG_{number}.jpg" for number in range(2000, 2004)}
    assert {str(hit.reason) for _, hit in hits[:4]} == {"folder: Oma"}
    assert Band.REST not in {hit.band for _, hit in hits[:4]}
    assert answer.notice == ""


def test_a_word_of_all_photos_is_no_evidence(named: Bench) -> None:
    _, hits = asked(named, "pictures")
    assert {hit.reason for _, hit in hits} == {None}
    _, hits = asked(named, "img")
    assert {hit.reason for _, hit in hits} == {None}


def test_bands_follow_each_other(named: Bench) -> None:
    order = list(Band)
    for query in ("Oma", "IMG_2041", "Oma picture", "qwertyuiop"):
        _, hits = asked(named, query)
        bands = [hit.band for _, hit in hits]
        assert bands == sorted(bands, key=order.index)
        assert len(hits) == PHOTOS


def test_names_count_only_among_what_passes_the_filters(named: Bench) -> None:
    _, hits = asked(named, "Oma name:2003")
    assert [name for name, _ in hits] == ["IMG_2003.jpg"]
    _, hits = asked(named, 'Oma -in:"Oma 1988"')
    assert {hit.reason for _, hit in hits} == {None}


def test_a_photo_without_a_vector_is_found_by_its_name(named: Bench) -> None:
    wanted = named.photo_at(named.root / "IMG_2041.jpg").id
    with named.store.write() as db:
        vectors.remove(db, [wanted])
    answer, hits = asked(named, "IMG_2041")
    assert hits[0][1].photo_id == wanted
    assert hits[0][1].score == 0
    assert "59 of 60" in answer.notice


def test_weighted_words_are_not_looked_for_in_names(named: Bench) -> None:
    _, hits = asked(named, "Oma +picture")
    assert {hit.reason for _, hit in hits} == {None}
    _, hits = asked(named, "Oma -picture")
    assert str(hits[0][1].reason) == "folder: Oma"


def test_a_word_of_too_many_photos_is_no_evidence(named: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_matching, "MAX_PHOTOS_PER_WORD", 3)
    _, hits = asked(named, "Oma")
    assert {hit.reason for _, hit in hits} == {None}


@pytest.mark.parametrize("query", ["Oma", "qwertyuiop", "-qwertyuiop", "type:jpeg", "-type:png green"])
def test_every_photo_can_be_reached(named: Bench, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With so small a first look that the others must be asked for."""
    whole, _ = asked(named, query)
    for module in (results, ranked_search):
        monkeypatch.setattr(module, "MAX_SCORED_HITS", 5)
    monkeypatch.setattr("safelight.services.searching.query_plan.MAX_SCORED_HITS", 5)
    for module in (calibration, ranked_search):
        monkeypatch.setattr(module, "MIN_COMPARED", 5)
    answer, hits = asked(named, query)
    sent = [hit.photo_id for _, hit in hits] + [photo for ids in answer.also.values() for photo in ids]
    others = list(answer.remainder())
    assert len(hits) == 5
    assert len(others) == answer.others
    assert sorted(sent + others) == sorted(photo.id for photo in named.photos())
    if not answer.others:
        assert {photo: hit.band for _, hit in hits for photo in [hit.photo_id]}.items() <= {
            hit.photo_id: hit.band for hit in whole.hits
        }.items()


def test_what_is_to_be_shown_is_never_cut(named: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where most of the first look stands out, the next is wider, until some do not."""
    searcher = named.library.searcher()
    photo = named.photos()[0].id
    shown = {hit.photo_id for hit in searcher.similar_to_photo(photo, None).hits if hit.band is not Band.REST}
    monkeypatch.setattr(ranked_search, "MAX_SCORED_HITS", 2)
    monkeypatch.setattr(ranked_search, "MIN_COMPARED", 2)
    answer = searcher.similar_to_photo(photo, None)
    assert {hit.photo_id for hit in answer.hits if hit.band is not Band.REST} == shown


def test_a_limit_is_kept() -> None:
    hits = [SearchHit(number, 0.5, Band.STRONG) for number in range(9)]
    notices = (Message("Nothing more."),)
    assert limit_hits(hits, 3, notices) == FoundPhotos(tuple(hits[:3]), notices)


def test_photos_beyond_the_first_come_as_ids_by_band(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_SCORED_HITS", 2)
    bands = [Band.STRONG] * 3 + [Band.MAYBE] * 2 + [Band.REST]
    hits = [SearchHit(number, 0.5, band) for number, band in enumerate(bands)]
    answer = limit_hits(hits, None, ())
    assert answer.hits == tuple(hits[:2])
    assert answer.also == {Band.STRONG: (2,), Band.MAYBE: (3, 4), Band.REST: (5,)}


def test_scores_of_named_photos_are_still_cosines(named: Bench) -> None:
    _, hits = asked(named, "Oma")
    with named.store.read() as db:
        model_id = vectors.model_id(db, named.encoder.info.key)
        assert model_id is not None
        query = named.encoder.encode_texts(["Oma"])[0]
        for _, hit in hits[:6]:
            vector = vectors.get(db, model_id, hit.photo_id)
            assert vector is not None
            assert hit.score == pytest.approx(float(np.dot(query, vector)), abs=1e-5)


def test_a_possessive_finds_the_word_itself(named: Bench) -> None:
    wanted = named.photo_at(named.root / "IMG_2041.jpg").id
    with named.store.write() as db:
        marks.add_tag(db, [wanted], "plumber invoice")
    for query in ("the plumber's invoice", "plumber’s invoice"):
        _, hits = asked(named, query)
        assert hits[0][1].photo_id == wanted
        assert str(hits[0][1].reason) == "tag: plumber invoice"
