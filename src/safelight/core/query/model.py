"""A query as it was understood: a sequence of parts, all of which count, in the order they were typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from safelight.core.fields import FIELDS_BY_KEY
from safelight.core.query.conditions import (
    Condition,
    ValueCondition,
    condition_text,
    quoted,
    takes_lists,
    value_text,
)
from safelight.core.region import Region

Span = tuple[int, int]
"""The place of a part in the text it was read from: its start, and its end (exclusive)."""

_NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Words:
    """Free text. All free text of an alternative together is one description."""

    words: str
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Term:
    """A description of its own, added to the query or (with a negative weight) excluded from it."""

    meaning: str
    weight: float
    """Not 0; at most two digits before and after the point. 1 and −1 are the plain ``+`` and ``-``."""
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        bare = self.meaning[:1] not in ("", "-", "+", '"', *"0123456789") and not any(
            character in ":()" or character.isspace() for character in self.meaning
        )
        return _weight_text(self.weight) + (self.meaning if bare else quoted(self.meaning))


@dataclass(frozen=True, slots=True)
class Like:
    """A picture, or a part of one: photos should look like it, or (weight −1) unlike it."""

    path: str
    weight: float = 1.0
    span: Span = field(default=_NOWHERE, compare=False)
    region: Region | None = None

    def text(self) -> str:
        part = "" if self.region is None else str(self.region)
        # Commas do not divide the value of like:, so a region needs no quotation marks.
        path = value_text(self.path.replace(",", "")) == self.path.replace(",", "")
        value = self.path + part
        return ("-" if self.weight < 0 else "") + "like:" + (value if path else quoted(value))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words next to each other in a photo's names, tags, camera or recognised text."""

    phrase: str
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        return quoted(self.phrase)


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on photos; negated, it matches exactly the others."""

    condition: Condition
    negated: bool = False
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        return ("-" if self.negated else "") + condition_text(self.condition)


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives: a photo fits if it fits one of them, or (negated) if it fits none of them.

    Each alternative is a query of its own. A group has two alternatives or more, but for a negated one,
    which may have one. Made by the parser, which writes it in its shortest form.
    """

    alternatives: tuple[tuple[Part, ...], ...]
    negated: bool = False
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        sign = "-" if self.negated else ""
        return sign + (self.list_text() or f"({self.inner_text()})")

    def list_text(self) -> str:
        """``tag:a,b``, where the alternatives are values of one field; else empty."""
        filters = [each[0] for each in self.alternatives if len(each) == 1 and isinstance(each[0], Filter)]
        keys = {each.condition.key for each in filters}
        plain = len(filters) == len(self.alternatives) > 1 and not any(each.negated for each in filters)
        if not plain or len(keys) != 1:
            return ""
        (key,) = keys
        return (
            f"{key}:{','.join(each.condition.value_text() for each in filters)}" if takes_lists(key) else ""
        )

    def inner_text(self) -> str:
        """The alternatives without parentheses."""
        return " OR ".join(" ".join(part.text() for part in each) for each in self.alternatives)


Part = Words | Term | Like | Phrase | Filter | Group


def leaves(parts: Iterable[Part]) -> Iterator[Words | Term | Like | Phrase | Filter]:
    """All parts, those inside groups in place of the groups."""
    for part in parts:
        if isinstance(part, Group):
            for each in part.alternatives:
                yield from leaves(each)
        else:
            yield part


def is_judged(part: Part) -> bool:
    """Whether it is a filter that the model decides, such as ``my:bruno``."""
    return (
        isinstance(part, Filter)
        and isinstance(part.condition, ValueCondition)
        and FIELDS_BY_KEY[part.condition.key].is_judged
    )


def ranks(parts: Iterable[Part]) -> bool:
    """Whether any of these parts makes some photos fit better than others."""
    return any(isinstance(part, Words | Term | Like) or is_judged(part) for part in leaves(parts))


@dataclass(frozen=True, slots=True)
class Query:
    """Made by :func:`safelight.core.query.parse`. Queries that differ only in spans are equal."""

    parts: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        """Whether the query has any parts."""
        return bool(self.parts)

    @property
    def description(self) -> str:
        """All free text outside groups in one line, empty where there is none."""
        return " ".join(part.words for part in self.parts if isinstance(part, Words))

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(part for part in self.parts if isinstance(part, Term))

    @property
    def likes(self) -> tuple[Like, ...]:
        return tuple(part for part in self.parts if isinstance(part, Like))

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        return tuple(part for part in self.parts if isinstance(part, Phrase))

    @property
    def filters(self) -> tuple[Filter, ...]:
        return tuple(part for part in self.parts if isinstance(part, Filter))

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(part for part in self.parts if isinstance(part, Group))

    @property
    def restrictions(self) -> tuple[Filter | Phrase | Group, ...]:
        """The parts by which the store decides which photos are searched at all: groups only where nothing in
        them ranks, and no filters that the model decides."""
        return tuple(
            part for part in self.parts if isinstance(part, Filter | Phrase | Group) and not ranks((part,))
        )

    @property
    def judged(self) -> tuple[Filter, ...]:
        """Filters outside groups that the model decides, such as ``my:bruno``."""
        return tuple(part for part in self.filters if is_judged(part))

    @property
    def is_aimed(self) -> bool:
        """Whether words or pictures outside groups say what photos should look like."""
        return any(isinstance(part, Words | Term | Like) for part in self.parts)

    @property
    def ranks(self) -> bool:
        """Whether any part makes some photos match better than others."""
        return ranks(self.parts)

    def leaves(self) -> Iterator[Words | Term | Like | Phrase | Filter]:
        """All parts, those inside groups in place of the groups."""
        return leaves(self.parts)

    def text(self) -> str:
        """The query in its plainest spelling, which reads as the same query."""
        if len(self.parts) == 1 and isinstance(group := self.parts[0], Group) and not group.negated:
            return group.list_text() or group.inner_text()
        return " ".join(part.text() for part in self.parts)


def _weight_text(weight: float) -> str:
    sign = "-" if weight < 0 else "+" if weight == 1 else ""
    size = abs(weight)
    return sign if size == 1 else f"{sign}{size:.2f}".rstrip("0").rstrip(".") + ":"
