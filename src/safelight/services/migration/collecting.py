"""What the records of another program say, collected by photo of the library."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from safelight.core.description import label_colour
from safelight.core.migration import ImportKind, LeftOut, MarkName, MatchMethod, NotFound, Value
from safelight.core.photo import FaceRegion
from safelight.core.private_tags import with_people
from safelight.services.migration.matching import Match, Unmatched
from safelight.services.migration.record import (
    Record,
    Refused,
    album_path,
    plain_line,
    plain_lines,
    plain_tags,
)

AlbumPlaces = defaultdict[tuple[str, ...], list[tuple[float, int, int]]]
"""By the path of an album: (position in it, number of the record, photo)."""


@dataclass(slots=True)
class Wanted:
    """What all records of one photo say together."""

    values: dict[MarkName, Value] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    """Tags by what distinguishes them."""
    taken: int | None = None
    """See :attr:`Record.taken`."""
    taken_in_utc: bool = False
    place: tuple[float, float] | None = None
    faces: tuple[FaceRegion, ...] = ()

    def add(self, record: Record, values: dict[MarkName, Value], tags: Collection[str]) -> None:
        """Add what a record says. The first record that has a value determines it, but a wall clock is
        preferred to UTC."""
        for name, value in values.items():
            if value and name not in self.values:
                self.values[name] = value
        if _has_date(record) and (self.taken is None or (self.taken_in_utc and not record.taken_in_utc)):
            self.taken, self.taken_in_utc = record.taken, record.taken_in_utc
        if record.latitude is not None and record.longitude is not None and self.place is None:
            self.place = record.latitude, record.longitude
        self.faces = self.faces or record.faces
        for each in tags:
            self.tags.setdefault(each.casefold(), each)


@dataclass(slots=True)
class Collected:
    """What all records say, and what is not taken over."""

    wanted: defaultdict[int, Wanted] = field(default_factory=lambda: defaultdict(Wanted))
    """By photo."""
    stacks: defaultdict[object, list[tuple[float, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By the key of a stack: (position in it, number of the record, photo)."""
    covers: dict[tuple[str, ...], int] = field(default_factory=dict)
    """By the path of an album, the photo that was chosen as cover."""
    places: AlbumPlaces = field(default_factory=lambda: defaultdict(list))
    found: Counter[ImportKind] = field(default_factory=Counter)
    """Values in the other program, also of photos that were not recognised."""
    ways: Counter[MatchMethod] = field(default_factory=Counter)
    """Photos that were recognised."""
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    refused: list[tuple[str, Refused]] = field(default_factory=list)
    """Values that cannot be taken over, with the path of the photo in the other program."""
    not_found: list[NotFound] = field(default_factory=list)

    def add(self, number: int, record: Record, match: Match) -> None:
        """Add a record. ``number``: its place among all records."""
        values, tags, odd_label = cleaned(record)
        self._leave_out(record, odd_label)
        self._count(record, values, tags)
        if isinstance(match, Unmatched):
            self.not_found.append(NotFound(record.path, match.candidates, record.original_name))
            return
        self.ways[match.way] += 1
        self.wanted[match.photo_id].add(record, values, tags)
        for album in record.albums:
            path = album_path(album.path)
            if path:
                self.places[path].append((album.position, number, match.photo_id))
                if album.is_cover:
                    self.covers.setdefault(path, match.photo_id)
        if record.stack is not None:
            self.stacks[record.stack.key].append((record.stack.position, number, match.photo_id))

    def _leave_out(self, record: Record, odd_label: bool) -> None:
        self.left_out.update(record.left_out)
        if record.refused:
            self.left_out[LeftOut.VALUE] += len(record.refused)
            self.refused += ((record.path, each) for each in record.refused)
        if odd_label:
            self.left_out[LeftOut.LABEL] += 1

    def _count(self, record: Record, values: dict[MarkName, Value], tags: Collection[str]) -> None:
        for name, value in values.items():
            if value:
                self.found[ImportKind(name)] += 1
        self.found[ImportKind.TAGS] += len(tags)
        self.found[ImportKind.ALBUMS] += len(record.albums)
        self.found[ImportKind.DATE] += _has_date(record)
        self.found[ImportKind.PLACE] += record.latitude is not None
        self.found[ImportKind.STACKS] += record.stack is not None
        self.found[ImportKind.FACES] += len(record.faces)


def cleaned(record: Record) -> tuple[dict[MarkName, Value], list[str], bool]:
    """The values and tags of a record as a library can hold them, and whether a label was left out."""
    label = label_colour(record.label)
    values: dict[MarkName, Value] = {
        "rating": record.rating,
        "label": label,
        "title": plain_line(record.title),
        "caption": plain_lines(record.caption),
        "favourite": int(record.favourite),
        "hidden": int(record.hidden),
    }
    return (
        values,
        plain_tags(with_people(record.tags, record.people)),
        bool(record.label.strip()) and not label,
    )


def _has_date(record: Record) -> bool:
    """Whether there is a date to take over."""
    return record.taken is not None and not record.taken_from_name
