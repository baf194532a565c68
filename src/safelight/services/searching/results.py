"""The results of a search, through which every photo can be reached without creating a value for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from safelight.core.message import Message
from safelight.core.search import Band, SearchHit

FIRST = 2000
"""Hits with their scores and reasons; further photos come as ids. 100,000 hits take half a second to send
from one process to another, their ids a few milliseconds."""

_LISTED_WORDS = 3
"""Unknown words that the notice lists."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, and what the user should know about them."""

    hits: tuple[SearchHit, ...]
    notices: tuple[Message, ...] = ()
    """Sentences for the user; most answers have none."""
    also: Mapping[Band, tuple[int, ...]] = field(default_factory=dict)
    """Photos of each band after those of the hits."""
    others: int = 0
    """How many more there are, all less likely."""
    unknown_words: tuple[str, ...] = ()
    """Words of the query that the model was never taught; a notice names them too."""
    remainder: Callable[[], Sequence[int]] = field(default=tuple, compare=False)
    """Loads these others, best first."""

    def with_unknown_words(self, words: tuple[str, ...]) -> Found:
        """The same results with a sentence about ``words``, which the model was never taught: what it finds
        for them is no answer.
        """
        if not words:
            return self
        listed = ", ".join(f"“{word}”" for word in words[:_LISTED_WORDS])
        if len(words) > _LISTED_WORDS:
            listed += " …"
        sentence = (
            Message(
                "This model was not taught {word}; a larger or multilingual model may know it (see Models).",
                word=listed,
            )
            if len(words) == 1
            else Message(
                "This model was not taught {words}; a larger or multilingual model may know them "
                "(see Models).",
                words=listed,
            )
        )
        return replace(self, notices=(sentence, *self.notices), unknown_words=words)

    @property
    def notice(self) -> str:
        """The notices as one English line."""
        return " ".join(map(str, self.notices))


def first_of(
    hits: Sequence[SearchHit],
    limit: int | None,
    notices: tuple[Message, ...],
    others: int = 0,
    remainder: Callable[[], Sequence[int]] = tuple,
) -> Found:
    """The first ``limit`` hits and no more, or all: the first ones as hits and the others as ids."""
    if limit is not None:
        return Found(tuple(hits[:limit]), notices)
    further = hits[FIRST:]
    also = {band: tuple(hit.photo_id for hit in further if hit.band is band) for band in Band}
    return Found(
        tuple(hits[:FIRST]),
        notices,
        {band: ids for band, ids in also.items() if ids},
        others,
        remainder=remainder,
    )
