"""Finds the files that belong to a picture: the JPEG of a RAW, a Live Photo's video, an editor's sidecar."""

from __future__ import annotations

import os
import stat

from safelight.imaging.formats import JPEG, RAW, extensions
from safelight.store import files
from safelight.store.library import Connection

_SIDECARS = ("xmp", "aae", "thm")
_VIDEOS = ("mov", "mp4")
DEVELOPED = (*JPEG.extensions, "heic", "hif")
"""Extensions of the pictures that cameras save with a RAW."""


def companions_of(path: bytes) -> tuple[bytes, ...]:
    """Absolute paths of the companions that belong to this picture only.

    A file that begins with the whole name (``IMG_1.nef.xmp``) always belongs to that picture. A file with the
    same stem (``IMG_1.xmp`` for ``IMG_1.nef``) does so only if no other picture has that stem, apart from
    companions.
    """
    folder, name = os.path.split(path)
    stem, dot, extension = name.rpartition(b".")
    if not dot or not stem:
        return ()
    own = [found for found in (_existing_file(folder, name, "xmp"),) if found is not None]
    is_raw = _text(extension) in RAW.extensions
    siblings = {
        other: found
        for other in extensions()
        if (found := _existing_file(folder, stem, other)) is not None and found != path
    }
    developed = [found for other, found in siblings.items() if is_raw and other in DEVELOPED]
    if len(developed) == len(siblings):
        own += developed
        wanted = _SIDECARS if is_raw else (*_SIDECARS, *_VIDEOS)
        own += [found for other in wanted if (found := _existing_file(folder, stem, other)) is not None]
    return tuple(dict.fromkeys(own))


def counterpart(companion: bytes, others: tuple[bytes, ...]) -> bytes | None:
    """The companion in ``others`` that has the same role as this one; None if there is none."""
    role = _role(companion)
    return next((other for other in others if _role(other) == role), None)


def raws_of_developed(db: Connection) -> dict[int, int]:
    """By photo: the RAW that it belongs to. Only photos of which every file is in a folder with its RAW."""
    raw_of: dict[int, int] = {}
    files_with_raw: dict[int, int] = {}
    for folder_id, path, photo_id in files.of_format(db, RAW.name):
        stem = os.path.splitext(path)[0]
        names = [stem + b"." + written for each in DEVELOPED for written in _spellings(each)]
        for developed in files.photos_at(db, folder_id, names):
            raw_of[developed] = photo_id
            files_with_raw[developed] = files_with_raw.get(developed, 0) + 1
    file_counts = {photo_id: len(files.of_photo(db, photo_id)) for photo_id in raw_of}
    return {
        photo_id: raw for photo_id, raw in raw_of.items() if files_with_raw[photo_id] == file_counts[photo_id]
    }


def _role(companion: bytes) -> str:
    extension = _text(os.path.splitext(companion)[1][1:])
    if extension in DEVELOPED:
        return "developed"
    return "film" if extension in _VIDEOS else extension


def _existing_file(folder: bytes, stem: bytes, extension: str) -> bytes | None:
    """The regular file of that name, with the extension in lower or upper case."""
    for written in (extension, extension.upper()):
        path = os.path.join(folder, stem + b"." + written.encode())
        try:
            if stat.S_ISREG(os.lstat(path).st_mode):
                return path
        except OSError:
            continue
    return None


def _text(extension: bytes) -> str:
    return os.fsdecode(extension).lower()


def _spellings(extension: str) -> tuple[bytes, bytes]:
    return extension.encode(), extension.upper().encode()
