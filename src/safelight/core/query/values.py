"""Reading what stands after a filter's colon."""

from __future__ import annotations

import re
from collections.abc import Callable

from safelight.core.query.conditions import (
    After,
    Before,
    Being,
    Condition,
    During,
    Label,
    Measured,
    Named,
    Near,
    Quantity,
    Relation,
    State,
)
from safelight.core.query.dates import PartialDate

_RELATION = re.compile(r"(>=|<=|>|<|=|≥|≤)?(.*)", re.DOTALL)
_SPELLINGS = {"≥": Relation.AT_LEAST, "≤": Relation.AT_MOST}
_SIZE = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?(b|kb|mb|gb)?", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_PIXELS = re.compile(r"[0-9]{1,9}")
_RATING = re.compile(r"[0-5]")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,5}(?:\.[0-9]{1,12})?")
_TYPE = re.compile(r"\.?([a-z0-9]{1,10})", re.IGNORECASE)
_HALF_ROUND_THE_EARTH = 20_038.0
_LARGEST = 2**62
_STATES = {"favorite": State.FAVOURITE, **{state.value: state for state in State}}


def read_condition(key: str, value: str) -> Condition | None:
    """The condition that ``key:value`` stands for (the key in lower case); None if it stands for none."""
    value = value.strip()
    reader = _READERS.get(key)
    return reader(value) if reader is not None and value else None


def _named(label: Label) -> Callable[[str], Condition | None]:
    def read(value: str) -> Condition | None:
        if label is Label.TYPE:
            form = _TYPE.fullmatch(value)
            return Named(label, form[1].lower()) if form else None
        if label is Label.FOLDER and not value.strip("/\\"):
            return None
        return Named(label, value)

    return read


def _measured(quantity: Quantity, number: Callable[[str], int | None]) -> Callable[[str], Condition | None]:
    def read(value: str) -> Condition | None:
        low, dots, high = value.partition("..")
        if dots:
            return between(low, high)
        form = _RELATION.fullmatch(value)
        read_number = number(form[2]) if form else None
        if form is None or read_number is None:
            return None
        sign = form[1]
        if not sign:
            # Nobody knows a file's size to the byte.
            bare = Relation.AT_LEAST if quantity is Quantity.SIZE else Relation.EQUAL
            return Measured(quantity, bare, read_number)
        return Measured(quantity, _SPELLINGS.get(sign) or Relation(sign), read_number)

    def between(low: str, high: str) -> Condition | None:
        first, last = number(low), number(high)
        if (low and first is None) or (high and last is None):
            return None
        if first is not None and last is not None:
            return Measured(quantity, Relation.AT_LEAST, min(first, last), max(first, last))
        if first is not None:
            return Measured(quantity, Relation.AT_LEAST, first)
        return None if last is None else Measured(quantity, Relation.AT_MOST, last)

    return read


def _whole(form: re.Pattern[str]) -> Callable[[str], int | None]:
    return lambda text: int(text) if form.fullmatch(text) else None


def _bytes(text: str) -> int | None:
    form = _SIZE.fullmatch(text)
    if form is None:
        return None
    unit = _UNITS[(form[3] or "b").lower()]
    thousandths = int((form[2] or "0").ljust(3, "0"))
    count = int(form[1]) * unit + thousandths * unit // 1000
    return count if count < _LARGEST else None


def _date(value: str) -> Condition | None:
    low, dots, high = value.partition("..")
    if dots:
        since, until = PartialDate.read(low), PartialDate.read(high)
        if (low and since is None) or (high and until is None) or since is until is None:
            return None
        if since is not None and until is not None and until.end < since.first:
            since, until = until, since
        return During(since, until)
    form = _RELATION.fullmatch(value)
    read = PartialDate.read(form[2]) if form else None
    if form is None or read is None:
        return None
    match _SPELLINGS.get(form[1]) or Relation(form[1] or "="):
        case Relation.LESS:
            return Before(read)
        case Relation.AT_MOST:
            return During(None, read)
        case Relation.MORE:
            return After(read)
        case Relation.AT_LEAST:
            return During(read, None)
        case Relation.EQUAL:
            return During(read, read)


def _before(value: str) -> Condition | None:
    read = PartialDate.read(value)
    return None if read is None else Before(read)


def _after(value: str) -> Condition | None:
    read = PartialDate.read(value)
    return None if read is None else After(read)


def _near(value: str) -> Condition | None:
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
    return Near(latitude, longitude, kilometres)


def _being(value: str) -> Condition | None:
    state = _STATES.get(value.lower())
    return None if state is None else Being(state)


_READERS: dict[str, Callable[[str], Condition | None]] = {
    **{label.value: _named(label) for label in Label},
    Quantity.RATING.value: _measured(Quantity.RATING, _whole(_RATING)),
    Quantity.SIZE.value: _measured(Quantity.SIZE, _bytes),
    Quantity.WIDTH.value: _measured(Quantity.WIDTH, _whole(_PIXELS)),
    Quantity.HEIGHT.value: _measured(Quantity.HEIGHT, _whole(_PIXELS)),
    "date": _date,
    "before": _before,
    "after": _after,
    "near": _near,
    "is": _being,
}

KEYS = frozenset(_READERS) | {"like"}
"""What may stand before a colon."""
