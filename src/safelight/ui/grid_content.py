"""What the grid is to show, divided into sections."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from safelight.core.order import Order
from safelight.core.search import Band, SearchHit
from safelight.ui import wording
from safelight.ui.grid.model import Section
from safelight.ui.library_reader import ScopeRows
from safelight.ui.view_request import Place, Query, TextQuery

_NONE: Mapping[Band, tuple[int, ...]] = {}


@dataclass(frozen=True, slots=True)
class GridContent:
    """Photo ids, each once, and the sections that divide them."""

    ids: Sequence[int]
    sections: tuple[Section, ...] = ()
    failed: bool = False
    """There are none because the search could not be answered."""

    def unfolded(self) -> tuple[Section, ...]:
        """The sections with nothing behind a fold."""
        return tuple(replace(section, collapsed=False) for section in self.sections)


@dataclass(frozen=True, slots=True)
class Answer:
    """The photos that answer a search, by bands and best first."""

    bands: Mapping[Band, tuple[int, ...]]
    others: int = 0
    """Less likely ones that are still to come."""

    @classmethod
    def of(
        cls, hits: Sequence[SearchHit], also: Mapping[Band, tuple[int, ...]] = _NONE, others: int = 0
    ) -> Answer:
        """From hits with their scores, those that follow them, and the number that is to come."""
        return cls(
            {
                band: (*(hit.photo_id for hit in hits if hit.band is band), *also.get(band, ()))
                for band in Band
            },
            others,
        )

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(chain.from_iterable(self.bands.values()))

    def with_further(self, ids: Iterable[int]) -> Answer:
        """With those that were still to come."""
        known, more = set(self.ids), tuple(ids)
        if not known.isdisjoint(more):  # quick for the many that there may be
            more = tuple(photo for photo in more if photo not in known)
        return Answer({**self.bands, Band.REST: (*self.bands.get(Band.REST, ()), *more)})

    def without(self, gone: Container[int]) -> Answer:
        kept = {band: tuple(photo for photo in ids if photo not in gone) for band, ids in self.bands.items()}
        return Answer(kept, self.others)


@dataclass(frozen=True, slots=True)
class Titles:
    """What the bands of an answer are called."""

    strong: str = "Strong"
    maybe: str = "Maybe"
    rest: str = "Less likely"
    folded: str = "{} less likely"


def titles_for(query: Query) -> Titles:
    """A query of filters alone fits or does not; one of exclusions alone by what is unlike them."""
    if not isinstance(query, TextQuery):
        return Titles()
    from safelight.core.query import Like, Term, Words, parse  # with the first search, not the first paint

    parts = parse(query.text).parts
    if any(isinstance(part, Words) or (isinstance(part, Term | Like) and part.weight > 0) for part in parts):
        return Titles()
    if any(isinstance(part, Term | Like) for part in parts):
        return Titles("Unlike it", "Perhaps unlike it", "More like it", "{} more like it")
    return Titles("Matching")


def listing_of_rows(rows: ScopeRows) -> GridContent:
    """A part of the library by month where it goes by date; else one run."""
    by_date = rows.order in (Order.NEWEST, Order.OLDEST) or (
        rows.order is Order.NATURAL and rows.scope.place is not Place.RECENT
    )
    if not by_date:
        return GridContent(rows.ids)
    return GridContent(
        rows.ids,
        _sections((wording.month(f"{key}-01"), amount, False) for key, amount in _months(rows.dates)),
    )


def _months(dates: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Each month, ``YYYY-MM``, of dates in order, and how many are of it.

    Looks at a few dates of each month only, by steps that double (Bentley and Yao 1976): of a million,
    looking at each would hold up the window for a fifth of a second.
    """
    start = 0
    while start < len(dates):
        key, step = dates[start][:7], 1
        while start + step < len(dates) and dates[start + step][:7] == key:
            step *= 2
        stop = bisect_left(
            range(min(start + step, len(dates))),
            True,
            lo=start + step // 2,
            key=lambda place: dates[place][:7] != key,
        )
        yield key, stop - start
        start = stop


def listing_of_answer(answer: Answer, titles: Titles, places: Mapping[int, int] | None = None) -> GridContent:
    """Photos by how they stand out, the rest behind a fold unless there is nothing else.

    Within each band they are as they come, or by ``places``: where each stands in another order.
    """
    by_band = {band: list(answer.bands.get(band, ())) for band in Band}
    if places is not None:
        for ids in by_band.values():
            ids.sort(key=lambda photo: places.get(photo, len(places)))
    rest = by_band[Band.REST]
    named = [(titles.strong, by_band[Band.STRONG]), (titles.maybe, by_band[Band.MAYBE])]
    parts = [(title, len(ids), False) for title, ids in named if ids]
    if rest:
        fold = (titles.folded.format(f"{len(rest) + answer.others:,}"), len(rest), True)
        parts.append(fold if parts else (titles.rest, len(rest), False))
    return GridContent(tuple(chain.from_iterable(by_band.values())), _sections(parts))


def _sections(parts: Iterable[tuple[str, int, bool]]) -> tuple[Section, ...]:
    """Sections one after the other from (title, rows, behind a fold)."""
    made: list[Section] = []
    row = 0
    for title, amount, folded in parts:
        detail = "" if folded else f"{amount:,}"
        made.append(Section(title, row, amount, collapsed=folded, foldable=folded, detail=detail))
        row += amount
    return tuple(made)
