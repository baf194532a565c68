"""From a plain query, one without groups that rank, to vectors of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from safelight.core.message import Message
from safelight.core.query import Filter, FlagCondition, Like, Query
from safelight.core.search import Band, SearchHit
from safelight.services.searching.query_vectors import Asked, QueryVectors, Sense
from safelight.services.searching.results import FIRST, Found

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


def asked(
    query: Query,
    words: Callable[[str], Vector],
    picture: Callable[[Like], Vector],
    more: Sequence[Vector] = (),
) -> list[Asked]:
    """The parts by which a query ranks, each by itself."""
    parts = [Asked("this picture", Sense(vector, by_words=False)) for vector in more]
    if query.description:
        parts.append(
            Asked(query.description, Sense(words(query.description), by_words=True, text=query.description))
        )
    parts += [
        Asked(term.text(), Sense(words(term.meaning), True, text=term.meaning), term.weight < 0)
        for term in query.terms
    ]
    parts += [Asked(like.text(), Sense(picture(like), False), like.weight < 0) for like in query.likes]
    return parts


def query_vectors(
    query: Query,
    words: Callable[[str], Vector],
    picture: Callable[[Like], Vector],
    *,
    more: Sequence[Vector] = (),
) -> QueryVectors | None:
    """The vectors of a query's texts and pictures; None where it has none, or they cancel out.

    ``words`` and ``picture`` give unit vectors for a text and for a named picture; ``more`` are wanted too.
    Excluded words are subtracted only as far as they differ from wanted ones, so that "dog -puppy" stays a
    search for dogs.
    """
    meanings = [(1.0, words(query.description))] if query.description else []
    meanings += [(term.weight, words(term.meaning)) for term in query.terms]
    liked = [*more, *(picture(like) for like in query.likes if like.weight > 0)]
    disliked = [picture(like) for like in query.likes if like.weight < 0]
    said, unsaid = _turned(meanings), _unit([(-weight, vector) for weight, vector in meanings if weight < 0])
    text = " ".join([query.description, *(term.meaning for term in query.terms if term.weight > 0)]).strip()
    untext = " ".join(term.meaning for term in query.terms if term.weight < 0)
    wanted = _senses((said, True, 1.0, text), (_mean(liked), False, LIKED, ""))
    if wanted:
        unwanted = _senses(
            (None if said is not None else unsaid, True, -DISLIKED, untext),
            (_mean(disliked), False, -DISLIKED, ""),
        )
        away = said is not None and not liked and bool(unwanted or any(weight < 0 for weight, _ in meanings))
        plain = _unit([(weight, vector) for weight, vector in meanings if weight > 0]) if away else None
        return QueryVectors(
            (*wanted, *unwanted),
            wanted=None if plain is None else Sense(plain, by_words=True, text=text),
            excluded=tuple(
                Sense(words(term.meaning), True, text=term.meaning) for term in query.terms if term.weight < 0
            )
            if away
            else (),
        )
    unwanted = _senses((unsaid, True, 1.0, untext), (_mean(disliked), False, 1.0, ""))
    return QueryVectors(unwanted, only_excludes=True) if unwanted else None


def _turned(meanings: Sequence[tuple[float, Vector]]) -> Vector | None:
    """The direction of the wanted words, less the excluded ones; None where no words are wanted."""
    towards = _unit([(weight, vector) for weight, vector in meanings if weight > 0])
    if towards is None:
        return None
    turned = towards
    for weight, vector in meanings:
        own = _unit([(1.0, vector), (-float(vector @ towards), towards)]) if weight < 0 else None
        if own is not None:
            turned = turned + EXCLUSION * weight * own
    return np.asarray(turned / np.linalg.norm(turned), np.float32)


def _mean(pictures: Sequence[Vector]) -> Vector | None:
    return _unit([(1.0, vector) for vector in pictures])


def _senses(*found: tuple[Vector | None, bool, float, str]) -> tuple[Sense, ...]:
    return tuple(
        Sense(vector, by_words, weight, text)
        for vector, by_words, weight, text in found
        if vector is not None
    )


def named(query: Query) -> str:
    """The words to look for in names: a plain description. Where a query weights several parts, a name that
    contains one of them would distort the weights.
    """
    return "" if any(term.weight > 0 for term in query.terms) else query.description


def wanted_words(query: Query) -> str:
    """The whole description of a query, without its filters and pictures and without exclusions."""
    return " ".join([query.description, *(term.meaning for term in query.terms if term.weight > 0)]).strip()


def by_date(
    query: Query, photo_ids: Sequence[int], limit: int | None, notices: tuple[Message, ...] = ()
) -> Found:
    """The answer to a query that ranks nothing: the photos that pass its filters, newest first."""
    first = photo_ids[: FIRST if limit is None else limit]
    further = tuple(photo_ids[FIRST:]) if limit is None else ()
    hits = tuple(SearchHit(photo, 1.0, Band.STRONG) for photo in first)
    return Found(hits, notices or remark(query), {Band.STRONG: further} if further else {})


_OPPOSITE = {Band.STRONG: Band.REST, Band.MAYBE: Band.REST, Band.REST: Band.STRONG}


def without(unwanted: Sequence[SearchHit]) -> tuple[SearchHit, ...]:
    """Hits of a query that only excludes, from all hits for the excluded part, best first.

    Strong and possible matches of the excluded part are the rest. The least similar photos come first.
    """
    return tuple(SearchHit(hit.photo_id, -hit.score, _OPPOSITE[hit.band]) for hit in reversed(unwanted))


HIDDEN = FlagCondition("is", "hidden")
HALF = FlagCondition("is", "half")
"""Whether it is the second half of a pair, which its other half represents."""


def asks_for(query: Query, flag: FlagCondition) -> bool:
    """Whether a query mentions photos that other queries leave out."""
    return any(isinstance(each, Filter) and each.condition == flag for each in query.leaves())


def without_flag(query: Query, flag: FlagCondition) -> Query:
    """The same query for photos that do not have a flag."""
    return Query((*query.parts, Filter(flag, negated=True)))


def remark(query: Query) -> tuple[Message, ...]:
    """What the user should know about how the query is answered; empty where that is obvious."""
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
