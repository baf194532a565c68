"""immich: answers of its HTTP interface, saved as JSON files.

immich has no export of its own. https://immich.app/docs/api describes ``AssetResponseDto``,
``SearchResponseDto`` and ``AlbumResponseDto``; docs/migrating.md shows how to save them.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.core.photo import FaceRegion
from safelight.core.user_paths import is_file, is_folder
from safelight.services.migration.folders import dicts_of, files_below, read_json, text_of
from safelight.services.migration.record import (
    MAX_FACES,
    AlbumPlace,
    Digest,
    Record,
    StackPlace,
    coordinates,
    face_at,
    face_regions,
    file_size,
    number_of,
    pixels,
    seconds_of,
    stars,
)
from safelight.services.migration.refused import refused_date, refused_place, refused_rating
from safelight.services.migration.source import Reading, SourceError

_ENDING = (".json",)
_MOST = 400_000_000
"""Bytes of one file."""
_MOST_TO_RECOGNISE = 100_000_000
_MOST_ON_PAGE = 100_000
"""Photos; immich answers with a thousand at most."""
_HIDDEN = ("archive", "hidden", "locked")


class Immich:
    name = "immich"
    program = "immich"
    what = "saved answers of its API (.json), or a folder of them"

    def recognises(self, path: Path) -> bool:
        for file in islice(_files(path), 20):
            found = read_json(file, _MOST_TO_RECOGNISE)
            if any(_is_asset(each) for each in _assets(found)[:3]):
                return True
        return False

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        files = list(_files(path, reading))
        if not files:
            raise SourceError("{path} is neither a JSON file nor a folder of them.", path=path)
        albums: defaultdict[str, list[AlbumPlace]] = defaultdict(list)
        names: dict[str, str] = {}
        searches: dict[str, list[str]] = {}
        assets: dict[str, dict[str, Any]] = {}
        for file in files:
            reading.step()
            found = read_json(file, _MOST)
            if found is None:
                reading.problem(Message("{path} is not valid JSON, or is too large.", path=file))
                continue
            for album in _albums(found):
                names[text_of(album.get("id"))] = text_of(album.get("albumName"))
                _collect(album, albums)
            inside = searches.setdefault(Path(file).stem, [])
            for asset in _assets(found):
                reading.step()
                if _is_asset(asset):
                    inside.append(asset["id"])
                    # An album lists its photos with less detail than a search does.
                    known = assets.get(asset["id"], {})
                    assets[asset["id"]] = (
                        {**asset, **known} if len(known) > len(asset) else {**known, **asset}
                    )
        _collect_searches(searches, names, albums)
        for key, asset in assets.items():
            reading.step()
            record = _record(asset, tuple(albums[key]))
            if asset.get("isTrashed") is True:
                reading.leave_out(LeftOut.TRASHED, record.path)
            else:
                yield record


def _files(path: Path, reading: Reading | None = None) -> Iterator[str]:
    if is_folder(path):
        yield from files_below(os.fspath(path), _ENDING, reading, deepest=2)
    elif path.suffix.lower() in _ENDING and is_file(path):
        yield os.fspath(path)


def _assets(found: object) -> list[dict[str, Any]]:
    """The photos of a list, of a search, of an album, or a single one."""
    if isinstance(found, list):
        inside = dicts_of(found)
        return [*inside, *(each for album in inside for each in dicts_of(album.get("assets")))]
    if not isinstance(found, dict):
        return []
    if _is_asset(found):
        return [found]
    assets = found.get("assets")
    return dicts_of(assets.get("items")) if isinstance(assets, dict) else dicts_of(assets)


def _albums(found: object) -> list[dict[str, Any]]:
    listed = dicts_of(found) if isinstance(found, list) else [found] if isinstance(found, dict) else []
    return [each for each in listed if isinstance(each.get("albumName"), str)]


def _collect_searches(
    searches: dict[str, list[str]], names: dict[str, str], albums: defaultdict[str, list[AlbumPlace]]
) -> None:
    """Since version 3, albums do not list their photos. What a search answers for one album is in files that
    are named by it: ``ALBUM.json``, or ``ALBUM-1.json``, ``ALBUM-2.json`` for several pages."""
    for stem, inside in searches.items():
        album, _, page = stem.rpartition("-") if stem not in names else (stem, "", "0")
        if album not in names or not page.isdecimal() or len(page) > 6:
            continue
        place = int(page) * _MOST_ON_PAGE
        listed = [{"id": each} for each in inside]
        _collect({"albumName": names[album], "assets": listed}, albums, place)


def _collect(album: dict[str, Any], albums: defaultdict[str, list[AlbumPlace]], first: int = 0) -> None:
    """``first``: the position of the first photo in the album."""
    name = text_of(album.get("albumName")).strip()
    for position, asset in enumerate(dicts_of(album.get("assets")), first):
        key = asset.get("id")
        place = AlbumPlace((name,), position)
        if name and isinstance(key, str) and all(each.path != place.path for each in albums[key]):
            albums[key].append(place)


def _face(name: str, face: dict[str, Any]) -> FaceRegion | None:
    """A face in the upright preview, whose size is given with it."""
    left, top, right, bottom = (
        number_of(face.get(f"boundingBox{side}")) for side in ("X1", "Y1", "X2", "Y2")
    )
    if left is None or top is None or right is None or bottom is None:
        return None
    sides = (left, top, right - left, bottom - top)
    return face_at(name, sides, face.get("imageWidth"), face.get("imageHeight"))


def _is_asset(each: dict[str, Any]) -> bool:
    return isinstance(each.get("id"), str) and isinstance(each.get("originalFileName"), str)


def _record(asset: dict[str, Any], albums: tuple[AlbumPlace, ...]) -> Record:
    exif = asset.get("exifInfo")
    exif = exif if isinstance(exif, dict) else {}
    path = text_of(asset.get("originalPath"))
    name = text_of(asset.get("originalFileName"))
    if path.replace("\\", "/").rpartition("/")[2] != name:
        # In immich's own storage a file has another name and folder than before it was uploaded.
        path = name
    latitude, longitude = coordinates(exif.get("latitude"), exif.get("longitude"))
    taken = seconds_of(asset.get("localDateTime")) or seconds_of(exif.get("dateTimeOriginal"))
    people = [each for each in dicts_of(asset.get("people")) if text_of(each.get("name")).strip()]
    faces = [
        _face(text_of(person.get("name")), face)
        for person in dicts_of(asset.get("people"))
        for face in dicts_of(person.get("faces"))
    ][:MAX_FACES]
    return Record(
        path or name,
        size=file_size(exif.get("fileSizeInByte")),
        taken=taken,
        width=pixels(exif.get("exifImageWidth")),
        height=pixels(exif.get("exifImageHeight")),
        digests=_digests(asset.get("checksum")),
        rating=stars(exif.get("rating")),
        caption=text_of(exif.get("description")),
        tags=tuple(
            text_of(each.get("value")) or text_of(each.get("name")) for each in dicts_of(asset.get("tags"))
        ),
        people=tuple(text_of(each.get("name")) for each in people),
        albums=albums,
        stack=_stack(asset),
        favourite=asset.get("isFavorite") is True,
        latitude=latitude,
        longitude=longitude,
        hidden=asset.get("isArchived") is True or asset.get("visibility") in _HIDDEN,
        faces=tuple(face for face in faces if face is not None),
        left_out=face_regions(faces.count(None)),
        refused=(
            *refused_rating(exif.get("rating")),
            *refused_date(asset.get("localDateTime") or exif.get("dateTimeOriginal"), taken),
            *refused_place(exif.get("latitude"), exif.get("longitude")),
        ),
    )


def _stack(asset: dict[str, Any]) -> StackPlace | None:
    stack = asset.get("stack")
    key = text_of(stack.get("id")) if isinstance(stack, dict) else ""
    if not isinstance(stack, dict) or not key:
        return None
    return StackPlace(key, 0.0 if stack.get("primaryAssetId") == asset.get("id") else 1.0)


def _digests(checksum: object) -> tuple[Digest, ...]:
    """The SHA-1 of the file in base64."""
    try:
        digest = base64.b64decode(text_of(checksum), validate=True)
    except (binascii.Error, ValueError):
        return ()
    return (Digest("sha1", digest.hex()),) if len(digest) == 20 else ()
