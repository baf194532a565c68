"""Lists the files of a folder, and finds what has changed since the last scan."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from safelight.core.discard_folders import CACHE_SIGNATURE, CACHE_TAG, is_discard_folder
from safelight.core.photo import FileStat
from safelight.services.indexing.found_files import FoundFile, ScanItem, UnreadableFolder
from safelight.services.indexing.found_sidecars import FoundSidecars
from safelight.store.files import FileRow, FileState

_TOO_LARGE = 2**63


def walk(
    root: bytes, is_wanted_name: Callable[[bytes], bool], below: bytes = b"", excluded: Collection[bytes] = ()
) -> Iterator[ScanItem]:
    """Yield every regular file under ``root/below`` whose name is wanted, each folder before its subfolders.

    ``below`` may also be a file, or may no longer exist. ``excluded`` are folders to leave out, relative to
    the root. Hidden folders, recycle bins, caches and symbolic links are skipped: a link to a folder may
    lead back to a parent, and a link to a file is not a second copy of it.
    """
    parts = [part for part in below.split(os.sep.encode()) if part]
    parents = [os.path.basename(root), *parts]
    if any(is_never_scanned(part, parent) for part, parent in zip(parts, parents, strict=False)):
        return
    if is_excluded(below, excluded):
        return
    yield from _Walk(root, is_wanted_name, excluded).below(below)


@contextmanager
def _opened(path: bytes, *, follow: bool) -> Iterator[bytes | int]:
    """What :func:`os.scandir` lists: a descriptor of the folder, so that no link can take its place; on
    Windows its path. Raises OSError, NotADirectoryError for a link unless it is to ``follow``.
    """
    if os.scandir not in os.supports_fd:
        yield path
        return
    flags = os.O_RDONLY | os.O_DIRECTORY | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class _Walk:
    """One walk of :func:`walk`."""

    def __init__(
        self, root: bytes, is_wanted_name: Callable[[bytes], bool], excluded: Collection[bytes]
    ) -> None:
        self._root = root
        self._is_wanted_name = is_wanted_name
        self._excluded = excluded
        self._folders_to_list: list[bytes] = []
        """Folders to list, relative to the root."""

    def below(self, folder: bytes) -> Iterator[ScanItem]:
        self._folders_to_list.append(folder)
        while self._folders_to_list:
            yield from self._list(self._folders_to_list.pop())

    def _list(self, folder: bytes) -> Iterator[ScanItem]:
        """The files of one folder, which may also be a file. Folders in it wait to be listed."""
        path = os.path.join(self._root, folder) if folder else self._root
        prefix = os.path.join(folder, b"") if folder else b""
        name = os.path.basename(folder or self._root)
        try:
            # Between two steps of a walk, or after the event that named ``below``, a link may have taken the
            # place of a folder.
            if self._is_behind_link(folder) or _is_cache(path):
                return
            with _opened(path, follow=not folder) as source, os.scandir(source) as entries:
                for entry in entries:
                    # Names are text where a descriptor is listed.
                    found = self._entry(entry, prefix + os.fsencode(entry.name), name)
                    if found is not None:
                        yield found
        except FileNotFoundError:
            return
        except NotADirectoryError:
            found = self._file_at(folder)
            if found is not None:
                yield found
        except OSError as error:
            if folder and error.errno == errno.ELOOP:
                return  # a link took its place
            yield UnreadableFolder(folder, error.strerror or "unreadable")

    def _is_behind_link(self, folder: bytes) -> bool:
        """Whether a folder around this one, or itself, is a symbolic link. The root may be one."""
        path = self._root
        for part in filter(None, folder.split(os.sep.encode())):
            path = os.path.join(path, part)
            if os.path.islink(path):
                return True
        return False

    def _entry(self, entry: os.DirEntry[Any], relative: bytes, parent: bytes) -> ScanItem | None:
        """The file of an entry in the folder of the name ``parent``."""
        name = os.path.basename(relative)
        try:
            if entry.is_dir(follow_symlinks=False):
                if not is_never_scanned(name, parent) and relative not in self._excluded:
                    self._folders_to_list.append(relative)
                return None
            if name.startswith(b".") or not self._is_wanted_name(name):
                return None
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None  # deleted since it was listed
        except OSError as error:
            return UnreadableFolder(relative, error.strerror or "unreadable")
        return _regular(relative, status)

    def _file_at(self, path: bytes) -> ScanItem | None:
        if not self._is_wanted_name(os.path.basename(path)):
            return None
        try:
            status = os.lstat(os.path.join(self._root, path))
        except FileNotFoundError:
            return None
        except OSError as error:
            return UnreadableFolder(path, error.strerror or "unreadable")
        return _regular(path, status)


def _regular(path: bytes, status: os.stat_result) -> FoundFile | None:
    """None for a link, a socket and the like."""
    return FoundFile(path, file_stat(status), _ctime(status)) if stat.S_ISREG(status.st_mode) else None


def is_never_scanned(name: bytes, parent: bytes = b"") -> bool:
    """Whether a folder of this name, in a folder of the name ``parent``, is never scanned."""
    return name.startswith(b".") or is_discard_folder(name, parent)


def is_excluded(path: bytes, excluded: Iterable[bytes]) -> bool:
    """Whether ``path`` is one of these folders or in one (all relative to the root)."""
    return any(_under(path, folder) for folder in excluded)


def _is_cache(folder: bytes) -> bool:
    """Whether a program has marked the folder as a cache (CACHEDIR.TAG)."""
    try:
        descriptor = os.open(os.path.join(folder, CACHE_TAG), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        return os.read(descriptor, len(CACHE_SIGNATURE)) == CACHE_SIGNATURE
    except OSError:
        return False
    finally:
        os.close(descriptor)


def file_stat(status: os.stat_result) -> FileStat:
    # SQLite integers are signed 64-bit; some file systems have larger inode numbers and dates beyond that.
    inode, device = status.st_ino, status.st_dev
    if inode >= _TOO_LARGE or device >= _TOO_LARGE:
        inode, device = _signed(inode), _signed(device)
    mtime_ns = status.st_mtime_ns
    if not -_TOO_LARGE <= mtime_ns < _TOO_LARGE:  # before 1677 or after 2262
        mtime_ns = _TOO_LARGE - 1 if mtime_ns > 0 else -_TOO_LARGE
    return FileStat(status.st_size, mtime_ns, inode, device)


def _ctime(status: os.stat_result) -> int | None:
    if os.name != "posix" or not -_TOO_LARGE <= status.st_ctime_ns < _TOO_LARGE:
        return None
    return status.st_ctime_ns


def _signed(value: int) -> int:
    return value - 2 * _TOO_LARGE if value >= _TOO_LARGE else value


@dataclass(slots=True)
class Changes:
    """The differences between a scan and the library."""

    added: list[FoundFile] = field(default_factory=list)
    changed: list[tuple[FileRow, FileStat]] = field(default_factory=list)
    touched: list[tuple[FileRow, FileStat]] = field(default_factory=list)
    """Same size and time, but another inode or device. The content need not be read again."""
    doubtful: list[tuple[FileRow, FileStat]] = field(default_factory=list)
    """Same size and time, but another inode or ctime. It may be another file, so its content is compared."""
    ctimes: dict[int, int | None] = field(default_factory=dict)
    """The ctime of each file that is changed, touched or doubtful."""
    missing: list[FileRow] = field(default_factory=list)
    unreadable: list[UnreadableFolder] = field(default_factory=list)
    seen: int = 0
    sidecars: FoundSidecars | None = None

    def list_for(
        self, row: FileRow, status: FileStat, ctime_ns: int | None
    ) -> list[tuple[FileRow, FileStat]]:
        """The list to which a file belongs that is not as the library has recorded it."""
        if (row.stat.size, row.stat.mtime_ns) != (status.size, status.mtime_ns):
            return self.changed
        if row.ctime_ns == ctime_ns or row.ctime_ns is None or ctime_ns is None:
            # Device numbers change when a drive is connected again. The inode of a file never changes.
            return self.touched if row.stat.inode == status.inode else self.doubtful
        # Perhaps it could not be read because it was not complete yet.
        return self.changed if row.state is FileState.FAILED else self.doubtful


def split_moves(scanned: Mapping[int, list[Changes]]) -> list[tuple[FileRow, int, FoundFile]]:
    """Pair new files with missing ones of the same inode, size and time, in any folder.

    Removes both from ``scanned`` (changes by folder id) and returns (row, new folder id, new file).
    """
    everything = [changes for found in scanned.values() for changes in found]
    _detect_swapped_names(everything)
    vanished = {_identity(row.stat): row for c in everything for row in c.missing if row.stat.inode}
    moves: list[tuple[FileRow, int, FoundFile]] = []
    for folder_id, found in scanned.items():
        for changes in found:
            staying: list[FoundFile] = []
            for new in changes.added:
                row = vanished.pop(_identity(new.stat), None)
                if row is None:
                    staying.append(new)
                else:
                    moves.append((row, folder_id, new))
            changes.added = staying
    taken = {row.id for row, _, _ in moves}
    for changes in everything:
        changes.missing = [row for row in changes.missing if row.id not in taken]
    return moves


def _detect_swapped_names(everything: Iterable[Changes]) -> None:
    """Move files that swapped their names from ``touched`` to ``changed``, so that they are read again.

    Such files have the same size and time, for example uncompressed pictures that were copied within one tick
    of the file system's clock.
    """
    left = {
        _identity(row.stat): row
        for changes in everything
        for row in (*changes.missing, *(row for row, _ in changes.touched))
    }
    for changes in everything:
        exchanged = [
            (row, stat) for row, stat in changes.touched if left.get(_identity(stat), row) is not row
        ]
        if exchanged:
            ids = {row.id for row, _ in exchanged}
            changes.touched = [(row, stat) for row, stat in changes.touched if row.id not in ids]
            changes.changed += exchanged


def _identity(status: FileStat) -> tuple[int, int, int, int]:
    return status.device, status.inode, status.size, status.mtime_ns


def compare(known: Iterable[FileRow], found: Iterable[ScanItem], below: bytes = b"") -> Changes:
    """Compare the files that a scan found with the known files under ``below``.

    Known files that were not found are missing, except those in folders that could not be listed.
    """
    changes = Changes()
    unmatched = {row.path: row for row in known if not below or _under(row.path, below)}
    for item in found:
        if isinstance(item, UnreadableFolder):
            changes.unreadable.append(item)
            continue
        path, status, ctime_ns = item
        changes.seen += 1
        row = unmatched.pop(path, None)
        if row is None:
            changes.added.append(item)
        elif row.stat == status and row.ctime_ns == ctime_ns:
            continue
        else:
            changes.ctimes[row.id] = ctime_ns
            changes.list_for(row, status, ctime_ns).append((row, status))
    unlisted = [folder.path for folder in changes.unreadable]
    changes.missing = [row for row in unmatched.values() if not any(_under(row.path, b) for b in unlisted)]
    return changes


def _under(path: bytes, folder: bytes) -> bool:
    return not folder or path == folder or path.startswith(folder + os.sep.encode())
