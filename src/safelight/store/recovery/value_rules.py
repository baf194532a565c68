"""Checks for single values that come from a file which somebody else may have written.

A rule takes a value as SQLite or JSON gives it and returns the value to store. It raises ValueError for
anything else. Rules never trust a declared column type: SQLite stores any type in any column.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from safelight.core.description import Description
from safelight.core.photo import FaceRegion
from safelight.store.rows import SEPARATOR

Rule = Callable[[Any], Any]

_PATH_BYTES = 65_536
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_KEY = re.compile(r"[A-Za-z0-9_.:@/+ -]{1,200}")
_NESTING = 64


def integer(low: int, high: int) -> Rule:
    """An integer from ``low`` to ``high``."""

    def rule(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError("not an integer in range")
        return value

    return rule


def real(low: float = -1e12, high: float = 1e12) -> Rule:
    """A finite number from ``low`` to ``high``, as a float."""

    def rule(value: Any) -> float:
        if type(value) not in (int, float) or not (low <= value <= high) or not math.isfinite(value):
            raise ValueError("not a number in range")
        return float(value)

    return rule


def text(longest: int, *, empty: bool = True) -> Rule:
    """UTF-8 text of at most ``longest`` characters, without NUL."""

    def rule(value: Any) -> str:
        decoded = value.decode("utf-8") if isinstance(value, bytes) else value
        if not isinstance(decoded, str) or len(decoded) > longest or "\0" in decoded:
            raise ValueError("not a text, or too long")
        if not empty and not decoded.strip():
            raise ValueError("empty")
        decoded.encode("utf-8")  # lone surrogates cannot be stored
        return decoded

    return rule


def blob(shortest: int, longest: int) -> Rule:
    """Bytes of this length."""

    def rule(value: Any) -> bytes:
        if not isinstance(value, bytes) or not shortest <= len(value) <= longest:
            raise ValueError("not bytes, or of another length")
        return value

    return rule


def one_of(values: Iterable[str]) -> Rule:
    """One of these words."""
    allowed = frozenset(str(value) for value in values)
    as_text = text(200)

    def rule(value: Any) -> str:
        word: str = as_text(value)
        if word not in allowed:
            raise ValueError("not one of the known words")
        return word

    return rule


def optional(inner: Rule, *, strict: bool = False) -> Rule:
    """A value as in ``inner``, or NULL. An invalid value becomes NULL too, unless the rule is ``strict``."""

    def rule(value: Any) -> Any:
        if value is None:
            return None
        try:
            return inner(value)
        except (ValueError, OverflowError):
            if strict:
                raise
            return None

    return rule


def date(value: Any) -> str:
    """``YYYY-MM-DDTHH:MM:SS``."""
    found: str = text(19)(value)
    if not _DATE.fullmatch(found) or not found.isascii():
        raise ValueError("not a date")
    return found


def setting_name(value: Any) -> str:
    """A key of the table ``meta``."""
    found: str = text(200)(value)
    if not _KEY.fullmatch(found):
        raise ValueError("not a name")
    return found


def json_text(longest: int) -> Rule:
    """Text that is valid JSON, not nested deeply."""
    as_text = text(longest)

    def rule(value: Any) -> str:
        found: str = as_text(value)
        try:
            _check_depth(json.loads(found))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return found

    return rule


_LONGEST_JSON = 10_000_000
_LONGEST_NAME = 1000


def described_json(value: Any) -> str:
    """What a file said about a photo, as :mod:`safelight.store.file_metadata` keeps it."""
    found, given = _parsed(value)
    try:
        said = Description(**given)
        texts = (said.label, said.title, said.caption, *said.tags)
    except TypeError as error:
        raise ValueError("is no description") from error
    if type(said.rating) is not int or not all(isinstance(each, str) for each in texts):
        raise ValueError("is no description")
    return found


def details_json(value: Any) -> str:
    """Further metadata of a file, as :mod:`safelight.store.file_metadata` keeps them."""
    found, given = _parsed(value)
    try:
        texts = [given.get(name, "") for name in ("subsecond", "creator", "copyright")]
        numbers = [given.get(name, 1) for name in ("utc_offset", "orientation")]
        regions, applied_to = given.get("regions", []), given.get("regions_applied_to", [1, 1])
    except AttributeError as error:
        raise ValueError("are no details") from error
    if any(type(each) is not int for each in numbers) or not all(isinstance(each, str) for each in texts):
        raise ValueError("are no details")
    _check_regions(regions)
    if not isinstance(applied_to, list) or len(applied_to) != 2:
        raise ValueError("are no details")
    for side in applied_to:
        real(1, 1e7)(side)
    return found


def faces_json(value: Any) -> str:
    """Faces as :mod:`safelight.store.imported_faces` keeps them."""
    found, given = _parsed(value)
    _check_regions(given)
    return found


def _check_regions(given: Any) -> None:
    try:
        regions = [FaceRegion(**each) for each in given]
    except TypeError as error:
        raise ValueError("are no regions") from error
    words, side = text(_LONGEST_NAME), real(-1, 2)
    for each in regions:
        for name in (each.name, each.kind):
            words(name)
        for number in (each.left, each.top, each.width, each.height):
            side(number)


def strings_json(value: Any) -> str:
    """A list of texts."""
    found, given = _parsed(value)
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise ValueError("is no list of texts")
    return found


def _parsed(value: Any) -> tuple[str, Any]:
    """JSON as text, and its value."""
    found: str = json_text(_LONGEST_JSON)(value)
    return found, json.loads(found)


def relative_path(value: Any) -> bytes:
    """The path of a file inside a root: not empty, not absolute, no step upwards."""
    path = _path(value)
    if os.name == "nt" and (b":" in path or b"/" in path):
        raise ValueError("leads out of its folder")
    if any(part in (b"", b".", b"..") for part in path.split(SEPARATOR)):
        raise ValueError("leads out of its folder")
    return path


def absolute_path(value: Any) -> bytes:
    """An absolute path in its normal form."""
    path = _path(value)
    if not Path(os.fsdecode(path)).is_absolute() or os.path.normpath(path) != path or path[:2] == b"//":
        raise ValueError("not an absolute path in normal form")
    return path


def _path(value: Any) -> bytes:
    path = value.encode("utf-8") if isinstance(value, str) else value
    if not isinstance(path, bytes) or not 0 < len(path) <= _PATH_BYTES or b"\0" in path:
        raise ValueError("not a path")
    return path


def _check_depth(value: Any, depth: int = 0) -> None:
    if depth > _NESTING:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            _check_depth(each, depth + 1)
