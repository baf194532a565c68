"""Creating files and folders that only their owner can read, whatever the umask is."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
UMASK = 0o077
"""The program sets this at its start, for files that libraries create (QSettings, downloads)."""

_OTHERS = 0o077
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


def make_folder(path: Path) -> None:
    """Create a folder, and missing parents, with mode 0700. An existing one is left as it is.

    Raises OSError, FileExistsError where the name belongs to something else.
    """
    missing = [path]
    # The top has no other parent, and need not be there: a drive that is not connected, a deleted folder.
    while not (missing[-1].parent.exists() or missing[-1].parent == missing[-1]):
        missing.append(missing[-1].parent)
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def create_file(path: Path) -> int:
    """Create a file with mode 0600 and open it for writing; return the descriptor.

    Raises FileExistsError where anything has that name already, a symbolic link included. OSError.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, FILE_MODE)


def restrict_to_owner(path: Path) -> None:
    """Take the rights of others away from a file or folder of ours that has some.

    Does nothing where the file is missing, belongs to another user or is a symbolic link, or where the file
    system keeps no rights.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        status = path.lstat()
        if status.st_mode & _OTHERS and not stat.S_ISLNK(status.st_mode) and status.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
