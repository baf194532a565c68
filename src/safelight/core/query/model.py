"""A query as it was understood: a row of parts in the order they were typed."""

from __future__ import annotations

from dataclasses import dataclass, field

from safelight.core.query.conditions import Condition, quoted, value_text
from safelight.core.region import Region

Span = tuple[int, int]
"""Where a part stands in the text it was read from: from, and up to but not including."""

_NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Words:
    """A run of free text. All runs of a query together are one description."""

    words: str
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Term:
    """A meaning of its own, added to the description or (a negative weight) taken away from it."""

    meaning: str
    weight: float
    """Not 0; at most two digits before and after the point. 1 and −1 are the plain ``+`` and ``-``."""
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        bare = (
            self.meaning[:1] not in ("", "-", "+", '"', *"0123456789")
            and ":" not in self.meaning
            and not any(character.isspace() for character in self.meaning)
        )
        return _weight_text(self.weight) + (self.meaning if bare else quoted(self.meaning))


@dataclass(frozen=True, slots=True)
class Like:
    """A picture, or a part of one, whose look is added, or (weight −1) taken away."""

    path: str
    weight: float = 1.0
    span: Span = field(default=_NOWHERE, compare=False)
    region: Region | None = None

    def text(self) -> str:
        part = "" if self.region is None else str(self.region)
        return ("-" if self.weight < 0 else "") + f"like:{value_text(self.path + part)}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand next to each other in a photo's names, tags, camera or recognised text."""

    phrase: str
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        return quoted(self.phrase)


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on which photos are searched; negated, it lets through exactly the others."""

    condition: Condition
    negated: bool = False
    span: Span = field(default=_NOWHERE, compare=False)

    def text(self) -> str:
        return ("-" if self.negated else "") + self.condition.text()


Part = Words | Term | Like | Phrase | Filter


@dataclass(frozen=True, slots=True)
class Query:
    """Made by :func:`safelight.core.query.parse`. Spans do not tell queries apart."""

    parts: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.parts)

    @property
    def description(self) -> str:
        """All free text in one line, empty where there is none."""
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
    def ranks(self) -> bool:
        """Whether it says anything by which some photos fit better than others."""
        return any(isinstance(part, Words | Term | Like) for part in self.parts)

    def text(self) -> str:
        """The query in its plainest spelling, which reads as the same query."""
        return " ".join(part.text() for part in self.parts)


def _weight_text(weight: float) -> str:
    sign = "-" if weight < 0 else "+" if weight == 1 else ""
    size = abs(weight)
    return sign if size == 1 else f"{sign}{size:.2f}".rstrip("0").rstrip(".") + ":"
