"""The folders a person adds: checking them, and telling a folder that is away from one that is empty."""

from __future__ import annotations

import os

from safelight.core.errors import FolderError


def checked_root(path: str | bytes) -> bytes:
    """The real absolute path of a folder that can be indexed.

    Raises FolderError where it is missing, is not a folder, or will not be listed.
    """
    given = os.fsdecode(path)
    root = os.path.realpath(os.path.expanduser(os.fsencode(path)))
    if not os.path.exists(root):
        raise FolderError(f"There is no folder {given}. Check the name, or connect the drive it is on.")
    if not os.path.isdir(root):
        raise FolderError(f"{given} is a file, not a folder. Name the folder that holds it.")
    try:
        with os.scandir(root):
            pass
    except OSError as error:
        raise FolderError(
            f"The folder {given} cannot be read ({error.strerror}). Check its permissions."
        ) from error
    return root


def volume(root: bytes) -> str | None:
    """What tells one file system from another mounted at the same place; None while the root is away."""
    try:
        status = os.stat(root)
    except OSError:
        return None
    return f"{status.st_dev}:{status.st_ino}"


def is_away(root: bytes, known_volume: str | None, known_files: int, found_files: int) -> bool:
    """Whether the root's contents are away rather than deleted.

    They are when the root is missing, will not be listed, or when every one of its files vanished
    together and what lies there now is another folder than before: an empty mount point.
    """
    now = volume(root)
    if now is None or not os.path.isdir(root) or not os.access(root, os.R_OK | os.X_OK):
        return True
    return known_files > 0 and found_files == 0 and now != known_volume
