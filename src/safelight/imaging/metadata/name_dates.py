"""Dates in names of files, for pictures whose metadata have none."""

from __future__ import annotations

import re

from safelight.imaging.metadata.values import moment

_DAY = r"(?P<year>(?:19[5-9]|20\d)\d){0}(?P<month>0[1-9]|1[0-2]){0}(?P<day>0[1-9]|[12]\d|3[01])"
_TIME = r"(?P<hour>[01]\d|2[0-3]){0}(?P<minute>[0-5]\d){0}(?P<second>[0-5]\d)"
_CLOCK = (
    r"(?P<hour>\d{1,2})[.:_](?P<minute>[0-5]\d)[.:_](?P<second>[0-5]\d)"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm])?"
)

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # IMG_20190512_101500, PXL_20190512_101500123, IMG20190512101500, Screenshot_20190512-101500
        rf"(?<!\d){_DAY.format('')}[-_ ]?{_TIME.format('')}(?:[._]?\d{{1,3}})?(?!\d)",
        # WhatsApp Image 2019-05-12 at 10.15.00, Screenshot 2019-05-12 at 3.04.05 PM
        rf"(?<!\d){_DAY.format('[-_.]')}(?: at |[ _T-]+){_CLOCK}(?!\d)",
        # 2019-05-12 10-15-00, Screenshot from 2019-05-12 10-15-00, signal-2019-05-12-101500
        rf"(?<!\d){_DAY.format('[-_.]')}[ _T-]+{_TIME.format('-?')}(?!\d)",
        # WhatsApp Image 2019-05-12
        rf"(?<!\d){_DAY.format('[-_.]')}(?![\d])",
        # IMG-20190512-WA0001, IMG_20190512
        rf"(?:^|(?<=[-_ ])|(?<=IMG)|(?<=VID)){_DAY.format('')}(?![\da-zA-Z])",
    )
)


def date_in_name(name: str) -> str | None:
    """``YYYY-MM-DDTHH:MM:SS`` where the name has the form of cameras, telephones and messengers.

    The time is midnight where the name has none.
    """
    for pattern in _PATTERNS:
        for match in pattern.finditer(name[:1000]):
            parts = match.groupdict()
            hour = int(parts.get("hour") or 0)
            half = (parts.get("half") or "").lower()
            if half:
                if not 1 <= hour <= 12:
                    continue
                hour = hour % 12 + (12 if half == "p" else 0)
            found = moment(
                f"{parts['year']}-{parts['month']}-{parts['day']}T"
                f"{hour:02}:{parts.get('minute') or '00'}:{parts.get('second') or '00'}"
            )
            if found is not None:
                return found.wall_clock
    return None
