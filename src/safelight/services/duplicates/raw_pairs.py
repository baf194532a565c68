"""Which photos are the developed picture beside a RAW, by the library's record of files."""

from __future__ import annotations

import os

from safelight.imaging.formats import RAW
from safelight.services.duplicates.companions import DEVELOPED
from safelight.store import files
from safelight.store.library import Connection


def raws_of_developed(db: Connection) -> dict[int, int]:
    """Photo to the RAW that it belongs to, for photos all of whose files are beside one."""
    beside: dict[int, int] = {}
    files_beside: dict[int, int] = {}
    for folder_id, path, photo_id in files.of_format(db, RAW.name):
        stem = os.path.splitext(path)[0]
        names = [stem + b"." + written for each in DEVELOPED for written in _written(each)]
        for developed in files.photos_at(db, folder_id, names):
            beside[developed] = photo_id
            files_beside[developed] = files_beside.get(developed, 0) + 1
    everywhere = {photo_id: len(files.of_photo(db, photo_id)) for photo_id in beside}
    return {
        photo_id: raw for photo_id, raw in beside.items() if files_beside[photo_id] == everywhere[photo_id]
    }


def _written(extension: str) -> tuple[bytes, bytes]:
    return extension.encode(), extension.upper().encode()
