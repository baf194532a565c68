"""Google Photos as exported by Google Takeout: pictures with JSON files beside them.

Google does not document the export. Its structure, the truncated and numbered names and the pairing follow
https://github.com/papa-vova/gphotos-321sync (Google_Takeout_Structure.md) and the description of
https://github.com/ente-io/ente/pull/4956; the limits of 46 and 51 characters are also in
https://github.com/TheLastGimbus/GooglePhotosTakeoutHelper/issues/8.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.core.user_paths import is_folder
from safelight.imaging.formats import is_photo_name, is_video_name
from safelight.services.migration.folders import Entries, entries_of, folders_below, read_json, text_of
from safelight.services.migration.record import AlbumPlace, Record, checked_seconds, coordinates
from safelight.services.migration.refused import refused_date, refused_place
from safelight.services.migration.source import Reading, SourceError

_MOST_JSON = 1 << 20
"""Bytes. A sidecar has one to three kilobytes."""
_STEM = 46
"""Characters of a sidecar's name before ``(1)`` and ``.json``."""
_SUFFIX = ".supplemental-metadata"
_NUMBER = re.compile(r"\(\d{1,5}\)$")
_EDITED = re.compile(
    r"-(edited|edit|bearbeitet|modifi[eé]|modificato|(?:ha )?editado|editada|bewerkt|redigerad|redigeret|"
    r"redigert|muokattu|edytowane|upraveno|upravené|szerkesztett|editat|düzenlendi|отредактировано|изменено|"
    r"編集済み|编辑|已修改|已編輯|수정됨)$",
    re.IGNORECASE,
)
_DEPTH = 12
_LOOKED_AT = 2000
"""Names that recognising a folder looks at."""


@dataclass(slots=True)
class _Folder:
    path: str
    media: list[str] = field(default_factory=list)
    sidecars: list[str] = field(default_factory=list)


class GoogleTakeout:
    name = "google-takeout"
    program = "Google Photos"
    what = "the unpacked folder of Google Takeout"

    def recognises(self, path: Path) -> bool:
        if not is_folder(path):
            return False
        looked = 0
        waiting = [(os.fspath(path), 0)]
        while waiting and looked < _LOOKED_AT:
            folder, depth = waiting.pop(0)
            files, folders = entries_of(folder)
            found = _sorted(folder, files)
            looked += len(found.media) + len(found.sidecars) + 1
            for name in found.sidecars[:5]:
                content = read_json(os.path.join(folder, name), _MOST_JSON)
                if isinstance(content, dict) and "photoTakenTime" in content:
                    return True
            if depth < 4:
                waiting += [(each.path, depth + 1) for each in folders]
        return False

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        if not is_folder(path):
            raise SourceError(
                "{path} is not a folder; unpack the archives of Google Takeout into one folder.", path=path
            )
        for folder, files in folders_below(os.fspath(path), reading, deepest=_DEPTH):
            yield from self._folder(_sorted(folder, files), reading)

    def _folder(self, folder: _Folder, reading: Reading) -> Iterator[Record]:
        described: dict[str, dict[str, Any]] = {}
        album = ""
        for name in folder.sidecars:
            reading.step()
            content = read_json(os.path.join(folder.path, name), _MOST_JSON)
            if not isinstance(content, dict):
                reading.problem(Message("{path} is not valid JSON.", path=os.path.join(folder.path, name)))
            elif "photoTakenTime" in content:
                described[name] = content
            elif "title" in content or "albumData" in content:
                album = _album_title(content) or album
        used: set[str] = set()
        by_lower = {name.casefold(): name for name in described}
        for name in folder.media:
            reading.step()
            sidecar = next(
                (by_lower[each] for each in sidecar_names(name) if each in by_lower), None
            ) or _by_title(name, described)
            place = os.path.join(folder.path, name)
            if sidecar is None:
                if album:  # a copy in an album is the photo of another folder
                    yield Record(place, local=place, size=_size(place), albums=(AlbumPlace((album,)),))
                continue
            used.add(sidecar)
            if _is_trashed(described[sidecar]):
                reading.leave_out(LeftOut.TRASHED, place)
            else:
                yield _record(described[sidecar], place, album, local=True)
        for name, content in described.items():
            if name not in used:  # its picture is in another archive, or was taken out
                title = content.get("title")
                known = title if isinstance(title, str) and title.strip() else name.removesuffix(".json")
                place = os.path.join(folder.path, os.path.basename(known))
                if _is_trashed(content):
                    reading.leave_out(LeftOut.TRASHED, place)
                else:
                    yield _record(content, place, album, local=False)


def sidecar_names(media: str) -> Iterator[str]:
    """The names that the sidecar of a picture may have, folded, the likeliest first."""
    stem, extension = os.path.splitext(media)
    counted = _numbered(stem)
    plain = _EDITED.sub("", stem[: len(stem) - len(counted)]) + counted
    for base in dict.fromkeys((stem, plain, re.sub(r"~\d{1,3}$", "", plain))):
        counted = _numbered(base)
        unnumbered = base[: -len(counted)] if counted else base
        for name, tail in dict.fromkeys(((base + extension, ""), (unnumbered + extension, counted))):
            yield f"{(name + _SUFFIX)[:_STEM]}{tail}.json".casefold()
            yield f"{name}{_SUFFIX}{tail}.json".casefold()
            if tail:
                yield f"{name}{tail}{_SUFFIX}.json".casefold()
            yield f"{name[:_STEM]}{tail}.json".casefold()
            for length in range(len(_SUFFIX) - 1, 0, -1):  # shortened for the length of the whole path
                yield f"{name}{_SUFFIX[:length]}{tail}.json".casefold()
            yield f"{name}{tail}.json".casefold()
        yield f"{base[:_STEM]}.json".casefold()
        # The video of a Live Photo, or the picture that an edit converted.
        for other in ("heic", "jpg", "jpeg", "png", "mp4", "mov"):
            name = f"{unnumbered}.{other}"
            yield f"{(name + _SUFFIX)[:_STEM]}{counted}.json".casefold()
            yield f"{name[:_STEM]}{counted}.json".casefold()


def _numbered(stem: str) -> str:
    """The ``(1)`` at the end of a name, or nothing."""
    number = _NUMBER.search(stem)
    return number.group() if number else ""


def _by_title(media: str, described: dict[str, dict[str, Any]]) -> str | None:
    """The only sidecar whose title is the picture's name, or begins with its truncated name."""
    stem, extension = os.path.splitext(media)
    if len(media) < _STEM:
        return None
    start = stem[: len(stem) - len(_numbered(stem))].casefold()
    found = [
        name
        for name, content in described.items()
        if isinstance(title := content.get("title"), str)
        and title.casefold().startswith(start)
        and title.casefold().endswith(extension.casefold())
    ]
    return found[0] if len(found) == 1 else None


def _is_trashed(content: dict[str, Any]) -> bool:
    return content.get("trashed") is True


def _record(content: dict[str, Any], path: str, album: str, *, local: bool) -> Record:
    time = content.get("photoTakenTime")
    place = content.get("geoData")  # as the user corrected it, if so
    timestamp = time.get("timestamp") if isinstance(time, dict) else None
    taken = checked_seconds(timestamp)
    place = place if isinstance(place, dict) else {}
    latitude, longitude = coordinates(place.get("latitude"), place.get("longitude"))
    return Record(
        path=path,
        size=_size(path) if local else None,
        taken=taken,
        taken_in_utc=True,
        local=path if local else None,
        latitude=latitude,
        longitude=longitude,
        caption=text_of(content.get("description")),
        people=tuple(_people(content.get("people"))),
        albums=(AlbumPlace((album,)),) if album else (),
        favourite=content.get("favorited") is True,
        hidden=content.get("archived") is True or content.get("inLockedFolder") is True,
        refused=(
            *refused_date(timestamp, taken),
            *refused_place(place.get("latitude"), place.get("longitude")),
        ),
    )


def _people(listed: object) -> Iterator[str]:
    if isinstance(listed, list):
        for each in listed[:1000]:
            if isinstance(each, dict) and text_of(each.get("name")).strip():
                yield text_of(each.get("name"))


def _album_title(content: dict[str, Any]) -> str:
    """Older exports have the title inside ``albumData``."""
    inner = content.get("albumData")
    return text_of(content.get("title") or (inner.get("title") if isinstance(inner, dict) else "")).strip()


def _size(path: str) -> int | None:
    try:
        return os.lstat(path).st_size
    except OSError:
        return None


def _sorted(path: str, files: Entries) -> _Folder:
    """Tell pictures from sidecars."""
    folder = _Folder(path)
    for file in files:
        if file.name.lower().endswith(".json"):
            folder.sidecars.append(file.name)
        elif is_photo_name(file.name) or is_video_name(os.fsencode(file.name)):
            folder.media.append(file.name)
    return folder
