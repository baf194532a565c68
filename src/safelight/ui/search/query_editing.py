"""Adding parts to a query as text, where what stands there is understood."""

from __future__ import annotations

from dataclasses import replace

from safelight.core.query import Filter, Like, Part, Term, parse
from safelight.ui.search.query_text import without


def with_part(text: str, part: str) -> str:
    """The text with a part at its end, once, and without those that say its opposite."""
    for wanted in parse(part).parts:
        opposite = _opposite(wanted)
        while (found := next((each for each in parse(text).parts if each == opposite), None)) is not None:
            text = without(text, found.span)
        if wanted not in parse(text).parts:
            text = _appended(text, wanted)
    return text


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
