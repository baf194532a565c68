"""Files that a camera or a phone writes for one shot: which belong together, and which one is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class PairKind(StrEnum):
    """Stored in the database: never rename a value."""

    RAW = "raw"
    """A camera RAW with the JPEG or HEIC that the camera developed."""
    LIVE = "live"
    """A picture with the short video around it: a Live Photo or a motion photo."""
    EDITED = "edited"
    """An edited picture with its original."""


@dataclass(frozen=True, slots=True)
class ShotFile:
    """One of the files in a folder that may be of one shot."""

    photo_id: int
    name: str
    """The name of the file, without its folder."""
    format: str
    duration: float | None = None
    """Seconds, of a video."""

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Pair:
    """``half`` is shown as a part of ``owner``."""

    half: int
    owner: int
    kind: PairKind


_LONGEST_LIVE = 6.0
"""Seconds. A longer video with the name of a picture was taken by itself."""

_RAW = "RAW"
_DEVELOPED = frozenset({"JPEG", "HEIC"})
_STILL = frozenset({"JPEG", "HEIC", "AVIF"})

_ORIGINAL = re.compile(r"(IMG_)(\d{4,})")
_EDITED = re.compile(r"(IMG_)E(\d{4,})")
"""iPhones write the edited form of IMG_1234 as IMG_E1234."""

_IN_PHOTOS = re.compile(r"([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})(_[34])?")
"""In the library of Apple Photos, a file has an identifier as its name. The video of a Live Photo has ``_3``
after it, and the RAW that was imported with a JPEG has ``_4``."""


def related_stems(stem: str) -> tuple[str, ...]:
    """The stems of the files that may be of one shot with a file of this stem, itself first."""
    stems = [stem]
    if form := _ORIGINAL.fullmatch(stem):
        stems.append(f"{form[1]}E{form[2]}")
    elif form := _EDITED.fullmatch(stem):
        stems.append(form[1] + form[2])
    elif form := _IN_PHOTOS.fullmatch(stem):
        stems += (form[1] + end for end in ("", "_3", "_4") if form[1] + end != stem)
    # Google writes the video of NAME.MP.jpg as NAME.MP.
    stems.append(stem.removesuffix(".MP") if stem.endswith(".MP") else f"{stem}.MP")
    return tuple(stems)


def find_pairs(files: Sequence[ShotFile]) -> list[Pair]:
    """The pairs among the files of one folder with related stems.

    A RAW owns the picture that was developed from it, an edited picture its original, and a still its video.
    Two pictures of one kind are no pair, since nothing says which one represents the other.
    """
    found: dict[int, Pair] = {}

    def join(half: ShotFile, owner: ShotFile, kind: PairKind) -> None:
        if half.photo_id != owner.photo_id and half.photo_id not in found:
            found[half.photo_id] = Pair(half.photo_id, owner.photo_id, kind)

    for raw in _of(files, {_RAW}):
        for developed in _of(files, _DEVELOPED):
            if _in_photos(developed.stem, "_4") == _in_photos(raw.stem, "_4"):
                join(developed, raw, PairKind.RAW)
    for edited in _of(files, _STILL):
        if form := _EDITED.fullmatch(edited.stem):
            for original in _of(files, _STILL):
                if original.stem == form[1] + form[2]:
                    join(original, edited, PairKind.EDITED)
    for original in _of(files, {"HEIC"}):
        for exported in _of(files, {"JPEG"}):
            if exported.stem == original.stem and original.photo_id not in found:
                join(original, exported, PairKind.EDITED)
    for video in files:
        if video.duration is not None and video.duration <= _LONGEST_LIVE:
            stems = (video.stem, video.name, _in_photos(video.stem, "_3"))
            stills = [each for each in _of(files, _STILL) if each.stem in stems]
            for still in stills[:1]:
                join(video, still, PairKind.LIVE)
    return _with_final_owners(found)


def _in_photos(stem: str, end: str) -> str:
    """The stem without ``end``, if Apple Photos added that to its identifier."""
    form = _IN_PHOTOS.fullmatch(stem)
    return form[1] if form and form[2] == end else stem


def _with_final_owners(found: Mapping[int, Pair]) -> list[Pair]:
    """Pairs by half. What a half owns itself belongs to the owner of that half."""
    owned: list[Pair] = []
    for half, pair in found.items():
        owner, seen = pair.owner, {half}
        while owner in found and owner not in seen:
            seen.add(owner)
            owner = found[owner].owner
        if owner != half:
            owned.append(Pair(half, owner, pair.kind))
    return owned


def _of(files: Sequence[ShotFile], formats: set[str] | frozenset[str]) -> list[ShotFile]:
    return [each for each in files if each.format in formats]
