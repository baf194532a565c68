"""digiKam: its database ``digikam4.db``.

The schema is in digiKam's repository (``core/data/database/dbconfig.xml.cmake.in``; example databases in
``tests/databases``), the meaning of tags, labels and comments in ``core/libs/database/coredb``
(``coredbconstants.cpp``, ``coredbschemaupdater.cpp``), the hash in ``dimgloader.cpp``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from safelight.core.migration import LeftOut
from safelight.core.organising_rules import REJECTED
from safelight.core.photo import FaceRegion
from safelight.core.private_tags import PEOPLE, is_below, person_tag
from safelight.core.user_paths import is_folder
from safelight.services.migration.digests import DIGIKAM
from safelight.services.migration.record import (
    MAX_FACES,
    Digest,
    Record,
    StackPlace,
    coordinates,
    face_at,
    face_regions,
    file_size,
    nested_tag,
    number_of,
    seconds_of,
    stars,
)
from safelight.services.migration.refused import refused_date, refused_place, refused_rating
from safelight.services.migration.source import Reading, SourceError
from safelight.services.migration.trees import Tree
from safelight.store import catalogues
from safelight.store.catalogues import Catalogue

_NAME = "digikam4.db"
_KNOWN_VERSIONS = range(5, 18)
"""Versions of the schema: digiKam 1.0 to 9. What is read here is the same in all of them."""
_SHOWN, _TRASHED = (0, 1, 2), 3
"""States of images. Those of other states were removed."""
_INTERNAL = "_digikam_internal_tags_"
_COLOURS = frozenset(("red", "orange", "yellow", "green", "blue", "magenta", "gray", "black", "white"))
_PERSON = "person"
_NO_PERSON = frozenset(("unknownperson", "unconfirmedperson", "ignoredperson"))
_CAPTION, _TITLE = 1, 3
_SIDEWAYS = (5, 6, 7, 8)
"""Orientations of EXIF that exchange width and height."""
_SIDE = re.compile(r'\b(x|y|width|height)="(-?\d{1,9})"')
_LONGEST_RECTANGLE = 200
_GROUPED = 2
"""The type of relations in which one image is in the group of another."""


@dataclass(slots=True)
class _Tags:
    names: dict[int, str] = field(default_factory=dict)
    """Tags of the user, with their parents."""
    colours: dict[int, str] = field(default_factory=dict)
    picks: dict[int, str] = field(default_factory=dict)


class Digikam:
    name = "digikam"
    program = "digiKam"
    what = "digikam4.db, or the folder that contains it"

    def recognises(self, path: Path) -> bool:
        return catalogues.has_tables(_file(path), "AlbumRoots", "Albums", "Images", "ImageInformation")

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        file = _file(path)
        with catalogues.open_catalogue(file) as catalogue:
            settings: dict[object, object] = dict(catalogue.rows("Settings", ("keyword", "value")))
            _check_version(file, settings.get("DBVersion"))
            yield from _records(catalogue, reading, hashed=str(settings.get("uniqueHashVersion")) == "2")


def _file(path: Path) -> Path:
    return path / _NAME if is_folder(path) else path


def _check_version(path: Path, version: object) -> None:
    try:
        known = int(str(version)) in _KNOWN_VERSIONS
    except ValueError:
        known = False
    if not known:
        raise SourceError(
            "{path} has version {version} of digiKam's schema; Safelight reads 5 to {newest}.",
            path=path,
            version=str(version)[:20],
            newest=_KNOWN_VERSIONS[-1],
        )


def _records(catalogue: Catalogue, reading: Reading, *, hashed: bool) -> Iterator[Record]:
    folders = _folders(catalogue)
    tags = _tags(catalogue)
    tagged: defaultdict[int, list[int]] = defaultdict(list)
    for image, tag in catalogue.rows("ImageTags", ("imageid", "tagid")):
        tagged[image].append(tag)
        reading.step()
    information = {
        image: values
        for image, *values in catalogue.rows(
            "ImageInformation", ("imageid", "rating", "creationDate", "width", "height"), ("orientation",)
        )
    }
    texts = _texts(catalogue)
    places = {
        image: (latitude, longitude)
        for image, latitude, longitude in catalogue.optional_rows(
            "ImagePositions", ("imageid", "latitudeNumber", "longitudeNumber")
        )
    }
    regions: defaultdict[int, list[tuple[str, object]]] = defaultdict(list)
    for image, tag, property_, value in catalogue.optional_rows(
        "ImageTagProperties", ("imageid", "tagid", "property", "value")
    ):
        if isinstance(property_, str) and property_.lower() == "tagregion":
            regions[image].append((tags.names.get(tag, "").rpartition("/")[2], value))
    stacks: dict[object, StackPlace] = {}
    for image, leader, kind in catalogue.optional_rows("ImageRelations", ("subject", "object", "type")):
        if kind == _GROUPED:
            stacks[leader], stacks[image] = StackPlace(leader), StackPlace(leader, 1.0)
    for image, album, name, status, size, unique in catalogue.rows(
        "Images", ("id", "album", "name", "status", "fileSize", "uniqueHash")
    ):
        if album not in folders or not isinstance(name, str):
            continue
        if status not in _SHOWN:
            if status == _TRASHED:
                reading.leave_out(LeftOut.TRASHED, f"{folders[album]}/{name}")
            continue
        rating, taken, width, height, orientation = information.get(image, (None,) * 5)
        size_shown = (height, width) if orientation in _SIDEWAYS else (width, height)
        faces = [_face(*region, *size_shown) for region in regions[image][:MAX_FACES]]
        mine = tagged[image]
        pick = next((tags.picks[tag] for tag in mine if tag in tags.picks), "")
        bytes_ = file_size(size)
        place = places.get(image, (None, None))
        latitude, longitude = coordinates(*place)
        yield Record(
            path=f"{folders[album]}/{name}",
            size=bytes_,
            taken=seconds_of(taken),
            width=width if isinstance(width, int) else None,
            height=height if isinstance(height, int) else None,
            digests=(Digest(DIGIKAM, unique),) if hashed and bytes_ and isinstance(unique, str) else (),
            rating=REJECTED if pick == "rejected" else max(stars(rating), 0),
            label=next((tags.colours[tag] for tag in mine if tag in tags.colours), ""),
            title=texts.get((image, _TITLE), ""),
            caption=texts.get((image, _CAPTION), ""),
            tags=tuple(tags.names[tag] for tag in mine if tag in tags.names),
            stack=stacks.get(image),
            favourite=pick == "accepted",
            latitude=latitude,
            longitude=longitude,
            faces=tuple(face for face in faces if face is not None),
            left_out=face_regions(faces.count(None)),
            refused=(
                *refused_rating(rating),
                *refused_date(taken, seconds_of(taken)),
                *refused_place(*place),
            ),
        )


def _face(name: str, rectangle: object, width: object, height: object) -> FaceRegion | None:
    """A face in the upright picture of this size; ``rectangle`` is like
    ``<rect x="12" y="34" width="56" height="78"/>``, in pixels."""
    said = dict(_SIDE.findall(rectangle[:_LONGEST_RECTANGLE])) if isinstance(rectangle, str) else {}
    return face_at(name, [number_of(said.get(side)) for side in ("x", "y", "width", "height")], width, height)


def _folders(catalogue: Catalogue) -> dict[int, str]:
    """The path of each album, which is a folder. Of a root on a drive only the path on the drive is known."""
    roots = {}
    for root, identifier, specific in catalogue.rows("AlbumRoots", ("id", "identifier", "specificPath")):
        query = str(identifier or "").partition("?")[2]
        values = parse_qs(query, max_num_fields=20) if query.count("&") < 20 else {}
        base = (values.get("path") or values.get("mountpath") or [""])[0]
        inside = specific if isinstance(specific, str) else ""
        roots[root] = f"{base.rstrip('/')}/{inside.lstrip('/')}".rstrip("/")
    return {
        album: f"{roots[root]}/{path.strip('/')}".rstrip("/")
        for album, root, path in catalogue.rows("Albums", ("id", "albumRoot", "relativePath"))
        if root in roots and isinstance(path, str)
    }


def _tags(catalogue: Catalogue) -> _Tags:
    rows = [row for row in catalogue.rows("Tags", ("id", "pid", "name")) if row[0] != 0]
    tree = Tree(rows)
    properties: defaultdict[int, set[str]] = defaultdict(set)
    for tag, property_ in catalogue.optional_rows("TagProperties", ("tagid", "property")):
        if isinstance(property_, str):
            properties[tag].add(property_.lower())
    found = _Tags()
    for tag, _, _ in rows:
        levels = tree.path(tag)
        if not levels:
            continue
        if levels[0].lower() == _INTERNAL:
            kind, _, value = levels[-1].lower().rpartition(" ")
            if kind == "color label" and value in _COLOURS:
                found.colours[tag] = value
            elif kind == "pick label":
                found.picks[tag] = value
        elif properties[tag].isdisjoint(_NO_PERSON):
            name = nested_tag(levels)
            is_person = _PERSON in properties[tag] and not is_below(name, PEOPLE)
            found.names[tag] = person_tag(levels) if is_person else name
    return found


def _texts(catalogue: Catalogue) -> dict[tuple[int, int], str]:
    """Titles and captions by (image, type); those of the default language, or else the first."""
    found: dict[tuple[int, int], str] = {}
    default: set[tuple[int, int]] = set()
    for image, type_, language, text in catalogue.rows(
        "ImageComments", ("imageid", "type", "language", "comment")
    ):
        key = image, type_
        is_default = language in (None, "", "x-default")
        if (
            isinstance(text, str)
            and text.strip()
            and (key not in found or (is_default and key not in default))
        ):
            found[key] = text
            if is_default:
                default.add(key)
    return found
