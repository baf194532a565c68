"""Editing a query as text: its parts come and go, and the rest stays as it was typed."""

from __future__ import annotations

from dataclasses import replace

from safelight.core.query import Filter, Like, Part, Term, parse

Span = tuple[int, int]


def without(text: str, span: Span) -> str:
    """The text without the part that stands at ``span``; all others read as before."""
    left, right = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    return f"{left} {right}" if left and right else left + right


def with_part(text: str, part: str) -> str:
    """The text with a part at its end, once, and without those that say its opposite."""
    for wanted in parse(part).parts:
        opposite = _opposite(wanted)
        while (found := next((each for each in parse(text).parts if each == opposite), None)) is not None:
            text = without(text, found.span)
        if wanted not in parse(text).parts:
            text = _appended(text, wanted)
    return text


def can_be_written(path: str) -> bool:
    """Whether a path is text: one whose bytes are not UTF-8 cannot stand in a query."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def units(text: str, index: int) -> int:
    """A place in a text as Qt counts it, in UTF-16 units."""
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2


def index_of(text: str, place: int) -> int:
    """The inverse of :func:`units`."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "surrogatepass"))


def _appended(text: str, part: Part) -> str:
    text = text.strip()
    if not text:
        return part.text()
    known = parse(text)
    longer = f"{text} {part.text()}"
    if part not in parse(longer).parts:  # it fell into a quotation that is still open
        longer = f"{known.text()} {part.text()}"
    return longer


def _opposite(part: Part) -> Part | None:
    match part:
        case Like() | Term():
            return replace(part, weight=-part.weight)
        case Filter():
            return replace(part, negated=not part.negated)
        case _:
            return None
