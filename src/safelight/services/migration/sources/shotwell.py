"""Shotwell: its database ``photo.db``.

The schema is in Shotwell's repository (``src/db``: ``PhotoTable.vala``, ``VideoTable.vala``,
``TagTable.vala``, ``EventTable.vala``, ``FaceTable.vala``, ``FaceLocationTable.vala``), the flags in
``src/Photo.vala`` and ``src/video-support/Video.vala``, and how the place of a face is written in
``src/faces/FaceShape.vala``: as fractions of the picture as it is stored, not turned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from safelight.core.migration import LeftOut
from safelight.core.photo import FaceRegion
from safelight.core.user_paths import is_file, is_folder
from safelight.services.migration.record import (
    AlbumPlace,
    Digest,
    Record,
    checked_seconds,
    coordinates,
    face_at,
    file_size,
    nested_tag,
    number_of,
    pixels,
    placed_faces,
    stars,
)
from safelight.services.migration.refused import refused_date, refused_place, refused_rating
from safelight.services.migration.source import Reading, SourceError
from safelight.store import catalogues
from safelight.store.catalogues import Catalogue

_NAMES = ("photo.db", "data/photo.db")
_KNOWN_VERSIONS = range(14, 25)
"""Versions of the schema: Shotwell 0.12 to 0.32."""
_HIDDEN, _FAVOURITE, _TRASH, _FLAGGED = 1, 2, 4, 16
_VIDEO_TRASH, _VIDEO_FLAGGED = 1, 4
_EVENTS = "Events"
_LONGEST_GEOMETRY = 500
"""Characters of a face's place. What recognises the face follows it."""


class Shotwell:
    name = "shotwell"
    program = "Shotwell"
    what = "photo.db, or the folder that contains it (~/.local/share/shotwell)"

    def recognises(self, path: Path) -> bool:
        return catalogues.has_tables(_file(path), "PhotoTable", "TagTable", "EventTable", "VersionTable")

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        file = _file(path)
        with catalogues.open_catalogue(file) as catalogue:
            versions = [version for (version,) in catalogue.rows("VersionTable", ("schema_version",))]
            if not versions or versions[-1] not in _KNOWN_VERSIONS:
                found = str(versions[-1])[:20] if versions else "no"
                raise SourceError(
                    "{path} has version {version} of Shotwell's schema; Safelight reads {oldest} to "
                    "{newest}.",
                    path=file,
                    version=found,
                    oldest=_KNOWN_VERSIONS[0],
                    newest=_KNOWN_VERSIONS[-1],
                )
            tags = _tags(catalogue, reading)
            events = {
                event: name.strip()
                for event, name in catalogue.rows("EventTable", ("id", "name"))
                if isinstance(name, str) and name.strip()
            }
            people = _people(catalogue)
            yield from _photos(catalogue, reading, tags, events, people)
            if catalogue.has_table("VideoTable"):
                yield from _videos(catalogue, reading, tags, events)


def _file(path: Path) -> Path:
    if not is_folder(path):
        return path
    return next((path / name for name in _NAMES if is_file(path / name)), path / _NAMES[0])


def _tags(catalogue: Catalogue, reading: Reading) -> dict[str, list[str]]:
    """Tags by source, such as ``thumb000000000000002a``.

    Nested tags begin with ``/``. A photo with ``/animals/dog`` also has ``/animals``, which says nothing new.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, sources in catalogue.rows("TagTable", ("name", "photo_id_list")):
        if not isinstance(name, str) or not isinstance(sources, str):
            continue
        tag = name.strip("/") if name.startswith("/") else nested_tag((name,))
        for source in sources.split(","):
            reading.step()
            if source[:1].isdigit():  # of versions that had no videos
                found[f"thumb{int(source):016x}" if source.isdigit() and len(source) < 19 else source].append(
                    tag
                )
            elif source:
                found[source].append(tag)
    return {
        source: [tag for tag in tags if not any(other.startswith(f"{tag}/") for other in tags)]
        for source, tags in found.items()
    }


def _people(catalogue: Catalogue) -> dict[object, list[tuple[str, object]]]:
    """The name of each face and its place in the picture, by photo."""
    names: dict[object, object] = dict(catalogue.optional_rows("FaceTable", ("id", "name")))
    found: defaultdict[object, list[tuple[str, object]]] = defaultdict(list)
    for face, photo, geometry in catalogue.optional_rows(
        "FaceLocationTable", ("face_id", "photo_id"), ("geometry",)
    ):
        name = names.get(face)
        if isinstance(name, str):
            found[photo].append((name, geometry))
    return found


def _face(name: str, geometry: object, orientation: object) -> FaceRegion | None:
    """A face at a place such as ``Rectangle;0.5;0.25;0.1;0.1;…``: the centre, and half of the width and the
    height. ``orientation`` is that of EXIF; without it the upright picture is not known."""
    if not isinstance(geometry, str) or orientation not in range(1, 9):
        return None
    kind, *sides = geometry[:_LONGEST_GEOMETRY].split(";")[:5]
    x, y, half_width, half_height = ([number_of(side) for side in sides] + [None] * 4)[:4]
    if kind != "Rectangle" or x is None or y is None or half_width is None or half_height is None:
        return None
    face = face_at(name, (x - half_width, y - half_height, 2 * half_width, 2 * half_height), 1, 1)
    return face and face.upright(cast("int", orientation))


def _photos(
    catalogue: Catalogue,
    reading: Reading,
    tags: dict[str, list[str]],
    events: dict[object, str],
    people: dict[object, list[tuple[str, object]]],
) -> Iterator[Record]:
    columns = ("id", "filename", "filesize", "exposure_time", "event_id", "rating", "flags", "title", "md5")
    # Positions are in the database since schema 21.
    optional = ("comment", "width", "height", "original_orientation", "has_gps", "gps_lat", "gps_lon")
    for row in catalogue.rows("PhotoTable", columns, optional):
        photo, path, size, taken, event, rating, flags, title, md5, comment, *more = row
        width, height, turned, *place = more
        if not isinstance(path, str):
            continue
        if _has(flags, _TRASH):
            reading.leave_out(LeftOut.TRASHED, path)
            continue
        source = f"thumb{photo:016x}" if isinstance(photo, int) else ""
        latitude, longitude = coordinates(*place[1:]) if place[0] == 1 else (None, None)
        known = people.get(photo, ())
        faces, without_place = placed_faces(_face(name, geometry, turned) for name, geometry in known)
        yield Record(
            path,
            size=file_size(size),
            taken=checked_seconds(taken) or None,
            taken_in_utc=True,  # by the zone of the computer that imported it
            width=pixels(width),
            height=pixels(height),
            digests=(Digest("md5", md5),) if isinstance(md5, str) and file_size(size) else (),
            rating=stars(rating),
            title=title or "",
            caption=comment or "",
            tags=tuple(tags.get(source, ())),
            people=tuple(dict.fromkeys(name for name, _ in known)),
            albums=_albums(events, event),
            favourite=_has(flags, _FAVOURITE | _FLAGGED),
            hidden=_has(flags, _HIDDEN),
            latitude=latitude,
            longitude=longitude,
            faces=faces,
            left_out=without_place,
            refused=(
                *refused_rating(rating),
                *refused_date(taken, checked_seconds(taken)),
                *(refused_place(*place[1:]) if place[0] == 1 else ()),
            ),
        )


def _videos(
    catalogue: Catalogue, reading: Reading, tags: dict[str, list[str]], events: dict[object, str]
) -> Iterator[Record]:
    columns = ("id", "filename", "filesize", "exposure_time", "event_id", "rating", "flags", "title")
    for row in catalogue.rows("VideoTable", columns, ("comment", "md5")):
        video, path, size, taken, event, rating, flags, title, comment, md5 = row
        if not isinstance(path, str):
            continue
        if _has(flags, _VIDEO_TRASH):
            reading.leave_out(LeftOut.TRASHED, path)
            continue
        source = f"video-{video:016x}" if isinstance(video, int) else ""
        yield Record(
            path,
            size=file_size(size),
            taken=checked_seconds(taken) or None,
            taken_in_utc=True,
            digests=(Digest("md5", md5),) if isinstance(md5, str) and file_size(size) else (),
            rating=stars(rating),
            title=title or "",
            caption=comment or "",
            tags=tuple(tags.get(source, ())),
            albums=_albums(events, event),
            favourite=_has(flags, _VIDEO_FLAGGED),
            refused=(*refused_rating(rating), *refused_date(taken, checked_seconds(taken))),
        )


def _albums(events: dict[object, str], event: object) -> tuple[AlbumPlace, ...]:
    """Events are albums if the user has named them."""
    return (AlbumPlace((_EVENTS, events[event])),) if event in events else ()


def _has(flags: object, flag: int) -> bool:
    return isinstance(flags, int) and bool(flags & flag)
