"""Texts as the library stores them. Reading a text from a file cleans it in the same way, so that what is
written into a sidecar comes back unchanged."""

from __future__ import annotations

import unicodedata

_JOINERS = frozenset("\u200c\u200d" + "".join(map(chr, range(0xE0020, 0xE0080))))
"""Not printable by themselves, but they shape emoji, such as the flag of Scotland, and the letters of several
scripts."""


def one_line(text: str) -> str:
    """Printable, with single spaces."""
    return " ".join(_printable(text).split())


def several_lines(text: str) -> str:
    """Printable, with line breaks, and without white space at the ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_printable(line).rstrip() for line in lines).strip()


def _printable(text: str) -> str:
    """Control characters, which XML cannot hold, become spaces, and lone surrogates question marks."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() or c in _JOINERS or _is_unknown(c) else " " for c in text)


def _is_unknown(character: str) -> bool:
    """Whether it is for private use, or newer than this Python, as the emoji of recent years. These are texts
    of people, unlike the code points that Unicode never assigns."""
    code = ord(character)
    never_assigned = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return unicodedata.category(character) in ("Cn", "Co") and not never_assigned
