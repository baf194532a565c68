"""Kinds of duplicates, groups and the user's decisions about them, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from safelight.core.message import Message


class DuplicateKind(StrEnum):
    """How similar, from certain to a mere hint. Stored and used on the command line: never rename a value."""

    IDENTICAL = "identical"
    """Several files with the same bytes."""
    SAME_PICTURE = "same-picture"
    """Equal pixels, other metadata."""
    RESAVED = "resaved"
    """One picture resized, compressed again, converted, lightly edited or rotated."""
    RESAVED_VIDEO = "resaved-video"
    """One video encoded again, at the same length; nothing is ever marked beforehand."""
    VIDEO_PART = "video-part"
    """One is a part of the other, cut out and encoded again; nothing is ever marked beforehand."""
    CROP = "crop"
    """One shows a part of the other, or the same picture edited heavily."""
    BURST = "burst"
    """Taken by one camera within seconds."""
    LOOKALIKE = "lookalike"
    """Similar for the model only; nothing is ever marked beforehand."""

    @property
    def safe(self) -> bool:
        """Whether all groups can be settled at once, because the pixels were compared."""
        return self in (DuplicateKind.IDENTICAL, DuplicateKind.SAME_PICTURE, DuplicateKind.RESAVED)


class Verdict(StrEnum):
    """The user's decision about two photos. Stored: never rename a value."""

    NOT_DUPLICATES = "not-duplicates"
    KEEP_BOTH = "keep-both"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The facts by which the members of a group differ."""

    size: int
    """Bytes."""
    width: int
    height: int
    format: str
    date: str
    """``YYYY-MM-DDTHH:MM:SS``."""
    date_is_taken: bool
    camera: str | None = None
    jpeg_quality: int | None = None
    """1 to 100, estimated from the quantisation tables; None for other formats."""
    sharpness: float | None = None
    """Variance of the Laplacian of the luminance at one common size; comparable within a group."""
    favourite: bool = False
    rating: int = 0
    marked: bool = False
    """Favourite, rated, labelled, described, tagged, in an album, or turned by the user."""
    frames: int = 1
    """Frames, pages, layers and films."""
    duration: float | None = None
    """Seconds, of a video."""


@dataclass(frozen=True, slots=True)
class DuplicateMember:
    """One file of a group."""

    path: str
    """Absolute; ``os.fsdecode`` form."""
    file_id: int
    photo_id: int
    keep: bool
    """Proposed to be kept. In groups of videos, parts of videos, bursts and look-alikes, all are."""
    why: Message | None
    """Why it is kept, or what it lacks compared with the keeper."""
    facts: FileFacts
    likeness: float = 1.0
    """To the keeper, 0 to 1; what is compared depends on the kind (see ``DuplicateGroup.reason``)."""
    protected: bool = False
    """Protected by the user: never proposed for the trash."""
    companions: tuple[str, ...] = ()
    """Files that go where this one goes: the JPEG of a RAW, the film of a Live Photo, an XMP sidecar."""
    part: tuple[float, float] | None = None
    """The seconds of the longer video, the first member, at which this one begins and ends. None for the
    longer video itself, and in groups of other kinds."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    key: str
    """Made of the kind and the contents, so the same group has the same key in every run."""
    kind: DuplicateKind
    reason: Message
    """Why these are duplicates."""
    members: tuple[DuplicateMember, ...]
    """The keeper first, then the most alike."""

    @property
    def freed(self) -> int:
        """Bytes saved if the proposal is followed."""
        return sum(member.facts.size for member in self.members if not member.keep)


@dataclass(frozen=True, slots=True)
class GroupAction:
    """What to do with one group: ``trash`` goes only if one of ``keep`` is verified at that moment."""

    key: str
    keep: tuple[int, ...]
    """File ids."""
    trash: tuple[int, ...]
    """File ids."""
