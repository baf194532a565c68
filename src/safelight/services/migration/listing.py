"""Writes what an import found to a file: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

from safelight.core.errors import UsageError
from safelight.core.output_file import check_target, put_in_place, reserve_part
from safelight.core.user_paths import expanded
from safelight.services.migration.planning import Plan

HEADER = ("state", "path", "photo", "field", "ours", "theirs", "original name")
"""Other programs may read the columns by their place, so new ones are added at the end."""


def write(plan: Plan, target: Path) -> int:
    """Write a new file with the conflicts, the photos that were not found, and the photos and values that are
    not taken over; returns the number of rows.

    Raises UsageError where the name is taken or is neither ``.csv`` nor ``.json``, and OSError.
    """
    target = expanded(target).absolute()
    if target.suffix.lower() not in (".csv", ".json"):
        raise UsageError("{path} must end in .csv or .json.", path=target)
    if check_target(target):
        raise UsageError("{path} exists already; name a new file.", path=target)
    rows = list(_rows(plan))
    try:
        part = reserve_part(target)
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                if target.suffix.lower() == ".csv":
                    table = csv.writer(file)
                    table.writerow(HEADER)
                    table.writerows(rows)
                else:
                    json.dump([dict(zip(HEADER, row, strict=True)) for row in rows], file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            put_in_place(part, target, replace=False)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            "{path} cannot be written ({reason}).", path=target, reason=error.strerror or error
        ) from error
    return len(rows)


def _rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    for conflict in plan.conflicts:
        ours, theirs = str(conflict.ours), str(conflict.theirs)
        yield "conflict", "", _printable(conflict.path), conflict.field, ours, theirs, ""
    for each in plan.not_found:
        state = "ambiguous" if each.candidates else "not found"
        candidates, name = _printable("; ".join(each.candidates)), _printable(each.original_name)
        yield state, _printable(each.path), candidates, "", "", "", name
    for path, refused in plan.refused:
        yield "not taken over", _printable(path), "", refused.field, "", _printable(refused.value), ""
    for photo in plan.left_out:
        yield photo.kind.value, _printable(photo.path), "", "", "", "", _printable(photo.original_name)


def _printable(path: str) -> str:
    """Bytes that are not UTF-8 as ``\\udcXX``, since a text file cannot hold them."""
    return path.encode("utf-8", "backslashreplace").decode()
