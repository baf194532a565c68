"""darktable: ``library.db`` with the ``data.db`` beside it, which holds the names of tags.

The schema is in darktable's repository (``src/common/database.c``), the meaning of flags, colours and texts
in ``image.h``, ``colorlabels.h`` and ``metadata.h``, that of times in ``datetime.c``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.core.organising_rules import REJECTED
from safelight.core.user_paths import is_file, is_folder
from safelight.services.migration.record import (
    Record,
    StackPlace,
    checked_seconds,
    coordinates,
    nested_tag,
    pixels,
    seconds_of,
)
from safelight.services.migration.refused import refused_date, refused_place
from safelight.services.migration.source import Reading, SourceError
from safelight.store import catalogues
from safelight.store.catalogues import Catalogue

_NAME, _TAGS = "library.db", "data.db"
_KNOWN_VERSIONS = range(1, 61)
"""Versions of the library: darktable 2.4 to 5. What is read here is the same in all of them, but for times.
"""
_STARS, _REJECTED_STARS, _REJECTED = 7, 6, 8
_COLOURS = ("red", "yellow", "green", "blue", "purple")
_TITLE, _DESCRIPTION = "Xmp.dc.title", "Xmp.dc.description"
_TEXT_KEYS: dict[object, str] = {2: _TITLE, 3: _DESCRIPTION}
"""The keys of texts, unless ``data.db`` lists them, as it does since darktable 5.2."""
_SINCE_YEAR_ONE = 62_135_596_800
"""Seconds from the year 1 to 1970. Times count microseconds from the former."""


class Darktable:
    name = "darktable"
    program = "darktable"
    what = "library.db with data.db beside it, or the folder of both (~/.config/darktable)"

    def recognises(self, path: Path) -> bool:
        return catalogues.has_tables(_file(path), "film_rolls", "images", "color_labels", "db_info")

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        file = _file(path)
        with catalogues.open_catalogue(file) as catalogue:
            information: dict[object, object] = dict(catalogue.rows("db_info", ("key", "value")))
            _check_version(file, information.get("version"))
            names, keys = _names(file, catalogue, reading)
            yield from _records(catalogue, names, keys, reading)


def _file(path: Path) -> Path:
    return path / _NAME if is_folder(path) else path


def _check_version(path: Path, version: object) -> None:
    written = str(version)
    if not (written.isascii() and written.isdigit() and len(written) < 9 and int(written) in _KNOWN_VERSIONS):
        raise SourceError(
            "{path} has version {version} of darktable's schema; Safelight reads 1 to {newest}.",
            path=path,
            version=written[:20],
            newest=_KNOWN_VERSIONS[-1],
        )


def _names(file: Path, library: Catalogue, reading: Reading) -> tuple[dict[object, str], dict[object, str]]:
    """Tags by id, and kinds of texts by key. Levels of tags are separated by ``|``; the tags of darktable
    itself are left out."""
    beside = file.with_name(_TAGS)
    rows: list[tuple[object, ...]] = []
    keys: dict[object, str] = {}
    if is_file(beside):
        with catalogues.open_catalogue(beside) as data:
            rows = list(data.rows("tags", ("id", "name")))
            keys = {
                key: name
                for key, name in data.optional_rows("meta_data", ("key", "tagname"))
                if name in _TEXT_KEYS.values()
            }
    elif library.has_table("tags"):  # before darktable 2.4
        rows = list(library.rows("tags", ("id", "name")))
    else:
        reading.problem(
            Message("There is no {path}; without it, the names of tags are not known.", path=beside)
        )
    names = {
        tag: nested_tag(name.split("|"))
        for tag, name in rows
        if isinstance(name, str) and not name.startswith("darktable|")
    }
    return names, keys or _TEXT_KEYS


def _records(
    catalogue: Catalogue, names: dict[object, str], keys: dict[object, str], reading: Reading
) -> Iterator[Record]:
    folders: dict[object, object] = dict(catalogue.rows("film_rolls", ("id", "folder")))
    tags: defaultdict[object, list[str]] = defaultdict(list)
    for image, tag in catalogue.rows("tagged_images", ("imgid", "tagid")):
        reading.step()
        if tag in names:
            tags[image].append(names[tag])
    colours: defaultdict[object, list[int]] = defaultdict(list)
    for image, colour in catalogue.rows("color_labels", ("imgid", "color")):
        if isinstance(colour, int) and 0 <= colour < len(_COLOURS):
            colours[image].append(colour)
    texts = {
        (image, keys[key]): text
        for image, key, text in catalogue.rows("meta_data", ("id", "key", "value"))
        if key in keys and isinstance(text, str)
    }
    # A photo alone is a group of one; its duplicates are no photos of their own here.
    groups = Counter(
        group
        for group, version in catalogue.rows("images", (), ("group_id", "version"))
        if group is not None and not version
    )
    for row in catalogue.rows(
        "images",
        ("id", "film_id", "filename", "flags", "datetime_taken"),
        ("version", "width", "height", "latitude", "longitude", "group_id"),
    ):
        image, film, name, flags, taken, version, width, height, latitude, longitude, group = row
        if not isinstance(name, str) or not isinstance(folders.get(film), str):
            continue
        path, when = f"{folders[film]}/{name}", _seconds(taken)
        if isinstance(version, int) and version > 0:
            # A duplicate has stars and texts of its own, but there is only one photo here.
            left_out = (LeftOut.VIRTUAL_COPY,)
            yield Record(path, taken=when, tags=tuple(tags[image]), left_out=left_out)
            continue
        mine = sorted(colours[image])
        place = coordinates(latitude, longitude)
        yield Record(
            path,
            taken=when,
            width=pixels(width),
            height=pixels(height),
            rating=_rating(flags),
            label=_COLOURS[mine[0]] if mine else "",
            title=texts.get((image, _TITLE), ""),
            caption=texts.get((image, _DESCRIPTION), ""),
            tags=tuple(tags[image]),
            stack=StackPlace(group, 0.0 if image == group else 1.0) if groups[group] > 1 else None,
            latitude=place[0],
            longitude=place[1],
            left_out=(LeftOut.LABEL,) * (len(mine) - 1),  # a photo has one label here
            refused=(
                *(() if isinstance(taken, int) and taken <= 0 else refused_date(taken, when)),
                *refused_place(latitude, longitude),
            ),
        )


def _rating(flags: object) -> int:
    if not isinstance(flags, int):
        return 0
    stars = flags & _STARS
    return REJECTED if flags & _REJECTED or stars == _REJECTED_STARS else min(stars, 5)


def _seconds(taken: object) -> int | None:
    """Text until darktable 3.8, then microseconds; zero means unknown."""
    if isinstance(taken, int):
        return checked_seconds(taken // 1_000_000 - _SINCE_YEAR_ONE) if taken > 0 else None
    return seconds_of(taken)
