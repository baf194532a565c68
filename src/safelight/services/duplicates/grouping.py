"""Groups the duplicates of the library, from certain to possible ones; see docs/duplicates.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from safelight.core.duplicates import DuplicateGroup, DuplicateKind
from safelight.core.grouping import Link, complete_groups, link, links_between_representatives, star_groups
from safelight.services.duplicates.companions import raws_of_developed
from safelight.services.duplicates.frame_counts import UNKNOWN
from safelight.services.duplicates.group_builder import GroupBuilder
from safelight.services.duplicates.pair_comparison import FIRST_FRAME, seconds_between
from safelight.services.duplicates.qualities import Qualities
from safelight.store import decisions, likeness, photos
from safelight.store.library import Connection
from safelight.store.likeness import Pair


def find_groups(db: Connection, qualities: Qualities) -> list[DuplicateGroup]:
    """The current groups: the most certain kind first, and within a kind those that free most space first.

    A photo in a group of a more certain kind does not appear in a less certain one, where the best photo of
    its group represents it. Pairs that the user has decided about are left out.
    """
    return list(_Grouping(db, qualities).groups())


def identical_files(db: Connection) -> list[DuplicateGroup]:
    """Groups of files with the same bytes, those that free most space first."""
    builder = GroupBuilder(db, Qualities())
    kept_counts = decisions.kept_copies(db)
    several = photos.get_many(db, photos.with_copies(db))
    return _most_saving_first(
        [
            builder.identical_group(photo)
            for photo in several
            if len(photo.files) > kept_counts.get(photo.id, 1)
        ]
    )


class _Grouping:
    """One grouping of the library, within one read transaction."""

    def __init__(self, db: Connection, qualities: Qualities) -> None:
        self._db = db
        self._builder = GroupBuilder(db, qualities)
        self._frames = qualities.frames
        self._verdicts = list(decisions.verdicts_of_photos(db))
        self._representatives: dict[int, int] = dict(raws_of_developed(db))
        """Photo to its representative: the RAW for its JPEG, the best photo of a group for the rest."""

    def groups(self) -> Iterator[DuplicateGroup]:
        yield from identical_files(self._db)
        pairs = [*self._equal_pixels(), *likeness.pairs(self._db)]
        pairs = self._demote_unproven(pairs)
        for kind in (
            DuplicateKind.SAME_PICTURE,
            DuplicateKind.RESAVED,
            DuplicateKind.RESAVED_VIDEO,
            DuplicateKind.VIDEO_PART,
            DuplicateKind.CROP,
            DuplicateKind.BURST,
            DuplicateKind.LOOKALIKE,
        ):
            yield from self._groups_of(kind, [pair for pair in pairs if pair.kind is kind])

    def _equal_pixels(self) -> list[Pair]:
        return [
            Pair(first, second, DuplicateKind.SAME_PICTURE, 1.0)
            for group in likeness.equal_pixels(self._db)
            for place, first in enumerate(group)
            for second in group[place + 1 :]
        ]

    def _demote_unproven(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Replace pairs of which only the first of several frames was compared by look-alikes."""
        safe = (DuplicateKind.SAME_PICTURE, DuplicateKind.RESAVED)
        ids = {photo for pair in pairs if pair.kind in safe for photo in (pair.first, pair.second)}
        frames = self._frames.of(self._db, ids)
        found = []
        for pair in pairs:
            if pair.kind in safe:
                counts = [frames.get(pair.first, UNKNOWN), frames.get(pair.second, UNKNOWN)]
                proven = min(counts) > 0 and (pair.kind is DuplicateKind.SAME_PICTURE or max(counts) == 1)
                if not proven:
                    pair = replace(pair, kind=DuplicateKind.LOOKALIKE, detail=FIRST_FRAME)  # noqa: PLW2901
            found.append(pair)
        return found

    def _groups_of(self, kind: DuplicateKind, pairs: Sequence[Pair]) -> list[DuplicateGroup]:
        evidence: dict[Link, Pair] = {}
        decided = {
            link(self._representative_of(first), self._representative_of(second))
            for first, second in self._verdicts
        }
        for pair in pairs:
            between = link(self._representative_of(pair.first), self._representative_of(pair.second))
            known = evidence.get(between)
            if between not in decided and (known is None or known.likeness < pair.likeness):
                evidence[between] = pair
        links = links_between_representatives(
            {each: pair.likeness for each, pair in evidence.items()}, self._representative_of
        )
        if kind in (DuplicateKind.RESAVED, DuplicateKind.CROP):
            links = self._of_same_exposure(links)
        parts = (DuplicateKind.VIDEO_PART, DuplicateKind.CROP)
        make = star_groups if kind in parts else complete_groups
        evidence = {each: evidence[each] for each in links}
        groups = self._builder.similar_groups(kind, make(links), evidence)
        for group in groups:
            best = group.members[0].photo_id
            self._representatives |= {m.photo_id: best for m in group.members if m.photo_id != best}
        return _most_saving_first(groups)

    def _of_same_exposure(self, links: Mapping[Link, float]) -> dict[Link, float]:
        """The pairs whose representatives are not two exposures.

        This is checked again here, because the compared photos may have been copies without a date, while
        their representatives have one.
        """
        shots = likeness.shots(self._db, {photo for pair in links for photo in pair})
        return {
            pair: strength
            for pair, strength in links.items()
            if all(photo in shots for photo in pair) and not seconds_between(*(shots[p] for p in pair))
        }

    def _representative_of(self, photo_id: int) -> int:
        while (other := self._representatives.get(photo_id)) is not None:
            photo_id = other
        return photo_id


def _most_saving_first(groups: Sequence[DuplicateGroup]) -> list[DuplicateGroup]:
    return sorted(groups, key=lambda group: (-group.freed, -len(group.members), group.key))
