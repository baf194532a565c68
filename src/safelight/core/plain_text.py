"""Texts as the library stores them. Reading a text from a file cleans it in the same way, so that what is
written into a sidecar comes back unchanged."""

from __future__ import annotations

import unicodedata

_JOINERS = frozenset("\u200c\u200d" + "".join(map(chr, range(0xE0020, 0xE0080))))
"""Not printable by themselves, but they shape emoji, such as the flag of Scotland, and the letters of several
scripts."""


def without_surrogates(text: str) -> str:
    """Text that UTF-8 can encode: lone surrogates, as in file names that are not UTF-8, become question
    marks.
    """
    return text.encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """Printable text on one line, with single spaces."""
    return " ".join(_printable(text).split())


def several_lines(text: str) -> str:
    """Printable text with line breaks, and without white space at the ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_printable(line).rstrip() for line in lines).strip()


def _printable(text: str) -> str:
    """Control characters, which XML cannot hold, become spaces, and lone surrogates question marks."""
    return "".join(
        c if c.isprintable() or c in _JOINERS or _is_unknown(c) else " " for c in without_surrogates(text)
    )


def _is_unknown(character: str) -> bool:
    """Whether a character is for private use, or newer than this Python, such as recent emoji. People write
    these, unlike the code points that Unicode never assigns.
    """
    code = ord(character)
    never_assigned = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return unicodedata.category(character) in ("Cn", "Co") and not never_assigned
