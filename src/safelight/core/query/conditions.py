"""What a filter may ask of a photo, as values; each knows how it is written in the search language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from safelight.core.query.dates import PartialDate


class Label(StrEnum):
    """Properties that are names; the value is the key that people type."""

    FOLDER = "in"
    CAMERA = "camera"
    LENS = "lens"
    TYPE = "type"
    TAG = "tag"
    ALBUM = "album"
    PLACE = "place"
    NAME = "name"


class Quantity(StrEnum):
    """Properties that are whole numbers; the value is the key that people type."""

    RATING = "rating"
    SIZE = "size"
    """Bytes."""
    WIDTH = "width"
    """Pixels, upright."""
    HEIGHT = "height"


class Relation(StrEnum):
    EQUAL = "="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class State(StrEnum):
    """What a photo is or is not; the value is what people type after ``is:``."""

    FAVOURITE = "favourite"
    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"
    SCREENSHOT = "screenshot"
    DUPLICATE = "duplicate"
    OFFLINE = "offline"
    UNTAGGED = "untagged"


def quoted(text: str) -> str:
    """In quotation marks, those inside doubled."""
    return '"' + text.replace('"', '""') + '"'


def value_text(value: str) -> str:
    """A value as it stands after a colon: in quotation marks only where it must be."""
    plain = value and not value.startswith('"') and not any(character.isspace() for character in value)
    return value if plain else quoted(value)


@dataclass(frozen=True, slots=True)
class Named:
    """``camera:canon``."""

    label: Label
    value: str

    def text(self) -> str:
        return f"{self.label}:{value_text(self.value)}"


@dataclass(frozen=True, slots=True)
class Measured:
    """``width:>3000``; ``size:1mb..5mb`` are two numbers, both included (the relation is AT_LEAST)."""

    quantity: Quantity
    relation: Relation
    number: int
    upper: int | None = None

    def text(self) -> str:
        write = _bytes_text if self.quantity is Quantity.SIZE else str
        if self.upper is not None:
            return f"{self.quantity}:{write(self.number)}..{write(self.upper)}"
        # A bare size means "at least".
        equal = "=" if self.quantity is Quantity.SIZE else ""
        relation = equal if self.relation is Relation.EQUAL else self.relation.value
        return f"{self.quantity}:{relation}{write(self.number)}"


@dataclass(frozen=True, slots=True)
class During:
    """``date:2019-05..2020``: from the beginning of one date to the end of another; None is open."""

    since: PartialDate | None
    until: PartialDate | None

    def text(self) -> str:
        if self.since == self.until:
            return f"date:{self.since}"
        return f"date:{self.since or ''}..{self.until or ''}"


@dataclass(frozen=True, slots=True)
class Before:
    """``before:2019``: earlier than its beginning."""

    date: PartialDate

    def text(self) -> str:
        return f"before:{self.date}"


@dataclass(frozen=True, slots=True)
class After:
    """``after:2019``: later than its end."""

    date: PartialDate

    def text(self) -> str:
        return f"after:{self.date}"


@dataclass(frozen=True, slots=True)
class Near:
    """``near:48.8584,2.2945,5``: within a distance along the surface of the earth."""

    latitude: float
    """Degrees, −90 to 90, seven decimals (a centimetre)."""
    longitude: float
    """Degrees, −180 to 180, seven decimals."""
    kilometres: float
    """Three decimals."""

    def text(self) -> str:
        numbers = (_decimal(self.latitude, 7), _decimal(self.longitude, 7), _decimal(self.kilometres, 3))
        return "near:" + ",".join(numbers)


@dataclass(frozen=True, slots=True)
class Being:
    """``is:favourite``."""

    state: State

    def text(self) -> str:
        return f"is:{self.state}"


Condition = Named | Measured | During | Before | After | Near | Being


def _decimal(number: float, places: int) -> str:
    return f"{number:.{places}f}".rstrip("0").rstrip(".")


def _bytes_text(count: int) -> str:
    for unit, size in (("gb", 10**9), ("mb", 10**6), ("kb", 10**3)):
        if count >= size and count % (size // 100) == 0:
            return _decimal(count / size, 2) + unit
    return str(count)
