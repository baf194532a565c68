"""Words that the model was never taught are named beside the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.embedding.vocabulary import vocabulary_of, write_vocabulary
from safelight.services.indexing.decoding import DecodePool
from safelight.services.models.answering import AnsweringModel
from safelight.services.models.model import ModelService
from safelight.services.searching.searcher import Searcher
from services.conftest import Bench


@pytest.fixture
def searcher(bench: Bench, pool: DecodePool, tmp_path: Path) -> Searcher:
    for seed in range(4):
        bench.draw(f"{seed}.jpg", seed)
    bench.index()
    write_vocabulary(tmp_path, ["dog", "red", "beach", "on", "the"])
    encoder = bench.encoder
    service = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)
    service.vocabulary = vocabulary_of(tmp_path)
    return Searcher(bench.store, pool, AnsweringModel(bench.store, service))


def test_a_sentence_names_the_unknown_words_and_what_helps(searcher: Searcher) -> None:
    found = searcher.search("hund am beach", None)
    assert found.unknown_words == ("hund", "am")
    assert found.notice.startswith("This model was not taught “hund”, “am”; a larger or multilingual model")
    assert "\n" not in found.notice
    assert found.hits
    many = searcher.search("eins zwei drei vier", None)
    assert many.unknown_words == ("eins", "zwei", "drei", "vier")
    assert "“drei” …;" in many.notice


@pytest.mark.parametrize(
    "asked", ["red dogs on the beach", "red -hund", "dog in:hund", "type:jpg", "dog 2019"]
)
def test_known_words_exclusions_and_filters_are_not_named(searcher: Searcher, asked: str) -> None:
    found = searcher.search(asked, None)
    assert found.unknown_words == ()
    assert "not taught" not in found.notice


def test_a_model_without_a_list_names_nothing(bench: Bench, pool: DecodePool) -> None:
    bench.draw("a.jpg", 1)
    bench.index()
    found = Searcher(bench.store, pool, bench.library.answering).search("hund", None)
    assert found.unknown_words == ()


def test_alternatives_are_looked_at_together(searcher: Searcher) -> None:
    assert searcher.search("(hund OR dog) red", None).unknown_words == ("hund",)
