"""Distinguishes deleted files from files whose drive is not connected, inside a root.

A root may contain mount points: a card, a network share, another disk. When one is unmounted, its files are
missing although nobody deleted them; when another card is mounted there, files of the same names have other
content. Neither may remove or replace photos without the user's consent.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from safelight.core.message import Message
from safelight.services.indexing.scanner import Changes, file_stat
from safelight.store.files import FileRow

NOT_CONNECTED = Message("The drive that was here is not connected. Its photos are kept until it is back.")

MIN_REPLACED = 10
"""Files that must all have changed at once before another card is suspected in their place."""

_SEPARATOR = os.sep.encode()


@dataclass(frozen=True, slots=True)
class DisconnectedFiles:
    """Files of a drive that is not there."""

    path: bytes
    """The folder that contains them all, relative to the root."""
    rows: tuple[FileRow, ...]


def split_disconnected(
    root: bytes, known: Sequence[FileRow], changes: Changes, unmounted: Collection[bytes]
) -> list[DisconnectedFiles]:
    """Take files of drives that are not connected out of ``changes.missing``.

    ``unmounted`` are former mount points that no longer are. A drive is also known by its device number: if
    every file of a device is missing and the nearest folder that is left belongs to another device, the
    drive is gone and not its files.
    """
    if not changes.missing:
        return []
    missing = {row.id for row in changes.missing}
    present = {row.stat.device for row in known if row.id not in missing}
    folders: dict[bytes, int | None] = {}
    groups: defaultdict[bytes | int, list[FileRow]] = defaultdict(list)
    for row in changes.missing:
        mount = next((place for place in unmounted if _is_below(row.path, place)), None)
        if mount is not None:
            groups[mount].append(row)
        elif row.stat.device not in present:
            here = _device_near(root, os.path.dirname(row.path), folders)
            if here is not None and here != row.stat.device and _was_nested(root, row, folders):
                groups[row.stat.device].append(row)
    disconnected = [DisconnectedFiles(_common(rows), tuple(rows)) for rows in groups.values()]
    taken = {row.id for each in disconnected for row in each.rows}
    changes.missing = [row for row in changes.missing if row.id not in taken]
    return disconnected


def split_replaced(known: Sequence[FileRow], changes: Changes) -> list[FileRow]:
    """Files of a drive all of whose files changed or went at once: probably another card is in its place.

    They are taken out of ``changes``, with whatever is new beside them. Empty where nothing is suspected.
    """
    changed = {row.id for row, _ in changes.changed}
    missing = {row.id for row in changes.missing}
    by_device: defaultdict[int, list[FileRow]] = defaultdict(list)
    for row in known:
        by_device[row.stat.device].append(row)
    held: list[FileRow] = []
    fixed = _fixed_devices()
    for device, rows in by_device.items():
        if len(rows) < MIN_REPLACED or any(row.id not in changed | missing for row in rows):
            continue
        renewed = [row for row in rows if row.id in changed]
        # Programs that edit a file in place keep its inode. Another card may have the same numbers, so this
        # counts only on disks that cannot be exchanged while the system runs.
        in_place = sum(
            status.device in fixed and row.stat.inode == status.inode != 0
            for row, status in changes.changed
            if row.stat.device == device
        )
        if 2 * len(renewed) >= len(rows) and 2 * in_place < len(renewed):
            held += rows
    if held:
        ids = {row.id for row in held}
        changes.changed = [(row, status) for row, status in changes.changed if row.id not in ids]
        changes.missing = [row for row in changes.missing if row.id not in ids]
        places = {os.path.dirname(row.path) for row in held}
        changes.added = [new for new in changes.added if os.path.dirname(new.path) not in places]
    return held


def _fixed_devices() -> set[int]:
    """The devices of the system and of the user's own folder."""
    found: set[int] = set()
    for place in (os.path.abspath(os.sep), os.path.expanduser("~")):
        with contextlib.suppress(OSError):
            found.add(file_stat(os.stat(place)).device)
    return found


def _was_nested(root: bytes, row: FileRow, folders: dict[bytes, int | None]) -> bool:
    """Whether the file's device differs from the root's own; else the root as a whole was exchanged."""
    return _device_near(root, b"", folders) != row.stat.device


def _device_near(root: bytes, folder: bytes, known: dict[bytes, int | None]) -> int | None:
    """The device of ``folder`` (relative to the root) or of its nearest parent that exists."""
    if folder not in known:
        try:
            known[folder] = file_stat(os.stat(os.path.join(root, folder) if folder else root)).device
        except OSError:
            known[folder] = _device_near(root, os.path.dirname(folder), known) if folder else None
    return known[folder]


def _is_below(path: bytes, folder: bytes) -> bool:
    return path.startswith(folder + _SEPARATOR)


def _common(rows: Iterable[FileRow]) -> bytes:
    folders = [os.path.dirname(row.path) for row in rows]
    return os.path.commonpath(folders) if all(folders) else b""
