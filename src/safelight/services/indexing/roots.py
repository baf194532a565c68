"""Checks the folders that users add, and distinguishes a folder on a disconnected drive from an empty one."""

from __future__ import annotations

import os

from safelight.core.errors import FolderError


def checked_root(path: str | bytes) -> bytes:
    """The real absolute path of a folder that can be indexed.

    Raises FolderError where the name is empty, or it is missing, not a folder, or cannot be listed.
    """
    given = os.fsdecode(path)
    if not given.strip():
        raise FolderError("The name of a folder is empty; name the folder.")
    root = os.path.realpath(os.path.expanduser(os.fsencode(path)))
    if not os.path.exists(root):
        raise FolderError(
            "There is no folder {path}. Check the name, or connect the drive it is on.", path=given
        )
    if not os.path.isdir(root):
        raise FolderError("{path} is a file, not a folder. Name the folder that holds it.", path=given)
    try:
        with os.scandir(root):
            pass
    except OSError as error:
        raise FolderError(
            "The folder {path} cannot be read ({reason}). Check its permissions.",
            path=given,
            reason=error.strerror,
        ) from error
    return root


def volume(root: bytes) -> str | None:
    """The identity of the file system and folder at ``root``; None while the root is not connected."""
    try:
        status = os.stat(root)
    except OSError:
        return None
    return f"{status.st_dev}:{status.st_ino}"


def is_disconnected(root: bytes, known_volume: str | None, known_files: int, found_files: int) -> bool:
    """Whether the root's files are on a drive that is not connected, rather than deleted.

    This is so if the root is missing or cannot be listed, or if all its files are missing and the folder is
    not the one that was recorded, such as an empty mount point.
    """
    now = volume(root)
    if now is None or not os.path.isdir(root) or not os.access(root, os.R_OK | os.X_OK):
        return True
    return known_files > 0 and found_files == 0 and now != known_volume


def was_removed(root: bytes, known_volume: str | None) -> bool:
    """Whether the folder of an unavailable root was deleted. Otherwise its drive is not connected."""
    parent = root
    while parent and not os.path.exists(parent) and os.path.dirname(parent) != parent:
        parent = os.path.dirname(parent)
    try:
        here = str(os.stat(parent).st_dev)
    except OSError:
        here = ""
    return not os.path.exists(root) and known_volume is not None and known_volume.split(":")[0] == here
