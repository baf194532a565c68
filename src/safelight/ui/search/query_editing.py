"""Adds parts to the text of a query, and removes them."""

from __future__ import annotations

from dataclasses import replace

from safelight.core.query import Filter, Like, Part, Query, Term, parse
from safelight.ui.search.query_text import without


def with_part(text: str, part: str) -> str:
    """The text with a part added once at the end, and without parts that mean its opposite."""
    for added_part in parse(part).parts:
        opposite = _opposite(added_part)
        while (found := next((each for each in parse(text).parts if each == opposite), None)) is not None:
            text = without(text, found.span)
        if added_part not in parse(text).parts:
            text = _appended(text, added_part)
    return text


def without_part(text: str, part: str) -> str | None:
    """The text without a part, given in its plainest spelling; None if the text does not contain it."""
    found = next((each for each in parse(text).parts if each.text() == part), None)
    return without(text, found.span) if found is not None else None


def _appended(text: str, part: Part) -> str:
    text = text.strip()
    if not text:
        return part.text()
    known = parse(text)
    whole = Query((*known.parts, part))
    longer = f"{text} {part.text()}"
    # Typed behind the text, the part may be read into an open quotation or the last of several alternatives.
    return longer if parse(longer) == whole else whole.text()


def _opposite(part: Part) -> Part | None:
    match part:
        case Like() | Term():
            return replace(part, weight=-part.weight)
        case Filter():
            return replace(part, negated=not part.negated)
        case _:
            return None
