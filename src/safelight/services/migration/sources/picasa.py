"""Picasa: the file ``.picasa.ini`` in each folder of pictures.

Google did not document the format; Franz Buchinger described it in
https://gist.github.com/fbuchinger/1073823.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from safelight.core.message import Message
from safelight.services.migration.folders import files_below, has_file_below, read_bytes
from safelight.services.migration.record import (
    MAX_FACES,
    AlbumPlace,
    Record,
    comma_separated_tags,
    face_regions,
)
from safelight.services.migration.source import Reading, SourceError

_NAMES = (".picasa.ini", "picasa.ini")
_MOST = 20_000_000
"""Bytes."""
_ALBUM = ".album:"
_FACE = re.compile(r"rect64\([0-9a-fA-F]{1,16}\)\s*,\s*([0-9a-fA-F]{1,16})")
_NOBODY = "ffffffffffffffff"


@dataclass(slots=True)
class _Ini:
    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    """By name; keys in lower case."""


class Picasa:
    name = "picasa"
    program = "Picasa"
    what = "the folder of pictures with the files .picasa.ini"

    def recognises(self, path: Path) -> bool:
        if path.is_dir():
            return has_file_below(os.fspath(path), _NAMES)
        return path.name.lower() in _NAMES and path.is_file()

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        if path.is_dir():
            files = [
                each
                for each in files_below(os.fspath(path), _NAMES, reading)
                if os.path.basename(each).lower() in _NAMES
            ]
        elif path.name.lower() in _NAMES:
            files = [os.fspath(path)]
        else:
            raise SourceError("{path} is not a .picasa.ini file; name the folder of the pictures.", path=path)
        albums: dict[str, str] = {}
        people: dict[str, str] = {}
        for file in files:  # an album or a contact is often described in another folder
            reading.step()
            ini = _read(file)
            if ini is None:
                reading.problem(Message("{path} cannot be read, or is too large.", path=file))
                continue
            albums |= _albums(ini)
            people |= _people(ini)
        for file in files:
            ini = _read(file) or _Ini()
            for name, values in ini.sections.items():
                reading.step()
                if _is_picture(name):
                    yield _record(os.path.join(os.path.dirname(file), name), values, albums, people)


def _record(path: str, values: dict[str, str], albums: dict[str, str], people: dict[str, str]) -> Record:
    faces = _FACE.findall(values.get("faces", ""))[:MAX_FACES]
    named = [people[each.lower()] for each in faces if each.lower() in people]
    places = [albums[each.strip()] for each in values.get("albums", "").split(",") if each.strip() in albums]
    return Record(
        path,
        local=os.path.abspath(path),
        caption=values.get("caption", ""),
        tags=comma_separated_tags(values.get("keywords", "")),
        people=tuple(dict.fromkeys(named)),
        albums=tuple(AlbumPlace((name,)) for name in dict.fromkeys(places)),
        favourite=values.get("star", "").lower() == "yes",
        hidden=values.get("hidden", "").lower() == "yes",
        left_out=face_regions(len(faces)),
    )


def _albums(ini: _Ini) -> dict[str, str]:
    return {
        name[len(_ALBUM) :]: values["name"].strip()
        for name, values in ini.sections.items()
        if name.lower().startswith(_ALBUM) and values.get("name", "").strip()
    }


def _people(ini: _Ini) -> dict[str, str]:
    """``Contacts2`` has lines such as ``d10a8325c557b085=Ada Lovelace;ada@example.org;``."""
    contacts = ini.sections.get("Contacts2", {})
    named = {contact: text.partition(";")[0].strip() for contact, text in contacts.items()}
    return {contact: name for contact, name in named.items() if name and contact != _NOBODY}


def _is_picture(section: str) -> bool:
    return (
        "." in section[1:]
        and "/" not in section
        and "\\" not in section
        and not section.lower().startswith(_ALBUM)
        and section not in ("Picasa", "Contacts", "Contacts2", "encoding")
    )


def _read(path: str) -> _Ini | None:
    data = read_bytes(path, _MOST)
    if data is None:
        return None
    ini = _Ini()
    values: dict[str, str] = {}
    for line in data.decode("utf-8-sig", "replace").splitlines():
        if line.startswith("[") and line.rstrip().endswith("]"):
            values = ini.sections.setdefault(line.strip()[1:-1], {})
        else:
            key, equals, value = line.partition("=")
            if equals:
                values[key.strip().lower()] = value.strip()
    return ini
