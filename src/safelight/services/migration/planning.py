"""What an import changes: everything that was recognised, compared with what the library says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from safelight.core.message import Message
from safelight.core.migration import (
    MARKS,
    MAX_LISTED,
    ImportConflict,
    ImportedAlbum,
    ImportFromProgram,
    ImportKind,
    ImportPreview,
    KindCount,
    MarkName,
    NotFound,
    Value,
)
from safelight.core.photo import FaceRegion
from safelight.services.migration.collecting import AlbumPlaces, Collected, Wanted
from safelight.services.migration.matching import Result, same_time
from safelight.services.migration.record import (
    Record,
    Refused,
    seconds_of,
)
from safelight.services.migration.refused import refusal
from safelight.services.migration.source import LeftOutPhoto, Reading
from safelight.store import albums, given, imported_faces, marks, pairs, stacks, tags
from safelight.store.library import Connection

MAPPINGS_LISTED = 20
_NEAR = 0.0002
"""Degrees, about 20 metres: programs round positions."""


@dataclass(slots=True)
class Plan:
    """Everything that an import would do. :meth:`operation` is the one step that does it."""

    program: str
    preview: ImportPreview
    values: dict[MarkName, dict[int, Value]]
    """Values that the library does not have, by photo."""
    conflicts: list[ImportConflict]
    tags: dict[str, list[int]]
    albums: list[ImportedAlbum]
    dates: dict[int, str]
    places: dict[int, tuple[float, float]]
    stacks: list[tuple[int, ...]]
    """The photos of each stack that is new or gets photos, the top first."""
    faces: dict[int, tuple[FaceRegion, ...]]
    """All faces of the photos that get a new one."""
    not_found: list[NotFound]
    refused: list[tuple[str, Refused]]
    """Values that cannot be taken over, with the path of the photo in the other program."""
    left_out: list[LeftOutPhoto]
    """Photos that are not taken over at all."""

    def operation(
        self, *, all_theirs: bool = False, theirs: Collection[tuple[int, str]] = ()
    ) -> ImportFromProgram:
        """``theirs``: conflicts, as (photo, field), of which the other program's value is taken."""
        chosen = frozenset(theirs)
        values = {name: dict(found) for name, found in self.values.items()}
        dates, places = dict(self.dates), dict(self.places)
        for each in self.conflicts:
            if not all_theirs and (each.photo_id, each.field) not in chosen:
                continue
            match each.field:
                case "date":
                    dates[each.photo_id] = str(each.theirs)
                case "place":
                    places[each.photo_id] = _position(str(each.theirs))
                case _:
                    values.setdefault(each.field, {})[each.photo_id] = each.theirs
        return ImportFromProgram(
            self.program,
            tuple((name, tuple(sorted(found.items()))) for name, found in values.items() if found),
            tuple((tag, tuple(ids)) for tag, ids in self.tags.items()),
            tuple(self.albums),
            tuple(sorted(dates.items())),
            tuple((photo, *place) for photo, place in sorted(places.items())),
            tuple(self.stacks),
            tuple(sorted(self.faces.items())),
        )


def planned(
    db: Connection, program: str, records: Sequence[Record], result: Result, reading: Reading
) -> Plan:
    """Compare what was recognised with the library."""
    collected = Collected()
    collected.left_out.update(each.kind for each in reading.left_out)
    for number, (record, match) in enumerate(zip(records, result.matches, strict=True)):
        collected.add(number, record, match)
    for path, refused in collected.refused:
        reading.problem(refusal(path, refused))
    compared = _Compared(result.paths)
    compared.marks(db, collected.wanted)
    compared.tags(db, collected.wanted)
    compared.albums(db, collected.places, collected.covers)
    compared.stacks(db, collected.stacks.values())
    compared.dates_and_places(db, collected.wanted)
    compared.faces(db, program, collected.wanted)
    return Plan(
        program,
        _preview(program, result, reading, collected, compared),
        compared.values,
        compared.conflicts,
        compared.new_tags,
        compared.new_albums,
        compared.new_dates,
        compared.new_places,
        compared.new_stacks,
        compared.new_faces,
        collected.not_found,
        collected.refused,
        reading.left_out,
    )


def _preview(
    program: str, result: Result, reading: Reading, collected: Collected, compared: _Compared
) -> ImportPreview:
    not_found = collected.not_found
    ambiguous = sum(1 for each in not_found if each.candidates)
    return ImportPreview(
        program=program,
        records=len(result.matches),
        matched=dict(collected.ways),
        photos=len(compared.changed()),
        counts=compared.counts(collected.found),
        mappings=tuple(result.mappings[:MAPPINGS_LISTED]),
        conflicts=tuple(compared.conflicts[:MAX_LISTED]),
        not_found=tuple(not_found[:MAX_LISTED]),
        missing=len(not_found) - ambiguous,
        ambiguous=ambiguous,
        left_out=dict(collected.left_out),
        problems=_problems(reading),
    )


def _problems(reading: Reading) -> tuple[Message, ...]:
    if not reading.unlisted:
        return tuple(reading.problems)
    more = Message("{number:,} more problems are not listed.", number=reading.unlisted)
    return (*reading.problems, more)


class _Compared:
    """What differs from the library, with counts by kind."""

    def __init__(self, paths: Mapping[int, str]) -> None:
        self.values: dict[MarkName, dict[int, Value]] = {}
        self.conflicts: list[ImportConflict] = []
        self.new_tags: dict[str, list[int]] = {}
        self.new_albums: list[ImportedAlbum] = []
        self.new_dates: dict[int, str] = {}
        self.new_places: dict[int, tuple[float, float]] = {}
        self.new_stacks: list[tuple[int, ...]] = []
        self.new_faces: dict[int, tuple[FaceRegion, ...]] = {}
        self._paths = paths
        self._new: Counter[ImportKind] = Counter()
        self._same: Counter[ImportKind] = Counter()

    def counts(self, found: Counter[ImportKind]) -> tuple[KindCount, ...]:
        """The counts of the kinds that occur. ``found``: values of the other program."""
        differing = Counter(ImportKind(each.field) for each in self.conflicts)
        return tuple(
            KindCount(kind, found[kind], self._new[kind], self._same[kind], differing[kind])
            for kind in ImportKind
            if found[kind]
        )

    def changed(self) -> set[int]:
        """Photos that get something new."""
        photos = {photo for values in self.values.values() for photo in values}
        photos.update(photo for ids in self.new_tags.values() for photo in ids)
        photos.update(photo for album in self.new_albums for photo in album.photo_ids)
        photos.update(self.new_dates, self.new_places, self.new_faces)
        photos.update(photo for stack in self.new_stacks for photo in stack)
        return photos

    def marks(self, db: Connection, wanted: Mapping[int, Wanted]) -> None:
        for name in MARKS:
            theirs = {photo: each.values[name] for photo, each in wanted.items() if name in each.values}
            ours = marks.values(db, theirs, name)
            for photo, value in theirs.items():
                mine = ours.get(photo, marks.UNSET[name])
                if mine == value:
                    self._same[ImportKind(name)] += 1
                elif not mine:
                    self._new[ImportKind(name)] += 1
                    self.values.setdefault(name, {})[photo] = value
                else:
                    self.conflicts.append(
                        ImportConflict(photo, name, mine, value, self._paths.get(photo, ""))
                    )

    def dates_and_places(self, db: Connection, wanted: Mapping[int, Wanted]) -> None:
        """A date of the file's name or of the file itself gives way to one that a program knows."""
        ours = given.shown_values(db, wanted)
        for photo, theirs in wanted.items():
            mine = ours.get(photo)
            if mine is None:
                continue
            path = self._paths.get(photo, "")
            if theirs.taken is not None:
                date = _date(theirs.taken, theirs.taken_in_utc)
                if not mine.date_is_taken:
                    self._new[ImportKind.DATE] += 1
                    self.new_dates[photo] = date
                elif same_time(theirs.taken, seconds_of(mine.date), in_utc=theirs.taken_in_utc):
                    self._same[ImportKind.DATE] += 1
                else:
                    self.conflicts.append(ImportConflict(photo, "date", mine.date, date, path))
            if theirs.place is not None:
                if mine.latitude is None or mine.longitude is None:
                    self._new[ImportKind.PLACE] += 1
                    self.new_places[photo] = theirs.place
                elif _is_near(theirs.place, (mine.latitude, mine.longitude)):
                    self._same[ImportKind.PLACE] += 1
                else:
                    here = _place_text((mine.latitude, mine.longitude))
                    self.conflicts.append(
                        ImportConflict(photo, "place", here, _place_text(theirs.place), path)
                    )
        self.conflicts.sort(key=lambda each: (each.path, each.photo_id))

    def faces(self, db: Connection, program: str, wanted: Mapping[int, Wanted]) -> None:
        """The faces of a photo replace those that were imported from the same program before."""
        theirs = {photo: each.faces for photo, each in wanted.items() if each.faces}
        ours = imported_faces.of_photos(db, theirs)
        for photo, faces in theirs.items():
            known = ours.get(photo, {}).get(program, ())
            same = sum(face in known for face in faces)
            self._same[ImportKind.FACES] += same
            self._new[ImportKind.FACES] += len(faces) - same
            if same < len(faces):
                self.new_faces[photo] = faces

    def tags(self, db: Connection, wanted: Mapping[int, Wanted]) -> None:
        spelled: dict[str, str] = {}
        photos_of: defaultdict[str, list[int]] = defaultdict(list)
        for photo, each in wanted.items():
            for key, tag in each.tags.items():
                photos_of[spelled.setdefault(key, tag)].append(photo)
        for tag, ids in photos_of.items():
            tag_id = tags.find(db, tag)
            having = set() if tag_id is None else set(tags.photos_with(db, tag_id))
            missing = [photo for photo in ids if photo not in having]
            self._same[ImportKind.TAGS] += len(ids) - len(missing)
            self._new[ImportKind.TAGS] += len(missing)
            if missing:
                self.new_tags[tag] = missing

    def albums(self, db: Connection, places: AlbumPlaces, covers: Mapping[tuple[str, ...], int]) -> None:
        merged: dict[tuple[str, ...], tuple[tuple[str, ...], list[tuple[float, int, int]]]] = {}
        for path, entries in places.items():
            key = tuple(name.casefold() for name in path)
            merged.setdefault(key, (path, []))[1].extend(entries)
        for path, entries in merged.values():
            ids = list(dict.fromkeys(photo for _, _, photo in sorted(entries)))
            having = set(_photos_at(db, path))
            missing = tuple(photo for photo in ids if photo not in having)
            self._same[ImportKind.ALBUMS] += len(ids) - len(missing)
            self._new[ImportKind.ALBUMS] += len(missing)
            if missing:
                self.new_albums.append(ImportedAlbum(path, missing, covers.get(path)))

    def stacks(self, db: Connection, found: Iterable[Sequence[tuple[float, int, int]]]) -> None:
        """Photos join stacks, and none leaves the one that it is in. Second halves of pairs are shown as a
        part of another photo anyway."""
        every = {photo for entries in found for _, _, photo in entries}
        halves = pairs.among_halves(db, every)
        above = stacks.tops_of(db, every)
        tops = set(stacks.members(db, every))
        for entries in found:
            together = [photo for _, _, photo in sorted(entries) if photo not in halves]
            together = list(dict.fromkeys(together))
            existing = {above.get(photo, photo) for photo in together if photo in above or photo in tops}
            if len(together) < 2 or len(existing) > 1:  # they are in stacks of the user's
                continue
            top = existing.pop() if existing else together[0]
            joining = [photo for photo in together if photo != top and photo not in above]
            new = len(joining) if top in tops or top not in together else len(joining) + 1
            self._new[ImportKind.STACKS] += new
            self._same[ImportKind.STACKS] += len(together) - new
            if joining:
                self.new_stacks.append((top, *joining))


def _date(seconds: int, in_utc: bool) -> str:
    """A wall clock. Where only UTC is known, that of this computer's zone."""
    zone = None if in_utc else UTC
    return f"{datetime.fromtimestamp(seconds, zone):%Y-%m-%dT%H:%M:%S}"


def _is_near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(mine - theirs) <= _NEAR for mine, theirs in zip(one, other, strict=True))


def _place_text(place: tuple[float, float]) -> str:
    return f"{place[0]:.6f}, {place[1]:.6f}"


def _position(text: str) -> tuple[float, float]:
    latitude, _, longitude = text.partition(", ")
    return float(latitude), float(longitude)


def _photos_at(db: Connection, path: Iterable[str]) -> list[int]:
    """The photos of the album at a path of names, or none."""
    album: int | None = None
    for name in path:
        album = albums.find_child(db, name, album)
        if album is None:
            return []
    return [] if album is None else albums.photo_ids(db, album)
