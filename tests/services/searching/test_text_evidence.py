"""Tags, albums, titles and captions that mean what a query says, in other words.

The fake encoder reads "red7" as "red", but no word of one is a word of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight.core.message import Message
from safelight.core.name_evidence import NameMatch, match_message
from safelight.core.operations import AddTag, CreateAlbum, DeleteTag, SetCaption, SetTitle
from safelight.services.library import Library
from safelight.services.models.neutral import encoded_prompts
from safelight.services.operations.runner import OperationRunner
from safelight.services.searching.current_calibration import CurrentCalibration
from safelight.services.searching.searcher import Searcher
from safelight.services.searching.text_evidence import MIN_DEVIATION, WEIGHT, TextEvidence, merge_evidence
from safelight.store import marks, text_vectors, vectors
from safelight.store.library import LibraryStore
from safelight.store.limits import Limit
from support.fake_encoder import FakeEncoder
from support.themed import themed

Groups = dict[str, list[int]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[tuple[Library, Groups]]:
    with themed(tmp_path, found=False) as made:
        yield made


def improved(library: Library) -> Searcher:
    searcher = library.searcher()
    while searcher.improve():
        pass
    return searcher


def results(searcher: Searcher, query: str) -> list[tuple[int, str, float]]:
    return [(hit.photo_id, str(hit.reason or ""), hit.score) for hit in searcher.search(query, None).hits]


def test_a_tag_that_means_the_query_lifts_its_photos_and_is_the_reason(
    library: tuple[Library, Groups],
) -> None:
    opened, groups = library
    before = [photo for photo, _, _ in results(improved(opened), "red")]
    wanted = groups["blue"][0]
    OperationRunner(opened.store).run(AddTag((wanted,), "colours/red7"))
    found = results(improved(opened), "red")
    assert next(reason for photo, reason, _ in found if photo == wanted) == "tag: colours/red7"
    assert [reason for _, reason, _ in found].count("tag: colours/red7") == 1
    after = [photo for photo, _, _ in found]
    assert after.index(wanted) < before.index(wanted)
    others = [photo for photo in after if photo != wanted]
    assert others == [photo for photo in before if photo != wanted], "nothing else moves"


def test_without_texts_nothing_is_stored_and_a_removed_tag_leaves_no_trace(
    library: tuple[Library, Groups],
) -> None:
    opened, groups = library
    before = results(improved(opened), "red")
    with opened.store.read() as db:
        assert not db.execute("SELECT 1 FROM text_vector").get
    OperationRunner(opened.store).run(AddTag((groups["blue"][0],), "red7"))
    assert results(improved(opened), "red") != before
    OperationRunner(opened.store).run(DeleteTag("red7"))
    assert results(improved(opened), "red") == before


def test_a_sentence_is_compared_with_no_texts(library: tuple[Library, Groups]) -> None:
    opened, groups = library
    OperationRunner(opened.store).run(AddTag((groups["blue"][0],), "red7"))
    searcher = improved(opened)
    assert any(reason == "tag: red7" for _, reason, _ in results(searcher, "red"))
    sentence = "a red dog runs over green grass beside a blue lake"
    assert not any(reason == "tag: red7" for _, reason, _ in results(searcher, sentence))


def test_where_a_text_is(library: tuple[Library, Groups]) -> None:
    opened, groups = library
    a, b, c, d = groups["blue"][:4]
    runner = OperationRunner(opened.store)
    runner.run(AddTag((a,), "red1"))
    runner.run(CreateAlbum("red2", None, (b,)))
    runner.run(SetTitle((c,), "red3"))
    runner.run(SetCaption((d,), "green"))
    improved(opened)
    encoder = FakeEncoder()
    prompts = encoded_prompts(encoder, opened.store.directory)
    evidence = TextEvidence(opened.store, CurrentCalibration(opened.store).prompts)
    with opened.store.read() as db:
        model_id = vectors.model_id(db, encoder.info.key)
        assert model_id is not None
        query = encoder.encode_texts(["red"])[0]
        found = evidence.matches(db, encoder, model_id, query)
    assert {photo: str(match.reason) for photo, match in found.items()} == {
        a: "tag: red1",
        b: "album: red2",
        c: "title: red3",
    }
    background = prompts @ query
    above = (1 - float(background.mean())) / float(background.std())
    assert above > MIN_DEVIATION
    assert found[a].lift == pytest.approx(WEIGHT * (above - MIN_DEVIATION), rel=1e-3)


def test_vectors_of_texts_that_nobody_uses_are_dropped(library: tuple[Library, Groups]) -> None:
    opened, groups = library
    runner = OperationRunner(opened.store)
    runner.run(AddTag((groups["red"][0],), "gone"))
    with opened.store.write() as db:
        marks.set_value(db, [groups["red"][0]], "caption", " \n ")
    improved(opened)
    runner.run(DeleteTag("gone"))
    runner.run(AddTag((groups["red"][0],), "kept"))
    improved(opened)
    with opened.store.read() as db:
        assert [text for (text,) in db.execute("SELECT text FROM text_vector ORDER BY text")] == [
            " \n ",
            "kept",
        ]


def test_a_program_that_sees_only_some_photos_gets_no_evidence_of_texts(
    library: tuple[Library, Groups],
) -> None:
    opened, groups = library
    OperationRunner(opened.store).run(AddTag((groups["red"][0],), "red7"))
    improved(opened)
    limit = Limit(is_partial=True)
    with (
        LibraryStore.open_up_to_date_read_only(opened.store.directory, limit=limit) as store,
        store.read() as db,
    ):
        model_id = vectors.model_id(db, FakeEncoder().info.key)
        assert model_id is not None
        assert text_vectors.stored_vectors(db, model_id)[0] == []


def test_the_stronger_evidence_counts() -> None:
    names = {
        1: NameMatch(2.0, True, match_message("tag", "red")),
        2: NameMatch(0.5, False, match_message("tag", "red")),
        3: NameMatch(1, False, Message("a")),
    }
    texts = {
        1: NameMatch(1.0, False, match_message("caption", "x")),
        2: NameMatch(1.5, False, match_message("caption", "x")),
    }
    found = merge_evidence(names, texts)
    assert found[1] == names[1]
    assert found[2] == NameMatch(1.5, False, match_message("tag", "red"))
    assert found[3] == names[3]


def test_vectors_have_to_be_of_unit_length(library: tuple[Library, Groups]) -> None:
    opened, _ = library
    with opened.store.write() as db:
        model_id = vectors.model_id(db, FakeEncoder().info.key)
        assert model_id is not None
        with pytest.raises(ValueError, match="unit length"):
            text_vectors.put(db, model_id, ["x"], np.full((1, 32), 2, np.float32))
