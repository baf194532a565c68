"""Conditions that a filter sets on a photo, as values. Each can write itself in the search language."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.field_types import Relation
from safelight.core.fields import FIELDS_BY_KEY, LIST_KEYS
from safelight.core.quantities import Number, decimal
from safelight.core.query.dates import PartialDate

_SPECIAL = frozenset("(),")
"""Characters that end or divide a value which is not in quotation marks."""


def quoted(text: str) -> str:
    """A text in quotation marks; those inside are doubled."""
    return '"' + text.replace('"', '""') + '"'


def value_text(value: str) -> str:
    """A value as written after a colon: in quotation marks only where it needs them."""
    plain = (
        value
        and not value.startswith('"')
        and not any(character.isspace() or character in _SPECIAL for character in value)
    )
    return value if plain else quoted(value)


@dataclass(frozen=True, slots=True)
class ValueCondition:
    """``camera:canon``: a field of text, of a choice or of a set."""

    key: str
    """The key of a :class:`~safelight.core.field_types.Field`."""
    value: str

    def value_text(self) -> str:
        return value_text(self.value)


@dataclass(frozen=True, slots=True)
class NumberCondition:
    """``width:>3000``; ``size:1mb..5mb`` has two numbers, both included (the relation is AT_LEAST)."""

    key: str
    relation: Relation
    number: Number
    upper: Number | None = None

    def value_text(self) -> str:
        field = FIELDS_BY_KEY[self.key]
        number = field.unit.write(self.number)
        if self.upper is not None:
            return f"{number}..{field.unit.write(self.upper)}"
        if self.relation is not Relation.EQUAL:
            return f"{self.relation.value}{number}"
        return number if field.bare_relation is Relation.EQUAL else f"={number}"


@dataclass(frozen=True, slots=True)
class DateRangeCondition:
    """``date:2019-05..2020``: from the beginning of one date to the end of another; None is open.

    ``key`` names the date of the photo that is meant: when it was taken, or ``added``.
    """

    since: PartialDate | None
    until: PartialDate | None
    key: str = "date"

    def value_text(self) -> str:
        if self.since == self.until:
            return str(self.since)
        return f"{self.since or ''}..{self.until or ''}"


@dataclass(frozen=True, slots=True)
class BeforeCondition:
    """``before:2019``: earlier than its beginning."""

    date: PartialDate
    key: str = "before"

    def value_text(self) -> str:
        return str(self.date)


@dataclass(frozen=True, slots=True)
class AfterCondition:
    """``after:2019``: later than its end."""

    date: PartialDate
    key: str = "after"

    def value_text(self) -> str:
        return str(self.date)


@dataclass(frozen=True, slots=True)
class NearCondition:
    """``near:48.8584,2.2945,5``: within a distance along the surface of the earth."""

    latitude: float
    """Degrees, −90 to 90, seven decimals (a centimetre)."""
    longitude: float
    """Degrees, −180 to 180, seven decimals."""
    kilometres: float
    """Three decimals."""
    key: str = "near"

    def value_text(self) -> str:
        numbers = ((self.latitude, 7), (self.longitude, 7), (self.kilometres, 3))
        return ",".join(decimal(number, places) for number, places in numbers)


@dataclass(frozen=True, slots=True)
class FlagCondition:
    """``is:favourite``, ``has:gps``: a :class:`~safelight.core.field_types.Flag`."""

    key: str
    value: str

    def value_text(self) -> str:
        return self.value


Condition = (
    ValueCondition
    | NumberCondition
    | DateRangeCondition
    | BeforeCondition
    | AfterCondition
    | NearCondition
    | FlagCondition
)


def condition_text(condition: Condition) -> str:
    """``key:value``."""
    return f"{condition.key}:{condition.value_text()}"


def takes_lists(key: str) -> bool:
    """Whether ``key:a,b`` means either value."""
    return key in LIST_KEYS
