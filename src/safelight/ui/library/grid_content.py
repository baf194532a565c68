"""The photos and sections that the grid shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from safelight.core.estimate import rounded
from safelight.core.search import Band, SearchHit
from safelight.ui.library.timeline import Days, Grouping, section_titles
from safelight.ui.translation import translate
from safelight.ui.view_request import Query, TextQuery

_NO_PHOTOS: Mapping[Band, tuple[int, ...]] = {}


@dataclass(frozen=True, slots=True)
class Section:
    """A range of rows under one heading, such as a band of results or a month.

    A section without a title and fold has no heading. A ``foldable`` section has a line that shows or hides
    (``collapsed``) its rows: "47,902 less likely — show".
    """

    title: str
    first_row: int
    count: int
    collapsed: bool = False
    foldable: bool = False
    detail: str = ""
    """Secondary text shown after the title."""
    packs: bool = False
    """Whether it may be beside others of this kind if it is short, like a month with few photos."""


@dataclass(frozen=True, slots=True)
class GridContent:
    """Unique photo ids, and the sections that divide them."""

    ids: Sequence[int]
    sections: tuple[Section, ...] = ()
    failed: bool = False
    """Empty because the search failed."""
    days: Days = ()
    """The days of photos that are sorted by date. Their sections are made from it (:func:`sections_by`)."""

    def unfolded(self) -> tuple[Section, ...]:
        """The sections with all folds open."""
        return tuple(replace(section, collapsed=False) for section in self.sections)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Search results by band, best first."""

    bands: Mapping[Band, tuple[int, ...]]
    others: int = 0
    """Number of less likely results that will arrive later."""

    @classmethod
    def of(
        cls, hits: Sequence[SearchHit], also: Mapping[Band, tuple[int, ...]] = _NO_PHOTOS, others: int = 0
    ) -> SearchAnswer:
        """An answer from scored hits, the unscored hits after them, and the number still to arrive."""
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

    def with_further(self, ids: Iterable[int]) -> SearchAnswer:
        """The answer with the results that arrived later."""
        known, more = set(self.ids), tuple(ids)
        if not known.isdisjoint(more):  # fast for very many results
            more = tuple(photo for photo in more if photo not in known)
        return SearchAnswer({**self.bands, Band.REST: (*self.bands.get(Band.REST, ()), *more)})

    def without(self, gone: Collection[int]) -> SearchAnswer:
        """The answer without these photos."""
        if not gone:
            return self
        kept = {band: tuple(photo for photo in ids if photo not in gone) for band, ids in self.bands.items()}
        return SearchAnswer(kept, self.others)


_MATCHING = translate("GridContent", "Matching")
_ROUNDED_FROM = 1000


@dataclass(frozen=True, slots=True)
class BandTitles:
    """Names of the bands of a search."""

    strong: str = translate("Titles", "Strong")
    maybe: str = translate("Titles", "Maybe")
    rest: str = translate("Titles", "Less likely")
    folded: str = translate("Titles", "{} less likely")


def titles_for(query: Query) -> BandTitles:
    """A query of filters only either matches or does not; one of exclusions only ranks by dissimilarity."""
    if not isinstance(query, TextQuery):
        return BandTitles(
            translate("GridContent", "Same subject"),
            translate("GridContent", "Same scene"),
            translate("GridContent", "Loosely similar"),
            translate("GridContent", "{} loosely similar"),
        )
    # loaded with the first search, not before the first paint
    from safelight.core.query import Like, Term, Words, parse

    parts = list(parse(query.text).leaves())
    if any(isinstance(part, Words) or (isinstance(part, Term | Like) and part.weight > 0) for part in parts):
        return BandTitles()
    if any(isinstance(part, Term | Like) for part in parts):
        return BandTitles(
            translate("GridContent", "Unlike it"),
            translate("GridContent", "Perhaps unlike it"),
            translate("GridContent", "More like it"),
            translate("GridContent", "{} more like it"),
        )
    return BandTitles(_MATCHING)


def sections_by(days: Days, grouping: Grouping) -> tuple[Section, ...]:
    """The sections of photos that are sorted by date."""
    return _sections(((title, amount, False) for title, amount in section_titles(days, grouping)), packs=True)


def content_of_answer(
    answer: SearchAnswer, titles: BandTitles, places: Mapping[int, int] | None = None
) -> GridContent:
    """Search results by band, with the rest folded unless there is nothing else.

    Within each band they keep their order, or are sorted by ``places``: each photo's position in another
    order.
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
    estimated = titles.strong != _MATCHING and any(ids for _, ids in named)
    rows = tuple(chain.from_iterable(by_band.values()))
    return GridContent(rows, _sections(parts, are_estimated=estimated))


def _amount(number: int, is_estimated: bool) -> str:
    return (
        translate("GridContent", "about {rounded:,}").format(rounded=rounded(number))
        if is_estimated and number >= _ROUNDED_FROM
        else f"{number:,}"
    )


def _sections(
    parts: Iterable[tuple[str, int, bool]], *, are_estimated: bool = False, packs: bool = False
) -> tuple[Section, ...]:
    """Consecutive sections from (title, number of rows, folded). Large numbers that depend on probabilities
    are rounded: "about 6,400"."""
    made: list[Section] = []
    row = 0
    for title, amount, folded in parts:
        detail = "" if folded else _amount(amount, are_estimated)
        made.append(
            Section(title, row, amount, collapsed=folded, foldable=folded, detail=detail, packs=packs)
        )
        row += amount
    return tuple(made)
