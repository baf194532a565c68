"""The badges of a photo, and its description in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.core.multi_frame import is_animation
from safelight.core.pairs import PairKind
from safelight.core.quantities import clock
from safelight.ui import wording
from safelight.ui.appearance.label_colours import LABEL_COLOURS
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.store.thumbnail_info import ThumbnailInfo

STACK_BADGE = "stack"
"""The icon of the badge that opens and closes a stack."""
_RAW = "RAW"
_DOCUMENTS = frozenset(("TIFF", "HEIC"))
"""Formats whose further frames are pages. Those of a JPEG may be a film or a preview."""
_PAIR_BADGES = {PairKind.RAW: "RAW+", PairKind.LIVE: "LIVE", PairKind.EDITED: "EDIT"}
"""Badges of photos that represent a pair."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge in the corner of a thumbnail: an icon, a few letters, both, or a coloured dot."""

    icon: str = ""
    text: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class StackPlace:
    """The place of a photo in a stack whose photos are all shown."""

    number: int
    """From 1, the top."""
    size: int


def badges_in_stack(badges: tuple[Badge, ...], place: StackPlace) -> tuple[Badge, ...]:
    """The badges of a photo of an open stack, which show its place instead of the size of the stack."""
    others = tuple(badge for badge in badges if badge.icon != STACK_BADGE)
    return (Badge(STACK_BADGE, f"{place.number}/{place.size}"), *others)


def badges_of(info: ThumbnailInfo) -> tuple[Badge, ...]:
    """The badges of a photo, right-most first."""
    badges = []
    if info.offline:
        badges.append(Badge("folder-offline"))
    if info.duration is not None:
        badges.append(Badge("play", clock(info.duration)))
    elif is_animation(info.format, info.frames):
        badges.append(Badge("play", info.format))
    elif info.format in _DOCUMENTS and _pages(info) > 1:
        badges.append(Badge("copy", str(_pages(info))))
    badges += [Badge(text=_PAIR_BADGES[kind]) for kind in _kinds(info)]
    if info.format == _RAW and PairKind.RAW not in info.halves:
        badges.append(Badge(text=_RAW))
    if info.stacked:
        badges.append(Badge(STACK_BADGE, str(info.stacked + 1)))
    if info.files > 1:
        badges.append(Badge("duplicates", str(info.files)))
    if info.label:
        badges.append(Badge(colour=LABEL_COLOURS[info.label]))
    if info.rating < 0:
        badges.append(Badge("close"))
    elif info.rating:
        badges.append(Badge("star", str(info.rating)))
    return tuple(badges)


def _kinds(info: ThumbnailInfo) -> tuple[PairKind, ...]:
    """The kinds of pair that it is. A motion photo is a pair in one file."""
    return tuple(dict.fromkeys((*info.halves, PairKind.LIVE))) if info.film else info.halves


def _pages(info: ThumbnailInfo) -> int:
    return info.frames - info.film


def title_of(info: ThumbnailInfo) -> str:
    """The name of a photo and what its badges say."""
    parts = [info.name]
    if info.duration is not None:
        parts.append(translate("Badges", "video, {length}").format(length=clock(info.duration)))
    elif is_animation(info.format, info.frames):
        parts.append(translate("Badges", "animation"))
    elif info.format in _DOCUMENTS and _pages(info) > 1:
        parts.append(translate("Badges", "{pages} pages").format(pages=_pages(info)))
    parts += [_PAIR_BADGES[kind] for kind in _kinds(info)]
    if info.format == _RAW and PairKind.RAW not in info.halves:
        parts.append(_RAW)
    if info.stacked:
        parts.append(translate("Badges", "stack of {photos:,}").format(photos=info.stacked + 1))
    if info.files > 1:
        parts.append(translate("Badges", "in {files:,} files").format(files=info.files))
    if info.label:
        parts.append(translate("Badges", "label {colour}").format(colour=info.label))
    if info.rating < 0:
        parts.append(translate("Badges", "rejected"))
    elif info.rating:
        parts.append(wording.count_of(info.rating, "star"))
    if info.offline:
        parts.append(translate("Badges", "offline"))
    return " · ".join(parts)
