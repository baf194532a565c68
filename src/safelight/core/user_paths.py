"""Paths as users write them: too long, behind a folder that they may not enter, below nobody's home.

``pathlib`` raises OSError for the first two and RuntimeError for the third. These functions do not: such a
path is one where nothing is, and whoever asks has a message for that.
"""

# ruff: noqa: PTH110, PTH111, PTH112, PTH113 (see above)

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: str | os.PathLike[str]) -> Path:
    """The path with ``~`` and ``~user`` replaced; unchanged where there is no such user."""
    return Path(os.path.expanduser(path))


def exists(path: str | os.PathLike[str]) -> bool:
    """Whether a file or folder is there; False where that cannot be found out."""
    return os.path.exists(path)


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether a regular file is there; False where that cannot be found out."""
    return os.path.isfile(path)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a folder is there; False where that cannot be found out."""
    return os.path.isdir(path)
