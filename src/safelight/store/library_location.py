"""What files a library consists of. Imports neither apsw nor NumPy."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path

from safelight.core.private_files import restrict_to_owner

FILE_NAME = "library.db"

_OWN_NAMES = (
    *("library.db*", "library.lock", "thumbs.db*", "large-thumbnails", "backups", "replaced-*", "models"),
    *("window.ini*", "last-view.jpg*", "damaged", "http-token", "engine-key", "prompts-*", "references-*"),
    *("words-*", "tag-words*", "own-tag-words-*"),
)
"""Patterns of the names that Safelight gives to files and folders in a library's folder."""


def library_exists(directory: Path) -> bool:
    """Whether a library has been created in ``directory``; it may be damaged."""
    path = directory / FILE_NAME
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def restrict_library_to_owner(directory: Path) -> None:
    """Make an existing library readable by its owner only; see :func:`private_files.restrict_to_owner`.

    The folder itself is unchanged where it holds other files: the user may share those.
    """
    try:
        names = os.listdir(directory)
    except OSError:
        return
    own = [name for name in names if any(fnmatch.fnmatchcase(name, known) for known in _OWN_NAMES)]
    for name in own:
        restrict_to_owner(directory / name)
    backups = directory / "backups"
    if "backups" in own and not backups.is_symlink() and backups.is_dir():
        for path in backups.iterdir():
            restrict_to_owner(path)
    if len(own) == len(names):
        restrict_to_owner(directory)
