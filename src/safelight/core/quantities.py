"""Units of the numbers that photos have: how each is read from a query, written in one, and shown.

``read(write(number)) == number`` for every number that ``read`` returns, so that a query keeps its
meaning when it is written again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from safelight.core.message import Message

Number = int | float

_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_BYTES_FORM = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?(b|kb|mb|gb)?", re.IGNORECASE)
_LARGEST = 2**62
_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,4})?")
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{2})")
_DURATIONS = {"s": 1, "m": 60, "h": 3600}
_FRACTION = re.compile(r"1/([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class Unit:
    """How numbers of one kind are read, written and shown."""

    read: Callable[[str], Number | None]
    """None for a text that is not such a number."""
    write: Callable[[Number], str]
    """The plainest spelling in a query."""
    show: Callable[[Number], str | Message]
    """For people, with the unit: ``2.4 MB``, ``1/250 s``."""
    tolerance: float = 0.0
    """Numbers that differ by no more than this share count as equal: cameras round what they write."""


def decimal(number: float, places: int) -> str:
    """A number with at most this many decimal places and no trailing zeros."""
    return f"{number:.{places}f}".rstrip("0").rstrip(".")


def file_size(size: Number) -> str:
    """Bytes in decimal units, as file managers show them: ``2.4 MB``."""
    return str(shown_size(size))


def shown_size(size: Number) -> str | Message:
    """The same, where numbers of bytes are still to be translated."""
    if size == 1:
        return Message("1 byte")
    if size < 1000:
        return Message("{size:g} bytes", size=size)
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5:
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"
    return f"{amount / 1000:.1f} TB"


def shutter_time(seconds: Number) -> str:
    """An exposure as cameras show it: ``1/250 s``, ``2.5 s``."""
    if 0 < seconds < 0.4:
        return f"1/{round(1 / seconds)} s"
    return f"{seconds:g} s"


def clock(seconds: Number) -> str:
    """A length or a time in a video: ``0:07``, ``12:30``, ``1:02:03``."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def stars(number: Number) -> str | Message:
    """``★★★``; ``no stars`` for 0."""
    return "★" * int(number) or Message("no stars")


def _read_whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _read_stars(text: str) -> int | None:
    return int(text) if text in ("0", "1", "2", "3", "4", "5") else None


def _read_bytes(text: str) -> int | None:
    form = _BYTES_FORM.fullmatch(text)
    if form is None:
        return None
    unit = _BYTES[(form[3] or "b").lower()]
    thousandths = int((form[2] or "0").ljust(3, "0"))
    count = int(form[1]) * unit + thousandths * unit // 1000
    return count if count < _LARGEST else None


def _write_bytes(count: Number) -> str:
    for unit, size in (("gb", 10**9), ("mb", 10**6), ("kb", 10**3)):
        if count >= size and count % (size // 100) == 0:
            return decimal(count / size, 2) + unit
    return str(count)


def _read_decimal(text: str, *, before: str = "", after: str = "") -> float | None:
    """A positive decimal, with or without what people write before or after it (``f/``, ``mm``)."""
    text = text.lower().removeprefix(before).removesuffix(after).strip()
    number = float(text) if _DECIMAL.fullmatch(text) else 0.0
    return number or None


def _read_seconds(text: str) -> float | None:
    text = text.lower().removesuffix("s").strip()
    fraction = _FRACTION.fullmatch(text)
    return 1 / int(fraction[1]) if fraction else _read_decimal(text)


def _read_duration(text: str) -> float | None:
    """``30``, ``30s``, ``2m``, ``1h`` or ``2:30``."""
    form = _CLOCK.fullmatch(text)
    if form is not None:
        return float(int(form[1] or 0) * 3600 + int(form[2]) * 60 + int(form[3]))
    text = text.lower()
    factor = _DURATIONS.get(text[-1:], 0)
    number = _read_decimal(text[:-1] if factor else text)
    return None if number is None else number * (factor or 1)


def _write_duration(seconds: Number) -> str:
    return decimal(seconds, 4) + "s"


def _write_seconds(seconds: Number) -> str:
    written = decimal(seconds, 4)
    if seconds >= 1:
        return written
    fraction = round(1 / seconds)
    nearer = abs(1 / fraction - seconds) <= abs(float(written) - seconds)
    return f"1/{fraction}" if nearer else written


COUNT = Unit(_read_whole, str, lambda number: f"{number:g}")
PIXELS = Unit(_read_whole, str, lambda number: f"{number:,} px")
STARS = Unit(_read_stars, str, stars)
BYTES = Unit(_read_bytes, _write_bytes, shown_size)
F_NUMBER = Unit(
    lambda text: _read_decimal(text, before="f/"),
    lambda number: decimal(number, 4),
    lambda number: f"f/{number:g}",
    tolerance=0.01,
)
SECONDS = Unit(_read_seconds, _write_seconds, shutter_time, tolerance=0.02)
DURATION = Unit(_read_duration, _write_duration, clock)
MILLIMETRES = Unit(
    lambda text: _read_decimal(text, after="mm"),
    lambda number: decimal(number, 4),
    lambda number: f"{number:g} mm",
    tolerance=0.005,
)
