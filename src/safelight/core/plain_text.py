"""Texts as the library stores them. Reading a text from a file cleans it in the same way, so that what is
written into a sidecar comes back unchanged."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Not printable by themselves, but they shape emoji and the letters of several scripts."""


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
    return "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
