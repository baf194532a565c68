"""A query with groups as several plain queries. A photo matches if it matches one of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from safelight.core.errors import UsageError
from safelight.core.query.model import Filter, Group, Like, Part, Phrase, Query, Term, Words, ranks

MAX_ALTERNATIVES = 32
"""The greatest number of plain queries; each is a search of its own."""


def alternatives(query: Query) -> tuple[Query, ...]:
    """The plain queries, each without a group that ranks; together they mean the same.

    Groups in which nothing ranks stay: the store answers them in one statement. Raises UsageError where
    there would be more than :data:`MAX_ALTERNATIVES`.
    """
    return tuple(Query(tuple(parts)) for parts in dict.fromkeys(_expanded(query.parts)))


def _expanded(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Every way to take one alternative of each group."""
    choices: list[list[tuple[Part, ...]]] = [_choices(part) for part in parts]
    count = 1
    for each in choices:
        count *= len(each)
        if count > MAX_ALTERNATIVES:
            raise UsageError(
                "The query has more than {limit} combinations of alternatives. Use fewer ORs.",
                limit=MAX_ALTERNATIVES,
            )
    return [tuple(part for choice in chosen for part in choice) for chosen in product(*choices)]


def _choices(part: Part) -> list[tuple[Part, ...]]:
    if not isinstance(part, Group) or not ranks((part,)):
        return [(part,)]
    if not part.negated:
        return [parts for each in part.alternatives for parts in _expanded(each)]
    # Not (a OR b) is: not a, and not b.
    return _expanded(tuple(_opposite(each) for each in part.alternatives))


def _opposite(parts: tuple[Part, ...]) -> Part:
    """A part that matches where not all of these parts do."""
    opposites = tuple((_negated(part),) for part in parts)
    return opposites[0][0] if len(opposites) == 1 else Group(opposites)


def _negated(part: Part) -> Part:
    match part:
        case Words(words):
            return Term(words, -1.0)
        case Term(meaning, weight):
            return Term(meaning, -weight)
        case Like(path, weight, region=region):
            return Like(path, -weight, region=region)
        case Filter(condition, negated):
            return Filter(condition, not negated)
        case Group(within, negated):
            return Group(within, not negated)
        case Phrase():
            return Group(((part,),), True)
