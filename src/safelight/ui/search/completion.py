"""What the search box offers while one types: filters, and the names that this library has for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from safelight.core.query import (
    Being,
    Condition,
    During,
    Filter,
    Label,
    Measured,
    Named,
    PartialDate,
    Quantity,
    Relation,
    State,
    Words,
    parse,
)
from safelight.store.vocabulary import Counted, Vocabulary
from safelight.ui.query_chips import described

_MOST = 30
"""Candidates offered at once."""
_LONGEST_NAME = 4
"""Words of a name that is recognised in free text."""

_KEYED = re.compile(r"([+-]?)([A-Za-z]+):(.*)", re.DOTALL)
_BEFORE_DATE = re.compile(r".*\.\.|>=|<=|>|<|=|≥|≤", re.DOTALL)
_WORD_START = re.compile(r"[\s/_.-]")

_KEYS = {
    "in": ("in a folder", "folder"),
    "date": ("taken in a year, month or day", "calendar"),
    "before": ("taken before a date", "calendar"),
    "after": ("taken after a date", "calendar"),
    "camera": ("taken with a camera", "camera"),
    "lens": ("taken with a lens", "camera"),
    "tag": ("with a tag", "tag"),
    "album": ("in an album", "album"),
    "rating": ("rated with stars", "star"),
    "type": ("of a file type", "image"),
    "is": ("favourites, screenshots, landscape …", "heart"),
    "name": ("with this in the file’s name", "image"),
    "size": ("of a file size, as size:>5mb", "drive"),
    "width": ("of a width in pixels, as width:>3000", "fit"),
    "height": ("of a height in pixels", "fit"),
    "near": ("near latitude, longitude, kilometres", "place"),
    "like": ("that look like a picture file", "similar"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing offered."""

    insert: str
    """Takes the place of what is completed."""
    label: str
    detail: str = ""
    mark: str = "search"
    photos: int | None = None
    """How many it would let through, where that is known."""

    @property
    def goes_on(self) -> bool:
        """A filter's name, whose value is still to be typed."""
        return self.insert.endswith(":")


@dataclass(frozen=True, slots=True)
class Completion:
    span: tuple[int, int]
    """The part of the text that a candidate replaces."""
    candidates: tuple[Candidate, ...]


class Completer:
    """Completes queries over one vocabulary; quick enough to be asked with every key press."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._values: dict[str, tuple[Candidate, ...]] = {
            "in": _named(Label.FOLDER, vocabulary.folders),
            "camera": _named(Label.CAMERA, vocabulary.cameras),
            "lens": _named(Label.LENS, vocabulary.lenses),
            "tag": _named(Label.TAG, vocabulary.tags),
            "album": _named(Label.ALBUM, vocabulary.albums),
            "type": _named(Label.TYPE, vocabulary.types),
            "is": tuple(_candidate(Being(State(each.value)), each.photos) for each in vocabulary.states),
            "rating": _ratings(vocabulary.ratings),
        }
        self._months = vocabulary.months
        self._names: dict[str, list[Candidate]] = defaultdict(list)
        for key in ("in", "tag", "album"):
            for candidate in self._values[key]:
                self._names[candidate.label.lower()].append(candidate)
        for word, photos in _brands(vocabulary.cameras).items():
            self._names[word.lower()].append(_candidate(Named(Label.CAMERA, word), photos))

    def complete(self, text: str, cursor: int) -> Completion | None:
        """What can be offered for the part that ends, or goes on, at ``cursor``; None for nothing."""
        for part in parse(text).parts:
            first, last = part.span
            if not first < cursor <= last:
                continue
            if isinstance(part, Words):
                first = _word_start(text, first, cursor)
                last = _word_end(text, cursor, last)
            keyed = _KEYED.fullmatch(text[first:cursor])
            if keyed is not None:
                return self._of_key(keyed, text, (first, last))
            if isinstance(part, Words):
                return self._of_words(text, part.span[0], cursor, last)
            return None
        return None

    # --- after a colon --------------------------------------------------------------------------

    def _of_key(self, keyed: re.Match[str], text: str, span: tuple[int, int]) -> Completion | None:
        sign, key, typed = keyed[1], keyed[2].lower(), keyed[3]
        if sign == "+":
            return None
        if key in ("date", "before", "after"):
            found = self._dates(key, typed)
        else:
            found = _matching(self._values.get(key, ()), typed.removeprefix('"').replace('""', '"').lower())
        found = [_signed(candidate, sign) for candidate in found]
        if not found or [candidate.insert for candidate in found] == [text[slice(*span)]]:
            return None
        return Completion(span, tuple(found))

    def _dates(self, key: str, typed: str) -> list[Candidate]:
        """Years, and the months of a year that has been typed."""
        head = match[0] if (match := _BEFORE_DATE.match(typed)) else ""
        stem = typed[len(head) :]
        amounts: dict[str, int] = defaultdict(int)
        for month in self._months:
            period = month.value if len(stem) >= 4 else month.value[:4]
            if period.startswith(stem):
                amounts[period] += month.photos
        exact = key == "date" and not head
        found = []
        for period, photos in list(amounts.items())[:_MOST]:
            date = PartialDate.read(period)
            if date is not None:
                label = described(During(date, date))[0].removeprefix("Taken in ")
                found.append(
                    Candidate(f"{key}:{head}{period}", label, "", "calendar", photos if exact else None)
                )
        return found

    # --- plain words ----------------------------------------------------------------------------

    def _of_words(self, text: str, first: int, cursor: int, last: int) -> Completion | None:
        """Filters for words that are a name here, or the beginning of a filter's name."""
        starts = [match.start() for match in re.finditer(r"\S+", text[first:cursor])]
        if cursor == last:
            for start in starts[-_LONGEST_NAME:]:
                said = " ".join(text[first + start : cursor].split())
                if found := self._names.get(said.lower()):
                    offers = (
                        Candidate(each.insert, _offer(each), "", each.mark, each.photos) for each in found
                    )
                    return Completion((first + start, last), tuple(offers))
        word_start = first + starts[-1]
        word = text[word_start:cursor].lower()
        if cursor != last or len(word) < 2 or (word in _KEYS and len(word) == 2 and word_start > 0):
            return None
        keys = [
            Candidate(f"{key}:", f"{key}:", detail, mark)
            for key, (detail, mark) in _KEYS.items()
            if key.startswith(word)
        ]
        return Completion((word_start, last), tuple(keys)) if keys else None


def accepted(text: str, completion: Completion, candidate: Candidate) -> str:
    """What a candidate puts in place of ``completion.span``: one can go on typing behind it."""
    at_end = completion.span[1] == len(text)
    return candidate.insert + (" " if at_end and not candidate.goes_on else "")


def _named(label: Label, values: Iterable[Counted]) -> tuple[Candidate, ...]:
    return tuple(_candidate(Named(label, each.value), each.photos) for each in values)


def _candidate(condition: Condition, photos: int) -> Candidate:
    said, mark = described(condition)
    match condition:
        case Named(_, value):
            return Candidate(condition.text(), value, "", mark, photos)
        case Being(state):
            return Candidate(condition.text(), said, state.value, mark, photos)
        case _:
            return Candidate(condition.text(), said, "", mark, photos)


def _ratings(amounts: tuple[int, ...]) -> tuple[Candidate, ...]:
    best_first = range(len(amounts) - 1, 0, -1)
    found = [
        _candidate(Measured(Quantity.RATING, Relation.AT_LEAST, stars), sum(amounts[stars:]))
        for stars in best_first
    ]
    if amounts:
        found.append(_candidate(Measured(Quantity.RATING, Relation.EQUAL, 0), amounts[0]))
    return tuple(each for each in found if each.photos)


def _brands(cameras: Iterable[Counted]) -> dict[str, int]:
    """The words of cameras' names, each with the photos of all that hold it."""
    known = [(each.value, each.value.lower(), each.photos) for each in cameras]
    words = {word for name, _, _ in known for word in name.split() if len(word) >= 3 and not word.isdigit()}
    spelt = {word.lower(): word for word in sorted(words, reverse=True)}
    return {
        word: sum(photos for _, lowered, photos in known if key in lowered) for key, word in spelt.items()
    }


def _matching(candidates: Iterable[Candidate], typed: str) -> list[Candidate]:
    """Those that begin so, then those in which a word does, then those that hold it; each by photos."""
    ranked: tuple[list[Candidate], list[Candidate], list[Candidate]] = ([], [], [])
    for candidate in candidates:
        name = (candidate.detail or candidate.label).lower()
        at = name.find(typed)
        if at == 0 or candidate.insert.partition(":")[2].startswith(typed):
            ranked[0].append(candidate)
        elif at > 0:
            ranked[1 if _WORD_START.match(name[at - 1]) else 2].append(candidate)
        if len(ranked[0]) >= _MOST:
            break
    return [candidate for rank in ranked for candidate in rank][:_MOST]


def _signed(candidate: Candidate, sign: str) -> Candidate:
    if not sign:
        return candidate
    return Candidate(sign + candidate.insert, candidate.label, candidate.detail, candidate.mark)


def _offer(candidate: Candidate) -> str:
    (part,) = parse(candidate.insert).parts
    assert isinstance(part, Filter)
    return described(part.condition)[0]


def _word_start(text: str, first: int, cursor: int) -> int:
    start = cursor
    while start > first and not text[start - 1].isspace():
        start -= 1
    return start


def _word_end(text: str, cursor: int, last: int) -> int:
    while cursor < last and not text[cursor].isspace():
        cursor += 1
    return cursor
