"""An empty library without running all migrations for each test."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from safelight.store.library import LibraryStore


def open_library(directory: Path) -> LibraryStore:
    """The library in ``directory``, open for writing. If there is none, it is a copy of an empty one.

    Such copies have the same uuid. Tests of creating a library create one themselves.
    """
    if not LibraryStore.exists(directory) and not _is_another_user():
        shutil.copytree(_template(), directory, dirs_exist_ok=True)
    return LibraryStore.create_or_open(directory)


def _is_another_user() -> bool:
    """Whether the test gave up its privileges, so that it cannot read the template."""
    return sys.platform != "win32" and os.geteuid() != os.getuid()


@cache
def _template() -> Path:
    place = Path(tempfile.mkdtemp(prefix="safelight-template-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    with LibraryStore.create_or_open(place / "library"):
        pass
    return place / "library"
