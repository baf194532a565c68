"""The results of a search. Only the best photos are values with scores; the others are ids, or are loaded on
request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from safelight.core.errors import UsageError
from safelight.core.message import Message
from safelight.core.search import Band, SearchHit

MAX_SCORED_HITS = 2000
"""The most hits that a result holds with scores and reasons. Further photos are only ids, because sending
100,000 hits to another process takes half a second, and their ids a few milliseconds."""

MOST_RESULTS = 10_000
"""How many photos a program gets from one search, on all pages together."""

_LISTED_WORDS = 3
"""Unknown words that the notice lists."""


@dataclass(frozen=True, slots=True)
class FoundPhotos:
    """Hits, best first, and notices for the user."""

    hits: tuple[SearchHit, ...]
    notices: tuple[Message, ...] = ()
    """Sentences for the user; empty for most searches."""
    also: Mapping[Band, tuple[int, ...]] = field(default_factory=dict)
    """Photos of each band after those of the hits."""
    others: int = 0
    """How many more photos there are, all less likely."""
    unknown_words: tuple[str, ...] = ()
    """Words of the query that the model was never taught; a notice names them too."""
    remainder: Callable[[], Sequence[int]] = field(default=tuple, compare=False)
    """Loads the ids of these others, best first."""

    def with_unknown_words(self, words: tuple[str, ...]) -> FoundPhotos:
        """The same results with a notice that the model was never trained on ``words``, so that what it finds
        for them means nothing.
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


def check_limit(number: int) -> None:
    """Raises UsageError if a program may not ask for so many photos."""
    if not 1 <= number <= MOST_RESULTS:
        raise UsageError(
            "A search gives 1 to {limit:,} photos in all, not {number:,}.", limit=MOST_RESULTS, number=number
        )


def limit_hits(
    hits: Sequence[SearchHit],
    limit: int | None,
    notices: tuple[Message, ...],
    others: int = 0,
    remainder: Callable[[], Sequence[int]] = tuple,
) -> FoundPhotos:
    """The first ``limit`` hits; without a limit all photos, those after :data:`MAX_SCORED_HITS` as ids."""
    if limit is not None:
        return FoundPhotos(tuple(hits[:limit]), notices)
    further = hits[MAX_SCORED_HITS:]
    also = {band: tuple(hit.photo_id for hit in further if hit.band is band) for band in Band}
    return FoundPhotos(
        tuple(hits[:MAX_SCORED_HITS]),
        notices,
        {band: ids for band, ids in also.items() if ids},
        others,
        remainder=remainder,
    )
