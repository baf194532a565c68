"""Dates as people type them: a year, a month or a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_FORM = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")

FIRST_OF_ALL, LAST_OF_ALL = "", "~"
"""Texts that sort before and after every stored date."""


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A year, a month of a year, or a day. ``str()`` is its ISO 8601 form: 2019, 2019-05, 2019-05-03."""

    year: int
    month: int = 0
    """1 to 12; 0 for the whole year."""
    day: int = 0
    """1 to 31; 0 for the whole month."""

    @classmethod
    def read(cls, text: str) -> PartialDate | None:
        """The date in a text; None if it is no calendar date. Also reads ``2019/5`` and ``2019.5.3``."""
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        year, month, day = (int(group) if group else None for group in form.groups())
        try:
            date(year or 0, 1 if month is None else month, 1 if day is None else day)
        except ValueError:
            return None
        return cls(year or 0, month or 0, day or 0)

    def __str__(self) -> str:
        text = f"{self.year:04}"
        if self.month:
            text += f"-{self.month:02}"
        if self.day:
            text += f"-{self.day:02}"
        return text

    def shifted(self, by: int) -> PartialDate | None:
        """The year, month or day after it (``by`` 1) or before it (-1); None beyond the calendar."""
        try:
            if self.day:
                moved = date(self.year, self.month, self.day) + timedelta(days=by)
                return PartialDate(moved.year, moved.month, moved.day)
            months = 12 * self.year + (self.month or 1) - 1 + by * (1 if self.month else 12)
            first = date(months // 12, months % 12 + 1, 1)
        except (ValueError, OverflowError):
            return None
        return PartialDate(first.year, first.month if self.month else 0)

    @property
    def first(self) -> str:
        """A stored date (``YYYY-MM-DDTHH:MM:SS``) is at or after the beginning iff it is >= this text."""
        return str(self)

    @property
    def end(self) -> str:
        """A stored date is before the end iff it is < this text, and after the end iff it is > this text.

        Stored dates of a period begin with its name, and none of their characters sorts after the tilde.
        """
        return str(self) + LAST_OF_ALL
