"""Taught concepts: ``my:`` in queries, proposals, another model, content that moves."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.errors import SafelightError
from safelight.core.explanation import Standing
from safelight.core.jobs import JobControl
from safelight.core.operations import DeleteConcept, TeachConcept, Undo
from safelight.core.search import Band
from safelight.services.models.model import ModelService
from safelight.services.operations.runner import OperationRunner
from safelight.services.searching.searcher import Searcher
from safelight.store import concepts, user_data_export
from services.conftest import Bench, IndexedLibraries
from support.fake_encoder import FakeEncoder
from support.pictures import encoded

HUTS = 14
OTHERS = 40


def hut(number: int) -> Image.Image:
    """A brown picture with a yellow window, nowhere quite the same."""
    image = Image.new("RGB", (160, 120), (120 + number % 5, 70, 20))
    image.paste((255, 250 - number, 0), (10 * (number % 9), 20, 10 * (number % 9) + 50, 60))
    return image


def draw(bench: Bench) -> None:
    for number in range(HUTS):
        (bench.root / f"hut {number:02}.png").write_bytes(encoded(hut(number), "PNG"))
    for number in range(OTHERS):
        bench.draw(f"noise/{number}.jpg", number)


@pytest.fixture
def library(indexed_libraries: IndexedLibraries, tmp_path: Path) -> Iterator[Bench]:
    with indexed_libraries.opened(draw, tmp_path / "library") as bench:
        yield bench


def ids(bench: Bench, *names: str) -> tuple[int, ...]:
    return tuple(bench.photo_at(bench.root / name).id for name in names)


def teach(bench: Bench, name: str = "our hut", shown: int = 5, against: int = 2) -> None:
    OperationRunner(bench.store).run(
        TeachConcept(
            name,
            ids(bench, *(f"hut {number:02}.png" for number in range(shown))),
            ids(bench, *(f"noise/{number}.jpg" for number in range(against))),
        )
    )


def names(bench: Bench, searcher: Searcher, query: str, limit: int | None = None) -> list[str]:
    by_id = {photo.id: os.path.basename(photo.files[0].path) for photo in bench.photos()}
    return [by_id[hit.photo_id] for hit in searcher.search(query, limit).hits]


def test_a_concept_finds_photos_like_its_examples(library: Bench) -> None:
    teach(library)
    found = library.library.searcher().search('my:"our hut"', None)
    by_id = {photo.id: os.path.basename(photo.files[0].path) for photo in library.photos()}
    first = [by_id[hit.photo_id] for hit in found.hits][:HUTS]
    assert all(name.startswith("hut") for name in first)
    assert {hit.band for hit in found.hits[:5]} == {Band.STRONG}
    assert all(hit.probability is not None for hit in found.hits)
    # Nothing is lost: the others follow, least likely last.
    assert len(found.hits) + found.others == HUTS + OTHERS
    assert len(found.remainder()) == found.others


def test_it_combines_with_filters_words_exclusions_and_alternatives(library: Bench) -> None:
    teach(library)
    searcher = library.library.searcher()
    every = names(library, searcher, 'my:"our hut"')
    assert set(names(library, searcher, 'MY:"OUR HUT" name:"hut 0"')) == {
        name for name in every if name.startswith("hut 0")
    }
    without = names(library, searcher, '-my:"our hut"', None)
    assert set(without).isdisjoint(every)
    assert len(without) + len(every) == HUTS + OTHERS
    assert set(names(library, searcher, 'brown my:"our hut"')) == set(every)
    assert set(names(library, searcher, 'brown -my:"our hut"', 100)).isdisjoint(every)
    either = names(library, searcher, '(my:"our hut" OR name:3.jpg)', 100)
    assert set(every) < set(either)
    assert "3.jpg" in either
    assert names(library, searcher, 'my:"our hut" name:nothing') == []


def test_why_names_the_concept_with_its_probability(library: Bench) -> None:
    teach(library)
    searcher = library.library.searcher()
    hut, noise = ids(library, "hut 02.png", "noise/9.jpg")
    (shows,) = searcher.explain(hut, 'my:"our hut"').explanation.parts
    hit = next(hit for hit in searcher.search('my:"our hut"', None).hits if hit.photo_id == hut)
    assert (shows.text, shows.score, shows.deviation) == ('my:"our hut"', None, None)
    assert shows.probability == pytest.approx(hit.probability)
    assert shows.standing is (Standing.CLEARLY if hit.band is Band.STRONG else Standing.SOMEWHAT)
    (lacks,) = searcher.explain(noise, '-my:"our hut"').explanation.parts
    assert (lacks.text, lacks.standing, lacks.excluded) == ('-my:"our hut"', Standing.HARDLY, True)
    both = searcher.explain(hut, 'brown (my:"our hut" OR my:nothing)').explanation.parts
    assert [part.text for part in both] == ["brown", 'my:"our hut"', "my:nothing"]
    assert both[2].probability == 0
    OperationRunner(library.store).run(DeleteConcept("our hut"))


def test_examples_count_as_the_user_gave_them(library: Bench) -> None:
    teach(library, against=3)
    found = set(names(library, library.library.searcher(), 'my:"our hut"'))
    assert {f"hut {number:02}.png" for number in range(5)} <= found
    assert found.isdisjoint({f"{number}.jpg" for number in range(3)})


def test_what_is_not_known_finds_nothing_and_says_so(library: Bench) -> None:
    found = library.library.searcher().search("my:bruno", None)
    assert not found.hits
    assert "no concept “bruno”" in found.notice
    teach(library, "bruno")
    with library.store.write() as db:
        db.execute("UPDATE concept_example SET content_hash = randomblob(20)")
    assert "No photo that shows “bruno”" in library.library.searcher().search("my:bruno", None).notice


def test_a_searcher_follows_what_is_taught_and_undone(library: Bench) -> None:
    searcher = library.library.searcher()
    teach(library, shown=2)
    before = names(library, searcher, 'my:"our hut"')
    teach(library, shown=8)
    assert set(names(library, searcher, 'my:"our hut"')) >= {f"hut {number:02}.png" for number in range(8)}
    OperationRunner(library.store).run(Undo())
    assert names(library, searcher, 'my:"our hut"') == before
    OperationRunner(library.store).run(DeleteConcept("our hut"))
    assert names(library, searcher, 'my:"our hut"') == []


def test_photos_that_arrive_are_judged_too(library: Bench) -> None:
    searcher = library.library.searcher()
    teach(library)
    names(library, searcher, 'my:"our hut"')
    (library.root / "late.png").write_bytes(encoded(hut(20), "PNG"))
    library.index()
    assert "late.png" in names(library, searcher, 'my:"our hut"')


def test_proposals_are_doubtful_new_and_different(library: Bench) -> None:
    teach(library)
    with library.store.read() as db:
        concept = concepts.find(db, "our hut")
        assert concept is not None
        given = set(concepts.photos_of(db, (*concept.shown, *concept.not_shown)).values())
    found = library.library.searcher().proposals(concept, 8)
    asked = [each.photo_id for each in found]
    assert 1 <= len(found) <= 8
    assert given.isdisjoint(asked)
    assert len(set(asked)) == len(asked)
    doubts = [abs(each.probability - 0.5) for each in found[1:]]
    assert doubts == sorted(doubts)


def test_another_model_learns_it_again_from_the_same_examples(library: Bench) -> None:
    teach(library)
    encoder = FakeEncoder("other")
    model = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)
    other = type(library.library)(library.store, library.library.pool, model)
    with library.store.read() as db:
        roots = [row[0] for row in db.execute("SELECT id FROM folder")]
    other.indexer().run(dict.fromkeys(roots), JobControl(), wait_for_model=True)
    found = names(library, other.searcher(), 'my:"our hut"')
    assert [name for name in found[:HUTS] if not name.startswith("hut")] == []
    other.vectors.close()


def test_it_survives_an_edited_file_and_export(library: Bench) -> None:
    """New metadata give a file another hash; the example moves on with it."""
    teach(library, shown=3, against=0)
    path = library.root / "hut 00.png"
    before = ids(library, "hut 00.png")[0]
    picture = hut(0)
    picture.info["Comment"] = "edited"
    path.write_bytes(encoded(picture, "PNG", compress_level=1))
    os.utime(path, (time.time() + 5, time.time() + 5))
    library.index()
    after = ids(library, "hut 00.png")[0]
    assert after != before
    with library.store.read() as db:
        concept = concepts.find(db, "our hut")
        assert concept is not None
        assert after in concepts.photos_of(db, concept.shown).values()
        document = user_data_export.collect(db)
    assert document["concepts"][0]["name"] == "our hut"
    with library.store.write() as db:
        concepts.delete(db, concept.id)
        user_data_export.apply(db, document)
        user_data_export.apply(db, document)
        again = concepts.find(db, "our hut")
    assert again is not None
    assert (again.shown, again.not_shown) == (concept.shown, concept.not_shown)


def test_vectors_in_memory_and_in_the_database_give_the_same(library: Bench) -> None:
    teach(library)
    stored = library.library.searcher()
    first = stored.search('my:"our hut"', None)
    with library.store.read() as db:
        model_id = db.execute("SELECT id FROM model").get
    library.library.vectors.warm(model_id)
    assert library.library.vectors.settle(20)
    second = library.library.searcher().search('my:"our hut"', None)
    assert [hit.photo_id for hit in first.hits] == [hit.photo_id for hit in second.hits]
    pairs = zip(first.hits, second.hits, strict=True)
    assert all(abs((a.probability or 0) - (b.probability or 0)) < 1e-3 for a, b in pairs)


def test_a_concept_alone_is_not_counted(library: Bench) -> None:
    with pytest.raises(SafelightError, match="Only a description"):
        library.library.searcher().count("my:bruno")


def test_hidden_photos_are_left_out(library: Bench) -> None:
    teach(library)
    with library.store.write() as db:
        db.execute(
            "INSERT INTO mark (photo_id, hidden) VALUES (?, 1) "
            "ON CONFLICT (photo_id) DO UPDATE SET hidden = 1",
            (ids(library, "hut 01.png")[0],),
        )
    assert "hut 01.png" not in names(library, library.library.searcher(), 'my:"our hut"')
