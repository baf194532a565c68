"""What it says of a photo that its names bear the words of a query."""

from __future__ import annotations

import math

import pytest

from safelight.core.name_evidence import LIFT, weigh_matches, words_of


def test_a_rare_match_says_more_than_a_common_one() -> None:
    found = weigh_matches({"oma": {"folders": range(10)}}, 1000)
    rarer = weigh_matches({"oma": {"folders": range(2)}}, 1000)
    assert set(found) == set(range(10))
    assert found[3].lift == pytest.approx(LIFT * math.log(100))
    assert rarer[1].lift > found[1].lift


def test_a_word_of_half_the_library_is_no_evidence() -> None:
    assert weigh_matches({"photos": {"folders": range(60)}}, 100) == {}
    assert weigh_matches({"photos": {"folders": range(1)}}, 1) == {}


def test_the_share_of_words_that_match_counts() -> None:
    found = weigh_matches({"oma": {"folders": [1, 2]}, "beach": {"tags": [1]}}, 100)
    assert found[1].whole
    assert not found[2].whole
    assert found[1].lift == pytest.approx(LIFT * (math.log(50) + math.log(100)))
    assert found[2].lift == pytest.approx(LIFT * math.log(50) / 4)


def test_a_word_in_two_fields_of_a_photo_counts_once() -> None:
    once = weigh_matches({"oma": {"name": [1]}}, 100)
    twice = weigh_matches({"oma": {"name": [1], "tags": [1]}}, 100)
    assert twice == once


def test_reasons_name_fields_and_words() -> None:
    found = weigh_matches(
        {"oma": {"folders": [1]}, "beach": {"name": [1, 2], "tags": [2]}, "x1": {"folders": [1]}}, 99
    )
    assert str(found[1].reason) == "folder: oma x1, file name: beach"
    assert str(found[2].reason) == "file name: beach"
    assert str(weigh_matches({"nikon": {"camera": [1]}}, 9)[1].reason) == "camera: nikon"
    assert str(weigh_matches({"sea": {"tags": [1]}}, 9)[1].reason) == "tag: sea"


def test_nothing_found_is_nothing_said() -> None:
    assert weigh_matches({"oma": {}}, 100) == {}
    assert weigh_matches({}, 100) == {}
    found = weigh_matches({"oma": {}, "beach": {"name": [1]}}, 100)
    assert not found[1].whole


def test_function_words_are_not_looked_for() -> None:
    assert words_of("The dog on a beach") == ("dog", "beach")
    assert words_of("over the") == ("over", "the")


def test_single_letters_are_no_words_of_a_longer_query() -> None:
    assert words_of("plan b of  the dog") == ("plan", "dog")
    assert words_of("dog dog") == ("dog",)
    assert words_of("7") == ("7",)
    assert words_of("  ") == ()
