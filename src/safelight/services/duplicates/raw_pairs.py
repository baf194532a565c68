"""Finds photos that a camera saved together with a RAW, from the library's record of files."""

from __future__ import annotations

import os

from safelight.imaging.formats import RAW
from safelight.services.duplicates.companions import DEVELOPED
from safelight.store import files
from safelight.store.library import Connection


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


def _spellings(extension: str) -> tuple[bytes, bytes]:
    return extension.encode(), extension.upper().encode()
