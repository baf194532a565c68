"""The servers' answers, as models whose JSON schema the clients see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from safelight.core.fields import FIELDS
from safelight.core.flags import FLAGS

_UNMENTIONED = frozenset({"near", "place", "my", "has:gps", "is:hidden"})
"""Fields and flags that most programs may not use, or that find nothing for them."""

_FILTERS = ", ".join(
    [field.examples[0] for field in FIELDS if field.key not in _UNMENTIONED]
    + [filter_ for filter_ in (f"{flag.key}:{flag.value}" for flag in FLAGS) if filter_ not in _UNMENTIONED]
)
"""One example of each filter. A program learns of the search language from this alone."""

Key = Annotated[
    str,
    Field(
        description="A photo: its key (40 hexadecimal digits, from a search) or the absolute path of a file",
        min_length=1,
        max_length=4096,
    ),
]
Query = Annotated[
    str,
    Field(
        description="The search language: a description in plain English and filters. "
        "Example: 'dog on a beach date:2019 -people type:jpeg tag:holiday (lake OR sea)'. -word excludes, "
        "also before filters; words in double quotes must be in names or tags. "
        f'Values with spaces are quoted: album:"Best of". Filters: {_FILTERS}',
        max_length=2000,
    ),
]
Limit = Annotated[int, Field(description="How many results", ge=1, le=100)]
Cursor = Annotated[
    str | None, Field(description="next_cursor of the page before, with the same arguments", max_length=200)
]
Side = Annotated[int, Field(description="Pixels of the long side at most", ge=16, le=2048)]
BandName = Literal["strong", "maybe", "rest"]


class MatchModel(BaseModel):
    """A photo that answers a search."""

    key: str
    path: str
    band: BandName = Field(
        description="How likely it matches: strong, maybe, or rest (probably does not match)"
    )
    probability: float | None = Field(description="That it matches, 0 to 1; null where it is not known")
    score: float = Field(description="Cosine similarity; only comparable within one search")
    why: list[str] = Field(description="Evidence other than its looks, such as a matching file name")


class MatchesModel(BaseModel):
    """A page of matches, best first."""

    matches: list[MatchModel]
    next_cursor: str | None = Field(description="Pass it as cursor for the next page; null on the last")
    notice: str = Field(description="What the user should know of this answer; may be empty")


class PlaceModel(BaseModel):
    """Where a photo was taken, in degrees."""

    latitude: float
    longitude: float


class DescriptionModel(BaseModel):
    """What a photo shows, and its metadata."""

    key: str
    paths: list[str]
    looks_like: list[str] = Field(description="Guesses of the model: the nearest everyday words")
    suggested_tags: list[str] = Field(
        description="Guesses of the model: tags that suit it and that it does not have"
    )
    captions: list[str] = Field(description="Guesses of the model: the nearest of some fixed captions")
    date: str
    date_is_taken: bool = Field(description="False if only the date of the file is known")
    width: int
    height: int
    format: str
    bytes: int
    camera: str | None
    lens: str | None
    title: str | None = Field(description="The user's title; null where there is none or it is withheld")
    caption: str | None = Field(description="The user's caption; null where there is none or it is withheld")
    label: str | None = Field(description="The user's colour label")
    favourite: bool
    rating: int
    tags: list[str]
    albums: list[str]
    place: PlaceModel | None = Field(description="Null where unknown or withheld from this program")


class DuplicateModel(BaseModel):
    """A file of a group of duplicates."""

    key: str
    path: str
    keep: bool = Field(description="Whether Safelight proposes to keep it")
    why: str


class DuplicateGroupModel(BaseModel):
    """Photos that are duplicates."""

    kind: str
    reason: str
    members: list[DuplicateModel]


class DuplicatesModel(BaseModel):
    """Groups of duplicates, the most certain first."""

    groups: list[DuplicateGroupModel]
    total: int = Field(description="How many groups there are in all")
    notice: str = Field(default="", description="Why groups may be missing")


class NamedModel(BaseModel):
    """A tag or album and its number of photos."""

    name: str
    photos: int


class SavedSearchModel(BaseModel):
    """A search that the user saved."""

    name: str
    query: str


class StatusModel(BaseModel):
    """What this program can see of the library."""

    photos: int
    searchable: int = Field(description="Photos that can be found by a description")
    pending: int = Field(description="Files that are not indexed yet")
    model: str
    limited: bool = Field(description="Whether this program sees only part of the library")
    allows_edits: bool


class EditModel(BaseModel):
    """The result of an edit."""

    step: int | None = Field(description="Pass it to undo_edit; null if nothing changed")


class UndoneModel(BaseModel):
    """The result of an undo."""

    undone: bool


def wrong_arguments(errors: Sequence[Any]) -> str:
    """What pydantic finds wrong with arguments, in one line: ``limit: Input should be …; query: …``."""
    return "; ".join(f"{'.'.join(str(place) for place in each['loc'])}: {each['msg']}" for each in errors)
