"""Reads IPTC-IIM (version 4), as in the image resources of Photoshop or tag 33723 of TIFF."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from safelight.core.photo import ImageMetadata
from safelight.imaging.metadata.values import (
    MAX_TITLE,
    Block,
    Moment,
    clean_caption,
    clean_tags,
    clean_text,
    moment,
    utc_offset,
)

_UTF8_MARK = b"\x1b%G"
_ENVELOPE, _APPLICATION = 1, 2
_CODED_CHARACTER_SET = (_ENVELOPE, 90)
_TITLE, _KEYWORD, _BYLINE, _COPYRIGHT, _CAPTION = 5, 25, 80, 116, 120
_CREATED, _CREATED_AT, _DIGITISED, _DIGITISED_AT = 55, 60, 62, 63


def read_iptc(data: bytes) -> Block:
    """Never raises. Reading ends at the first damaged record."""
    records = _records(data)
    utf8 = records.get(_CODED_CHARACTER_SET, [b""])[0] == _UTF8_MARK

    def texts(number: int) -> list[str]:
        return [_decode(value, utf8) for value in records.get((_APPLICATION, number), ())]

    def first(number: int) -> str | None:
        return next(iter(texts(number)), None)

    creators = (clean_text(each, MAX_TITLE) for each in texts(_BYLINE))
    return Block(
        ImageMetadata(
            title=clean_text(first(_TITLE), MAX_TITLE),
            caption=clean_caption(first(_CAPTION)),
            creator="; ".join(each for each in creators if each) or None,
            copyright=clean_text(first(_COPYRIGHT), MAX_TITLE),
            tags=clean_tags(texts(_KEYWORD)),
        ),
        original=_moment(first(_CREATED), first(_CREATED_AT)),
        digitised=_moment(first(_DIGITISED), first(_DIGITISED_AT)),
    )


def digest(data: bytes) -> bytes:
    """What Photoshop stores beside IPTC to recognise later that another program changed it."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def _records(data: bytes) -> dict[tuple[int, int], list[bytes]]:
    found: defaultdict[tuple[int, int], list[bytes]] = defaultdict(list)
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        size = int.from_bytes(data[at + 3 : at + 5])
        begin = at + 5
        if size & 0x8000:  # the size of the size
            width = size & 0x7FFF
            size = int.from_bytes(data[begin : begin + width]) if width <= 4 else len(data)
            begin += width
        if begin + size > len(data):
            break
        found[data[at + 1], data[at + 2]].append(data[begin : begin + size])
        at = begin + size
    return found


def _decode(value: bytes, utf8: bool) -> str:
    """Without a declared character set, programs write UTF-8 or the code page of western Windows."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8" if utf8 else "cp1252", "replace")


def _moment(date: str | None, time: str | None) -> Moment | None:
    """``CCYYMMDD`` and ``HHMMSS±HHMM``. Zeros mean an unknown month or day."""
    if date is None or len(date) < 8 or not date[:8].isdigit():
        return None
    month, day = date[4:6].replace("00", "01"), date[6:8].replace("00", "01")
    found = moment(f"{date[:4]}-{month}-{day}")
    if found is None or time is None or not time[:6].isdigit() or len(time) < 6:
        return found
    timed = moment(f"{date[:4]}-{month}-{day}T{time[:2]}:{time[2:4]}:{time[4:6]}")
    return found if timed is None else Moment(timed.wall_clock, None, utc_offset(time[6:11]))
