"""The parts of a query as chips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from safelight.core.query import (
    After,
    Before,
    Being,
    Condition,
    DateSuggestion,
    During,
    Filter,
    Label,
    Like,
    Measured,
    Named,
    Near,
    Part,
    PartialDate,
    Phrase,
    Quantity,
    Relation,
    State,
    Term,
    Words,
    parse,
    suggest_dates,
)
from safelight.ui import wording

_NAMED = {
    Label.FOLDER: ("In {}", "folder"),
    Label.CAMERA: ("Taken with {}", "camera"),
    Label.LENS: ("Lens {}", "camera"),
    Label.TYPE: ("Type {}", "image"),
    Label.TAG: ("Tagged {}", "tag"),
    Label.ALBUM: ("Album {}", "album"),
    Label.PLACE: ("At {}", "place"),
    Label.NAME: ("Named {}", "image"),
}

_STATES = {
    State.FAVOURITE: ("Favourites", "heart"),
    State.LANDSCAPE: ("Landscape format", "image"),
    State.PORTRAIT: ("Portrait format", "image"),
    State.SQUARE: ("Square", "image"),
    State.SCREENSHOT: ("Screenshots", "image"),
    State.DUPLICATE: ("In more than one file", "duplicates"),
    State.OFFLINE: ("Offline", "folder-offline"),
    State.UNTAGGED: ("Without tags", "tag"),
}

_AMOUNTS = {
    Relation.EQUAL: "{}",
    Relation.LESS: "less than {}",
    Relation.AT_MOST: "{} or less",
    Relation.MORE: "more than {}",
    Relation.AT_LEAST: "{} or more",
}


@dataclass(frozen=True, slots=True)
class QueryChip:
    """A chip's label and the range of the query text it stands for."""

    label: str
    mark: str
    """Name of an icon."""
    span: tuple[int, int]
    negative: bool = False
    """The label describes something excluded."""
    suggestion: DateSuggestion | None = None
    """Set if the chip is a suggestion that is not part of the query yet."""
    picture: str = ""
    """Path of the picture the chip refers to, if any, with the region if it is a part."""

    @property
    def said(self) -> str:
        """The chip as one line of text."""
        return f"Not: {self.label}" if self.negative else self.label


def chips_of(text: str, today: date) -> list[QueryChip]:
    """A chip for each part that is not plain description, in order, followed by suggested dates."""
    offers = [
        QueryChip(f"Only {' '.join(offer.said.split())}?", "calendar", offer.span, suggestion=offer)
        for offer in suggest_dates(text, today)
    ]
    return part_chips(text) + offers


def part_chips(text: str) -> list[QueryChip]:
    """The chips of the query without suggestions."""
    return [_chip(part) for part in parse(text).parts if not isinstance(part, Words)]


def _chip(part: Part) -> QueryChip:
    match part:
        case Term(meaning, weight):
            size = abs(weight)
            label = meaning if size == 1 else f"{size:g} × {meaning}"
            return QueryChip(label, "minus" if weight < 0 else "plus", part.span, weight < 0)
        case Like(path, weight, region=region):
            like = "like" if weight < 0 else "Like"
            of = "" if region is None else "part of "
            label = f"{like} {of}{wording.display_name(path)}"
            picture = path if region is None else f"{path}{region}"
            return QueryChip(label, "similar", part.span, weight < 0, picture=picture)
        case Phrase(phrase):
            return QueryChip(f"“{phrase}”", "quote", part.span)
        case Filter(condition, negated):
            label, mark = described(condition)
            return QueryChip(_lower_first(label) if negated else label, mark, part.span, negated)
        case Words(words):
            return QueryChip(words, "search", part.span)


def described(condition: Condition) -> tuple[str, str]:
    """A filter in words, and the name of its icon."""
    match condition:
        case Named(label, value):
            form, mark = _NAMED[label]
            shown = value.upper() if label is Label.TYPE else " ".join(value.split())
            return form.format(shown), mark
        case Measured():
            return _measured(condition)
        case During(since, until):
            return _during(since, until), "calendar"
        case Before(day):
            return f"Taken before {_date(day)}", "calendar"
        case After(day):
            return f"Taken after {_date(day)}", "calendar"
        case Near(latitude, longitude, kilometres):
            return f"Within {kilometres:g} km of {latitude:g}, {longitude:g}", "place"
        case Being(state):
            return _STATES[state]


def _measured(asked: Measured) -> tuple[str, str]:
    match asked.quantity:
        case Quantity.RATING:
            if (
                asked.number == 0
                and asked.upper is None
                and asked.relation in (Relation.EQUAL, Relation.AT_MOST)
            ):
                return "Not rated", "star"
            return _amount(asked, _stars), "star"
        case Quantity.SIZE:
            return _amount(asked, wording.file_size), "drive"
        case Quantity.WIDTH:
            return f"{_amount(asked, lambda n: f'{n:,}')} px wide", "fit"
        case Quantity.HEIGHT:
            return f"{_amount(asked, lambda n: f'{n:,}')} px high", "fit"


def _amount(asked: Measured, write: Callable[[int], str]) -> str:
    if asked.upper is not None:
        return f"{write(asked.number)} to {write(asked.upper)}"
    amount = _AMOUNTS[asked.relation].format(write(asked.number))
    return amount[:1].upper() + amount[1:]


def _stars(number: int) -> str:
    return "★" * number or "no stars"


def _during(since: PartialDate | None, until: PartialDate | None) -> str:
    if since is None or until is None:
        end = since or until
        assert end is not None  # the parser accepts no range that is open on both sides
        return f"Taken {_preposition(end)} {_date(end)} or {'later' if since else 'earlier'}"
    if since == until:
        return f"Taken {_preposition(since)} {_date(since)}"
    return f"Taken {_date(since)} to {_date(until)}"


def _preposition(day: PartialDate) -> str:
    return "on" if day.day else "in"


def _date(day: PartialDate) -> str:
    """``2019``, ``May 2019``, ``3 May 2019``."""
    month = f"{date(2000, day.month, 1):%B} " if day.month else ""
    return f"{day.day or ''} {month}{day.year}".lstrip()


def _lower_first(label: str) -> str:
    return label[:1].lower() + label[1:]
