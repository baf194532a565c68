"""The mount table: which file systems are mounted where, and which of them other machines change."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
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

_AUTOMOUNT = b"autofs"

_DRIVE_REMOTE = 4

_ESCAPED = re.compile(rb"\\([0-7]{3})")

_MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the mount table."""

    number: bytes
    """The system may use it again after the file system was unmounted."""
    device: bytes
    subtree: bytes
    """The folder of the file system that is mounted."""
    place: bytes
    """Where it is mounted."""
    type: bytes


def mount_table() -> bytes:
    """``/proc/self/mountinfo`` (proc(5)); empty on systems that do not have it."""
    try:
        return _MOUNTS.read_bytes()
    except OSError:
        return b""


def mounts_below(root: bytes, mountinfo: bytes) -> frozenset[Mount]:
    """What is mounted in folders below ``root``, with places relative to it.

    Places of an automounter are left out: looking at them mounts a file system, which ends by itself.
    """
    prefix = root.rstrip(b"/") + b"/"
    below = [
        replace(mount, place=mount.place[len(prefix) :])
        for mount in _parsed(mountinfo)
        if mount.place.startswith(prefix)
    ]
    automatic = {mount.place for mount in below if mount.type == _AUTOMOUNT}
    return frozenset(mount for mount in below if mount.place not in automatic)


def mount_points(root: bytes) -> frozenset[bytes]:
    """Mount points below ``root``, relative to it. Empty on systems that do not list them in /proc."""
    prefix = root.rstrip(b"/") + b"/"
    return frozenset(
        mount.place[len(prefix) :] for mount in _parsed(mount_table()) if mount.place.startswith(prefix)
    )


def _parsed(mountinfo: bytes) -> Iterator[Mount]:
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(b" - ")
        fields = before.split(b" ")
        if separator and len(fields) >= 5:
            place = _ESCAPED.sub(lambda match: bytes([int(match[1], 8)]), fields[4])
            yield Mount(fields[0], fields[2], fields[3], place, after.split(b" ")[0])


def is_remote(root: bytes) -> bool:
    """Whether ``root`` is on a network share; False where the system does not tell."""
    if sys.platform == "win32":
        drive = os.path.splitdrive(os.fsdecode(root))[0]
        return drive.startswith("\\\\") or _drive_type(drive) == _DRIVE_REMOTE
    return is_remote_type(file_system_of(root, mount_table()))


def is_remote_type(name: bytes) -> bool:
    """Whether a file system of this name (as in ``/proc/filesystems``) may change without events."""
    if name in _LOCAL_FUSE:
        return False
    return name in _REMOTE or name.startswith(b"fuse.")


def file_system_of(path: bytes, mountinfo: bytes) -> bytes:
    """The type of the file system of ``path``, by ``/proc/self/mountinfo`` (proc(5))."""
    best, found = -1, b""
    for mount in _parsed(mountinfo):
        below = path == mount.place or path.startswith(mount.place.rstrip(b"/") + b"/")
        # A later mount at the same place hides the earlier one.
        if below and len(mount.place) >= best:
            best, found = len(mount.place), mount.type
    return found


def _drive_type(drive: str) -> int:
    import ctypes

    library: Any = ctypes
    return int(library.windll.kernel32.GetDriveTypeW(drive + "\\"))
