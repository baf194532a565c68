"""The library of Apple Photos as JSON, written by osxphotos (``osxphotos query --json``).

https://github.com/RhetTbull/osxphotos documents the properties of ``PhotoInfo`` and ``FaceInfo``
(``osxphotos/personinfo.py``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.core.user_paths import is_file
from safelight.services.migration.folders import dicts_of, read_json, text_of, texts_of
from safelight.services.migration.record import (
    AlbumPlace,
    Record,
    coordinates,
    file_size,
    nested_tag,
    pixels,
    placed_faces,
    seconds_of,
    stars,
)
from safelight.services.migration.refused import refused_date, refused_place, refused_rating
from safelight.services.migration.source import Reading, SourceError
from safelight.services.migration.sources.apple_faces import photos_face

_MOST = 1_000_000_000
"""Bytes. A photo takes about three kilobytes."""
_UNKNOWN = "_UNKNOWN_"
"""The name of a person who has none."""


def recognises(path: Path) -> bool:
    if path.suffix.lower() != ".json" or not is_file(path):
        return False
    try:
        with path.open("rb") as file:
            beginning = file.read(100_000)
    except OSError:
        return False
    return b'"original_filename"' in beginning and b'"uuid"' in beginning


def read(path: Path, reading: Reading) -> Iterator[Record]:
    found = read_json(os.fspath(path), _MOST)
    photos = dicts_of(found)
    if not any("uuid" in each for each in photos):
        raise SourceError("{path} is not a list of photos; write it with osxphotos query --json.", path=path)
    for photo in photos:
        reading.step()
        name = text_of(photo.get("original_filename"))
        path_ = text_of(photo.get("path"))
        if not name and not path_:
            reading.problem(Message("{file}: a photo without a name was left out.", file=path.name))
        elif photo.get("intrash") is True:
            reading.leave_out(LeftOut.TRASHED, path_ or name, name)
        elif photo.get("shared") is True:
            reading.leave_out(LeftOut.SHARED, path_ or name, name)
        else:
            yield _record(photo, name, path_)


def _record(photo: dict[str, Any], name: str, path: str) -> Record:
    people = [each for each in texts_of(photo.get("persons")) if each.strip() and each != _UNKNOWN]
    latitude, longitude = coordinates(photo.get("latitude"), photo.get("longitude"))
    taken = seconds_of(photo.get("date"))
    faces, without_place = placed_faces(
        photos_face(
            "" if each.get("name") == _UNKNOWN else text_of(each.get("name")),
            (each.get("center_x"), each.get("center_y"), each.get("size")),
            (photo.get("width"), photo.get("height")),
            edited=photo.get("hasadjustments") is True,
        )
        for each in dicts_of(photo.get("face_info"))
    )
    return Record(
        path or name,
        original_name=name,
        size=file_size(photo.get("original_filesize")),
        taken=taken,
        width=pixels(photo.get("original_width")),
        height=pixels(photo.get("original_height")),
        local=path if path.startswith("/") else None,
        rating=stars(photo.get("rating")),  # of iPhoto
        title=text_of(photo.get("title")),
        caption=text_of(photo.get("description")),
        tags=tuple(nested_tag((keyword,)) for keyword in texts_of(photo.get("keywords"))),
        people=tuple(people),
        albums=tuple(_albums(photo)),
        favourite=photo.get("favorite") is True,
        hidden=photo.get("hidden") is True,
        latitude=latitude,
        longitude=longitude,
        faces=faces,
        left_out=without_place,
        refused=(
            *refused_rating(photo.get("rating")),
            *refused_date(photo.get("date"), taken),
            *refused_place(photo.get("latitude"), photo.get("longitude")),
        ),
    )


def _albums(photo: dict[str, Any]) -> Iterator[AlbumPlace]:
    """``album_info`` has the albums with the folders around each, from the outermost. Versions without it
    have the titles in ``albums``, and in ``folders`` the folders by title, of which several may be equal."""
    described = [each for each in dicts_of(photo.get("album_info")) if text_of(each.get("title"))]
    for each in described:
        yield AlbumPlace((*texts_of(each.get("folder_names")), text_of(each.get("title"))))
    if described:
        return
    folders = photo.get("folders")
    for album in texts_of(photo.get("albums")):
        around = texts_of(folders.get(album)) if isinstance(folders, dict) else []
        yield AlbumPlace((*around, album))
