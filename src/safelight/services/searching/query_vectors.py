"""The vectors of a query: texts and pictures, each with a weight."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.encoder import Vectors


@dataclass(frozen=True, slots=True)
class QueryVector:
    """The vector of one text or picture that is wanted, or excluded if its weight is negative."""

    vector: Vectors
    """Unit vector (dim,)."""
    by_words: bool
    """Whether it is a text rather than a picture. Models place the two in separate regions of the space, so
    that the sum of a text and a picture has no meaning."""
    weight: float = 1.0
    text: str = ""
    """The words, for a text."""


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """What a query searches for: at least one vector, the first with a positive weight."""

    parts: tuple[QueryVector, ...]
    only_excludes: bool = False
    """Whether the query only excludes. Then ``parts`` are what it excludes."""
    wanted: QueryVector | None = None
    """The wanted words alone, if other parts of the query change its direction."""
    excluded: tuple[QueryVector, ...] = ()
    """The excluded words, each by itself, if others are wanted."""

    @classmethod
    def for_words(cls, vector: Vectors, text: str = "") -> QueryVectors:
        return cls((QueryVector(vector, by_words=True, text=text),))

    @classmethod
    def for_picture(cls, vector: Vectors) -> QueryVectors:
        return cls((QueryVector(vector, by_words=False),))

    @property
    def by_words(self) -> bool:
        """Whether only words are wanted, so that possibly no photo matches."""
        return all(part.by_words for part in self.parts if part.weight > 0)


@dataclass(frozen=True, slots=True)
class QueryPart:
    """One part of a query, as the user wrote it, with its vector."""

    text: str
    vector: QueryVector
    """Has a weight of 1."""
    excluded: bool = False
