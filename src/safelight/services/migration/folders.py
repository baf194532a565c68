"""Reading untrusted files and folders of an export."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Collection, Iterator
from typing import Any

from safelight.core.message import Message
from safelight.services.migration.source import Reading

DEEPEST = 40
"""Levels of folders below the chosen one."""
_LOOKED_AT = 3000
"""Names that recognising a folder looks at."""


Entries = list[os.DirEntry[str]]


def entries_of(folder: str, reading: Reading | None = None) -> tuple[Entries, Entries]:
    """The regular files and the folders in a folder, by name, without links.

    Both are empty for a folder that cannot be read, which is a problem of ``reading``.
    """
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda each: each.name)
        files = [each for each in inside if each.is_file(follow_symlinks=False)]
        return files, [each for each in inside if each.is_dir(follow_symlinks=False)]
    except OSError as error:
        if reading is not None:
            reading.problem(
                Message("{path} cannot be read ({reason}).", path=folder, reason=error.strerror or error)
            )
        return [], []


def folders_below(
    path: str, reading: Reading | None = None, *, deepest: int = DEEPEST
) -> Iterator[tuple[str, Entries]]:
    """A folder and all folders in it, each with its regular files, in a fixed order: a folder comes before
    those in it. Follows no links.

    Folders that cannot be read or are nested too deeply are problems of ``reading``.
    """
    waiting = [(path, 0)]
    while waiting:
        folder, depth = waiting.pop()
        files, below = entries_of(folder, reading)
        yield folder, files
        if depth < deepest:
            waiting += [(each.path, depth + 1) for each in reversed(below)]
        elif below and reading is not None:
            reading.problem(
                Message(
                    "{path}: folders nested more than {limit} deep are not read.", path=folder, limit=deepest
                )
            )


def files_below(
    path: str, endings: Collection[str], reading: Reading | None = None, *, deepest: int = DEEPEST
) -> Iterator[str]:
    """Files whose names end in one of ``endings`` (lower case), in the order of :func:`folders_below`."""
    for _, files in folders_below(path, reading, deepest=deepest):
        for file in files:
            if file.name.lower().endswith(tuple(endings)):
                yield file.path


def has_file_below(path: str, endings: Collection[str], *, deepest: int = 4) -> bool:
    """Whether there is such a file not far below a folder. Looks at a limited number of names."""
    waiting = [(path, 0)]
    looked = 0
    while waiting and looked < _LOOKED_AT:
        folder, depth = waiting.pop(0)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    looked += 1
                    if entry.name.lower().endswith(tuple(endings)) and entry.is_file(follow_symlinks=False):
                        return True
                    if depth < deepest and entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))
                    if looked >= _LOOKED_AT:
                        return False
        except OSError:
            continue
    return False


def read_bytes(path: str, most: int) -> bytes | None:
    """The content of a file; None where it cannot be read or has more than ``most`` bytes."""
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError:
        return None
    return data if len(data) <= most else None


def read_beginning(path: str, most: int) -> bytes | None:
    """At most ``most`` bytes of a regular file; None where there is no such file, for links too."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):  # a pipe would block
            return None
        with open(path, "rb") as file:
            return file.read(most)
    except (OSError, ValueError):  # a name that contains a zero
        return None


def read_json(path: str, most: int) -> Any:
    """None for what is unreadable, larger than ``most`` bytes or no JSON."""
    data = read_bytes(path, most)
    try:
        return None if data is None else json.loads(data)
    except (ValueError, RecursionError):
        return None


def text_of(value: object) -> str:
    """A text, or empty for anything else."""
    return value if isinstance(value, str) else ""


def texts_of(value: object, most: int = 1000) -> list[str]:
    """The texts of a list; empty for anything else."""
    return [each for each in value[:most] if isinstance(each, str)] if isinstance(value, list) else []


def dicts_of(value: object) -> list[dict[str, Any]]:
    """The objects of a list; empty for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
