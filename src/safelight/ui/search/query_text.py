"""Positions in the text of a query, and which paths it can contain. Nothing here parses a query."""

from __future__ import annotations

Span = tuple[int, int]


def without(text: str, span: Span) -> str:
    """The text without the part at ``span``; the other parts keep their meaning."""
    left, right = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    return f"{left} {right}" if left and right else left + right


def can_be_written(path: str) -> bool:
    """Whether a query can contain a path: not if its bytes are not UTF-8."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def units(text: str, index: int) -> int:
    """A position in a text in UTF-16 units, as Qt counts."""
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2


def index_of(text: str, place: int) -> int:
    """The inverse of :func:`units`."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "surrogatepass"))
