"""What words imply."""

from __future__ import annotations

import pytest

from safelight import paths
from safelight.core.vocabulary import Vocabulary

SMALL = """
= ignored
a the on

= things
person, people > being
  man, men
being
animal
  dog, hound
food
  hot dog
glass
  wine glass

= actions
surf, surfing > wave
play chess

= attributes
red
wave
"""


@pytest.fixture
def small() -> Vocabulary:
    return Vocabulary.parse(SMALL)


def meant(vocabulary: Vocabulary, text: str) -> list[set[str]]:
    return [{vocabulary.names[each] for each in mention} for mention in vocabulary.read(text).mentions]


def implied(vocabulary: Vocabulary, text: str) -> set[str]:
    return {vocabulary.names[each] for each in vocabulary.implied_by(vocabulary.read(text).mentions)}


def test_a_word_implies_what_it_is_indented_under_and_what_is_listed(small: Vocabulary) -> None:
    assert implied(small, "the men") == {"man", "person", "being"}
    assert implied(small, "surfing") == {"surf", "wave"}


@pytest.mark.parametrize("text", ["Dogs", "a hound", "DOG", "hounds"])
def test_synonyms_plurals_and_case(small: Vocabulary, text: str) -> None:
    assert meant(small, text) == [{"dog"}]


def test_the_longest_phrase_wins(small: Vocabulary) -> None:
    assert implied(small, "hot dogs") == {"hot dog", "food"}
    assert meant(small, "hot hound") == [{"dog"}]
    assert small.read("hot hound").unknown == ("hot",)


@pytest.mark.parametrize("text", ["plays chess", "playing chess", "surfs", "surfed"])
def test_forms_of_verbs(small: Vocabulary, text: str) -> None:
    assert len(small.read(text).mentions) == 1
    assert not small.read(text).unknown


def test_words_in_hyphens_are_read_one_by_one(small: Vocabulary) -> None:
    assert meant(small, "red-dog") == [{"red"}, {"dog"}]


def test_unknown_words_are_reported(small: Vocabulary) -> None:
    assert small.read("a zeppelin on the wave").unknown == ("zeppelin",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("= things\nred\n\n    blue\n", "indented too far"),
        ("= things\nred\nred\n", "listed twice"),
        ("= things\nred > colour\n", "'colour'"),
    ],
)
def test_mistakes_in_the_file_are_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Vocabulary.parse(text)


def test_the_vocabulary_that_ships() -> None:
    text = (paths.resources_dir() / "descriptions" / "vocabulary.txt").read_text(encoding="utf-8")
    shipped = Vocabulary.parse(text)
    assert {"dog", "mammal", "animal"} <= implied(shipped, "two puppies")
    assert {"person", "adult", "sport", "wave", "water"} - {"adult"} <= implied(shipped, "a surfer")
    assert "dog" not in implied(shipped, "a hot dog")
    assert not shipped.read("a man riding a bicycle on a street").unknown
