"""Writing a file to a path that the user named, without harming what is there."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import stat
from pathlib import Path

from safelight.core.errors import LibraryUnavailableError
from safelight.core.private_files import create_file

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
"""Of Linux's renameat2."""
_RENAME_EXCL = 4
"""Of macOS's renamex_np."""


def check_target(target: Path) -> bool:
    """Whether a regular file is at ``target``, which the caller must then recognise before replacing it.

    Raises LibraryUnavailableError for a folder, a symbolic link, a device, a FIFO or a socket: writing there
    would change something else, or wait for ever.
    """
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise LibraryUnavailableError(
            "{path} cannot be written ({reason}).", path=target, reason=error.strerror or error
        ) from error
    if stat.S_ISDIR(mode):
        raise LibraryUnavailableError("{path} is a folder; name a file in it.", path=target)
    if stat.S_ISLNK(mode):
        raise LibraryUnavailableError(
            "{path} is a symbolic link; name the file itself, or a new one.", path=target
        )
    if not stat.S_ISREG(mode):
        raise LibraryUnavailableError("{path} is a device, a pipe or a socket; name a new file.", path=target)
    return True


def reserve_part(target: Path) -> Path:
    """Create an empty file of a new name beside ``target``, for the content until it is complete.

    Raises OSError. No existing file is touched, whatever its name.
    """
    while True:
        part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
        with contextlib.suppress(FileExistsError):
            os.close(create_file(part))
            return part


def put_in_place(part: Path, target: Path, *, replace: bool) -> None:
    """Give the complete ``part`` its name in one step.

    Without ``replace``, raises FileExistsError where something has taken that name meanwhile. OSError.
    """
    if replace:
        part.replace(target)
        return
    if _renamed_exclusively(part, target):
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links (FAT)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "the name was taken meanwhile", str(target)) from None
        part.rename(target)
    else:
        part.unlink()


def _renamed_exclusively(part: Path, target: Path) -> bool:
    """Rename without replacing anything, so that a kill leaves one name; False where the system or the file
    system cannot. Raises FileExistsError, OSError."""
    if os.name == "nt":
        part.rename(target)  # never replaces there
        return True
    system = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(part), os.fsencode(target)
    if hasattr(system, "renameat2"):
        failed = system.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_NOREPLACE)
    elif hasattr(system, "renamex_np"):
        failed = system.renamex_np(*names, _RENAME_EXCL)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(target))
