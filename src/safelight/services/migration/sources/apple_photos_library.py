"""The library of Apple Photos 5 and later: the database ``Photos.sqlite`` in a ``.photoslibrary`` package.

Apple does not document the schema. The project osxphotos describes it
(https://github.com/RhetTbull/osxphotos, ``osxphotos/photosdb`` and ``_constants.py``), and Scott Koenig the
values of many columns (https://theforensicscooter.com).

Core Data, which writes the database, numbers the kinds of objects and puts the numbers into the names of the
tables that join them. The numbers differ between versions, so they are read from ``Z_PRIMARYKEY``.
"""

from __future__ import annotations

import plistlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.core.user_paths import is_file, is_folder
from safelight.services.migration.record import (
    MAX_FACES,
    AlbumPlace,
    Record,
    StackPlace,
    checked_seconds,
    coordinates,
    file_size,
    nested_tag,
    number_of,
    pixels,
    placed_faces,
)
from safelight.services.migration.refused import refused_date, refused_place
from safelight.services.migration.source import Reading, SourceError
from safelight.services.migration.sources.apple_faces import photos_face
from safelight.services.migration.trees import Tree
from safelight.store import catalogues
from safelight.store.catalogues import Catalogue

_ENDING = ".photoslibrary"
_DATABASE = Path("database", "Photos.sqlite")
_OLD_DATABASE = Path("database", "photos.db")
"""Photos 4 and older. Newer libraries have a small file of this name too."""
_TABLES = ("Z_PRIMARYKEY", "ZADDITIONALASSETATTRIBUTES", "ZGENERICALBUM", "ZKEYWORD")
_KNOWN_VERSIONS = (range(13_000, 20_000), range(270_000_000, 271_000_000))
"""``PLModelVersion`` of Photos 5 (macOS 10.15) to 11 (macOS 26), and of macOS 27, with other numbers."""
_LONGEST_METADATA = 1_000_000
"""Bytes of the property list that contains the version."""

_EPOCH = 978_307_200
"""2001-01-01 in seconds since 1970. Core Data counts from it."""
_WIDEST_ZONE = 14 * 3600
_NO_PLACE = -180.0
"""Latitude and longitude of photos without a place."""
_COLUMNS = ("Z_PK", "ZDATECREATED", "ZFAVORITE", "ZHIDDEN", "ZLATITUDE", "ZLONGITUDE")
_OPTIONAL_COLUMNS = (
    *("ZAVALANCHEUUID", "ZAVALANCHEPICKTYPE", "ZVISIBILITYSTATE"),
    *("ZHASADJUSTMENTS", "ZADJUSTMENTSSTATE"),  # the second replaced the first in Photos 10
    *("ZWIDTH", "ZHEIGHT"),
)
_TOP_OF_BURST = 16
"""A flag of ``ZAVALANCHEPICKTYPE``."""
_ALBUM, _FOLDER = 2, 4000
"""Kinds of albums that a person made; the others are built in, smart, shared, or sessions of imports."""
_BY_DATE, _BY_TITLE = 1, 5
"""How an album is sorted; by hand for other values."""


def recognises(path: Path) -> bool:
    database = _database(path)
    if catalogues.has_tables(database, *_TABLES):
        return True
    return path.suffix.lower() == _ENDING and (is_file(database) or is_file(path / _OLD_DATABASE))


def read(path: Path, reading: Reading) -> Iterator[Record]:
    database = _database(path)
    if not is_file(database) and is_file(path / _OLD_DATABASE):
        raise SourceError(
            "{path} is of Photos 4 or older (macOS 10.14); open it in a newer Photos, which converts "
            "it, or import the JSON file of osxphotos.",
            path=path,
        )
    with catalogues.open_catalogue(database) as catalogue:
        _check_version(database, catalogue)
        yield from _Reader(catalogue, database, reading).records()


def _database(path: Path) -> Path:
    return path / _DATABASE if is_folder(path) else path


def _package(database: Path) -> Path:
    """The library that a database belongs to."""
    return database.parent.parent if database.parent.name == _DATABASE.parent.name else database.parent


def _check_version(path: Path, catalogue: Catalogue) -> None:
    version = _version(catalogue)
    if version is None or not any(version in known for known in _KNOWN_VERSIONS):
        raise SourceError(
            "{path} has version {version} of the schema of Photos; Safelight reads those of macOS 10.15 to "
            "27.",
            path=path,
            version="?" if version is None else version,
        )


def _version(catalogue: Catalogue) -> int | None:
    """None for what is not readable."""
    for (stored,) in catalogue.raw_rows("Z_METADATA", ("Z_PLIST",)):
        if not isinstance(stored, bytes) or len(stored) > _LONGEST_METADATA:
            return None
        try:
            properties = plistlib.loads(stored, fmt=plistlib.FMT_BINARY)
        except (ValueError, TypeError, RecursionError):
            return None
        version = properties.get("PLModelVersion") if isinstance(properties, dict) else None
        return version if type(version) is int else None
    return None


@dataclass(slots=True)
class _Details:
    """A row of ``ZADDITIONALASSETATTRIBUTES``: what Photos keeps apart from the photo's main row."""

    key: object = None
    name: str = ""
    size: object = None
    title: str = ""
    description: object = None
    zone: object = None
    width: object = None
    height: object = None


@dataclass(slots=True)
class _Known:
    """What other tables say about the photos, by the key of a photo or of its details."""

    details: dict[object, _Details]
    captions: dict[object, str]
    keywords: defaultdict[object, list[str]]
    people: defaultdict[object, list[str]]
    faces: defaultdict[object, list[tuple[str, object, object, object]]]
    """Name, centre and size: see :func:`photos_face`."""
    albums: defaultdict[object, list[AlbumPlace]] = field(default_factory=lambda: defaultdict(list))


class _Reader:
    def __init__(self, catalogue: Catalogue, database: Path, reading: Reading) -> None:
        self._catalogue = catalogue
        self._database = database
        self._reading = reading
        self._originals = f"{_package(database).as_posix()}/originals"
        self._entities: dict[object, object] = dict(catalogue.rows("Z_PRIMARYKEY", ("Z_NAME", "Z_ENT")))
        # In Photos 5, Asset is a part of GenericAsset, which has the table.
        self._main = "GenericAsset" if "GenericAsset" in self._entities else "Asset"
        self._assets = f"Z{self._main.upper()}"

    def _entity(self, name: str) -> int:
        """The number of a kind of objects. Raises SourceError where there is none."""
        number = self._entities.get(name)
        if type(number) is not int:
            raise SourceError(
                "{path} does not list {entity}; it is of a version that Safelight does not know.",
                path=self._database,
                entity=name,
            )
        return number

    def records(self) -> Iterator[Record]:
        known = _Known(self._details(), self._captions(), self._keywords(), *self._people())
        known.albums = self._albums(known.details)
        for row in self._catalogue.rows(
            self._assets,
            ("ZDIRECTORY", "ZFILENAME", "ZTRASHEDSTATE", *_COLUMNS),
            ("ZCLOUDBATCHPUBLISHDATE", "ZBUNDLESCOPE", *_OPTIONAL_COLUMNS),
        ):
            folder, name, trashed, *values = row[: 3 + len(_COLUMNS)]
            published, scope, *more = row[3 + len(_COLUMNS) :]
            self._reading.step()
            path = self._path(folder, name)
            original_name = known.details.get(values[0], _Details()).name
            if path is None:
                self._reading.problem(
                    Message("{file}: a photo without a name was left out.", file=self._database.name)
                )
            elif trashed:
                self._reading.leave_out(LeftOut.TRASHED, path, original_name)
            elif published is not None or scope:
                # Photos of other people's shared albums, and photos from messages that nobody saved.
                self._reading.leave_out(LeftOut.SHARED, path, original_name)
            else:
                yield _record((*values, *more), path, known)

    def _path(self, folder: object, name: object) -> str | None:
        """The original, in the package or where it was when Photos took only a reference to it."""
        if not isinstance(name, str) or not name:
            return None
        folder = folder if isinstance(folder, str) else ""
        if folder.startswith("/"):
            return f"{folder.rstrip('/')}/{name}"
        return "/".join(part for part in (self._originals, folder, name) if part)

    def _details(self) -> dict[object, _Details]:
        return {
            row[0]: _Details(row[1], _text(row[2]), row[3], _text(row[4]), *row[5:])
            for row in self._catalogue.rows(
                "ZADDITIONALASSETATTRIBUTES",
                ("ZASSET", "Z_PK", "ZORIGINALFILENAME"),
                (
                    *("ZORIGINALFILESIZE", "ZTITLE", "ZASSETDESCRIPTION", "ZTIMEZONEOFFSET"),
                    *("ZORIGINALWIDTH", "ZORIGINALHEIGHT"),
                ),
            )
        }

    def _captions(self) -> dict[object, str]:
        return {
            key: text
            for key, text in self._catalogue.optional_rows("ZASSETDESCRIPTION", ("Z_PK", "ZLONGDESCRIPTION"))
            if isinstance(text, str)
        }

    def _keywords(self) -> defaultdict[object, list[str]]:
        """Tags by the key of the details."""
        attributes, keywords = self._entity("AdditionalAssetAttributes"), self._entity("Keyword")
        titles = {
            key: title
            for key, title in self._catalogue.rows("ZKEYWORD", ("Z_PK", "ZTITLE"))
            if isinstance(title, str)
        }
        found: defaultdict[object, list[str]] = defaultdict(list)
        for details, keyword in self._catalogue.rows(
            f"Z_{attributes}KEYWORDS", (f"Z_{attributes}ASSETATTRIBUTES", f"Z_{keywords}KEYWORDS")
        ):
            self._reading.step()
            if keyword in titles:
                found[details].append(nested_tag((titles[keyword],)))
        return found

    def _people(
        self,
    ) -> tuple[defaultdict[object, list[str]], defaultdict[object, list[tuple[str, object, object, object]]]]:
        """Names, and faces with their places, by photo."""
        names: dict[object, str] = {}
        merged: dict[object, object] = {}
        for person, full, short, target in self._catalogue.rows(
            "ZPERSON", ("Z_PK",), ("ZFULLNAME", "ZDISPLAYNAME", "ZMERGETARGETPERSON")
        ):
            names[person] = _text(full) or _text(short)
            merged[person] = target
        people: defaultdict[object, list[str]] = defaultdict(list)
        faces: defaultdict[object, list[tuple[str, object, object, object]]] = defaultdict(list)
        for row in self._catalogue.rows(
            "ZDETECTEDFACE",
            (),
            (
                *("ZASSETFORFACE", "ZASSET", "ZPERSONFORFACE", "ZPERSON"),
                *("ZCENTERX", "ZCENTERY", "ZSIZE"),
            ),
        ):
            self._reading.step()
            photo = row[0] if row[0] is not None else row[1]
            person = row[2] if row[2] is not None else row[3]
            name = names.get(_last(merged, person), "") or names.get(person, "")
            if len(faces[photo]) < MAX_FACES:
                faces[photo].append((name, *row[4:]))
            if name and name not in people[photo]:
                people[photo].append(name)
        return people, faces

    def _albums(self, details: dict[object, _Details]) -> defaultdict[object, list[AlbumPlace]]:
        """Albums with the folders around them, by photo, in the order that each album has in Photos."""
        rows = [
            row
            for row in self._catalogue.rows(
                "ZGENERICALBUM",
                ("Z_PK", "ZPARENTFOLDER", "ZTITLE", "ZKIND", "ZTRASHEDSTATE"),
                ("ZCUSTOMKEYASSET", "ZCUSTOMSORTKEY", "ZCUSTOMSORTASCENDING"),
            )
            if row[3] in (_ALBUM, _FOLDER)
        ]
        tree = Tree(row[:3] for row in rows)
        sorting = {row[0]: row[5:] for row in rows if row[3] == _ALBUM and not row[4]}
        album, asset = self._entity("Album"), self._entity(self._main)
        found: defaultdict[object, list[AlbumPlace]] = defaultdict(list)
        dates: dict[object, object] = dict(self._catalogue.rows(self._assets, ("Z_PK", "ZDATECREATED")))
        titles = sorted({each.title for each in details.values()})
        ranks = {title: float(rank) for rank, title in enumerate(titles)}
        for key, photo, place in self._catalogue.rows(
            f"Z_{album}ASSETS", (f"Z_{album}ALBUMS", f"Z_{asset}ASSETS", f"Z_FOK_{asset}ASSETS")
        ):
            self._reading.step()
            if key not in sorting:
                continue
            cover, by, ascending = sorting[key]
            position: object = place
            if by == _BY_DATE:
                date = number_of(dates.get(photo)) or 0.0
                position = date if ascending else -date
            elif by == _BY_TITLE:
                position = ranks[details[photo].title] if photo in details else 0.0
            found[photo].append(AlbumPlace(tree.path(key), number_of(position) or 0.0, photo == cover))
        return found


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _stack(burst: object, pick: object, visibility: object) -> StackPlace | None:
    """A burst is shown as one photo, but those that the user chose from it are shown too."""
    if not isinstance(burst, str) or not burst:
        return None
    is_top = isinstance(pick, int) and bool(pick & _TOP_OF_BURST)
    return StackPlace(burst, 0.0 if is_top else 1.0) if is_top or visibility else None


def _last(targets: dict[object, object], person: object) -> object:
    """The person that one was merged into. Circles do no harm."""
    for _ in range(20):
        target = targets.get(person)
        if target is None:
            break
        person = target
    return person


def _record(row: tuple[Any, ...], path: str, known: _Known) -> Record:
    photo, created, favourite, hidden, latitude, longitude, burst, pick, visibility, *more = row
    edited, shown = any(more[:2]), (more[2], more[3])
    details = known.details.get(photo, _Details())
    zone = details.zone if type(details.zone) is int and abs(details.zone) <= _WIDEST_ZONE else None
    seconds = number_of(created)
    # Photos stores the beginning of 1970 for a date that it could not read.
    taken = None if seconds in (None, -_EPOCH) else checked_seconds(seconds + _EPOCH + (zone or 0))
    place = (None, None) if latitude == longitude == _NO_PLACE else (latitude, longitude)
    known_latitude, known_longitude = coordinates(*place)
    faces, without_place = placed_faces(
        photos_face(name, (x, y, size), shown, edited=edited) for name, x, y, size in known.faces[photo]
    )
    return Record(
        path,
        original_name=details.name,
        size=file_size(details.size),
        taken=taken,
        taken_in_utc=zone is None,
        width=pixels(details.width),
        height=pixels(details.height),
        local=path if ".." not in path.split("/") else None,
        title=details.title,
        caption=known.captions.get(details.description, ""),
        tags=tuple(known.keywords[details.key]),
        people=tuple(known.people[photo]),
        albums=tuple(known.albums[photo]),
        stack=_stack(burst, pick, visibility),
        favourite=favourite == 1,
        hidden=hidden == 1,
        latitude=known_latitude,
        longitude=known_longitude,
        faces=faces,
        left_out=(*without_place, *((LeftOut.EDIT,) if edited else ())),
        refused=(*(() if seconds == -_EPOCH else refused_date(created, taken)), *refused_place(*place)),
    )
