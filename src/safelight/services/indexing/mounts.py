"""Detects folders on network shares, which give no events for changes made by other machines."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

_REMOTE = frozenset(
    {
        *(
            b"nfs",
            b"nfs4",
            b"cifs",
            b"smb2",
            b"smb3",
            b"smbfs",
            b"ncpfs",
            b"afs",
            b"9p",
            b"virtiofs",
            b"vboxsf",
        ),
        *(b"ceph", b"glusterfs", b"lustre", b"gpfs", b"davfs", b"coda", b"ocfs2", b"gfs2", b"vmhgfs"),
    }
)
"""File systems that other machines change without notifying this machine's kernel."""

_LOCAL_FUSE = frozenset(
    {b"fuseblk", b"fuse.ntfs-3g", b"fuse.exfat", b"fuse.mergerfs", b"fuse.bindfs", b"fuse.gocryptfs"}
)
"""File systems of user programs on local disks; any other program may fetch data from anywhere."""

_DRIVE_REMOTE = 4

_ESCAPED = re.compile(rb"\\([0-7]{3})")


def is_remote(root: bytes) -> bool:
    """Whether ``root`` is on a network share; False where the system does not tell."""
    if sys.platform == "win32":
        drive = os.path.splitdrive(os.fsdecode(root))[0]
        return drive.startswith("\\\\") or _drive_type(drive) == _DRIVE_REMOTE
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            mounts = file.read()
    except OSError:
        return False
    return is_remote_type(file_system_of(root, mounts))


def is_remote_type(name: bytes) -> bool:
    """Whether a file system of this name (as in ``/proc/filesystems``) may change without events."""
    if name in _LOCAL_FUSE:
        return False
    return name in _REMOTE or name.startswith(b"fuse.")


def file_system_of(path: bytes, mountinfo: bytes) -> bytes:
    """The type of the file system of ``path``, by ``/proc/self/mountinfo`` (proc(5))."""
    best, found = -1, b""
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(b" - ")
        fields = before.split(b" ")
        if not separator or len(fields) < 5:
            continue
        place = _ESCAPED.sub(lambda match: bytes([int(match[1], 8)]), fields[4])
        below = path == place or path.startswith(place.rstrip(b"/") + b"/")
        # A later mount at the same place hides the earlier one.
        if below and len(place) >= best:
            best, found = len(place), after.split(b" ")[0]
    return found


def _drive_type(drive: str) -> int:
    import ctypes

    library: Any = ctypes
    return int(library.windll.kernel32.GetDriveTypeW(drive + "\\"))
