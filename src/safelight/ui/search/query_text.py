"""A query as text: places in it, and what can stand in it. Nothing here knows what it means."""

from __future__ import annotations

Span = tuple[int, int]


def without(text: str, span: Span) -> str:
    """The text without the part that stands at ``span``; all others read as before."""
    left, right = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    return f"{left} {right}" if left and right else left + right


def can_be_written(path: str) -> bool:
    """Whether a path is text: one whose bytes are not UTF-8 cannot stand in a query."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def units(text: str, index: int) -> int:
    """A place in a text as Qt counts it, in UTF-16 units."""
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2


def index_of(text: str, place: int) -> int:
    """The inverse of :func:`units`."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "surrogatepass"))
