"""The size a JPEG XL file states. Its decoder gives no size before all the pixels, which is too late."""

from __future__ import annotations

_CODESTREAM = b"\xff\x0a"
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIZE_BITS = (9, 13, 18, 30)
_HEADER_BYTES = 16


class _Bits:
    """Bits of a codestream, least significant first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def stated_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the SizeHeader (ISO/IEC 18181-1, D.2); None where no codestream is found."""
    stream = data[:_HEADER_BYTES] if data.startswith(_CODESTREAM) else _find_codestream(data)
    if not stream.startswith(_CODESTREAM):
        return None
    bits = _Bits(stream[len(_CODESTREAM) :])
    small = bits.take(1) == 1
    height = _take_length(bits, small)
    ratio = bits.take(3)
    if ratio == 0:
        return _take_length(bits, small), height
    numerator, denominator = _RATIOS[ratio - 1]
    return height * numerator // denominator, height


def _take_length(bits: _Bits, small: bool) -> int:
    if small:
        return 8 * (bits.take(5) + 1)
    return bits.take(_SIZE_BITS[bits.take(2)]) + 1


def _find_codestream(data: bytes) -> bytes:
    """The start of the codestream in a container (ISO/IEC 18181-2): boxes ``jxlc``, or ``jxlp`` in parts."""
    at = 0
    while at + 8 <= len(data):
        length, kind, header = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if length == 1:
            length, header = int.from_bytes(data[at + 8 : at + 16]), 16
        if kind == b"jxlp":
            header += 4  # the number of the part
        if kind in (b"jxlc", b"jxlp"):
            return data[at + header : at + header + _HEADER_BYTES]
        if length < header:  # 0: the last box; less: damaged
            break
        at += length
    return b""
