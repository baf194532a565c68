"""An import from another program as JSON, so that a command can pass it on to a running engine."""

from __future__ import annotations

from typing import Any, get_args

from safelight.core.migration import ImportedAlbum, ImportFromProgram, MarkName, Value

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
    }


def read_import(said: Json) -> ImportFromProgram:
    """Raises ValueError, TypeError or KeyError for what :func:`import_json` did not write."""
    return ImportFromProgram(
        _text(said["program"]),
        tuple(
            (_MARKS[name], tuple((_integer(photo), _value(value)) for photo, value in pairs))
            for name, pairs in said["values"]
        ),
        tuple((_text(tag), _integers(ids)) for tag, ids in said["tags"]),
        tuple(
            ImportedAlbum(
                tuple(_text(name) for name in path),
                _integers(ids),
                None if cover is None else _integer(cover),
            )
            for path, ids, cover in said["albums"]
        ),
        tuple((_integer(photo), _text(date)) for photo, date in said["dates"]),
        tuple(
            (_integer(photo), _number(latitude), _number(longitude))
            for photo, latitude, longitude in said["places"]
        ),
        tuple(_integers(stack) for stack in said["stacks"]),
    )


def _integers(said: Json) -> tuple[int, ...]:
    return tuple(_integer(each) for each in said)


def _integer(said: Json) -> int:
    if type(said) is not int or abs(said) >= 2**63:
        raise ValueError("not an integer that the library can hold")
    return said


def _number(said: Json) -> float:
    if type(said) not in (int, float):
        raise ValueError("not a number")
    return float(said)


def _text(said: Json) -> str:
    if not isinstance(said, str):
        raise TypeError("not a text")
    return said


def _value(said: Json) -> Value:
    return said if isinstance(said, str) else _integer(said)
