"""The list of words that are suggested as tags."""

from __future__ import annotations

import pytest

from safelight import paths
from safelight.core.errors import UsageError
from safelight.core.tag_words import TagWord, is_about_a_person, parse_tag_words, with_own_tags, word_named

LIST = """\
# a comment
animal, animals
  dog, puppy
    poodle
[home]
  kitchen
man
a tall woman
"""


def test_words_have_synonyms_and_a_place_in_the_tree() -> None:
    words = {word.tag: word for word in parse_tag_words(LIST)}
    assert list(words) == ["animal", "animal/dog", "animal/dog/poodle", "kitchen"]
    assert words["animal/dog"] == TagWord("dog", "animal/dog", ("dog", "puppy"), ("animal",))
    assert words["animal/dog/poodle"].above == ("animal", "animal/dog")
    assert words["kitchen"].above == ()


@pytest.mark.parametrize("text", ["  dog", "animal\n    dog", "animal\n dog", "animal\n  ,"])
def test_what_is_no_list_is_named_by_its_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"Line \d"):
        parse_tag_words(text)


def test_no_word_says_what_kind_of_person_somebody_is() -> None:
    built_in = parse_tag_words((paths.resources_dir() / "tags" / "words.txt").read_text(encoding="utf-8"))
    assert len(built_in) > 300
    for word in built_in:
        assert not any(is_about_a_person(name) for name in word.names), word
    for name in ("woman", "Old Man", "baby", "a bald guy", "people/children", "muslim", "smiling"):
        assert is_about_a_person(name), name
    for name in ("dog", "black and white photo", "people", "race", "crowd"):
        assert not is_about_a_person(name), name


def test_own_tags_replace_words_and_are_words_themselves() -> None:
    words = with_own_tags(parse_tag_words(LIST), ["Pets/Puppy", "Trips/Norway", "family/grandmother"])
    tags = [word.tag for word in words]
    assert "Pets/Puppy" in tags
    assert "animal/dog" not in tags
    assert "Trips/Norway" in tags
    assert not any("grandmother" in tag for tag in tags)
    for name in ("dog", "PUPPY", "pets/puppy"):
        found = word_named(words, name)
        assert found is not None
        assert found.tag == "Pets/Puppy"
    assert word_named(words, "unheard-of") is None
