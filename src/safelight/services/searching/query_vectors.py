"""The vectors of a query: words and pictures, each with a weight."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.encoder import Vectors


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that is wanted, or (with a negative weight) excluded."""

    vector: Vectors
    """Unit vector (dim,)."""
    by_words: bool
    """A text rather than a picture: the two are separate in a model's space, and are never added there."""
    weight: float = 1.0
    text: str = ""
    """The words, for a text."""


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """At least one sense, the first with a positive weight."""

    senses: tuple[Sense, ...]
    only_excludes: bool = False
    """The query only excludes; then the senses are the excluded things."""
    wanted: Sense | None = None
    """The wanted words, where other parts of the query change its direction."""
    excluded: tuple[Sense, ...] = ()
    """The excluded words, each by itself, where others are wanted."""

    @classmethod
    def at_words(cls, vector: Vectors, text: str = "") -> QueryVectors:
        return cls((Sense(vector, by_words=True, text=text),))

    @classmethod
    def at_picture(cls, vector: Vectors) -> QueryVectors:
        return cls((Sense(vector, by_words=False),))

    @property
    def by_words(self) -> bool:
        """Whether only words are wanted, so that possibly no photo matches."""
        return all(sense.by_words for sense in self.senses if sense.weight > 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """One part of a query by itself."""

    text: str
    sense: Sense
    """The sense, with a weight of 1."""
    excluded: bool = False
