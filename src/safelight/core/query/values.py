"""Reading the value of a filter, by the kind of its field."""

from __future__ import annotations

import re
from collections.abc import Callable

from safelight.core.field_types import Field, FieldKind, Relation
from safelight.core.fields import FIELDS_BY_KEY
from safelight.core.flags import FLAG_KEYS, FLAGS_BY_NAME
from safelight.core.query.conditions import (
    AfterCondition,
    BeforeCondition,
    Condition,
    DateRangeCondition,
    FlagCondition,
    NearCondition,
    NumberCondition,
    ValueCondition,
)
from safelight.core.query.dates import PartialDate

_RELATION = re.compile(r"(>=|<=|>|<|=|≥|≤)?(.*)", re.DOTALL)
_SPELLINGS = {"≥": Relation.AT_LEAST, "≤": Relation.AT_MOST}
_DECIMAL = re.compile(r"[-+]?[0-9]{1,5}(?:\.[0-9]{1,12})?")
_DAY = re.compile(r"today|(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_CHOICE = re.compile(r"\.?([a-z0-9]{1,10})", re.IGNORECASE)
_HALF_ROUND_THE_EARTH = 20_038.0
"""Kilometres."""

KEYS = frozenset({*FIELDS_BY_KEY, *FLAG_KEYS, "like"})
"""What can be written before a colon."""


def read_condition(key: str, value: str) -> Condition | None:
    """The condition ``key:value`` (the key in lower case); None if there is no such condition."""
    value = value.strip()
    if not value:
        return None
    if key in FLAG_KEYS:
        flag = FLAGS_BY_NAME.get(f"{key}:{value.lower()}")
        return None if flag is None else FlagCondition(key, flag.value)
    field = FIELDS_BY_KEY.get(key)
    return None if field is None else _READERS[field.kind](field, value)


def _text(field: Field, value: str) -> Condition | None:
    if field.key == "in" and not value.strip("/\\"):
        return None
    if field.key == "day":
        value = value.lower()
        return ValueCondition(field.key, value) if _DAY.fullmatch(value) else None
    return ValueCondition(field.key, value)


def _choice(field: Field, value: str) -> Condition | None:
    form = _CHOICE.fullmatch(value)
    return ValueCondition(field.key, form[1].lower()) if form else None


def _number(field: Field, value: str) -> Condition | None:
    read = field.unit.read
    low, dots, high = value.partition("..")
    if not dots:
        form = _RELATION.fullmatch(value)
        number = read(form[2]) if form else None
        if form is None or number is None:
            return None
        relation = _SPELLINGS.get(form[1]) or Relation(form[1]) if form[1] else field.bare_relation
        return NumberCondition(field.key, relation, number)
    first, last = read(low), read(high)
    if (low and first is None) or (high and last is None):
        return None
    if first is not None and last is not None:
        return NumberCondition(field.key, Relation.AT_LEAST, min(first, last), max(first, last))
    if first is not None:
        return NumberCondition(field.key, Relation.AT_LEAST, first)
    return None if last is None else NumberCondition(field.key, Relation.AT_MOST, last)


def _date(field: Field, value: str) -> Condition | None:
    if field.key in ("before", "after"):
        read = PartialDate.read(value)
        if read is None:
            return None
        return BeforeCondition(read) if field.key == "before" else AfterCondition(read)
    low, dots, high = value.partition("..")
    if dots:
        since, until = PartialDate.read(low), PartialDate.read(high)
        if (low and since is None) or (high and until is None) or since is until is None:
            return None
        if since is not None and until is not None and until.end < since.first:
            since, until = until, since
        return DateRangeCondition(since, until, field.key)
    form = _RELATION.fullmatch(value)
    read = PartialDate.read(form[2]) if form else None
    if form is None or read is None:
        return None
    relation = _SPELLINGS.get(form[1]) or Relation(form[1] or "=")
    if field.key == "date" and relation in (Relation.LESS, Relation.MORE):
        return BeforeCondition(read) if relation is Relation.LESS else AfterCondition(read)
    return _during(field, relation, read)


def _during(field: Field, relation: Relation, read: PartialDate) -> Condition | None:
    match relation:
        case Relation.LESS:
            before = read.shifted(-1)
            return None if before is None else DateRangeCondition(None, before, field.key)
        case Relation.AT_MOST:
            return DateRangeCondition(None, read, field.key)
        case Relation.MORE:
            after = read.shifted(1)
            return None if after is None else DateRangeCondition(after, None, field.key)
        case Relation.AT_LEAST:
            return DateRangeCondition(read, None, field.key)
        case Relation.EQUAL:
            return DateRangeCondition(read, read, field.key)


def _position(_: Field, value: str) -> Condition | None:
    numbers = [number.strip() for number in value.split(",")]
    if len(numbers) == 3 and numbers[2].lower().endswith("km"):
        numbers[2] = numbers[2][:-2].rstrip()
    if len(numbers) != 3 or not all(_DECIMAL.fullmatch(number) for number in numbers):
        return None
    # Adding zero makes a negative zero positive, which is written differently.
    latitude, longitude = (round(float(number), 7) + 0.0 for number in numbers[:2])
    kilometres = round(float(numbers[2]), 3)
    if abs(latitude) > 90 or abs(longitude) > 180 or not 0 < kilometres <= _HALF_ROUND_THE_EARTH:
        return None
    return NearCondition(latitude, longitude, kilometres)


_READERS: dict[FieldKind, Callable[[Field, str], Condition | None]] = {
    FieldKind.TEXT: _text,
    FieldKind.SET: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.POSITION: _position,
}
