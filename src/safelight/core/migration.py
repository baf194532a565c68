"""Taking over what another program knows about photos: the operation, and what a preview says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from safelight.core.message import Message, Template
from safelight.core.operation import Operation, Outcome
from safelight.core.photo import FaceRegion

Value = int | str

MarkName = Literal["rating", "label", "title", "caption", "favourite", "hidden"]
FieldName = Literal[MarkName, "date", "place"]
"""A value in which both sides can differ."""

MARKS: tuple[MarkName, ...] = ("rating", "label", "title", "caption", "favourite", "hidden")
"""Single values of a photo that can be taken over."""


class ImportKind(StrEnum):
    """What can be taken over. The values are part of the JSON output: never rename one."""

    RATING = "rating"
    LABEL = "label"
    TITLE = "title"
    CAPTION = "caption"
    FAVOURITE = "favourite"
    HIDDEN = "hidden"
    TAGS = "tags"
    ALBUMS = "albums"
    DATE = "date"
    PLACE = "place"
    STACKS = "stacks"
    FACES = "faces"


class LeftOut(StrEnum):
    """What a program knows about photos and the library has no place for. Part of the JSON output."""

    FACE_REGION = "face_regions"
    """Where a face is, from a program whose regions are not read, or in a form that cannot be read."""
    LABEL = "labels"
    """A colour or text that is none of the five labels."""
    VIRTUAL_COPY = "virtual_copies"
    """A second version of a photo that exists only in that program."""
    UNREADABLE = "unreadable"
    """A sidecar or row that is damaged."""
    VALUE = "values"
    """A rating, date or position that cannot be read or is impossible. Each is also one of the problems."""
    EDIT = "edits"
    """What was done to a picture in that program. The original is taken over without it."""
    TRASHED = "trashed"
    """A photo in the trash of that program."""
    SHARED = "shared"
    """A photo that is in that program only because others share it."""


@dataclass(frozen=True, slots=True)
class ImportedAlbum:
    path: tuple[str, ...]
    """The names of the albums around it, from the top level, and its own."""
    photo_ids: tuple[int, ...]
    """The photos in the album's order."""
    cover: int | None = None
    """The photo that was chosen as cover."""


@dataclass(frozen=True, slots=True)
class ImportFromProgram(Operation[Outcome]):
    """Take over what another program knows about photos, as one step."""

    program: str
    """Its name, such as ``digiKam``."""
    values: tuple[tuple[MarkName, tuple[tuple[int, Value], ...]], ...] = ()
    """(photo, value) pairs by mark."""
    tags: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """(tag, photos)."""
    albums: tuple[ImportedAlbum, ...] = ()
    dates: tuple[tuple[int, str], ...] = ()
    """(photo, ``YYYY-MM-DDTHH:MM:SS``)."""
    places: tuple[tuple[int, float, float], ...] = ()
    """(photo, latitude, longitude)."""
    stacks: tuple[tuple[int, ...], ...] = ()
    """The photos of each stack, the top first."""
    faces: tuple[tuple[int, tuple[FaceRegion, ...]], ...] = ()
    """(photo, all its faces in that program), as regions of the upright picture."""

    code = "import_from_program"
    summary = Template("imported what {program} knew about {photos}")


@dataclass(frozen=True, slots=True)
class KindCount:
    """What would be taken over of one kind."""

    kind: ImportKind
    found: int = 0
    """Values in the other program: one for each photo, or for each tag or album of a photo."""
    new: int = 0
    """Values that the library does not have yet."""
    same: int = 0
    conflicts: int = 0
    """Values that differ from the library's."""


@dataclass(frozen=True, slots=True)
class ImportConflict:
    """A value that differs. The library's is kept unless the user chooses the other one."""

    photo_id: int
    field: FieldName
    """A date is written as ``YYYY-MM-DDTHH:MM:SS``, a place as ``latitude, longitude``."""
    ours: Value
    theirs: Value
    path: str
    """The photo's file in the library, in ``os.fsdecode`` form."""


class MatchMethod(StrEnum):
    """How a photo was recognised. Part of the JSON output."""

    PATH = "path"
    CONTENT = "content"
    FACTS = "facts"
    """By name, capture time and size, or by two of these where the third changed or is unknown."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """A photo of the other program that was not recognised for certain."""

    path: str
    """The path as the other program knows it."""
    candidates: tuple[str, ...] = ()
    """Files of the library that it may be; empty where there is none."""
    original_name: str = ""
    """The name of the file before the other program renamed it; empty where ``path`` has it."""


@dataclass(frozen=True, slots=True)
class PathMapping:
    """Paths that begin with ``source`` in the other program begin with ``target`` in the library."""

    source: str
    target: str
    photos: int
    """How many photos it recognised."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do. Lists are cut to :data:`MAX_LISTED`; the counts are complete."""

    program: str
    records: int
    """Photos of the other program."""
    matched: Mapping[MatchMethod, int] = field(default_factory=dict)
    """Photos of the other program that were recognised."""
    photos: int = 0
    """Photos of the library that would change."""
    counts: tuple[KindCount, ...] = ()
    mappings: tuple[PathMapping, ...] = ()
    conflicts: tuple[ImportConflict, ...] = ()
    not_found: tuple[NotFound, ...] = ()
    missing: int = 0
    """Photos of the other program that the library does not have."""
    ambiguous: int = 0
    """Photos of the other program that may be one of several."""
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)
    problems: tuple[Message, ...] = ()
    """One line for each part that could not be read, and for each value that cannot be taken over."""

    @property
    def recognised(self) -> int:
        return sum(self.matched.values())

    @property
    def conflict_count(self) -> int:
        return sum(each.conflicts for each in self.counts)


MAX_LISTED = 1000
"""Entries of the lists of a :class:`ImportPreview`."""
