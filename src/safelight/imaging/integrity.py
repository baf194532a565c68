"""Damage that a decoder ignores: a JPEG whose end is missing is shown with a grey area at the bottom."""

from __future__ import annotations

from safelight.core.message import Message

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
_ZEROS = bytes(4096)


def jpeg_damage(data: bytes) -> Message | None:
    """What is wrong with a JPEG's end, in a few words; None where nothing is, or for another format.

    Encoders end the picture with a marker, which other data may follow. Without it the file was cut, or its
    tail was overwritten. Compressed data never holds a page of zeros, so one before the marker is damage too.
    """
    if not data.startswith(_START):
        return None
    end = data.rfind(_END)
    if end < 0:
        return Message("the end of the picture is missing")
    # Only the picture data: a header may hold zeros, and so may what other programs append.
    begin = data.find(b"\xff\xda")
    zeros = data.find(_ZEROS, max(begin, 0), end)
    if begin >= 0 and zeros >= 0 and data.find(_END, begin, zeros) < 0:
        return Message("a part of the picture was overwritten with zeros")
    return None
