"""Picasa: the file ``.picasa.ini`` in each folder of pictures, and ``contacts.xml`` if it was copied there.

Google did not document the formats; Franz Buchinger described the former in
https://gist.github.com/fbuchinger/1073823. The latter has the names of all people, of which the former may
lack some: https://github.com/sanchomuzax/PicasaPy (``docs``). Bryan Williams describes the places of faces in
``config_files/picasa_faces.config`` of ExifTool: they refer to the picture as it is stored, but in RAW files
to the upright one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from safelight.core.errors import ImageError
from safelight.core.message import Message
from safelight.core.photo import FaceRegion
from safelight.core.user_paths import is_file, is_folder
from safelight.imaging.formats import JPEG, RAW, extension_of
from safelight.imaging.opening import read_metadata_only
from safelight.services.migration.folders import files_below, has_file_below, read_beginning, read_bytes
from safelight.services.migration.record import (
    MAX_FACES,
    AlbumPlace,
    Record,
    comma_separated_tags,
    face_at,
    placed_faces,
)
from safelight.services.migration.source import Reading, SourceError

_NAMES = (".picasa.ini", "picasa.ini")
_CONTACTS = "contacts.xml"
_ORIGINALS = (".picasaoriginals", "originals")
"""Folders in which Picasa keeps pictures as they were before an edit, with an ini file of their own."""
_MOST = 20_000_000
"""Bytes."""
_LONGEST_HEADER = 200_000
"""Bytes at the beginning of a JPEG that have its orientation."""
_ALBUM = ".album:"
_FACE = re.compile(r"rect64\(([0-9a-fA-F]{1,16})\)\s*,\s*([0-9a-fA-F]{1,16})")
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
        if is_folder(path):
            return has_file_below(os.fspath(path), _NAMES)
        return path.name.lower() in _NAMES and is_file(path)

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        if is_folder(path):
            found = list(files_below(os.fspath(path), (*_NAMES, _CONTACTS), reading))
            files = [each for each in found if _name(each) in _NAMES and not _is_of_originals(each)]
            contacts = [each for each in found if _name(each) == _CONTACTS]
        elif path.name.lower() in _NAMES:
            files, contacts = [os.fspath(path)], []
        else:
            raise SourceError("{path} is not a .picasa.ini file; name the folder of the pictures.", path=path)
        albums: dict[str, str] = {}
        people: dict[str, str] = {}
        for file in contacts:
            people |= _contacts(file, reading)
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
    found = [
        (rectangle, _contact(contact))
        for rectangle, contact in _FACE.findall(values.get("faces", ""))[:MAX_FACES]
    ]
    named = [people[contact] for _, contact in found if contact in people]
    orientation = _orientation(path) if found else None
    faces, without_place = placed_faces(
        None if orientation is None else _face(people.get(contact, ""), rectangle, orientation)
        for rectangle, contact in found
    )
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
        faces=faces,
        left_out=without_place,
    )


def _face(name: str, rectangle: str, orientation: int) -> FaceRegion | None:
    """``rectangle`` is 64 bits in hexadecimal: left, top, right and bottom in parts of 65,535. Picasa leaves
    out zeros at their beginning."""
    left, top, right, bottom = (int(rectangle.zfill(16)[n : n + 4], 16) / 65_535 for n in (0, 4, 8, 12))
    face = face_at(name, (left, top, right - left, bottom - top), 1, 1)
    return face and face.upright(orientation)


def _orientation(path: str) -> int | None:
    """How the place of faces is turned against the upright picture; None where the picture is not there."""
    extension = extension_of(path)
    if extension in RAW.extensions:
        return 1
    beginning = read_beginning(path, _LONGEST_HEADER) if extension in JPEG.extensions else None
    if beginning is None:
        return None
    try:
        return read_metadata_only(beginning, extension).orientation or 1
    except ImageError:
        return None


def _albums(ini: _Ini) -> dict[str, str]:
    return {
        name[len(_ALBUM) :]: values["name"].strip()
        for name, values in ini.sections.items()
        if name.lower().startswith(_ALBUM) and values.get("name", "").strip()
    }


def _people(ini: _Ini) -> dict[str, str]:
    """``Contacts2``, in old files ``Contacts``, has lines such as
    ``d10a8325c557b085=Ada Lovelace;ada@example.org;``."""
    sections = [values for name, values in ini.sections.items() if name.lower() in ("contacts", "contacts2")]
    named = {
        _contact(contact): text.partition(";")[0].strip()
        for contacts in sections
        for contact, text in contacts.items()
    }
    return _known(named)


def _contacts(file: str, reading: Reading) -> dict[str, str]:
    """The people in ``contacts.xml``: ``<contact id="d10a8325c557b085" name="Ada Lovelace" …/>``."""
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    data = read_bytes(file, _MOST)
    try:
        root = None if data is None else ElementTree.fromstring(data, forbid_dtd=True)
    except (DefusedXmlException, ValueError, SyntaxError, LookupError, RecursionError):
        root = None
    if root is None:
        reading.problem(Message("{path} is not valid XML, or is too large.", path=file))
        return {}
    return _known({_contact(each.get("id", "")): each.get("name", "") for each in root.iter("contact")})


def _contact(written: str) -> str:
    """A contact as a number. Picasa leaves out zeros at its beginning."""
    return written.strip().lower().lstrip("0")


def _known(people: dict[str, str]) -> dict[str, str]:
    return {contact: name.strip() for contact, name in people.items() if name.strip() and contact != _NOBODY}


def _name(file: str) -> str:
    return os.path.basename(file).lower()


def _is_of_originals(file: str) -> bool:
    return os.path.basename(os.path.dirname(file)).lower() in _ORIGINALS


def _is_picture(section: str) -> bool:
    return (
        "." in section[1:]
        and "/" not in section
        and "\\" not in section
        and not section.lower().startswith(_ALBUM)
        and section.lower() not in ("picasa", "contacts", "contacts2", "encoding")
    )


def _read(path: str) -> _Ini | None:
    data = read_bytes(path, _MOST)
    if data is None:
        return None
    ini = _Ini()
    values: dict[str, str] = {}
    for line in _text(data).splitlines():
        if line.startswith("[") and line.rstrip().endswith("]"):
            values = ini.sections.setdefault(line.strip()[1:-1], {})
        else:
            key, equals, value = line.partition("=")
            if equals:
                values[key.strip().lower()] = value.strip()
    return ini


def _text(data: bytes) -> str:
    """UTF-8, or in files of Picasa before version 3 the code page of Western Windows."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
