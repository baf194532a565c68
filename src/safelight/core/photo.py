"""What a photo is, as plain values that travel between processes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from safelight.core.errors import FailureKind
from safelight.core.message import Message

if TYPE_CHECKING:  # importing NumPy would slow down code that only handles names
    from safelight.core.encoder import Pixels


class FileStat(NamedTuple):
    """What the operating system reports about a file, enough to see that it changed or moved.

    A tuple, because a scan makes and compares two for every file.
    """

    size: int
    """Bytes."""
    mtime_ns: int
    inode: int
    """0 where the file system has none."""
    device: int = 0


class DateSource(StrEnum):
    """Where the date of a photo comes from. Stored: never change a value."""

    METADATA = "metadata"
    """EXIF, IPTC or XMP in the file."""
    SIDECAR = "sidecar"
    NAME = "name"
    """A pattern in the file's name, such as ``IMG_20190512_101500``."""
    GIVEN = "given"
    """Imported from another program, in place of what the file says."""
    FILE = "file"
    """The time at which the file was last changed."""


@dataclass(frozen=True, slots=True)
class FaceRegion:
    """A rectangle that another program marked, as fractions of the picture's width and height."""

    name: str
    """Empty where the person is not known."""
    kind: str
    """``Face``, ``Pet``, ``Focus`` or ``BarCode``, as the Metadata Working Group defines them."""
    left: float
    top: float
    width: float
    height: float

    @property
    def is_person(self) -> bool:
        """Whether it is the face of a person whose name is known."""
        return bool(self.name) and self.kind.casefold() in ("", "face")

    @property
    def is_face(self) -> bool:
        """Whether it is the face of a person or an animal."""
        return self.kind.casefold() in ("", "face", "pet")

    def upright(self, orientation: int) -> FaceRegion:
        """A region of the stored picture, in the picture that is turned as this EXIF orientation says."""
        right, bottom = 1 - self.left - self.width, 1 - self.top - self.height
        left, top = {
            2: (right, self.top),
            3: (right, bottom),
            4: (self.left, bottom),
            5: (self.top, self.left),
            6: (bottom, self.left),
            7: (bottom, right),
            8: (self.top, right),
        }.get(orientation, (self.left, self.top))
        width, height = (self.height, self.width) if orientation >= 5 else (self.width, self.height)
        return replace(self, left=left, top=top, width=width, height=height)

    def turned(self, turns: int) -> FaceRegion:
        """The region in the picture that is turned by so many clockwise quarters."""
        return self.upright((1, 6, 3, 8)[turns % 4])

    def is_same_place(self, other: FaceRegion) -> bool:
        """Whether two regions share most of their area, as the regions of one face do."""
        width = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        height = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        shared = max(width, 0.0) * max(height, 0.0)
        return 2 * shared > self.width * self.height + other.width * other.height - shared


_SAME_SHAPE = 0.03
"""The part by which proportions may differ. Previews of RAW files miss a few pixels at the edges."""


def upright_regions(
    regions: Iterable[FaceRegion],
    orientation: int,
    applied_to: tuple[float, float] | None,
    width: int,
    height: int,
) -> tuple[FaceRegion, ...]:
    """Regions in the upright picture, which has this size in pixels. Programs state the size of the picture
    that they marked (``applied_to``), as the Metadata Working Group recommends.

    Regions refer to the picture as it is stored. Some programs refer to the turned one, and state its size;
    others state that size, but refer to the stored one, so the shape that faces would have decides. Regions
    of a picture of other proportions are left out: the picture was cropped before or since.
    """
    found = list(regions)
    turned = [each.upright(orientation) for each in found]
    if applied_to is None or not found:
        return tuple(turned)
    proportions, applied = width / height, applied_to[0] / applied_to[1]
    if _is_near(applied, 1 / proportions if orientation >= 5 else proportions):
        return tuple(turned)
    if orientation < 5 or not _is_near(applied, proportions):
        return ()
    is_stored = _unevenness(turned, proportions) < _unevenness(found, proportions)
    return tuple(turned if is_stored else found)


def _is_near(first: float, second: float) -> bool:
    return abs(first / second - 1) <= _SAME_SHAPE


def _unevenness(regions: Iterable[FaceRegion], proportions: float) -> float:
    """How far regions are from squares in a picture of these proportions."""
    return sum(abs(math.log(proportions * each.width / each.height)) for each in regions)


def joined_faces(stated: Iterable[FaceRegion], further: Iterable[FaceRegion]) -> tuple[FaceRegion, ...]:
    """Faces of two sources, each once. One with a name precedes one without."""
    found = list(stated)
    for face in further:
        place = next((n for n, known in enumerate(found) if known.is_same_place(face)), None)
        if place is None:
            found.append(face)
        elif face.name and not found[place].name:
            found[place] = face
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ImageMetadata:
    """Metadata of a picture. Any part may be missing, and absurd values were left out."""

    taken_at: str | None = None
    """Wall clock where it was taken: ``YYYY-MM-DDTHH:MM:SS``."""
    camera: str | None = None
    lens: str | None = None
    iso: int | None = None
    aperture: float | None = None
    """f-number."""
    exposure: float | None = None
    """Seconds."""
    focal_length: float | None = None
    """Millimetres, as written (not the 35 mm equivalent)."""
    latitude: float | None = None
    """Degrees, north positive, −90 to 90."""
    longitude: float | None = None
    """Degrees, east positive, −180 to 180."""
    subsecond: str | None = None
    """The digits after the decimal point of ``taken_at``."""
    utc_offset: int | None = None
    """Minutes by which the wall clock of ``taken_at`` is ahead of UTC."""
    date_source: DateSource | None = None
    """METADATA or SIDECAR where ``taken_at`` is known."""
    rating: int | None = None
    """−1 (rejected) to 5."""
    label: str | None = None
    """The colour label, as the other program wrote it."""
    title: str | None = None
    caption: str | None = None
    creator: str | None = None
    copyright: str | None = None
    tags: tuple[str, ...] = ()
    """Keywords; levels of a hierarchy are separated by ``/``."""
    regions: tuple[FaceRegion, ...] = ()
    """In the picture as it is stored, before ``orientation`` turns it, unless ``regions_applied_to`` says
    something else: see :func:`upright_regions`."""
    regions_applied_to: tuple[float, float] | None = None
    """Width and height in pixels of the picture to which another program applied ``regions``."""
    orientation: int | None = None
    """EXIF's, 2 to 8; None where the picture is stored upright."""
    people: tuple[str, ...] = ()
    """Names of people in the picture, of whom no region needs to be known."""
    sidecars: int = 0
    """Number of sidecars that were read."""
    sidecar_changed_at: float | None = None
    """When the newest of them was changed, in seconds since the epoch."""
    film: float | None = None
    """Seconds of the short film inside a motion photo."""
    notes: tuple[str, ...] = ()
    """What was dropped and why, as ``field: reason`` codes such as ``taken_at:invalid``."""


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """All that one reading of a file yields; the file is not opened again to index it."""

    content_hash: bytes
    """BLAKE2b, 20 bytes, of the file's bytes: the identity of a photo."""
    pixel_hash: bytes
    """BLAKE2b, 20 bytes, of the upright pixels of all frames as decoded: equal where only metadata differ."""
    perceptual_hash: int
    """64-bit DCT hash of the luminance (Zauner 2010), as a signed 64-bit integer for SQLite."""
    size: int
    """Bytes."""
    format: str
    """Short upper-case name: JPEG, PNG, HEIC, RAW …"""
    width: int
    """Pixels, upright."""
    height: int
    colour: int
    """Mean colour, 0xRRGGBB, shown until the thumbnail is there."""
    metadata: ImageMetadata
    thumbnail: bytes
    """JPEG; the long side is at most 384 px."""
    model_input: Pixels | None = field(default=None, compare=False, repr=False)
    frames: int = 1
    """Frames, pages, layers and films in the file."""
    duration: float | None = None
    """Seconds, of a video; None for a picture."""
    sample: bytes = b""
    """Hash of the first, middle and last 4 KB of the file; see :mod:`safelight.imaging.sample`."""


class FolderState(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that the user added, with its subfolders."""

    id: int
    path: str
    """As ``os.fsdecode`` gives it: may hold surrogates for bytes that are not UTF-8."""
    state: FolderState
    photos: int
    """Photos with at least one indexed file below it."""
    excluded: tuple[str, ...] = ()
    """The folders inside it that the user left out, relative to it, in ``os.fsdecode`` form."""


class Subfolder(NamedTuple):
    """A folder inside another."""

    name: str
    """In ``os.fsdecode`` form."""
    photos: int
    """In it and its subfolders."""
    has_subfolders: bool
    is_excluded: bool = False
    """Whether the user left it out of the library."""


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One file with a photo's bytes."""

    folder_id: int
    path: str
    """Absolute; ``os.fsdecode`` form."""
    mtime_ns: int
    online: bool
    id: int = 0


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as the library knows it: one per content, with every file that holds it."""

    id: int
    size: int
    format: str
    width: int
    height: int
    colour: int
    date: str
    """``YYYY-MM-DDTHH:MM:SS``: when taken, else when the file was last changed."""
    date_is_taken: bool
    metadata: ImageMetadata
    favourite: bool
    rating: int
    """0 (none) to 5; -1 is rejected."""
    files: tuple[PhotoFile, ...]
    label: str = ""
    """A colour label of :data:`safelight.core.organising_rules.LABELS`, or empty."""
    hidden: bool = False
    title: str = ""
    caption: str = ""
    duration: float | None = None
    """Seconds, of a video; None for a picture."""
    date_source: DateSource = DateSource.FILE
    frames: int = 1
    """Frames, pages, layers and films in the file; 0 where an older version did not count them."""
    halves: tuple[int, ...] = ()
    """Photos that are shown as a part of this one: see :mod:`safelight.core.pairs`."""
    stacked: tuple[int, ...] = ()
    """Photos below this one in its stack."""
    turns: int = 0
    """The clockwise quarter turns, 0 to 3, by which the user turned it. The file is not changed."""
    faces: tuple[FaceRegion, ...] = ()
    """Faces of people and animals, in the upright picture without the user's turns."""

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height in pixels, with the user's turns."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed."""

    file_id: int
    path: str
    kind: FailureKind
    reason: Message
    when: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    photos: int
    files: int
    failures: int
    favourites: int
    embedded: int
    """Photos with a vector of the model in use."""
    pending: int
    """Files known but not yet indexed."""
    hidden: int = 0
    """Photos that only ``is:hidden`` shows."""
    skipped_videos: int = 0
    """Videos that are not added, because what reads them is not installed."""
