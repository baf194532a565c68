"""An empty library without running all migrations for each test."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from safelight.store.library import LibraryStore


def open_library(directory: Path) -> LibraryStore:
    """The library in ``directory``, open for writing. If there is none, it is a copy of an empty one.

    Such copies have the same uuid. Tests of creating a library create one themselves.
    """
    if not LibraryStore.exists(directory):
        shutil.copytree(_template(), directory, dirs_exist_ok=True)
    return LibraryStore.create_or_open(directory)


@cache
def _template() -> Path:
    place = Path(tempfile.mkdtemp(prefix="safelight-template-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    with LibraryStore.create_or_open(place / "library"):
        pass
    return place / "library"
