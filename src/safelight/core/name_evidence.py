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

from safelight.core.message import Message, listed

LIFT = 1.0
"""What is added for each unit of evidence."""

MIN_EVIDENCE = math.log(2)
"""Matches with less evidence are ignored: words that half of the library has."""

_FUNCTION_WORDS = """
an the this that these those some and or but nor of in on at by to from for with without into onto over
under near next behind between beside above below through during as is are was were be been being has have
had do does did it its he she his her him their them they we our us you your my me who whose which while
there here not no up down out off
"""
_IGNORED = frozenset(_FUNCTION_WORDS.split())


@dataclass(frozen=True, slots=True)
class NameMatch:
    lift: float
    """What it adds to the photo's log odds or deviation."""
    whole: bool
    """Every word of the query matched."""
    reason: Message
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


def weigh_matches(found: Mapping[str, Mapping[str, Collection[int]]], photos: int) -> dict[int, NameMatch]:
    """The evidence for each photo, from the photos that have each word, by field.

    Every word of the query is a key, also if no photo has it. ``photos`` is the size of the library.
    """
    evidence: defaultdict[int, float] = defaultdict(float)
    matched: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    for word, fields in found.items():
        bearers = set().union(*fields.values())
        worth = math.log(max(photos, 1) / len(bearers)) if bearers else 0.0
        if worth < MIN_EVIDENCE:
            continue
        for photo in bearers:
            evidence[photo] += worth
        for field, ids in fields.items():
            for photo in ids:
                matched[photo].setdefault(word, []).append(field)
    reasons: dict[tuple[tuple[str, str], ...], Message] = {}
    matches = {}
    for photo, words in matched.items():
        # Thousands of photos share a few reasons, which are then sent to the window only once.
        key = tuple((word, fields[0]) for word, fields in words.items())
        if key not in reasons:
            reasons[key] = _reason(key)
        lift = LIFT * evidence[photo] * (len(words) / len(found)) ** 2
        matches[photo] = NameMatch(lift, len(words) == len(found), reasons[key])
    return matches


def match_message(field: str, words: str) -> Message:
    """Which words a field of a photo contains: ``file name: beach``."""
    match field:
        case "name":
            return Message("file name: {words}", words=words)
        case "folders":
            return Message("folder: {words}", words=words)
        case "tags" | "tag":
            return Message("tag: {words}", words=words)
        case "album":
            return Message("album: {words}", words=words)
        case "camera":
            return Message("camera: {words}", words=words)
        case "title":
            return Message("title: {words}", words=words)
        case "caption":
            return Message("caption: {words}", words=words)
    raise ValueError(field)


def _reason(words: Sequence[tuple[str, str]]) -> Message:
    """The words with the first field that has each."""
    by_field: defaultdict[str, list[str]] = defaultdict(list)
    for word, field in words:
        by_field[field].append(word)
    return listed(match_message(field, " ".join(found)) for field, found in by_field.items())
