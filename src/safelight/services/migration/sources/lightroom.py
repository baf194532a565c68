"""Adobe Lightroom Classic: its catalogue (``.lrcat``).

Adobe does not document the schema. It is described by Hubert Figuière in
https://github.com/hfiguiere/lrcat-extractor (``doc/lrcat_format.md``), for current versions in
https://github.com/arnau/squirrel and https://github.com/JeremyProffitt/lrcat-go, which also describes the
compressed XMP. Faces are described by Daniel Höpfl in his program that writes them (``transferFaces.cpp``):
their corners are fractions of the upright picture, of which ``imageOrientation`` names the orientation.
"""

from __future__ import annotations

import contextlib
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from safelight.core.migration import LeftOut
from safelight.core.organising_rules import REJECTED
from safelight.core.photo import FaceRegion
from safelight.core.private_tags import person_tag
from safelight.core.user_paths import is_folder
from safelight.imaging.metadata.xmp import read_xmp
from safelight.services.migration.record import (
    MAX_FACES,
    AlbumPlace,
    Record,
    StackPlace,
    coordinates,
    face_at,
    nested_tag,
    number_of,
    placed_faces,
    seconds_of,
    stars,
)
from safelight.services.migration.refused import refused_date, refused_place, refused_rating
from safelight.services.migration.source import Reading, SourceError
from safelight.services.migration.trees import Tree
from safelight.store import catalogues
from safelight.store.catalogues import Catalogue

_KNOWN_VERSIONS = range(3, 16)
_COLLECTION = "com.adobe.ag.library.collection"
_INSIDE = (_COLLECTION, "com.adobe.ag.library.group")
_CORNERS = ("tl", "tr", "bl", "br")
_PERSON = "person"
"""The type of keywords that name somebody, since Lightroom 6."""
_MOST_XMP = 4_000_000
"""Bytes of one photo's XMP once it is decompressed."""


class Lightroom:
    name = "lightroom"
    program = "Lightroom Classic"
    what = "the catalogue, a .lrcat file, or its folder"

    def recognises(self, path: Path) -> bool:
        return catalogues.has_tables(_file(path), "Adobe_images", "AgLibraryFile", "AgLibraryRootFolder")

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        file = _file(path)
        with catalogues.open_catalogue(file) as catalogue:
            variables: dict[object, object] = dict(catalogue.rows("Adobe_variablesTable", ("name", "value")))
            _check_version(file, variables.get("Adobe_DBVersion"))
            yield from _Reader(catalogue, reading).records()


def _file(path: Path) -> Path:
    """The only catalogue of a folder; there may be previews and locks beside it, but not another one."""
    if not is_folder(path):
        return path
    with contextlib.suppress(OSError):
        found = [each for each in path.iterdir() if each.suffix.lower() == ".lrcat"]
        if len(found) == 1:
            return found[0]
    return path


def _check_version(path: Path, version: object) -> None:
    """Versions are numbers such as ``0600008`` and ``1300000``; the first digits count."""
    written = str(version).strip()
    major = int(written[:7]) // 100_000 if written[:7].isascii() and written[:7].isdigit() else 0
    if major not in _KNOWN_VERSIONS:
        raise SourceError(
            "{path} has version {version} of Lightroom's schema; Safelight reads those of Lightroom "
            "{oldest} to {newest}.",
            path=path,
            version=written[:20],
            oldest=_KNOWN_VERSIONS[0],
            newest=_KNOWN_VERSIONS[-1],
        )


@dataclass(frozen=True, slots=True)
class _Face:
    name: str
    orientation: object
    """Of the picture in which the face was found, such as ``AB`` (upright) or ``BC``."""
    corners: tuple[object, ...]
    """The x of all of :data:`_CORNERS`, and then the y."""

    def in_picture(self, orientation: object) -> FaceRegion | None:
        """The face in the upright picture; None if the picture was turned after the face was found."""
        across = [x for each in self.corners[:4] if (x := number_of(each)) is not None]
        down = [y for each in self.corners[4:] if (y := number_of(each)) is not None]
        if self.orientation != orientation or not across or not down:
            return None
        left, top = min(across), min(down)
        return face_at(self.name, (left, top, max(across) - left, max(down) - top), 1, 1)


class _Reader:
    def __init__(self, catalogue: Catalogue, reading: Reading) -> None:
        self._catalogue = catalogue
        self._reading = reading

    def records(self) -> Iterator[Record]:
        paths = self._paths()
        tags = self._tags()
        albums = self._albums()
        captions = {
            image: text
            for image, text in self._catalogue.optional_rows("AgLibraryIPTC", ("image", "caption"))
            if isinstance(text, str)
        }
        faces = self._faces()
        cropped = self._cropped()
        stacks = self._stacks()
        titles = self._titles()
        places = {
            image: (latitude, longitude)
            for image, latitude, longitude in self._catalogue.optional_rows(
                "AgHarvestedExifMetadata", ("image", "gpsLatitude", "gpsLongitude")
            )
        }
        for row in self._catalogue.rows(
            "Adobe_images",
            ("id_local", "rootFile", "rating", "pick", "colorLabels", "captureTime"),
            ("masterImage", "fileWidth", "fileHeight", "orientation"),
        ):
            image, file, rating, pick, label, taken, master, width, height, orientation = row
            path = paths.get(file)
            if path is None:
                continue
            if master is not None:
                # A virtual copy has stars and texts of its own, but there is only one photo here.
                yield Record(
                    path,
                    taken=seconds_of(taken),
                    tags=tuple(tags[image]),
                    albums=tuple(albums[image]),
                    left_out=(LeftOut.VIRTUAL_COPY,),
                )
                continue
            place = places.get(image, (None, None))
            latitude, longitude = coordinates(*place)
            known_faces, without_place = placed_faces(
                None if image in cropped else face.in_picture(orientation) for face in faces[image]
            )
            yield Record(
                path,
                taken=seconds_of(taken),
                width=_pixels(width),
                height=_pixels(height),
                rating=REJECTED if pick == -1 else max(stars(rating), 0),
                label=label if isinstance(label, str) else "",
                title=titles.get(image, ""),
                caption=captions.get(image, ""),
                tags=tuple(tags[image]),
                albums=tuple(albums[image]),
                stack=stacks.get(image),
                favourite=pick == 1,
                latitude=latitude,
                longitude=longitude,
                faces=known_faces,
                left_out=without_place,
                refused=(
                    *refused_rating(rating),
                    *refused_date(taken, seconds_of(taken)),
                    *refused_place(*place),
                ),
            )

    def _paths(self) -> dict[object, str]:
        roots: dict[object, object] = dict(
            self._catalogue.rows("AgLibraryRootFolder", ("id_local", "absolutePath"))
        )
        folders = {
            folder: f"{str(roots[root]).rstrip('/')}/{str(inside or '').strip('/')}".rstrip("/")
            for folder, root, inside in self._catalogue.rows(
                "AgLibraryFolder", ("id_local", "rootFolder", "pathFromRoot")
            )
            if root in roots
        }
        return {
            file: f"{folders[folder]}/{base}.{extension}" if extension else f"{folders[folder]}/{base}"
            for file, folder, base, extension in self._catalogue.rows(
                "AgLibraryFile", ("id_local", "folder", "baseName", "extension")
            )
            if folder in folders and isinstance(base, str)
        }

    def _tags(self) -> defaultdict[object, list[str]]:
        if not self._catalogue.has_table("AgLibraryKeyword"):
            return defaultdict(list)
        rows = list(
            self._catalogue.rows("AgLibraryKeyword", ("id_local", "parent", "name"), ("keywordType",))
        )
        tree = Tree(row[:3] for row in rows)
        people = {row[0] for row in rows if row[3] == _PERSON}
        found: defaultdict[object, list[str]] = defaultdict(list)
        for image, tag in self._catalogue.optional_rows("AgLibraryKeywordImage", ("image", "tag")):
            self._reading.step()
            path = tree.path(tag)
            if path:
                found[image].append(person_tag(path) if tag in people else nested_tag(path))
        return found

    def _albums(self) -> defaultdict[object, list[AlbumPlace]]:
        """Regular collections; smart ones are searches, and the quick collection is a clipboard."""
        rows = list(
            self._catalogue.optional_rows(
                "AgLibraryCollection", ("id_local", "parent", "name", "creationId", "systemOnly")
            )
        )
        tree = Tree(row[:3] for row in rows if row[3] in _INSIDE)
        regular = {row[0] for row in rows if row[3] == _COLLECTION and not _is_true(row[4])}
        found: defaultdict[object, list[AlbumPlace]] = defaultdict(list)
        if not self._catalogue.has_table("AgLibraryCollectionImage"):
            return found
        covers = {
            row[0]
            for row in self._catalogue.optional_rows("AgLibraryCollectionCoverImage", ("collectionImage",))
        }
        rows = [
            row
            for row in self._catalogue.rows(
                "AgLibraryCollectionImage",
                ("collection", "image"),
                ("positionInCollection", "id_local"),
            )
            if row[0] in regular
        ]
        rows.sort(key=lambda row: _in_order(row[2]))
        for place, (collection, image, _, key) in enumerate(rows):
            self._reading.step()
            found[image].append(AlbumPlace(tree.path(collection), place, key is not None and key in covers))
        return found

    def _faces(self) -> defaultdict[object, list[_Face]]:
        """Faces by image, with the names that the user gave or confirmed."""
        people: dict[object, object] = dict(
            self._catalogue.optional_rows("AgLibraryKeyword", ("id_local", "name"))
        )
        names: dict[object, str] = {}
        for face, tag, chosen, refused in self._catalogue.optional_rows(
            "AgLibraryKeywordFace", ("face", "tag"), ("userPick", "userReject")
        ):
            name = people.get(tag)
            if isinstance(name, str) and _is_true(chosen) and not _is_true(refused):
                names[face] = name
        found: defaultdict[object, list[_Face]] = defaultdict(list)
        for face, image, ignored, orientation, *corners in self._catalogue.optional_rows(
            "AgLibraryFace",
            ("id_local", "image"),
            ("ignored", "imageOrientation", *(f"{corner}_{axis}" for axis in "xy" for corner in _CORNERS)),
        ):
            self._reading.step()
            if not _is_true(ignored) and len(found[image]) < MAX_FACES:
                found[image].append(_Face(names.get(face, ""), orientation, tuple(corners)))
        return found

    def _cropped(self) -> set[object]:
        """Images that Lightroom shows cropped. No public source says whether their faces refer to the whole
        picture."""
        return {
            image
            for image, *sizes in self._catalogue.optional_rows(
                "Adobe_imageDevelopSettings",
                ("image",),
                ("croppedWidth", "croppedHeight", "fileWidth", "fileHeight"),
            )
            if all(known := [_pixels(size) or 0 for size in sizes]) and sorted(known[:2]) != sorted(known[2:])
        }

    def _stacks(self) -> dict[object, StackPlace]:
        """Stacks of folders. Those of collections are left out: there a photo can be in several."""
        rows = list(
            self._catalogue.optional_rows("AgLibraryFolderStackImage", ("stack", "image", "position"))
        )
        rows.sort(key=lambda row: _in_order(row[2]))
        return {image: StackPlace(stack, place) for place, (stack, image, _) in enumerate(rows)}

    def _titles(self) -> dict[object, str]:
        """The titles, which only the XMP of a photo has."""
        titles: dict[object, str] = {}
        if not self._catalogue.has_table("Adobe_AdditionalMetadata"):
            return titles
        for image, stored in self._catalogue.raw_rows("Adobe_AdditionalMetadata", ("image", "xmp")):
            self._reading.step()
            xmp = _decompressed(stored)
            if b"title" in xmp:
                title = read_xmp(xmp).values.title
                if title:
                    titles[image] = title
        return titles


def _decompressed(stored: object) -> bytes:
    """Text in old catalogues; in current ones its length in four bytes and the text, compressed by zlib."""
    if isinstance(stored, str):
        return stored.encode()
    if not isinstance(stored, bytes):
        return b""
    if stored.lstrip()[:1] == b"<":
        return stored
    try:
        return zlib.decompressobj().decompress(stored[4:], _MOST_XMP)
    except zlib.error:
        return b""


def _in_order(position: object) -> tuple[bool, float, str]:
    """Positions are numbers, or texts that are compared as such."""
    number = number_of(position)
    return number is None, number or 0.0, position if isinstance(position, str) and number is None else ""


def _is_true(value: object) -> bool:
    return value not in (None, "", 0, "0", "0.0")


def _pixels(value: object) -> int | None:
    return round(value) if isinstance(value, int | float) and 0 < value < 1e9 else None
