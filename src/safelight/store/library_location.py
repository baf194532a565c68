"""Where a library lies in its folder; needs nothing of what opens one."""

from __future__ import annotations

from pathlib import Path

FILE_NAME = "library.db"


def library_exists(directory: Path) -> bool:
    """Whether a library has been made in ``directory``; says nothing of its health."""
    path = directory / FILE_NAME
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False
