"""PhotoPrism: the YAML files in its storage folder, ``sidecar`` for photos and ``albums`` for albums.

https://docs.photoprism.app/user-guide/backups/ describes where they are, and PhotoPrism's repository what
they contain (``internal/entity/photo.go``, ``details.go``, ``album_yaml.go``; ``src.go`` for the sources of
values).
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.core.user_paths import is_folder
from safelight.services.migration.folders import (
    dicts_of,
    files_below,
    has_file_below,
    read_bytes,
    text_of,
)
from safelight.services.migration.record import (
    AlbumPlace,
    Record,
    checked_seconds,
    comma_separated_tags,
    coordinates,
    seconds_of,
)
from safelight.services.migration.refused import refused_date, refused_place
from safelight.services.migration.source import Reading, SourceError

_ENDING = (".yml", ".yaml")
_MOST = 4_000_000
"""Bytes. A photo has one to three kilobytes."""
_BY_PEOPLE = ("manual", "batch", "admin", "meta", "xmp", "yaml")
"""Sources of texts that a person wrote. PhotoPrism makes up the others."""
_GUESSED_DATE = ("", "default", "estimate")
"""Sources of dates that are guessed, the first of them from the time of the file."""
_DATE_FROM_NAME = "name"
"""The source of dates in names of files and folders."""
_DEEPEST = 20
"""Levels of lists and mappings in a file."""
_REAL_ALBUM = ("", "album")


class PhotoPrism:
    name = "photoprism"
    program = "PhotoPrism"
    what = "its storage folder, with the folders sidecar and albums"

    def recognises(self, path: Path) -> bool:
        if not is_folder(path) or not has_file_below(os.fspath(path), _ENDING):
            return False
        for number, file in enumerate(files_below(os.fspath(path), _ENDING, deepest=8)):
            found = _read(file)
            if isinstance(found, dict) and "UID" in found and ("TakenAt" in found or "Photos" in found):
                return True
            if number == 20:
                break
        return False

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        if not is_folder(path):
            raise SourceError("{path} is not a folder; name PhotoPrism's storage folder.", path=path)
        root = os.fspath(path)
        sidecars = os.path.join(root, "sidecar")
        root = sidecars if os.path.isdir(sidecars) else root
        albums: defaultdict[str, list[AlbumPlace]] = defaultdict(list)
        records: list[tuple[str, Record]] = []
        for file in files_below(os.fspath(path), _ENDING, reading):
            reading.step()
            found = _read(file)
            if not isinstance(found, dict):
                reading.problem(Message("{path} is not valid YAML.", path=file))
            elif "TakenAt" in found:
                place = os.path.splitext(os.path.relpath(file, root))[0]
                if found.get("DeletedAt"):
                    reading.leave_out(LeftOut.TRASHED, place)
                    continue
                records.append((text_of(found.get("UID")), _record(found, place)))
            elif "Photos" in found and found.get("Type", "") in _REAL_ALBUM:
                _collect(found, albums)
        for key, record in records:
            yield replace(record, albums=tuple(albums[key])) if key in albums else record


def _collect(album: dict[str, Any], albums: defaultdict[str, list[AlbumPlace]]) -> None:
    name = text_of(album.get("Title")).strip()
    for position, entry in enumerate(dicts_of(album.get("Photos"))):
        key = text_of(entry.get("UID"))
        if name and key and entry.get("Hidden") is not True:
            albums[key].append(AlbumPlace((name,), position))


def _record(photo: dict[str, Any], path: str) -> Record:
    details = photo.get("Details")
    details = details if isinstance(details, dict) else {}
    source = text_of(photo.get("TakenSrc"))  # absent where it is empty
    is_guessed = source in _GUESSED_DATE
    local, utc = (None if is_guessed else _seconds(photo.get(name)) for name in ("TakenAtLocal", "TakenAt"))
    # Of a photo without a position, PhotoPrism may have the one of another photo of that day.
    is_known = photo.get("PlaceSrc") != "estimate"
    latitude, longitude = coordinates(photo.get("Lat"), photo.get("Lng")) if is_known else (None, None)
    caption = "Caption" if photo.get("Caption") else "Description"  # its name until 2024
    keywords = text_of(details.get("Keywords")) if _is_own(details, "Keywords") else ""
    taken = local if local is not None else utc
    return Record(
        path,
        taken=taken,
        taken_in_utc=local is None,
        taken_from_name=source == _DATE_FROM_NAME,
        title=text_of(photo.get("Title")) if _is_own(photo, "Title") else "",
        caption=text_of(photo.get(caption)) if _is_own(photo, caption) else "",
        tags=comma_separated_tags(keywords),
        favourite=photo.get("Favorite") is True,
        hidden=photo.get("Private") is True,
        latitude=latitude,
        longitude=longitude,
        refused=(
            *(() if is_guessed else refused_date(photo.get("TakenAtLocal") or photo.get("TakenAt"), taken)),
            *(refused_place(photo.get("Lat"), photo.get("Lng")) if is_known else ()),
        ),
    )


def _is_own(values: dict[str, Any], name: str) -> bool:
    return values.get(f"{name}Src") in _BY_PEOPLE


def _seconds(value: object) -> int | None:
    if isinstance(value, datetime):
        return checked_seconds((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    return None if isinstance(value, date) else seconds_of(value)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the former is written in C


def _read(path: str) -> Any:
    """None for what is unreadable, too large or no YAML of a harmless form."""
    data = read_bytes(path, _MOST)
    if data is None:
        return None
    try:
        return yaml.load(data, _LOADER) if _is_harmless(data) else None  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, OverflowError):
        return None


def _is_harmless(data: bytes) -> bool:
    """Whether nothing is nested deeply or repeated by aliases, which can describe a huge value."""
    depth = 0
    for event in yaml.parse(data, _LOADER):
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            return False
    return True
