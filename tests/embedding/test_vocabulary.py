from __future__ import annotations

from pathlib import Path

import pytest

from safelight.embedding.catalogue import default
from safelight.embedding.vocabulary import VOCABULARY_NAME, vocabulary_of, write_vocabulary


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_vocabulary(tmp_path, ["dog", "surfer", "bake", "run", "the", "beach", "café", "city"])
    return tmp_path


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("dog", ()),
        ("the Dogs surfers baking, running!", ()),
        ("hund am beach", ("hund", "am")),
        ("Hund hund Hund", ("Hund", "hund")),
        ("café 2019 x 12px", ("px",)),
        ("собака", ("собака",)),
        ("", ()),
    ],
)
def test_words_outside_the_list_are_unknown(folder: Path, text: str, unknown: tuple[str, ...]) -> None:
    vocabulary = vocabulary_of(folder)
    assert vocabulary is not None
    assert vocabulary.unknown(text) == unknown


def test_a_model_without_a_list_has_no_vocabulary(tmp_path: Path) -> None:
    assert vocabulary_of(tmp_path) is None


def test_a_damaged_list_makes_no_word_unknown(folder: Path) -> None:
    (folder / VOCABULARY_NAME).write_bytes(b"not a list")
    vocabulary = vocabulary_of(folder)
    assert vocabulary is not None
    assert vocabulary.unknown("anything") == ()


def test_the_same_words_are_the_same_file(tmp_path: Path) -> None:
    written = []
    for words in (["b", "a"], ["a", "b", "a"]):
        write_vocabulary(tmp_path, words)
        written.append((tmp_path / VOCABULARY_NAME).read_bytes())
    assert written[0] == written[1]


def test_the_starter_knows_everyday_words_and_not_other_languages(tmp_path: Path) -> None:
    vocabulary = vocabulary_of(default(tmp_path).source)
    assert vocabulary is not None
    known = "a little girl in a red dress playing soccer with her dogs at the beach at sunset"
    assert vocabulary.unknown(known) == ()
    assert vocabulary.unknown("hund schläft im schnee") != ()
    assert "hund" in vocabulary.unknown("hund am strand")
    assert vocabulary.unknown("perro en la playa") == ("perro", "playa")
    assert vocabulary.unknown("Pikachu on a red sofa") == ("Pikachu",)
