"""What it says of a photo that words of a query stand in its file name, folder, tags or camera.

A match tells the more the fewer photos have it: it is worth the logarithm of how many times rarer it is
than a photo as such (inverse document frequency, Spärck Jones 1972), times the square of the share of the
query's words that matched: a bottle named "red wine" is no "person in red". Added to a photo's deviation,
it brings the one IMG_2041 to the top and hardly moves the thousands in a folder called Photos. Measured
against reciprocal rank fusion in docs/relevance.md.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

LIFT = 1.0
"""Deviations for each unit of evidence."""

TELLING = math.log(2)
"""Evidence below which a match says nothing: words that half of the library bears."""

_TITLES = {"name": "file name", "folders": "folder", "tags": "tag", "camera": "camera"}


@dataclass(frozen=True, slots=True)
class NameMatch:
    lift: float
    """What it adds to the photo's deviation."""
    whole: bool
    """Every word of the query matched."""
    reason: str
    """For the person: "file name: beach"."""


def words_of(description: str) -> tuple[str, ...]:
    """The words to look for, each once. Single letters are none, unless the query is but one."""
    words = tuple(dict.fromkeys(description.split()))
    return words if len(words) == 1 else tuple(word for word in words if len(word) > 1)


def weigh(found: Mapping[str, Mapping[str, Collection[int]]], photos: int) -> dict[int, NameMatch]:
    """What speaks for each photo, from those that bear each word by the field it stands in.

    Every word of the query is a key, with nothing where no photo bears it; ``photos`` are all there are.
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
    """Words by the first field that each stands in."""
    by_field: defaultdict[str, list[str]] = defaultdict(list)
    for word, fields in words.items():
        by_field[fields[0]].append(word)
    return ", ".join(f"{_TITLES[field]}: {' '.join(listed)}" for field, listed in by_field.items())
