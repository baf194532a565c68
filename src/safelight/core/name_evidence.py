"""Evidence from words of a query that occur in a photo's file name, folders, tags, camera or caption.

The fewer photos have a word, the more a match is worth: the logarithm of the number of photos divided by
those with the word (inverse document frequency, Spärck Jones 1972). The sum is multiplied by the square of
the share of the query's words that matched, because a bottle named "red wine" is no "person in red". It is
added to the log odds or the deviation of the photo. So it brings the one IMG_2041 to the top and hardly
moves the thousands in a folder called Photos. docs/relevance-evaluation.md compares it with reciprocal rank
fusion.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

LIFT = 1.0
"""What is added for each unit of evidence."""

TELLING = math.log(2)
"""Matches with less evidence are ignored: words that half of the library has."""

_FUNCTION_WORDS = """
an the this that these those some and or but nor of in on at by to from for with without into onto over
under near next behind between beside above below through during as is are was were be been being has have
had do does did it its he she his her him their them they we our us you your my me who whose which while
there here not no up down out off
"""
_IGNORED = frozenset(_FUNCTION_WORDS.split())

_TITLES = {
    "name": "file name",
    "folders": "folder",
    "tags": "tag",
    "camera": "camera",
    "title": "title",
    "caption": "caption",
}


@dataclass(frozen=True, slots=True)
class NameMatch:
    lift: float
    """What it adds to the photo's log odds or deviation."""
    whole: bool
    """Every word of the query matched."""
    reason: str
    """For display: "file name: beach"."""


def words_of(description: str) -> tuple[str, ...]:
    """The words to look for, each once.

    Single letters and words such as "on" are ignored, unless there is nothing else: few captions have them,
    so they would look like rare evidence.
    """
    words = tuple(dict.fromkeys(_without_possessive(word) for word in description.split()))
    telling = tuple(word for word in words if len(word) > 1 and word.lower() not in _IGNORED)
    return telling or words


def _without_possessive(word: str) -> str:
    """The word without ``'s``: a tag has "plumber" where the query has "the plumber's invoice"."""
    for ending in ("'s", "’s"):
        if len(word) > len(ending) and word.lower().endswith(ending):
            return word[: -len(ending)]
    return word


def weigh(found: Mapping[str, Mapping[str, Collection[int]]], photos: int) -> dict[int, NameMatch]:
    """The evidence for each photo, from the photos that have each word, by field.

    Every word of the query is a key, also if no photo has it. ``photos`` is the size of the library.
    """
    evidence: defaultdict[int, float] = defaultdict(float)
    matched: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    for word, fields in found.items():
        bearers = set().union(*fields.values())
        worth = math.log(max(photos, 1) / len(bearers)) if bearers else 0.0
        if worth < TELLING:
            continue
        for photo in bearers:
            evidence[photo] += worth
        for field, ids in fields.items():
            for photo in ids:
                matched[photo].setdefault(word, []).append(field)
    return {
        photo: NameMatch(
            LIFT * evidence[photo] * (len(words) / len(found)) ** 2, len(words) == len(found), _reason(words)
        )
        for photo, words in matched.items()
    }


def _reason(words: Mapping[str, Sequence[str]]) -> str:
    """The words, by the first field that has each."""
    by_field: defaultdict[str, list[str]] = defaultdict(list)
    for word, fields in words.items():
        by_field[fields[0]].append(word)
    return ", ".join(f"{_TITLES[field]}: {' '.join(listed)}" for field, listed in by_field.items())
