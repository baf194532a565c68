"""Reading the search language. The specification is docs/search-language.md.

Every text can be read: a word that has no other meaning belongs to the description, a quotation mark or
parenthesis that is still open closes at the end of the text, where it is being typed, and a parenthesis that
closes nothing is ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from safelight.core.query.conditions import takes_lists
from safelight.core.query.model import Filter, Group, Like, Part, Phrase, Query, Span, Term, Words
from safelight.core.query.values import KEYS, read_condition
from safelight.core.region import Region

_SPACE = re.compile(r"\s*")
_KEY = re.compile(r"([A-Za-z]+):")
_WEIGHT = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,2})?):(?=[^\s0-9])")
_QUOTED = re.compile(r'"((?:[^"]|"")*)(?:"|\Z)')
_OPEN = re.compile(r"[+-]?\(")
_DEEPEST = 8
"""Groups inside groups that are read as such; further parentheses are ignored."""


# A token may contain parentheses if they are balanced; otherwise they end it.
_TOKEN = re.compile(r"(?:[^\s()]|\([^\s()]*\))+")
_ITEM = re.compile(r"(?:[^\s,()]|\([^\s,()]*\))+")
"""A token up to a comma."""
_EITHER = re.compile(r"OR(?=[\s()]|\Z)")


@dataclass(slots=True)
class _Open:
    """A group that is being read; the outermost one is the query."""

    start: int
    negated: bool = False
    alternatives: list[list[Part]] = field(default_factory=lambda: [[]])


def parse(text: str) -> Query:
    """Understand a query. Never raises; ``parse(query.text()) == query`` for every query it makes."""
    start = position = _end(_SPACE, text, 0)
    stack = [_Open(start)]
    ignored = 0
    while position < len(text):
        if text[position] == ")":
            position += 1
            if ignored:
                ignored -= 1
            elif len(stack) > 1:
                _close(stack, position)
        elif (opened := _OPEN.match(text, position)) is not None:
            if len(stack) > _DEEPEST:
                ignored += 1
            else:
                stack.append(_Open(position, negated=text[position] == "-"))
            position = opened.end()
        elif (either := _EITHER.match(text, position)) is not None:
            stack[-1].alternatives.append([])
            position = either.end()
        else:
            part, position = _read(text, position)
            if part is not None:
                _append(stack[-1].alternatives[-1], part)
        position = _end(_SPACE, text, position)
    while len(stack) > 1:
        _close(stack, len(text.rstrip()))
    return Query(tuple(_grouped(stack[0], len(text.rstrip()))))


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    assert match is not None  # the pattern also matches nothing
    return match.end()


def restrict_query(text: str, restriction: str) -> str:
    """The query ``text`` among the photos that ``restriction``, a query of filters, matches.

    Returns ``text`` itself where there is no restriction.
    """
    if not restriction:
        return text
    return Query((*parse(text).parts, *parse(restriction).parts)).text()


# --- groups -----------------------------------------------------------------------------------------


def _append(parts: list[Part], part: Part) -> None:
    """Add a part; words that follow words continue them."""
    last = parts[-1] if parts else None
    if isinstance(part, Words) and isinstance(last, Words):
        parts[-1] = Words(f"{last.words} {part.words}", (last.span[0], part.span[1]))
    else:
        parts.append(part)


def _close(stack: list[_Open], end: int) -> None:
    group = stack.pop()
    for part in _grouped(group, end):
        _append(stack[-1].alternatives[-1], part)


def _grouped(group: _Open, end: int) -> list[Part]:
    """What a group comes to: parentheses that mean nothing disappear."""
    alternatives: dict[tuple[Part, ...], None] = {}
    for parts in group.alternatives:
        inner = parts[0] if len(parts) == 1 else None
        if isinstance(inner, Group) and not inner.negated:
            alternatives.update(dict.fromkeys(inner.alternatives))
        elif parts:
            alternatives[tuple(parts)] = None
    span = (group.start, end)
    if len(alternatives) > 1:
        return [Group(tuple(alternatives), group.negated, span)]
    only = next(iter(alternatives), ())
    if not group.negated:
        return list(only)
    return [_negated(only, span)] if only else []


def _negated(parts: tuple[Part, ...], span: Span) -> Part:
    match parts:
        case (Words(words),):
            return Term(words, -1.0, span)
        case (Term() | Like() as part,):
            return replace(part, weight=-part.weight, span=span)
        case (Filter() | Group() as other,):
            return replace(other, negated=not other.negated, span=span)
        case _:
            return Group((parts,), True, span)


# --- parts ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Value:
    """What is written at a place: a token, or a quotation."""

    text: str
    end: int
    is_quoted: bool


def _value_at(text: str, start: int, form: re.Pattern[str]) -> _Value:
    if (quotation := _QUOTED.match(text, start)) is not None:
        return _Value(quotation[1].replace('""', '"'), quotation.end(), True)
    token = form.match(text, start)
    return _Value(token[0], token.end(), False) if token else _Value("", start, False)


def _read(text: str, start: int) -> tuple[Part | None, int]:
    """The part that begins at ``start`` and where the next may begin; None for an empty quotation."""
    sign = text[start] if text[start] in "+-" else ""
    after_sign = start + len(sign)
    if not sign and text[start] == '"':
        phrase = _value_at(text, start, _TOKEN)
        span = (start, phrase.end)
        return (Phrase(_line(phrase.text), span) if phrase.text.strip() else None), phrase.end
    if (key := _KEY.match(text, after_sign)) is not None and key[1].lower() in KEYS:
        return _keyed(text, start, key, negated=sign == "-")
    weight = _WEIGHT.match(text, after_sign)
    size = float(weight[1]) if weight else 1.0
    if size and (sign or weight):
        value = _value_at(text, weight.end() if weight else after_sign, _TOKEN)
        if value.is_quoted and not value.text.strip():
            return None, value.end
        if value.is_quoted or value.text[:1] not in ("", "-", "+"):
            return _term(value.text, -size if sign == "-" else size, (start, value.end)), value.end
    word = _TOKEN.match(text, start)
    assert word is not None  # no white space and no parenthesis begins here
    return Words(word[0], word.span()), word.end()


def _keyed(text: str, start: int, key: re.Match[str], *, negated: bool) -> tuple[Part | None, int]:
    name = key[1].lower()
    if name == "like":
        value = _value_at(text, key.end(), _TOKEN)
        if value.text.strip():
            path, region = Region.split(value.text.strip())
            return Like(path, -1.0 if negated else 1.0, (start, value.end), region), value.end
        end = value.end
    else:
        values, end = _values_at(text, key.end(), as_list=takes_lists(name))
        conditions = [read_condition(name, value) for value in values]
        known = dict.fromkeys(each for each in conditions if each is not None)
        if conditions and len(conditions) == sum(each is not None for each in conditions):
            span = (start, end)
            filters = tuple((Filter(each, False, span),) for each in known)
            if len(filters) == 1:
                return Filter(next(iter(known)), negated, span), end
            return Group(filters, negated, span), end
    if negated:
        return _term(text[key.start() : end], -1.0, (start, end)), end
    return Words(text[start:end], (start, end)), end


def _values_at(text: str, start: int, *, as_list: bool) -> tuple[list[str], int]:
    """The values after a colon, without empty ones, and where they end."""
    if not as_list:
        value = _value_at(text, start, _TOKEN)
        return [value.text], value.end
    values, end = [], start
    while True:
        value = _value_at(text, end, _ITEM)
        end = value.end
        if value.text:
            values.append(value.text)
        if text[end : end + 1] != ",":
            return values, end
        end += 1


def _term(meaning: str, weight: float, span: Span) -> Term:
    return Term(_line(meaning), weight, span)


def _line(text: str) -> str:
    return " ".join(text.split())
