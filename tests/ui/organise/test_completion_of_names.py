"""Which names and commands are offered while typing."""

from __future__ import annotations

from safelight.ui.organise.completion import offered
from safelight.ui.organise.palette import Choice, matching, searchable

NAMES = ("a dog", "animals/Dog", "Dog", "hot/dogs/small", "mad dogs")


def test_names_with_a_level_that_begins_with_it_come_first() -> None:
    lowered = [name.lower() for name in NAMES]
    assert offered(NAMES, lowered, " DOG ") == ["animals/Dog", "Dog", "hot/dogs/small", "a dog", "mad dogs"]
    assert offered(NAMES, lowered, "dogs/s") == ["hot/dogs/small"]
    assert offered(NAMES, lowered, "") == []
    assert offered(NAMES, lowered, "cat") == []


def test_few_of_many_names_are_offered() -> None:
    names = [f"tag {number}" for number in range(1000)]
    assert offered(names, names, "tag") == names[:50]


def test_choices_contain_every_word_and_may_be_asked_for_by_kind() -> None:
    choices = [
        Choice(text, kind, lambda: None)
        for text, kind in (("Hide", "Command"), ("Trips/Ireland", "Album"), ("Ride", "Tag"), ("ridge", "Tag"))
    ]

    def found(typed: str) -> list[str]:
        return [choice.text for choice in matching(choices, searchable(choices), typed)]

    assert found("rid") == ["Ride", "ridge"]
    assert found("ir") == ["Trips/Ireland"]
    assert found("ide") == ["Hide", "Ride"]
    assert found("ri tag") == ["Ride", "ridge"]
    assert found("album ireland") == ["Trips/Ireland"]
    assert found("nothing") == []
    assert len(found("")) == 4
