"""Converts a plain query, which is one without groups that rank, to vectors of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from safelight.core.message import Message
from safelight.core.query import Filter, FlagCondition, Like, Query
from safelight.core.search import Band, SearchHit
from safelight.services.searching.query_vectors import QueryPart, QueryVector, QueryVectors
from safelight.services.searching.results import MAX_SCORED_HITS, FoundPhotos

Vector = npt.NDArray[np.float32]

EXCLUSION = 0.75
"""The weight of excluded words, relative to 1 for the wanted ones.

Measured as "word -word" over words of captions, a right photo being one whose captions hold the first
and not the second. With the starter (574 photos, 1,007 pairs) precision at 10 rose from .448 to .535 and
the share of the first ten that show what was excluded fell from .174 to .075; with CLIP ViT-B/32 (1,213
photos, 95 pairs) .327 to .329 and .124 to .074. Comparing each photo's two scores instead (leaving out
those whose standardised score for the excluded word passes a bar, or passes that for the wanted word)
was worse at every bar: at an equal share of excluded photos, .485 and .280.
"""

_LEAST_LENGTH = 1e-3


LIKED = 1.0
DISLIKED = 0.25
"""Weights of the mean of the liked and of the unliked pictures, relative to 1 for the words (Rocchio's
relevance feedback, 1971), in deviations. If vectors were added instead, pictures would dominate the words,
since with CLIP any two pictures are closer than any picture and any text: "word -like:" lost nine in ten of
the right photos. docs/relevance-evaluation.md describes how the weights were found."""


def query_parts(
    query: Query,
    words: Callable[[str], Vector],
    picture: Callable[[Like], Vector],
    more: Sequence[Vector] = (),
) -> list[QueryPart]:
    """The parts by which a query ranks, each with its own vector."""
    parts = [QueryPart("this picture", QueryVector(vector, by_words=False)) for vector in more]
    if query.description:
        parts.append(
            QueryPart(
                query.description,
                QueryVector(words(query.description), by_words=True, text=query.description),
            )
        )
    parts += [
        QueryPart(term.text(), QueryVector(words(term.meaning), True, text=term.meaning), term.weight < 0)
        for term in query.terms
    ]
    parts += [
        QueryPart(like.text(), QueryVector(picture(like), False), like.weight < 0) for like in query.likes
    ]
    return parts


def query_vectors(
    query: Query,
    words: Callable[[str], Vector],
    picture: Callable[[Like], Vector],
    *,
    more: Sequence[Vector] = (),
) -> QueryVectors | None:
    """The vectors of a query's texts and pictures; None where it has none, or they cancel out.

    ``words`` and ``picture`` give unit vectors (dim,) for a text and for a named picture. ``more`` are unit
    vectors of further wanted pictures. Excluded words are subtracted only as far as they differ from wanted
    ones, so that "dog -puppy" stays a search for dogs.
    """
    texts = [(1.0, words(query.description))] if query.description else []
    texts += [(term.weight, words(term.meaning)) for term in query.terms]
    liked = [*more, *(picture(like) for like in query.likes if like.weight > 0)]
    disliked = [picture(like) for like in query.likes if like.weight < 0]
    direction = _text_direction(texts)
    excluded_text = _unit([(-weight, vector) for weight, vector in texts if weight < 0])
    text = wanted_words(query)
    excluded_words = " ".join(term.meaning for term in query.terms if term.weight < 0)
    wanted = _query_vectors_of((direction, True, 1.0, text), (_mean(liked), False, LIKED, ""))
    if not wanted:
        unwanted = _query_vectors_of(
            (excluded_text, True, 1.0, excluded_words), (_mean(disliked), False, 1.0, "")
        )
        return QueryVectors(unwanted, only_excludes=True) if unwanted else None
    unwanted = _query_vectors_of(
        (None if direction is not None else excluded_text, True, -DISLIKED, excluded_words),
        (_mean(disliked), False, -DISLIKED, ""),
    )
    words_alone = None
    if direction is not None and not liked and (unwanted or any(weight < 0 for weight, _ in texts)):
        words_alone = _unit([(weight, vector) for weight, vector in texts if weight > 0])
    if words_alone is None:
        return QueryVectors((*wanted, *unwanted))
    excluded = tuple(
        QueryVector(words(term.meaning), True, text=term.meaning) for term in query.terms if term.weight < 0
    )
    return QueryVectors(
        (*wanted, *unwanted), wanted=QueryVector(words_alone, by_words=True, text=text), excluded=excluded
    )


def _text_direction(texts: Sequence[tuple[float, Vector]]) -> Vector | None:
    """The direction of the wanted texts, less the excluded ones; None if no text is wanted."""
    wanted = _unit([(weight, vector) for weight, vector in texts if weight > 0])
    if wanted is None:
        return None
    direction = wanted
    for weight, vector in texts:
        own = _unit([(1.0, vector), (-float(vector @ wanted), wanted)]) if weight < 0 else None
        if own is not None:
            direction = direction + EXCLUSION * weight * own
    return np.asarray(direction / np.linalg.norm(direction), np.float32)


def _mean(pictures: Sequence[Vector]) -> Vector | None:
    return _unit([(1.0, vector) for vector in pictures])


def _query_vectors_of(*found: tuple[Vector | None, bool, float, str]) -> tuple[QueryVector, ...]:
    return tuple(
        QueryVector(vector, by_words, weight, text)
        for vector, by_words, weight, text in found
        if vector is not None
    )


def words_for_names(query: Query) -> str:
    """The words to look for in names. Empty if the query weights several parts, because a name that contains
    one of them would distort the weights.
    """
    return "" if any(term.weight > 0 for term in query.terms) else query.description


def wanted_words(query: Query) -> str:
    """All words that a query wants, without its filters, pictures and exclusions."""
    return " ".join([query.description, *(term.meaning for term in query.terms if term.weight > 0)]).strip()


def by_date(
    query: Query, photo_ids: Sequence[int], limit: int | None, notices: tuple[Message, ...] = ()
) -> FoundPhotos:
    """The answer to a query that ranks nothing: the photos that pass its filters, newest first."""
    first = photo_ids[: MAX_SCORED_HITS if limit is None else limit]
    further = tuple(photo_ids[MAX_SCORED_HITS:]) if limit is None else ()
    hits = tuple(SearchHit(photo, 1.0, Band.STRONG) for photo in first)
    return FoundPhotos(hits, notices or query_notices(query), {Band.STRONG: further} if further else {})


_OPPOSITE = {Band.STRONG: Band.REST, Band.MAYBE: Band.REST, Band.REST: Band.STRONG}


def invert_hits(unwanted: Sequence[SearchHit]) -> tuple[SearchHit, ...]:
    """The hits of a query that only excludes, from all hits for the excluded part, best first.

    The least similar photos come first. Strong and possible matches of the excluded part are in the band
    *rest*.
    """
    return tuple(SearchHit(hit.photo_id, -hit.score, _OPPOSITE[hit.band]) for hit in reversed(unwanted))


HIDDEN = FlagCondition("is", "hidden")
HALF = FlagCondition("is", "half")
"""The second half of a pair, which the other half represents."""


def asks_for(query: Query, flag: FlagCondition) -> bool:
    """Whether a query mentions photos that other queries leave out."""
    return any(isinstance(each, Filter) and each.condition == flag for each in query.leaves())


def without_flag(query: Query, flag: FlagCondition) -> Query:
    """The same query for photos that do not have a flag."""
    return Query((*query.parts, Filter(flag, negated=True)))


def query_notices(query: Query) -> tuple[Message, ...]:
    """Notices for the user about how the query is answered; empty if that is obvious."""
    if any(isinstance(each, Filter) and each.condition.key == "place" for each in query.leaves()):
        return (
            Message("No names of places are known yet, so place: finds nothing; near: uses coordinates."),
        )
    return ()


def _unit(weighted: Sequence[tuple[float, Vector]]) -> Vector | None:
    """The direction of a weighted sum; None for an empty sum, or one that cancels out."""
    if not weighted:
        return None
    total = np.sum([weight * vector for weight, vector in weighted], axis=0)
    length = float(np.linalg.norm(total))
    return None if length < _LEAST_LENGTH else np.asarray(total / length, np.float32)
