"""Values of another program that a library cannot hold, such as a rating of 7.

Each function takes the value as that program has it, and returns nothing where it can be taken over or only
says that nothing is known.
"""

from __future__ import annotations

from safelight.core.message import Message
from safelight.services.migration.record import Refused, coordinates, number_of, plain_line, stars

_LONGEST = 60
"""Characters of a value in a message."""
_UNKNOWN_DATE = "0:-/. TZ+"
"""What dates such as ``0000:00:00 00:00:00`` consist of, which many cameras and programs write."""
_ZERO_TIME = "0001-01-01"
"""The date that programs in Go and .NET store for none."""


def refused_rating(rating: object) -> tuple[Refused, ...]:
    if _is_absent(rating) or number_of(rating) == 0 or stars(rating):
        return ()
    return (Refused("rating", _text(rating)),)


def refused_date(date: object, seconds: int | None) -> tuple[Refused, ...]:
    """``seconds``: the time that was read from ``date``."""
    if seconds is not None or _is_absent(date):
        return ()
    text = _text(date)
    if not text.strip(_UNKNOWN_DATE) or text.startswith(_ZERO_TIME):
        return ()
    return (Refused("date", text),)


def refused_place(latitude: object, longitude: object) -> tuple[Refused, ...]:
    values = latitude, longitude
    if all(_is_absent(each) or number_of(each) == 0 for each in values):
        return ()
    if coordinates(latitude, longitude) != (None, None):
        return ()
    return (Refused("place", ", ".join("" if each is None else _text(each) for each in values)),)


def refusal(path: str, refused: Refused) -> Message:
    """The line about a value of the photo at ``path``."""
    value = refused.value
    match refused.field:
        case "rating":
            return Message(
                "{path}: the rating “{value}” is left out; ratings are 1 to 5.", path=path, value=value
            )
        case "date":
            return Message(
                "{path}: the date “{value}” is left out; it cannot be read, or is not from 1826 to 2100.",
                path=path,
                value=value,
            )
        case "place":
            return Message(
                "{path}: the position “{value}” is left out; it must be two numbers, from -90 to 90 and from "
                "-180 to 180.",
                path=path,
                value=value,
            )


def _is_absent(value: object) -> bool:
    """``exiftool`` writes ``-`` for what a file does not have."""
    return value is None or (isinstance(value, str) and value.strip() in ("", "-"))


def _text(value: object) -> str:
    return plain_line(str(value), _LONGEST)
