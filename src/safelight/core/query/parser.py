"""Reading the search language. The specification is docs/search-language.md.

There is no text that cannot be read: a word that is no exclusion, weight, phrase or filter is a word of
the description, and an open quotation mark closes at the end of the text, where it is being typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.core.query.model import Filter, Like, Part, Phrase, Query, Span, Term, Words
from safelight.core.query.values import KEYS, read_condition
from safelight.core.region import Region

_TOKEN = re.compile(r"\S+")
_KEY = re.compile(r"([A-Za-z]+):")
_WEIGHT = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,2})?):(?=[^\s0-9])")
_QUOTED = re.compile(r'"((?:[^"]|"")*)(?:"|\Z)')


def parse(text: str) -> Query:
    """Understand a query. Never raises; ``parse(query.text()) == query`` for every query it makes."""
    parts: list[Part] = []
    position = 0
    while (token := _TOKEN.search(text, position)) is not None:
        part, position = _read(text, token.start())
        if part is None:
            continue
        last = parts[-1] if parts else None
        if isinstance(part, Words) and isinstance(last, Words):
            parts[-1] = Words(f"{last.words} {part.words}", (last.span[0], part.span[1]))
        else:
            parts.append(part)
    return Query(tuple(parts))


@dataclass(frozen=True, slots=True)
class _Value:
    """What stands at a place: a token up to white space, or a quotation."""

    text: str
    end: int
    is_quoted: bool


def _value_at(text: str, start: int) -> _Value:
    if (quotation := _QUOTED.match(text, start)) is not None:
        return _Value(quotation[1].replace('""', '"'), quotation.end(), True)
    token = _TOKEN.match(text, start)
    return _Value(token[0], token.end(), False) if token else _Value("", start, False)


def _read(text: str, start: int) -> tuple[Part | None, int]:
    """The part that begins at ``start`` and where the next may begin; None for an empty quotation."""
    sign = text[start] if text[start] in "+-" else ""
    after_sign = start + len(sign)
    if not sign and text[start] == '"':
        phrase = _value_at(text, start)
        span = (start, phrase.end)
        return (Phrase(_line(phrase.text), span) if phrase.text.strip() else None), phrase.end
    if (key := _KEY.match(text, after_sign)) is not None and key[1].lower() in KEYS:
        return _keyed(text, start, key, negated=sign == "-")
    weight = _WEIGHT.match(text, after_sign)
    size = float(weight[1]) if weight else 1.0
    if size and (sign or weight):
        value = _value_at(text, weight.end() if weight else after_sign)
        if value.is_quoted and not value.text.strip():
            return None, value.end
        if value.is_quoted or value.text[:1] not in ("", "-", "+"):
            return _term(value.text, -size if sign == "-" else size, (start, value.end)), value.end
    word = _TOKEN.match(text, start)
    assert word is not None  # the caller found a token here
    return Words(word[0], word.span()), word.end()


def _keyed(text: str, start: int, key: re.Match[str], *, negated: bool) -> tuple[Part | None, int]:
    value = _value_at(text, key.end())
    name, span = key[1].lower(), (start, value.end)
    if name == "like":
        if value.text.strip():
            path, region = Region.split(value.text.strip())
            return Like(path, -1.0 if negated else 1.0, span, region), value.end
    elif (condition := read_condition(name, value.text)) is not None:
        return Filter(condition, negated, span), value.end
    if negated:
        return _term(text[key.start() : value.end], -1.0, span), value.end
    return Words(text[start : value.end], span), value.end


def _term(meaning: str, weight: float, span: Span) -> Term:
    return Term(_line(meaning), weight, span)


def _line(text: str) -> str:
    return " ".join(text.split())
