"""A table of photos as CSV, written by hand, by a spreadsheet or by another program.

RFC 4180 describes the format. The first row names the columns; docs/migrating.md lists them. The names that
``exiftool -csv`` writes are understood too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from safelight.core.message import Message
from safelight.core.organising_rules import REJECTED
from safelight.core.user_paths import is_file
from safelight.services.migration.record import (
    AlbumPlace,
    Digest,
    Record,
    coordinates,
    file_size,
    seconds_of,
    stars,
)
from safelight.services.migration.refused import refused_date, refused_place, refused_rating
from safelight.services.migration.source import Reading, SourceError

_NAMES = {
    "path": ("path", "file", "filename", "sourcefile"),
    "size": ("size", "filesize"),
    "taken": ("taken", "date", "datetimeoriginal", "createdate"),
    "rating": ("rating", "stars"),
    "rejected": ("rejected", "reject"),
    "label": ("label", "colour", "color"),
    "title": ("title",),
    "caption": ("caption", "description"),
    "tags": ("tags", "keywords", "subject", "hierarchicalsubject"),
    "people": ("people", "personinimage"),
    "albums": ("albums", "album"),
    "favourite": ("favourite", "favorite"),
    "hidden": ("hidden",),
    "latitude": ("latitude", "gpslatitude"),
    "longitude": ("longitude", "gpslongitude"),
    "md5": ("md5",),
    "sha1": ("sha1",),
    "sha256": ("sha256",),
    "blake2b": ("contenthash", "blake2b"),
}
_COLUMN = {written: name for name, all_written in _NAMES.items() for written in all_written}
_DIGESTS = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "blake2b": "blake2b-160"}
_TRUE = frozenset(("1", "true", "yes", "y", "x", "on"))
_LIST = re.compile(r"\s*[;\n]\s*")
_LISTS = ("tags", "people")
_DEGREES = re.compile(r"""(\d+) deg (\d+)' (\d+(?:\.\d+)?)" ([NSEW])""")
"""A coordinate as ``exiftool`` writes it."""
_LONGEST_FIELD = 200_000
_LONGEST_LINE = 5_000_000
"""Characters."""
_BEGINNING = 64 * 1024
_GREATEST = 2**31
"""Bytes of a file that is still read."""


class CsvTable:
    name = "csv"
    program = "CSV"
    what = "a .csv or .tsv file with a column “path”"

    def recognises(self, path: Path) -> bool:
        if path.suffix.lower() not in (".csv", ".tsv", ".txt") or not is_file(path):
            return False
        try:
            with _opened(path, errors="replace") as file:
                return "path" in _columns(_table(file))
        except (OSError, csv.Error, UnicodeDecodeError):
            return False

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        try:
            if path.stat().st_size > _GREATEST:
                raise SourceError("{path} is larger than 2 GB; divide it.", path=path)
            with _opened(path) as file:
                yield from self._rows(path, file, reading)
        except UnicodeDecodeError as error:
            raise SourceError("{path} is not in UTF-8; save it as UTF-8.", path=path) from error
        except OSError as error:
            raise SourceError(
                "{path} cannot be read ({reason}).", path=path, reason=error.strerror or error
            ) from error

    def _rows(self, path: Path, file: TextIO, reading: Reading) -> Iterator[Record]:
        table = _table(file)
        columns = _columns(table)
        if "path" not in columns:
            raise SourceError("{path} has no column “path”; its first row must name the columns.", path=path)
        while True:
            reading.step()
            try:
                cells = next(table.rows)
            except StopIteration:
                return
            except csv.Error as error:
                reading.problem(
                    Message(
                        "{file}: row {row} cannot be read ({reason}).",
                        file=path.name,
                        row=table.lines.number,
                        reason=error,
                    )
                )
                continue
            if not any(cells):
                continue
            row = {
                name: cells[place].strip().replace("\0", "")
                for name, place in columns.items()
                if place < len(cells)
            }
            if row.get("path"):
                yield _record(_plain(row) if table.by_exiftool else row)
            else:
                reading.problem(
                    Message("{file}: row {row} names no file.", file=path.name, row=table.lines.number)
                )


@dataclass(slots=True)
class _Table:
    rows: Iterator[list[str]]
    lines: _Lines
    header: list[str]

    @property
    def by_exiftool(self) -> bool:
        return self.header[:1] == ["SourceFile"]


def _opened(path: Path, errors: str = "strict") -> TextIO:
    with path.open("rb") as file:
        beginning = file.read(4)
    utf16 = beginning[:2] in (b"\xff\xfe", b"\xfe\xff")  # as some spreadsheets save “Unicode text”
    return path.open(encoding="utf-16" if utf16 else "utf-8-sig", newline="", errors=errors)


def _table(file: TextIO) -> _Table:
    """Raises csv.Error, UnicodeDecodeError."""
    csv.field_size_limit(_LONGEST_FIELD)
    first = file.readline(_BEGINNING)
    delimiter = max(",;\t", key=first.count)
    header = next(csv.reader([first], delimiter=delimiter), [])
    lines = _Lines(file)
    return _Table(csv.reader(lines, delimiter=delimiter), lines, header)


class _Lines(Iterator[str]):
    """The lines of a file after the first. A file without line breaks may have gigabytes, so that a line that
    is too long raises csv.Error and is passed over."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.number = 1
        """The number of the line that was read last."""

    def __next__(self) -> str:
        line = self._file.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) < _LONGEST_LINE or _is_whole(line):
            return line
        while (rest := self._file.readline(_LONGEST_LINE)) and not _is_whole(rest):
            pass
        raise csv.Error(f"line longer than {_LONGEST_LINE:,} characters")


def _is_whole(line: str) -> bool:
    return line.endswith(("\n", "\r"))


def _columns(table: _Table) -> dict[str, int]:
    """The place of each column; the first of several that mean the same."""
    found: dict[str, int] = {}
    for place, written in enumerate(table.header):
        plain = "".join(character for character in written.lower().rpartition(":")[2] if character.isalnum())
        name = _COLUMN.get(plain)
        if name is not None:
            found.setdefault(name, place)
    return found


def _plain(row: dict[str, str]) -> dict[str, str]:
    """A row of ``exiftool -csv`` with lists and coordinates as other tables have them.

    Lists are separated by ", " there, unless it was told to use another separator.
    """
    found = dict(row)
    for name in _LISTS:
        if ";" not in row.get(name, ""):
            found[name] = row.get(name, "").replace(", ", ";")
    for name in ("latitude", "longitude"):
        if match := _DEGREES.fullmatch(row.get(name, "")):
            degrees, minutes, seconds = (float(each) for each in match.groups()[:3])
            sign = -1 if match[4] in "SW" else 1
            found[name] = str(sign * (degrees + minutes / 60 + seconds / 3600))
    return found


def _record(row: dict[str, str]) -> Record:
    def is_true(name: str) -> bool:
        return row.get(name, "").lower() in _TRUE

    rating = REJECTED if is_true("rejected") else stars(row.get("rating"))
    latitude, longitude = coordinates(row.get("latitude"), row.get("longitude"))
    taken = seconds_of(row.get("taken"))
    separator = "|" if "|" in row.get("tags", "") else "/"
    return Record(
        path=row["path"],
        size=file_size(row.get("size")),
        taken=taken,
        digests=tuple(
            Digest(algorithm, row[name].lower()) for name, algorithm in _DIGESTS.items() if row.get(name)
        ),
        rating=rating,
        label=row.get("label", ""),
        title=row.get("title", ""),
        caption=row.get("caption", ""),
        tags=tuple(tag.replace(separator, "/") for tag in _list(row.get("tags", ""))),
        people=tuple(_list(row.get("people", ""))),
        albums=tuple(AlbumPlace(tuple(each.split("/"))) for each in _list(row.get("albums", ""))),
        favourite=is_true("favourite"),
        hidden=is_true("hidden"),
        latitude=latitude,
        longitude=longitude,
        refused=(
            *refused_rating(row.get("rating")),
            *refused_date(row.get("taken"), taken),
            *refused_place(row.get("latitude"), row.get("longitude")),
        ),
    )


def _list(text: str) -> list[str]:
    return [each for each in _LIST.split(text.strip()) if each]
