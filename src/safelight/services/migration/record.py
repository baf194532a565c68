"""A photo as another program knows it."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, NamedTuple

from safelight.core.errors import UsageError
from safelight.core.migration import LeftOut
from safelight.core.organising_rules import MAX_NAME_LENGTH, REJECTED, clean_tag
from safelight.core.photo import FaceRegion
from safelight.core.plain_text import one_line, several_lines

MAX_TITLE = 400
MAX_CAPTION = 10_000
MAX_TAGS = 500
"""The most tags of one photo."""
MAX_FACES = 1000
"""The most faces of one photo; further ones are not counted."""

_OUTSIDE = 0.05
"""The part of a picture by which a face at its edge may be outside of it."""

_EARLIEST, _LATEST = datetime(1826, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, tzinfo=UTC)


class Digest(NamedTuple):
    """A hash of a file's content. ``algorithm`` is one of :data:`services.migration.digests.ALGORITHMS`."""

    algorithm: str
    hexadecimal: str


class AlbumPlace(NamedTuple):
    """An album that contains the photo."""

    path: tuple[str, ...]
    """Names from the top level."""
    position: float = 0.0
    """Photos of an album are in the order of this number, and then in the order in which they were read."""
    is_cover: bool = False
    """Whether the photo was chosen as the album's cover."""


class StackPlace(NamedTuple):
    """A group that is shown as one photo, such as a stack or a burst."""

    key: object
    """Equal for the photos of a group, and hashable."""
    position: float = 0.0
    """The photo with the lowest number is at the top."""


class Refused(NamedTuple):
    """A value that a library cannot hold. :mod:`services.migration.refused` finds them."""

    field: Literal["rating", "date", "place"]
    value: str
    """As that program has it, shortened."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one program knows about one photo. Only ``path`` is always known.

    Texts may be anything; :func:`services.migration.collecting.cleaned` makes them values of a library.
    """

    path: str
    """The path as that program knows it: with ``/`` or ``\\``, absolute or relative to the exported folder.
    """
    size: int | None = None
    """Bytes."""
    taken: int | None = None
    """Capture time in seconds since 1970, as if the wall clock showed UTC."""
    taken_in_utc: bool = False
    """Whether ``taken`` is really UTC, so that it differs from the wall clock by an unknown zone."""
    taken_from_name: bool = False
    """Whether that program read ``taken`` from the file's name. It is then compared, but not taken over."""
    width: int | None = None
    height: int | None = None
    digests: tuple[Digest, ...] = ()
    local: str | None = None
    """The file on this machine, absolute, where the source is known to be beside its photos."""
    original_name: str = ""
    """The name that the file had before that program renamed it; empty where ``path`` has it."""
    rating: int = 0
    """1 to 5 stars, :data:`REJECTED`, or 0."""
    label: str = ""
    """A colour, in that program's words."""
    title: str = ""
    caption: str = ""
    tags: tuple[str, ...] = ()
    """Levels are separated by ``/``."""
    people: tuple[str, ...] = ()
    albums: tuple[AlbumPlace, ...] = ()
    stack: StackPlace | None = None
    favourite: bool = False
    hidden: bool = False
    latitude: float | None = None
    longitude: float | None = None
    faces: tuple[FaceRegion, ...] = ()
    """Regions of the upright picture."""
    left_out: tuple[LeftOut, ...] = ()
    refused: tuple[Refused, ...] = ()


def stars(value: object) -> int:
    """1 to 5 or :data:`REJECTED`; 0 for everything else that a program may store as a rating."""
    number = number_of(value)
    if number is None:
        return 0
    return round(number) if number == REJECTED or (0.5 <= number <= 5.5 and round(number) <= 5) else 0


def seconds_of(text: object) -> int | None:
    """Seconds of a date such as ``2019-05-12T10:15:00.25`` or ``2019:05:12 10:15:00``; a zone is ignored.

    None for anything else, and for years before photography or after 2100.
    """
    if not isinstance(text, str) or len(text) < 10:
        return None
    written = text.strip()[:19].replace("T", " ")
    written = written[:10].replace(":", "-").replace("/", "-") + written[10:]
    try:
        return checked_seconds(datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def checked_seconds(value: object) -> int | None:
    """Seconds since 1970 as an integer; None for what is no number or not in the age of photography."""
    number = number_of(value)
    if number is None or not _EARLIEST.timestamp() <= number <= _LATEST.timestamp():
        return None
    return int(number)


def coordinates(latitude: object, longitude: object) -> tuple[float, float] | tuple[None, None]:
    """Both in degrees; nothing for what is no position. Many programs write zeros for an unknown one."""
    values = []
    for value, limit in ((latitude, 90), (longitude, 180)):
        number = number_of(value)
        if number is None or not -limit <= number <= limit:
            return None, None
        values.append(round(number, 7))
    return (values[0], values[1]) if values != [0.0, 0.0] else (None, None)


def number_of(value: object) -> float | None:
    """A number, also one that is written as text; None for everything else. JSON has integers of any size."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def file_size(value: object) -> int | None:
    """A size in bytes; None for what is no positive integer."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    return value if type(value) is int and 0 < value < 2**53 else None


def pixels(value: object) -> int | None:
    """A width or height; None for what is no positive integer."""
    return value if isinstance(value, int) and value > 0 else None


def nested_tag(names: Iterable[str]) -> str:
    """The tag at a path of names. ``/`` and ``|`` separate levels, so they become ``-`` inside a name."""
    return "/".join(name.replace("/", "-").replace("|", "-") for name in names)


def comma_separated_tags(text: str) -> tuple[str, ...]:
    """Tags without levels from a list such as ``sea, old town``."""
    return tuple(nested_tag((name.strip(),)) for name in text.split(",") if name.strip())


def face_regions(count: int) -> tuple[LeftOut, ...]:
    """Face regions of a photo beyond this number are left out; a damaged source may have any number."""
    return (LeftOut.FACE_REGION,) * min(count, MAX_FACES)


def face_at(name: str, sides: Sequence[float | None], width: object, height: object) -> FaceRegion | None:
    """A face at ``sides``, which are left, top, width and height in the pixels of an upright picture of this
    size; None for a region that is not inside the picture."""
    across, down = number_of(width) or 0.0, number_of(height) or 0.0
    if across < 1 or down < 1 or len(sides) != 4 or None in sides:
        return None
    scaled = (round((side or 0.0) / of, 6) for side, of in zip(sides, (across, down) * 2, strict=True))
    left, top, share_across, share_down = scaled
    inside = left >= -_OUTSIDE and left + share_across <= 1 + _OUTSIDE
    inside = inside and top >= -_OUTSIDE and top + share_down <= 1 + _OUTSIDE
    if not inside or share_across <= 0 or share_down <= 0:
        return None
    return FaceRegion(plain_line(name), "Face", left, top, share_across, share_down)


def checked_face(region: FaceRegion) -> FaceRegion | None:
    """A face in the upright picture, cleaned as by :func:`face_at`."""
    face = face_at(region.name, (region.left, region.top, region.width, region.height), 1, 1)
    return face and replace(face, kind=region.kind)


def placed_faces(found: Iterable[FaceRegion | None]) -> tuple[tuple[FaceRegion, ...], tuple[LeftOut, ...]]:
    """The faces whose place is known, and those to count since it is not (None); at most
    :data:`MAX_FACES`."""
    faces = list(islice(found, MAX_FACES))
    return tuple(face for face in faces if face is not None), face_regions(faces.count(None))


def plain_line(text: object, limit: int = MAX_TITLE) -> str:
    """One printable line; empty for what is no text.

    Composed, since programs on macOS store ``è`` as ``e`` with an accent, which would be another tag.
    """
    return one_line(_composed(text, limit))[:limit].strip() if isinstance(text, str) else ""


def plain_lines(text: object, limit: int = MAX_CAPTION) -> str:
    """Printable text that may have several lines; empty for what is no text."""
    return several_lines(_composed(text, limit))[:limit].strip() if isinstance(text, str) else ""


def _composed(text: str, limit: int) -> str:
    return unicodedata.normalize("NFC", text[: 4 * limit])


def plain_tags(texts: Iterable[str]) -> list[str]:
    """Usable tags without duplicates; case does not tell them apart."""
    found: dict[str, str] = {}
    for text in texts:
        try:
            tag = clean_tag(plain_line(text, MAX_NAME_LENGTH))
        except UsageError:
            continue
        found.setdefault(tag.casefold(), tag)
        if len(found) == MAX_TAGS:
            break
    return list(found.values())


def album_path(names: Iterable[object]) -> tuple[str, ...]:
    """Names as an album can have them: ``/`` separates albums, so it becomes ``-`` inside a name."""
    cleaned = (plain_line(name, MAX_NAME_LENGTH).replace("/", "-").strip() for name in names)
    return tuple(name for name in cleaned if name)
