"""Names of copies, made from a template such as ``{year}/{date} {name}``."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safelight.core.errors import UsageError
from safelight.core.message import translatable
from safelight.core.photo import ImageMetadata, Photo

FIELDS: Mapping[str, str] = {
    "name": translatable("name of the file, without its extension"),
    "number": translatable("position among the copied photos, from 1; {number:4} has four digits"),
    "date": translatable("date, as 2019-05-12"),
    "time": translatable("time of day, as 101500"),
    "year": translatable("year"),
    "month": translatable("month, as 05"),
    "day": translatable("day, as 12"),
    "title": translatable("title"),
    "rating": translatable("stars, 0 to 5"),
    "camera": translatable("camera"),
    "folder": translatable("name of the folder that the file is in"),
}
"""What a template can contain, and what it is replaced by."""

DEFAULT = "{name}"

_MOST_BYTES = 180
"""The length of one level of a name. File systems allow 255, and a number, an extension and a suffix follow.
"""

_RESERVED = frozenset('<>:"|?*\\/')
"""Characters that are not allowed in names on Windows, on FAT drives or anywhere."""

_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(1, 10))]
)
"""Names that Windows keeps for devices, with any extension."""


@dataclass(frozen=True, slots=True)
class NamedPhoto:
    """What the fields of a template are replaced by."""

    name: str
    number: int
    count: int
    """How many photos are copied: the number has as many digits."""
    moment: str
    """``YYYY-MM-DDTHH:MM:SS``; empty where it is not to be given away."""
    title: str = ""
    rating: int = 0
    camera: str = ""
    folder: str = ""

    @classmethod
    def of(
        cls, photo: Photo, path: str, number: int, count: int, allowed: ImageMetadata, *, with_date: bool
    ) -> NamedPhoto:
        """``path``: the file that is copied. ``number``: its position, from 1. ``allowed``: what the name may
        give away."""
        file, moment = Path(path), photo.date if with_date else ""
        texts = (allowed.title or "", allowed.rating or 0, allowed.camera or "")
        return cls(file.stem, number, count, moment, *texts, file.parent.name)


class NameTemplate:
    """A checked template. ``/`` separates folders."""

    def __init__(self, text: str) -> None:
        """Raises UsageError for an unknown field, and for a text that is no template."""
        self._parts: list[tuple[str, str, int]] = []
        """(text, field that follows it, its digits)."""
        try:
            parsed = list(string.Formatter().parse(text))
        except ValueError as error:
            raise UsageError(
                "“{text}” is not a template for names ({error}).", text=text, error=error
            ) from None
        for literal, field, width, conversion in parsed:
            name = field or ""
            if field is not None and (name not in FIELDS or conversion):
                known = ", ".join(f"{{{each}}}" for each in FIELDS)
                raise UsageError(
                    "{{{name}}} is not a field of a name. There are {known}.", name=name, known=known
                )
            if width and (name != "number" or not width.isdecimal() or not 0 < int(width) < 10):
                raise UsageError(
                    "{{{name}:{width}}} is not a field of a name; only {{number:4}} has digits.",
                    name=name,
                    width=width,
                )
            self._parts.append((literal, name, int(width) if width else 0))
        if not text.strip().strip("/"):
            raise UsageError("A template for names cannot be empty.")

    def render(self, photo: NamedPhoto) -> tuple[str, ...]:
        """The folders and the name of a copy, without its extension. No level is empty or unusable: where a
        field has no value, the name of the file takes its place."""
        values = {
            "name": photo.name,
            "date": photo.moment[:10],
            "time": photo.moment[11:19].replace(":", ""),
            "year": photo.moment[:4],
            "month": photo.moment[5:7],
            "day": photo.moment[8:10],
            "title": photo.title,
            "rating": str(max(photo.rating, 0)),
            "camera": photo.camera,
            "folder": photo.folder,
        }
        text = ""
        for literal, field, digits in self._parts:
            text += literal
            if field == "number":
                text += f"{photo.number:0{digits or len(str(photo.count))}d}"
            elif field:
                text += values[field].replace("/", "-")
        levels = [usable for level in text.split("/") if (usable := _usable(level))]
        if not levels or text.endswith("/"):
            levels.append(_usable(photo.name) or str(photo.number))
        return tuple(levels)


def _usable(level: str) -> str:
    """A name that every file system takes; empty where nothing is left."""
    # Bytes of the original name that are no UTF-8 stay: they are surrogates, which are no control characters.
    kept = "".join(
        "-" if character in _RESERVED else character
        for character in unicodedata.normalize("NFC", level)
        if unicodedata.category(character) not in ("Cc", "Cf") or character == "\u200d"
    )
    kept = " ".join(kept.split()).strip(" .")
    if kept.partition(".")[0].casefold() in _DEVICES:
        kept = f"_{kept}"
    while len(kept.encode("utf-8", "surrogateescape")) > _MOST_BYTES:
        kept = kept[:-1].rstrip(" .")
    return kept
