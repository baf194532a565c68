"""A library, and what another program knew about its photos before half of them were moved and renamed."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from safelight.core.migration import ImportFromProgram
from safelight.core.operations import Outcome, Undo
from safelight.core.photo import DateSource, DecodedPhoto, FaceRegion, FileStat, ImageMetadata
from safelight.services.migration.migration import plan
from safelight.services.migration.planning import Plan
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums, files, folders, marks, photos, stacks, tags
from support.empty_library import open_library

_START = datetime(2012, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp()
_LABELS = ("", "red", "yellow", "green", "blue", "purple")


@dataclass(frozen=True)
class Original:
    """A photo as the other program knew it."""

    number: int
    old: str
    """Path below the old root, with ``/``."""
    new: str
    """Path below the library's folder."""
    content: bytes
    taken: datetime | None
    width: int
    height: int
    rating: int = 0
    label: str = ""
    title: str = ""
    caption: str = ""
    tags: frozenset[str] = frozenset()
    people: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    favourite: bool = False
    hidden: bool = False

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def moved(self) -> bool:
        return self.number % 2 == 1


def original(number: int) -> Original:
    """Every combination of what programs know occurs; a few photos have no capture time."""
    year, folder = 2012 + number % 7, f"{number % 13:02} Ünïcode {number % 5}"
    name = f"IMG_{number % 900:04}.{'JPG' if number % 3 else 'NEF'}"
    old = f"{year}/{folder}/{number // 900}/{name}"
    new = (
        old if number % 2 == 0 else f"Sorted/{number % 11}/renamed-{number}.{name.rpartition('.')[2].lower()}"
    )
    seed = hashlib.sha256(str(number).encode()).digest()
    taken = datetime.fromtimestamp(_START + number * 97, UTC)
    return Original(
        number,
        old,
        new,
        seed * (5 + number % 60) + b"x" * number,
        None if number % 400 == 201 else taken,
        4000 + number % 100,
        3000 + number % 90,
        rating=(0, 1, 2, 3, 4, 5, -1)[number % 7],
        label=_LABELS[number % 6],
        title=f"Title {number}" if number % 4 == 0 else "",
        caption=f"Caption of “{number}”\nin two lines" if number % 5 == 0 else "",
        tags=frozenset(
            tag
            for every, tag in ((2, "animals/dog"), (3, "Places/Österreich/Wien"), (5, "holiday"))
            if number % every == 0
        ),
        people=("Ada Lovelace",) if number % 9 == 0 else (),
        albums=tuple(
            album
            for every, album in ((6, "Trips/Italy"), (10, "Best of"), (15, "Trips"))
            if number % every == 0
        ),
        favourite=number % 8 == 0,
        hidden=number % 50 == 0,
    )


class MigrationWorld:
    """``Pictures`` is the library's folder now. Nothing is at the old place any more."""

    def __init__(self, place: Path, count: int, *, write: bool = True) -> None:
        self.place = place
        self.folder = place / "Pictures"
        self.directory = place / "library"
        self.originals = [original(number) for number in range(count)]
        self.store = open_library(self.directory)
        self.ids: dict[int, int] = {}
        """Photo ids by number."""
        self._fill(write)

    def close(self) -> None:
        self.store.close()

    def _fill(self, write: bool) -> None:
        with self.store.write() as db:
            folder_id = folders.add(db, os.fsencode(self.folder), None, 0.0).folder.id
            for each in self.originals:
                path = self.folder / each.new
                if write:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(each.content)
                stat = FileStat(each.size, 1_600_000_000_000_000_000, each.number + 1)
                (file_id,) = files.add(db, folder_id, [(os.fsencode(each.new), stat)])
                taken = each.taken.strftime("%Y-%m-%dT%H:%M:%S") if each.taken else None
                decoded = DecodedPhoto(
                    content_hash=hashlib.blake2b(each.content, digest_size=20).digest(),
                    pixel_hash=hashlib.blake2b(each.content, digest_size=20).digest(),
                    perceptual_hash=0,
                    size=each.size,
                    format="JPEG",
                    width=each.width,
                    height=each.height,
                    colour=0,
                    metadata=ImageMetadata(
                        taken_at=taken, date_source=DateSource.METADATA if taken else None
                    ),
                    thumbnail=b"",
                )
                photo_id = photos.insert(db, decoded, "2020-09-13T12:26:40", 0.0)
                files.set_indexed(db, file_id, photo_id, stat)
                self.ids[each.number] = photo_id

    # --- importing ------------------------------------------------------------------------------------

    def plan(self, source: Path, name: str | None = None, **mappings: str) -> Plan:
        return plan(self.store, source, source=name, mappings=mappings)

    def run(self, operation: ImportFromProgram) -> Outcome:
        return OperationRunner(self.store).run(operation)

    def undo(self) -> None:
        OperationRunner(self.store).run(Undo())

    # --- what the library says ------------------------------------------------------------------------

    def state(self) -> list[object]:
        """Everything that an import changes."""
        with self.store.read() as db:
            return [
                sorted(db.execute(statement))
                for statement in (
                    f"SELECT m.* FROM mark AS m WHERE {marks.HAS_MARK}",
                    "SELECT photo_id, name FROM photo_tag JOIN tag ON tag.id = tag_id",
                    "SELECT id, name FROM tag",
                    "SELECT id, date, date_is_taken, date_source, latitude FROM photo",
                    "SELECT photo_id, date, latitude FROM given",
                    "SELECT id, name, ifnull(parent_id, 0) FROM album",
                    "SELECT album_id, photo_id FROM album_photo",
                    "SELECT id, ifnull(cover_id, 0) FROM album",
                    "SELECT photo_id, top_id FROM stack_photo",
                    "SELECT photo_id, program, faces FROM imported_faces",
                    "SELECT rowid FROM photo_text WHERE photo_text MATCH 'holiday OR dog OR ada'",
                    "SELECT rowid FROM caption_text WHERE caption_text MATCH 'caption OR title'",
                )
            ]

    def described(self) -> dict[int, Original]:
        """The originals as the library describes them now; by number."""
        numbers = {photo: number for number, photo in self.ids.items()}
        with self.store.read() as db:
            marked = {
                row[0]: row[1:]
                for row in db.execute(
                    "SELECT photo_id, rating, label, title, caption, favourite, hidden FROM mark"
                )
            }
            tagged: defaultdict[int, set[str]] = defaultdict(set)
            for tag in tags.all_tags(db):
                for photo in tags.photos_with(db, tag.id):
                    tagged[photo].add(tag.name)
            inside: defaultdict[int, list[str]] = defaultdict(list)
            for each in albums.all_albums(db):
                for photo in albums.photo_ids(db, each.album.id):
                    inside[photo].append(each.path)
        found = {}
        for photo, number in numbers.items():
            rating, label, title, caption, favourite, hidden = marked.get(photo, (0, "", "", "", 0, 0))
            names = tagged[photo]
            found[number] = replace(
                self.originals[number],
                rating=rating,
                label=label,
                title=title,
                caption=caption,
                tags=frozenset(name for name in names if not name.startswith("People/")),
                people=tuple(sorted(name[7:] for name in names if name.startswith("People/"))),
                albums=tuple(inside[photo]),
                favourite=bool(favourite),
                hidden=bool(hidden),
            )
        return found

    def stacks(self) -> set[tuple[int, ...]]:
        """The numbers of the photos of each stack: the top, and then the others in their order."""
        numbers = {photo: number for number, photo in self.ids.items()}
        with self.store.read() as db:
            found = stacks.all_stacks(db)
        return {(numbers[top], *sorted(numbers[photo] for photo in below)) for top, below in found.items()}

    def faces(self) -> dict[int, tuple[FaceRegion, ...]]:
        """The faces of the photos that have some, by number."""
        with self.store.read() as db:
            found = {photo.id: photo.faces for photo in photos.get_many(db, list(self.ids.values()))}
        return {number: found[photo] for number, photo in self.ids.items() if found[photo]}

    def cover(self, path: str) -> int | None:
        """The number of the photo that was chosen as an album's cover."""
        numbers = {photo: number for number, photo in self.ids.items()}
        with self.store.read() as db:
            album = albums.get(db, albums.find_path(db, path) or 0)
        assert album is not None, path
        return None if album.cover_id is None else numbers[album.cover_id]

    def album_order(self, path: str) -> list[int]:
        """The numbers of the photos of an album."""
        numbers = {photo: number for number, photo in self.ids.items()}
        with self.store.read() as db:
            album = albums.find_path(db, path)
            assert album is not None, path
            return [numbers[photo] for photo in albums.photo_ids(db, album)]


FIELDS = ("rating", "label", "title", "caption", "tags", "people", "albums", "favourite", "hidden")


def limited(each: Original, known: Collection[str]) -> Original:
    """An original with only those of :data:`FIELDS` that a program knows."""
    empty = Original(0, "", "", b"", None, 0, 0)
    return replace(each, **{name: getattr(empty, name) for name in FIELDS if name not in known})


def check_import(
    world: MigrationWorld,
    source: Path,
    known: Collection[str],
    *,
    adjust: Callable[[Original], Original] = lambda each: each,
    name: str | None = None,
) -> Plan:
    """Import a catalogue of all originals: everything arrives, and undo takes all of it back."""
    before = world.state()
    found = world.plan(source, name)
    preview = found.preview
    count = len(world.originals)
    assert preview.problems == ()
    assert preview.records == count
    assert preview.recognised >= 0.995 * count, (preview.recognised, preview.matched, preview.not_found[:5])
    missing = {(each.original_name or each.path).replace("\\", "/") for each in found.not_found}
    outcome = world.run(found.operation())
    assert outcome.step is not None
    received = world.described()
    for each in world.originals:
        wanted = adjust(limited(each, known))
        if any(path.endswith(each.old) or each.old.endswith(f"/{path}") for path in missing):
            wanted = limited(each, ())
        assert replace(received[each.number], albums=tuple(sorted(received[each.number].albums))) == replace(
            wanted, albums=tuple(sorted(wanted.albums))
        ), each.old
    # A second import has nothing to do.
    again = world.plan(source, name)
    assert again.preview.photos == 0
    assert again.preview.conflict_count == 0
    assert world.run(again.operation()).step is None
    world.undo()
    assert world.state() == before
    return found


def numbered(world: MigrationWorld, wanted: Callable[[Original], bool]) -> Iterator[int]:
    return (each.number for each in world.originals if wanted(each))
