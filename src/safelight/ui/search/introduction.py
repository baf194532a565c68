"""What the empty search box shows: examples from this library, earlier and saved searches, all filters."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.flags import FLAG_KEYS
from safelight.core.query import ValueCondition, condition_text
from safelight.store.saved_searches import SavedSearch
from safelight.store.vocabulary import Vocabulary
from safelight.ui.query_chips import part_chips
from safelight.ui.search.completion import KEYS, Candidate
from safelight.ui.translation import translate

_RECENT, _SAVED, _EXAMPLES = 4, 4, 4


def introduction(
    vocabulary: Vocabulary, history: Sequence[str], saved: Sequence[SavedSearch]
) -> tuple[Candidate, ...]:
    """Suggestions in groups, each with a heading; ``history`` has the newest search last."""
    groups = (
        (translate("Introduction", "Try"), examples(vocabulary)),
        (translate("Introduction", "Recent searches"), _recent(history)),
        (
            translate("Introduction", "Saved searches"),
            [Candidate(each.query, each.name, "", "bookmark") for each in saved[:_SAVED]],
        ),
        (translate("Introduction", "Filters"), _filters(vocabulary)),
    )
    return tuple(
        candidate
        for title, candidates in groups
        if candidates
        for candidate in (Candidate("", title, is_heading=True), *candidates)
    )


def examples(vocabulary: Vocabulary) -> list[Candidate]:
    """Descriptions, combined with what this library has."""
    found = [
        translate("Introduction", "dog on a beach"),
        translate("Introduction", "(sunset OR sunrise) -people"),
    ]
    if vocabulary.months:
        found.append(
            translate("Introduction", "snow date:{value}").format(value=vocabulary.months[0].value[:4])
        )
    cameras = vocabulary.of("camera")
    if cameras:
        found.append(
            translate("Introduction", "portrait {condition_text}").format(
                condition_text=condition_text(ValueCondition("camera", cameras[0].value))
            )
        )
    return [Candidate(text, text, _in_words(text), "search") for text in found[:_EXAMPLES]]


def _in_words(text: str) -> str:
    return ", ".join(chip.said for chip in part_chips(text))


def _recent(history: Sequence[str]) -> list[Candidate]:
    return [Candidate(text, text, "", "clock") for text in reversed(history[-_RECENT:])]


def _filters(vocabulary: Vocabulary) -> list[Candidate]:
    """Every key; those that complete show how many different values the library has."""
    found = []
    for key, (detail, mark) in KEYS.items():
        values = len(vocabulary.of(key)) + len(vocabulary.numbers.get(key, ()))
        amount = (
            translate("Introduction", " · {values:,} in this library").format(values=values)
            if values and key not in FLAG_KEYS
            else ""
        )
        found.append(Candidate(f"{key}:", f"{key}:", detail + amount, mark))
    return found
