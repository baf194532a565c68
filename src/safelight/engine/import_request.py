"""An import from another program as JSON, so that a command can pass it on to a running engine."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any, get_args

from safelight.core.migration import ImportedAlbum, ImportFromProgram, MarkName, Value
from safelight.core.photo import FaceRegion

Json = Any

_MARKS = {name: name for name in get_args(MarkName)}


def import_json(operation: ImportFromProgram) -> Json:
    return {
        "program": operation.program,
        "values": operation.values,
        "tags": operation.tags,
        "albums": [[album.path, album.photo_ids, album.cover] for album in operation.albums],
        "dates": operation.dates,
        "places": operation.places,
        "stacks": operation.stacks,
        "faces": [[photo, [astuple(face) for face in faces]] for photo, faces in operation.faces],
    }


def read_import(data: Json) -> ImportFromProgram:
    """Raises ValueError, TypeError or KeyError for what :func:`import_json` did not write."""
    return ImportFromProgram(
        _text(data["program"]),
        tuple(
            (_MARKS[name], tuple((_integer(photo), _value(value)) for photo, value in pairs))
            for name, pairs in data["values"]
        ),
        tuple((_text(tag), _integers(ids)) for tag, ids in data["tags"]),
        tuple(
            ImportedAlbum(
                tuple(_text(name) for name in path),
                _integers(ids),
                None if cover is None else _integer(cover),
            )
            for path, ids, cover in data["albums"]
        ),
        tuple((_integer(photo), _text(date)) for photo, date in data["dates"]),
        tuple(
            (_integer(photo), _number(latitude), _number(longitude))
            for photo, latitude, longitude in data["places"]
        ),
        tuple(_integers(stack) for stack in data["stacks"]),
        tuple((_integer(photo), tuple(_face(*face) for face in faces)) for photo, faces in data["faces"]),
    )


def _face(name: Json, kind: Json, *sides: Json) -> FaceRegion:
    left, top, width, height = map(_number, sides)
    return FaceRegion(_text(name), _text(kind), left, top, width, height)


def _integers(data: Json) -> tuple[int, ...]:
    return tuple(_integer(each) for each in data)


def _integer(data: Json) -> int:
    if type(data) is not int or abs(data) >= 2**63:
        raise ValueError("not an integer that the library can hold")
    return data


def _number(data: Json) -> float:
    if type(data) not in (int, float):
        raise ValueError("not a number")
    return float(data)


def _text(data: Json) -> str:
    if not isinstance(data, str):
        raise TypeError("not a text")
    return data


def _value(data: Json) -> Value:
    return data if isinstance(data, str) else _integer(data)
