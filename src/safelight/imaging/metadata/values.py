"""What the readers of EXIF, IPTC and XMP have in common: cleaning of untrusted values and dates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, SupportsFloat

from safelight.core.organising_rules import MAX_NAME_LENGTH, MAX_TEXT_LENGTH
from safelight.core.photo import ImageMetadata
from safelight.core.plain_text import one_line, several_lines

MAX_TEXT = 100
MAX_TITLE = 400
"""Characters of names and titles, except for those of the library itself, which can be longer."""
MAX_CAPTION = MAX_TEXT_LENGTH
MAX_TAG = MAX_NAME_LENGTH
MAX_TAGS = 500

OLDEST_YEAR = 1826  # the year of the first photograph
NEWEST_YEAR = 2100

_MOMENT = re.compile(
    r"(\d{4})(?:[:/.-](\d\d)(?:[:/.-](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?)?)?"
    r" ?(Z|[+-]\d\d:?\d\d)?"
)


class Moment(NamedTuple):
    """A point in time as a camera or a program wrote it."""

    wall_clock: str
    """``YYYY-MM-DDTHH:MM:SS``."""
    subsecond: str | None = None
    utc_offset: int | None = None
    """Minutes."""


_OF_CAMERAS = re.compile(
    r"(OLYMPUS DIGITAL CAMERA|SONY DSC|DCIM\\.*|SAMSUNG( CAMERA PICTURES| DIGITAL CAMERA)?|KONICA MINOLTA .*|"
    r"MINOLTA DIGITAL CAMERA|DIGITAL CAMERA|CASIO COMPUTER.*)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Block:
    """What one block of metadata (EXIF, IPTC or one XMP packet) contains.

    ``values`` has no date: the dates are separate, because their precedence depends on their meaning.
    """

    values: ImageMetadata = field(default_factory=ImageMetadata)
    original: Moment | None = None
    """When the picture was taken."""
    digitised: Moment | None = None
    changed: Moment | None = None
    orientation: int | None = None
    """Of the picture, 1 to 8, as XMP repeats it. Only of use where the picture itself is not at hand."""


def clean_text(value: object, limit: int = MAX_TEXT, *, symbols: bool = False) -> str | None:
    """One printable line of at most ``limit`` characters, or None if there is no text.

    Cameras fill fields with dots or dashes, so a text needs a letter or digit, unless ``symbols``.
    """
    text = _decoded(value, limit)
    if text is None:
        return None
    text = one_line(text)[:limit].strip()
    return text if text and (symbols or any(character.isalnum() for character in text)) else None


def clean_lines(value: object, limit: int = MAX_CAPTION) -> str | None:
    """Printable text that may have several lines, or None if there is none."""
    text = _decoded(value, limit)
    if text is None:
        return None
    return several_lines(text)[:limit].strip() or None


def clean_caption(value: object) -> str | None:
    """The caption that a person wrote, or None.

    Cameras write their names into every picture, and programs copy these from EXIF to IPTC and XMP.
    """
    text = clean_lines(value)
    return None if text is None or _OF_CAMERAS.fullmatch(text) else text


def clean_tags(values: Iterable[object], separator: str | None = None) -> tuple[str, ...]:
    """Tags without duplicates. With ``separator``, it divides the levels and becomes ``/``."""
    found: dict[str, str] = {}
    for value in values:
        text = _decoded(value, 4 * MAX_TAG)
        if text is None:
            continue
        levels = text.replace("|", "/").split("/") if separator is None else text.split(separator)
        cleaned = (one_line(each) for each in levels)
        tag = "/".join(each for each in cleaned if each)[:MAX_TAG].rstrip("/ ")
        if tag:
            found.setdefault(tag.casefold(), tag)
        if len(found) == MAX_TAGS:
            break
    return tuple(found.values())


def _decoded(value: object, limit: int) -> str | None:
    if isinstance(value, tuple) and value:  # a string stored as several values
        value = value[0]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    return value.split("\0", 1)[0][: 4 * limit]


def moment(text: str | None, *, partial: bool = False) -> Moment | None:
    """A date of EXIF (``2019:05:12 10:15:00``) or ISO 8601. With ``partial``, a year or a month is enough."""
    match = _MOMENT.match((text or "").strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if day is None and not partial:
        return None
    try:
        parsed = datetime(  # noqa: DTZ001 - a wall clock
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        return None
    if not OLDEST_YEAR <= parsed.year <= NEWEST_YEAR:
        return None
    return Moment(parsed.isoformat(), subsecond(fraction), utc_offset(zone))


def subsecond(text: str | None) -> str | None:
    digits = re.match(r"\d{1,9}", (text or "").strip())
    return digits.group() if digits else None


def utc_offset(text: str | None) -> int | None:
    """Minutes of ``Z``, ``+02:00`` or ``+0200``. Zones are at most 14 hours from UTC."""
    written = (text or "").strip()
    if written == "Z":
        return 0
    match = re.fullmatch(r"([+-])(\d\d):?(\d\d)", written)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > 14 * 60 or int(match[3]) > 59:
        return None
    return -minutes if match[1] == "-" else minutes


def number(value: object, low: float, high: float) -> float | None:
    """A finite number within bounds, or None. EXIF rationals may have a zero denominator or a wrong count."""
    if isinstance(value, tuple) and value:
        value = value[0]
    if not isinstance(value, SupportsFloat) or isinstance(value, str | bytes):
        return None
    try:
        found = float(value)
    except (ValueError, ArithmeticError, TypeError):
        return None
    return found if math.isfinite(found) and low <= found <= high else None


def rating(value: float | None) -> int | None:
    """−1 (rejected) to 5, or None for anything else."""
    return round(value) if value is not None and -1 <= value <= 5 and math.isfinite(value) else None


def percent_rating(value: float | None) -> int | None:
    """Windows stores 1, 25, 50, 75 and 99 percent for one to five stars, and 0 for none."""
    if value is None or not 0 <= value <= 100:
        return None
    return 0 if value == 0 else min(5, int(value) // 25 + 1)
