"""Completion in the search box: filters, and the values that occur in this library."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from safelight.core.field_types import Field, FieldKind, Relation
from safelight.core.fields import FIELDS, FIELDS_BY_KEY
from safelight.core.flags import FLAG_KEYS
from safelight.core.quantities import Number
from safelight.core.query import (
    Condition,
    DateRangeCondition,
    Filter,
    FlagCondition,
    NumberCondition,
    PartialDate,
    ValueCondition,
    Words,
    condition_text,
    parse,
    suggest_dates,
)
from safelight.core.query.conditions import takes_lists
from safelight.store.vocabulary import ValueCount, Vocabulary
from safelight.ui.query_chips import date_in_words, described
from safelight.ui.translation import message_text, translate

_MAX_CANDIDATES = 30
"""Candidates offered at once."""
_MAX_NAME_WORDS = 4
"""Words of a name that is recognised in free text."""

_KEYED = re.compile(r"([+-]?)([A-Za-z]+):(.*)", re.DOTALL)
_BEFORE_DATE = re.compile(r".*\.\.|>=|<=|>|<|=|≥|≤", re.DOTALL)
_WORD_START = re.compile(r"[\s/_.-]")

KEYS = {
    **{field.key: (message_text(field.help), field.icon) for field in FIELDS if field.key != "place"},
    **{key: (message_text(text), icon) for key, (text, icon) in FLAG_KEYS.items()},
    "like": (translate("Completion", "that look like a picture file"), "similar"),
}
"""What each key says, and its icon. ``place:`` is not offered as long as it finds nothing."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One suggestion."""

    insert: str
    """Replaces the completed part of the text."""
    label: str
    detail: str = ""
    mark: str = "search"
    photos: int | None = None
    """How many photos it matches, where that is known."""
    is_heading: bool = False
    """A title above others, which cannot be chosen."""

    @property
    def goes_on(self) -> bool:
        """Whether it is only a key, whose value follows."""
        return self.insert.endswith(":")


@dataclass(frozen=True, slots=True)
class Completion:
    span: tuple[int, int]
    """The part of the text that a candidate replaces."""
    candidates: tuple[Candidate, ...]


class Completer:
    """Completes queries with one vocabulary; fast enough to be asked at every key press."""

    def __init__(self, vocabulary: Vocabulary, today: Callable[[], date] = date.today) -> None:
        self._today = today
        self._values: dict[str, tuple[Candidate, ...]] = {
            **{key: tuple(_value(key, each) for each in values) for key, values in vocabulary.values.items()},
            **{key: _numbers(FIELDS_BY_KEY[key], counted) for key, counted in vocabulary.numbers.items()},
            **{
                key: tuple(_candidate(ValueCondition(key, value), None) for value in values)
                for key, values in vocabulary.judged.items()
            },
        }
        self._months = vocabulary.months
        self._names: dict[str, list[Candidate]] = defaultdict(list)
        for field in FIELDS:
            for candidate in self._values.get(field.key, ()) if field.recognised else ():
                self._names[candidate.label.lower()].append(candidate)
        for word, photos in _brands(vocabulary.of("camera")).items():
            self._names[word.lower()].append(_candidate(ValueCondition("camera", word), photos))

    def complete(self, text: str, cursor: int) -> Completion | None:
        """What can be offered for the part that ends, or continues, at ``cursor``; None for nothing."""
        for part in parse(text).leaves():
            first, last = part.span
            if not first < cursor <= last:
                continue
            if isinstance(part, Words):
                first = _word_start(text, first, cursor)
                last = _word_end(text, cursor, last)
            keyed = _KEYED.fullmatch(text[first:cursor])
            if keyed is not None:
                return self._complete_value(keyed, text, (first, last))
            if isinstance(part, Words):
                return self._complete_words(text, part.span[0], cursor, last)
            return None
        return None

    # --- after a colon --------------------------------------------------------------------------

    def _complete_value(self, keyed: re.Match[str], text: str, span: tuple[int, int]) -> Completion | None:
        sign, key, typed = keyed[1], keyed[2].lower(), keyed[3]
        if sign == "+":
            return None
        # In a list of values the last one is completed.
        earlier, comma, _ = typed.rpartition(",") if takes_lists(key) else ("", "", typed)
        if earlier.count('"') % 2:
            earlier = comma = ""
        before = f"{sign}{key}:{earlier}{comma}" if comma else ""
        typed = typed.removeprefix(f"{earlier}{comma}")
        if key in FIELDS_BY_KEY and FIELDS_BY_KEY[key].kind is FieldKind.DATE:
            found = self._dates(key, typed)
        else:
            found = _matching(self._values.get(key, ()), typed.removeprefix('"').replace('""', '"').lower())
        if before:
            found = [
                replace(each, insert=before + each.insert.partition(":")[2], photos=None) for each in found
            ]
        else:
            found = [_signed(candidate, sign) for candidate in found]
        if not found or [candidate.insert for candidate in found] == [text[slice(*span)]]:
            return None
        return Completion(span, tuple(found))

    def _dates(self, key: str, typed: str) -> list[Candidate]:
        """Years, and the months of a year that has been typed. For the date on which photos were added, only
        today, this month and this year are offered.
        """
        head = match[0] if (match := _BEFORE_DATE.match(typed)) else ""
        stem = typed[len(head) :]
        if key == "added":
            return self._current_periods(key, head, stem)
        amounts: dict[str, int] = defaultdict(int)
        for month in self._months:
            period = month.value if len(stem) >= 4 else month.value[:4]
            if period.startswith(stem):
                amounts[period] += month.photos
        exact = key == "date" and not head
        found = []
        for period, photos in list(amounts.items())[:_MAX_CANDIDATES]:
            read = PartialDate.read(period)
            if read is not None:
                label = date_in_words(read)
                found.append(
                    Candidate(f"{key}:{head}{period}", label, "", "calendar", photos if exact else None)
                )
        return found

    def _current_periods(self, key: str, head: str, stem: str) -> list[Candidate]:
        """Candidates for this day, month and year that begin with ``stem``, after ``head`` such as ``>=``."""
        today = self._today()
        periods = (
            PartialDate(today.year, today.month, today.day),
            PartialDate(today.year, today.month),
            PartialDate(today.year),
        )
        return [
            Candidate(
                f"{key}:{head}{period}", described(DateRangeCondition(period, period, key))[0], "", "calendar"
            )
            for period in periods
            if str(period).startswith(stem)
        ]

    # --- plain words ----------------------------------------------------------------------------

    def _complete_words(self, text: str, first: int, cursor: int, last: int) -> Completion | None:
        """Filters for words that are a name in this library, or for the beginning of a key."""
        starts = [match.start() for match in re.finditer(r"\S+", text[first:cursor])]
        if cursor == last:
            for start in starts[-_MAX_NAME_WORDS:]:
                said = " ".join(text[first + start : cursor].split())
                if found := self._names.get(said.lower()):
                    offers = [replace(each, label=_offer(each), detail="") for each in found]
                    return self._with_date(text, Completion((first + start, last), tuple(offers)))
        word_start = first + starts[-1]
        word = text[word_start:cursor].lower()
        if cursor != last or len(word) < 2 or (word in KEYS and len(word) == 2 and word_start > 0):
            return None
        keys = [
            Candidate(f"{key}:", f"{key}:", detail, mark)
            for key, (detail, mark) in KEYS.items()
            if key.startswith(word)
        ]
        return Completion((word_start, last), tuple(keys)) if keys else None

    def _with_date(self, text: str, named: Completion) -> Completion:
        """Add the date that the same words can mean: a folder may be called "summer 2022"."""
        first, last = named.span
        said = [each for each in suggest_dates(text, self._today()) if each.span[1] == last]
        if not said or said[0].span[0] > first:
            return named
        start, condition = said[0].span[0], said[0].filter.condition
        label, mark = described(condition)
        names = (replace(each, insert=text[start:first] + each.insert) for each in named.candidates)
        return Completion((start, last), (*names, Candidate(said[0].filter.text(), label, "", mark)))


def replacement_text(text: str, completion: Completion, candidate: Candidate) -> str:
    """The text that replaces ``completion.span``, with a space behind it where typing can continue."""
    at_end = completion.span[1] == len(text)
    return candidate.insert + (" " if at_end and not candidate.goes_on else "")


def _value(key: str, counted: ValueCount) -> Candidate:
    condition = FlagCondition(key, counted.value) if key in FLAG_KEYS else ValueCondition(key, counted.value)
    return _candidate(condition, counted.photos)


def _candidate(condition: Condition, photos: int | None) -> Candidate:
    said, mark = described(condition)
    text = condition_text(condition)
    match condition:
        case ValueCondition(_, value):
            return Candidate(text, value, "", mark, photos)
        case FlagCondition(_, value):
            return Candidate(text, said, value, mark, photos)
        case _:
            return Candidate(text, said, "", mark, photos)


def _numbers(field: Field, counted: tuple[tuple[Number, int], ...]) -> tuple[Candidate, ...]:
    """Numbers that occur, the highest first; with the sums of photos where "at least" is offered."""
    if field.offered_relation is Relation.EQUAL:
        return tuple(
            _candidate(NumberCondition(field.key, Relation.EQUAL, each), photos) for each, photos in counted
        )
    found, total = [], 0
    for number, photos in counted:
        if number == 0:
            found.append(_candidate(NumberCondition(field.key, Relation.EQUAL, 0), photos))
        else:
            total += photos
            found.append(_candidate(NumberCondition(field.key, field.offered_relation, number), total))
    return tuple(each for each in found if each.photos)


def _brands(cameras: Iterable[ValueCount]) -> dict[str, int]:
    """The words of cameras' names, each with the photos of all cameras that contain it."""
    known = [(each.value, each.value.lower(), each.photos) for each in cameras]
    words = {word for name, _, _ in known for word in name.split() if len(word) >= 3 and not word.isdigit()}
    spelt = {word.lower(): word for word in sorted(words, reverse=True)}
    return {
        word: sum(photos for _, lowered, photos in known if key in lowered) for key, word in spelt.items()
    }


def _matching(candidates: Iterable[Candidate], typed: str) -> list[Candidate]:
    """Those that begin with what is typed, then those with a word that does, then those that contain it."""
    ranked: tuple[list[Candidate], list[Candidate], list[Candidate]] = ([], [], [])
    for candidate in candidates:
        name = (candidate.detail or candidate.label).lower()
        at = name.find(typed)
        if at == 0 or candidate.insert.partition(":")[2].startswith(typed):
            ranked[0].append(candidate)
        elif at > 0:
            ranked[1 if _WORD_START.match(name[at - 1]) else 2].append(candidate)
        if len(ranked[0]) >= _MAX_CANDIDATES:
            break
    return [candidate for rank in ranked for candidate in rank][:_MAX_CANDIDATES]


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
