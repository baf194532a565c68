"""Copying photos to a folder: what is asked for, and what was done."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from safelight.core.description import Description
from safelight.core.message import Message
from safelight.core.name_template import DEFAULT
from safelight.core.photo import ImageMetadata, Photo
from safelight.core.private_tags import PEOPLE, PLACES, is_below


class ExportFormat(StrEnum):
    """The format of the copies."""

    ORIGINAL = "original"
    """That of each file."""
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"

    @property
    def extension(self) -> str:
        """The extension with its dot; empty to keep that of each file."""
        return {"original": "", "jpeg": ".jpg"}.get(self.value, f".{self.value}")


_TURNED_AGAIN = {"PNG": ExportFormat.PNG, "WEBP": ExportFormat.WEBP}
"""Formats in which a picture that was turned is written again."""
_TURNED_IN_PLACE = frozenset(("JPEG", "TIFF", "HEIC", "AVIF"))
"""Formats that state an orientation, which is changed in the copy."""


class PrivateInfo(StrEnum):
    """Metadata that copies can leave out to protect privacy."""

    PLACE = "place"
    """Coordinates, tags below “Places”, and texts that name one of them."""
    NAMES = "names"
    """Who is in the picture: regions of faces, tags below “People”, and texts that name one of them."""
    TEXTS = "texts"
    """Title, caption, tags, rating and label."""
    CAMERA = "camera"
    """Camera, lens and exposure."""
    AUTHOR = "author"
    """Creator and copyright."""
    DATE = "date"


SAFE_TO_SHARE = frozenset({PrivateInfo.PLACE, PrivateInfo.NAMES})

SMALLEST_SIZE, LARGEST_SIZE = 16, 65_000
"""Pixels of the long side of a copy."""

QUALITY = 92
"""The quality of JPEG and WebP, 1 to 100."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Copy photos to a folder."""

    photo_ids: tuple[int, ...]
    folder: str
    """Absolute. It is created if it is missing."""
    template: str = DEFAULT
    """See :mod:`safelight.core.name_template`."""
    format: ExportFormat = ExportFormat.ORIGINAL
    size: int | None = None
    """Pixels of the long side; smaller pictures are not enlarged. None for the full size."""
    withheld: frozenset[PrivateInfo] = frozenset()
    sidecars: bool = True
    """Copies in the original format get an XMP sidecar if the photo has one, or if the library says more than
    the file does. Converted copies contain all of it themselves."""
    turned: bool = True
    """Copies of photos that the user turned are turned too."""

    def turns_of(self, photo: Photo) -> int:
        """The clockwise quarters by which the copy of a photo is to be turned. A video is never turned."""
        return photo.turns if self.turned and photo.duration is None else 0

    def format_for(self, photo: Photo) -> ExportFormat:
        """How a photo is written; ORIGINAL for a copy of its bytes, apart from the orientation that
        the file states.

        PNG and WebP have no orientation that all programs follow, so that a picture that is turned is written
        again in its own format. Animations and other formats stay as they are.
        """
        written = self.format_of(photo.format)
        if written is ExportFormat.ORIGINAL and self.turns_of(photo) and photo.frames <= 1:
            return _TURNED_AGAIN.get(photo.format, written)
        return written

    def is_left_unturned(self, photo: Photo) -> bool:
        """Whether the user turned a photo, and the copy does not show it, because its format cannot."""
        as_it_is = self.format_for(photo) is ExportFormat.ORIGINAL
        return (
            bool(self.turned and photo.turns)
            and as_it_is
            and (photo.duration is not None or photo.format not in _TURNED_IN_PLACE)
        )

    def format_of(self, original: str) -> ExportFormat:
        """How a photo of a format (:attr:`safelight.core.photo.Photo.format`) that is not turned is written;
        ORIGINAL for a copy of its bytes.

        A format that cannot be written without what is withheld, or at another size, becomes JPEG.
        """
        if self.format is not ExportFormat.ORIGINAL:
            return self.format
        if not self.size and not self.withheld:
            return ExportFormat.ORIGINAL
        try:
            return ExportFormat(original.lower())
        except ValueError:
            return ExportFormat.JPEG


@dataclass(frozen=True, slots=True)
class CopySpec:
    """How a copy is to be made."""

    format: ExportFormat
    """ORIGINAL for a file in which only the stated orientation changes."""
    size: int | None
    withheld: frozenset[PrivateInfo]
    description: Description
    """What the library says, which counts instead of what the file says."""
    turns: int = 0
    """The clockwise quarters by which the copy is turned."""


@dataclass(frozen=True, slots=True)
class ExportProgress:
    done: int
    """Photos."""
    total: int
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export did."""

    folder: str
    total: int
    """Photos that were to be copied."""
    copied: int = 0
    """Photos."""
    sidecars: int = 0
    converted: int = 0
    """Photos that were written as JPEG although their own format was asked for."""
    unturned: int = 0
    """Photos that the user turned, and whose copies are not turned, since their format cannot store it."""
    bytes: int = 0
    files: tuple[tuple[str, str], ...] = ()
    """(original, copy), both absolute."""
    failed: tuple[tuple[str, Message], ...] = ()
    """(file or photo, why it was not copied)."""
    stopped: Message | None = None
    """Why the export ended early, such as a full disk; None if it did not."""
    cancelled: bool = False
    inside: str = ""
    """The folder of the library that the copies are in, so that they become photos of the library."""


@dataclass(slots=True)
class PrivacySummary:
    """How many photos give away what is private, as far as the library knows."""

    photos: int = 0
    counts: dict[PrivateInfo, int] = field(default_factory=dict)
    turned: int = 0
    """How many of the photos the user turned."""

    def add(self, metadata: ImageMetadata, *, turned: bool = False) -> None:
        """Count a photo."""
        self.photos += 1
        self.turned += turned
        for each in private_info_in(metadata):
            self.counts[each] = self.counts.get(each, 0) + 1


def private_info_in(metadata: ImageMetadata) -> frozenset[PrivateInfo]:
    """What the metadata of a photo give away."""
    people = any(map(_is_person, metadata.tags)) or any(each.name for each in metadata.regions)
    people = people or bool(metadata.people)
    camera = (metadata.camera, metadata.lens, metadata.iso, metadata.aperture, metadata.exposure)
    texts = (metadata.title, metadata.caption, metadata.tags, metadata.rating, metadata.label)
    found = {
        PrivateInfo.PLACE: metadata.latitude is not None or any(map(_is_place, metadata.tags)),
        PrivateInfo.NAMES: people,
        PrivateInfo.TEXTS: any(texts),
        PrivateInfo.CAMERA: any((*camera, metadata.focal_length)),
        PrivateInfo.AUTHOR: bool(metadata.creator or metadata.copyright),
        PrivateInfo.DATE: metadata.taken_at is not None,
    }
    return frozenset(each for each, known in found.items() if known)


def without_private_info(metadata: ImageMetadata, withheld: Iterable[PrivateInfo]) -> ImageMetadata:
    """Metadata without what is private."""
    left_out = frozenset(withheld)
    if PrivateInfo.NAMES in left_out:
        names = [*(region.name for region in metadata.regions), *metadata.people]
        names += [tag.rpartition("/")[2] for tag in metadata.tags if _is_person(tag) and "/" in tag]
        names += [word for name in names for word in _words_of(name)]
        metadata = replace(_without_words(metadata, names, _is_person), regions=(), people=())
    if PrivateInfo.PLACE in left_out:
        names = [level for tag in metadata.tags if _is_place(tag) for level in tag.split("/")[1:]]
        metadata = replace(_without_words(metadata, names, _is_place), latitude=None, longitude=None)
    if PrivateInfo.TEXTS in left_out:
        metadata = replace(metadata, title=None, caption=None, tags=(), rating=None, label=None)
    if PrivateInfo.CAMERA in left_out:
        metadata = replace(
            metadata, camera=None, lens=None, iso=None, aperture=None, exposure=None, focal_length=None
        )
    if PrivateInfo.AUTHOR in left_out:
        metadata = replace(metadata, creator=None, copyright=None)
    if PrivateInfo.DATE in left_out:
        metadata = replace(metadata, taken_at=None, subsecond=None, utc_offset=None, date_source=None)
    return metadata


def _without_words(
    metadata: ImageMetadata, names: Iterable[str], belongs: Callable[[str], bool]
) -> ImageMetadata:
    """Remove the tags that ``belongs`` is true for, and texts and tags that contain one of the names."""
    pattern = re.compile("|".join({_pattern_of(_comparable(name)) for name in names if name}) or r"(?!)")

    def allowed(text: str | None) -> bool:
        return pattern.search(_comparable(text or "")) is None

    return replace(
        metadata,
        tags=tuple(tag for tag in metadata.tags if not belongs(tag) and allowed(tag)),
        title=metadata.title if allowed(metadata.title) else None,
        caption=metadata.caption if allowed(metadata.caption) else None,
    )


def _words_of(name: str) -> list[str]:
    """The capitalised words of a person's name, such as the first name, by which texts call people."""
    return [word for word in name.split() if len(word) > 2 and word[0].isalpha() and not word[0].islower()]


def _pattern_of(word: str) -> str:
    """Matches a word also in the genitive and beside digits and underscores. Scripts without capital letters
    may not divide words."""
    if word.upper() == word:
        return re.escape(word)
    return rf"(?<![^\W\d_]){re.escape(word)}(?:['\u2019]?s)?(?![^\W\d_])"


def _comparable(text: str) -> str:
    """A text without differences of case, and of how accents are encoded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _is_person(tag: str) -> bool:
    return is_below(tag, PEOPLE)


def _is_place(tag: str) -> bool:
    return is_below(tag, PLACES)
