"""Colour profiles without what they say about a machine.

Screenshots have the profile of the display, which often names its owner's computer and contains the serial
number of the display.
"""

from __future__ import annotations

import struct

_HEADER = 128
_MOST_TAGS = 200
PROFILE_TIME = slice(24, 36)
"""Bytes of the header: when the profile was made."""

_SIZES = {b"XYZ ": 20, b"sf32": 44, b"curv": None, b"para": 40}
"""Types of values and their bytes where those are fixed; a curve states its own length."""
_TABLES = frozenset((b"mft1", b"mft2", b"mAB ", b"mBA ", b"mpet"))
_KEPT = frozenset(
    b"wtpt bkpt chad rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC lumi "
    b"A2B0 A2B1 A2B2 A2B3 B2A0 B2A1 B2A2 B2A3 D2B0 D2B1 D2B2 D2B3 B2D0 B2D1 B2D2 B2D3 gamt".split()
)
"""Tags that decide how colours look."""

_NAME = "Colours of the original"


def neutral_profile(profile: bytes) -> bytes | None:
    """The same colours as ``profile``, without names, serial numbers, dates and unknown values.

    None for a profile that is damaged, which programs ignore.
    """
    if len(profile) < _HEADER + 4 or profile[36:40] != b"acsp":
        return None
    count = int.from_bytes(profile[_HEADER : _HEADER + 4])
    if count > _MOST_TAGS or len(profile) < _HEADER + 4 + 12 * count:
        return None
    values: dict[bytes, bytes] = {}
    for number in range(count):
        key, start, length = struct.unpack_from(">4sII", profile, _HEADER + 4 + 12 * number)
        if key in _KEPT and key not in values:
            value = profile[start : start + length]
            if len(value) < min(length, 8):
                return None
            if (kept := _value(value)) is not None:
                values[key] = kept
    if sum(map(len, values.values())) > 4 * len(profile):  # tags that overlap multiply what they hold
        return None
    is_new = profile[8] >= 4
    values = {b"desc": _text(_NAME) if is_new else _old_text(_NAME)} | values
    values[b"cprt"] = _text("None") if is_new else b"text\0\0\0\0None\0"
    return _written(profile[:_HEADER], values)


def _value(value: bytes) -> bytes | None:
    """A value without what follows it; None for one that is no colour."""
    kind = value[:4]
    if kind in _TABLES:
        return value
    if kind not in _SIZES:
        return None
    size = _SIZES[kind]
    if size is None:
        size = 12 + 2 * int.from_bytes(value[8:12])
    return value[:size]


def _written(header: bytes, values: dict[bytes, bytes]) -> bytes:
    table, places = struct.pack(">I", len(values)), dict[bytes, int]()
    start = _HEADER + 4 + 12 * len(values)
    parts: list[bytes] = []
    for key, value in values.items():
        if value not in places:  # the three curves are often the same
            places[value] = start
            parts.append(value + bytes(-len(value) % 4))
            start += len(parts[-1])
        table += key + struct.pack(">II", places[value], len(value))
    # Left out: preferred program, date, platform, maker and model of the device, author, and checksum.
    kept = (
        struct.pack(">I", start)
        + bytes(4)
        + header[8:24]
        + bytes(12)
        + header[36:40]
        + bytes(4)
        + header[44:48]
        + bytes(8)
        + header[56:80]
    )
    return kept.ljust(_HEADER, b"\0") + table + b"".join(parts)


def _text(text: str) -> bytes:
    """Text in one language, as since version 4."""
    encoded = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded


def _old_text(text: str) -> bytes:
    encoded = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(encoded)) + encoded + bytes(78)
