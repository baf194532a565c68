"""The values that the Python interface returns: frozen, and independent of the open library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from safelight.core.duplicates import DuplicateKind
from safelight.core.explanation import PartScore
from safelight.core.photo_units import PhotoUnit
from safelight.core.search import Band


@dataclass(frozen=True, slots=True)
class Match:
    """A photo that answers a search."""

    key: str
    """Identifies the photo: 40 hexadecimal digits, the hash of its content."""
    path: str
    """Absolute path of one of its files."""
    score: float
    """Cosine similarity to what is searched for, −1 to 1: the query, or the built-in model's classifier of a
    single word. Do not compare scores of different queries or models."""
    band: Band
    """How likely the photo matches: strong, maybe or rest."""
    probability: float | None
    """How likely the photo matches, 0 to 1; None where unknown (similar pictures, excluded words)."""
    reasons: tuple[str, ...] = ()
    """Evidence other than its looks: ``file name: beach``."""
    unit: PhotoUnit | None = None
    """The part of the photo that matched; None for the whole picture."""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of matches, best first."""

    matches: tuple[Match, ...]
    cursor: str | None = None
    """Pass it with the same query to get the next page; None on the last page."""
    notice: str = ""
    """One line for the user, such as ``No strong matches.`` Empty if there is nothing to say."""
    unknown_words: tuple[str, ...] = ()
    """Words of the query that the model was not trained on."""

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    def __len__(self) -> int:
        return len(self.matches)


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What the library knows of a photo."""

    key: str
    paths: tuple[str, ...]
    """Absolute paths of its files."""
    format: str
    size: int
    """Bytes."""
    width: int
    height: int
    date: str
    """``YYYY-MM-DDTHH:MM:SS``: when it was taken, else when the file was last changed."""
    date_is_taken: bool
    favourite: bool
    rating: int
    """0 (none) to 5."""
    tags: tuple[str, ...]
    albums: tuple[str, ...]
    """Paths: ``Trips/Italy``."""
    camera: str | None = None
    lens: str | None = None
    iso: int | None = None
    aperture: float | None = None
    exposure: float | None = None
    """Seconds."""
    focal_length: float | None = None
    """Millimetres."""
    latitude: float | None = None
    longitude: float | None = None
    """Degrees. Both are None where places are withheld."""
    title: str = ""
    caption: str = ""
    """Title and caption are empty where places or people are withheld, which they can name."""
    label: str = ""
    """The colour label: ``red``, ``yellow``, …; empty for none."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a photo shows, in words, and what is known of it."""

    photo: PhotoInfo
    looks_like: tuple[str, ...] = ()
    """The everyday words that fit it best, compared with other photos, best first. Guesses of the model."""
    captions: tuple[str, ...] = ()
    """The nearest of a few thousand fixed descriptions, best first. Guesses of the model."""
    suggested_tags: tuple[str, ...] = ()
    """Tags that suit it and that it does not have, the most likely first; see :meth:`Library.suggest`."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a photo matches a query."""

    parts: tuple[PartScore, ...]
    """How well it matches each part of the query."""
    names: str
    """Matches in its names and tags; empty if there are none."""
    looks_like: tuple[str, ...]
    unit: PhotoUnit | None = None
    """The part of the photo that matches best; None for the whole picture."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoVectors:
    """The vectors of photos by one model."""

    model: str
    """The key of the model: its name and the digest of its weights. Vectors of different models must not be
    compared."""
    unit: str
    """What one vector represents: ``photo`` is the picture as a whole."""
    keys: tuple[str, ...]
    """The photo of each row."""
    matrix: npt.NDArray[np.float32]
    """Float32 (n, dim), rows of length 1."""


@dataclass(frozen=True, slots=True)
class Label:
    """A tag or an album, and how many photos it has."""

    name: str
    photos: int


@dataclass(frozen=True, slots=True)
class ThemeInfo:
    """A group of photos that show similar things."""

    name: str
    query: str
    """The search for its photos."""
    photos: int
    first: str
    """``YYYY-MM-DDTHH:MM:SS``: the date of its earliest photo."""
    last: str
    covers: tuple[str, ...]
    """The keys of up to four typical photos, the most typical first."""
    hidden: bool = False
    """Whether the user has hidden it."""
    parts: tuple[ThemeInfo, ...] = ()
    """The themes inside it, the largest first."""


@dataclass(frozen=True, slots=True)
class TaughtConcept:
    """A concept that the user taught. ``my:name`` in a query finds it."""

    name: str
    description: str
    """Words that describe it to the model; empty if the name does."""
    shown: int
    """Photos of the library that were given as examples."""
    not_shown: int
    """Photos of the library that were given as counter-examples."""


@dataclass(frozen=True, slots=True)
class SuggestedTag:
    """A tag that suits a photo and that it does not have."""

    tag: str
    probability: float


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A photo about which to ask whether it shows a concept."""

    key: str
    path: str
    probability: float


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A search that the user saved under a name."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One file of a group of duplicates."""

    key: str
    path: str
    keep: bool
    """Whether Safelight proposes to keep it. Nothing is ever deleted without the user."""
    why: str


@dataclass(frozen=True, slots=True)
class DuplicateSet:
    """Photos that are duplicates, the one to keep first."""

    kind: DuplicateKind
    reason: str
    members: tuple[Duplicate, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What the library contains."""

    photos: int
    files: int
    pending: int
    """Files that are known and not yet indexed."""
    searchable: int
    """Photos with a vector of the model in use."""
    favourites: int
    model: str
    """The name of the model in use."""
    folders: tuple[str, ...] = ()
    not_compared: int = 0
    """Photos that were not compared with others yet, so that their duplicates are not known."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in a library since a revision."""

    revision: str
    """Pass it to :meth:`Library.changes` next time."""
    photos: tuple[str, ...] | None = field(default=())
    """Photos that were added, removed or read again. None if that was too long ago to know: read
    everything."""
    edits: int = 0
    """How many edits of the user (tags, ratings, albums …) were made or undone since then."""
