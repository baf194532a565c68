"""What describes a photo and is shared with other programs, and how two changed versions are merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from safelight.core.photo import ImageMetadata

Single = Literal["rating", "label", "title", "caption"]
SINGLES: tuple[Single, ...] = ("rating", "label", "title", "caption")

_LABELS = {
    "red": "red",
    "yellow": "yellow",
    "green": "green",
    "blue": "blue",
    "purple": "purple",
    "magenta": "purple",
    "violet": "purple",
    # The names of Bridge's default set of labels, in the same order of colours.
    "select": "red",
    "second": "yellow",
    "approved": "green",
    "review": "blue",
    "to do": "purple",
}


@dataclass(frozen=True, slots=True)
class Description:
    """Values as the library stores them; 0 and empty text mean that nothing is set."""

    rating: int = 0
    label: str = ""
    title: str = ""
    caption: str = ""
    tags: tuple[str, ...] = ()

    def is_same(self, other: Description) -> bool:
        """Whether both are equal. Tags are compared without regard to case and order."""
        singles = all(getattr(self, name) == getattr(other, name) for name in SINGLES)
        return singles and folded(self.tags).keys() == folded(other.tags).keys()


NOTHING = Description()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that was changed on both sides."""

    field: Single
    kept: int | str
    lost: int | str


def described(metadata: ImageMetadata) -> Description:
    """The description in the metadata of a file. A label that is none of the known colours is left out."""
    return Description(
        metadata.rating or 0,
        colour(metadata.label),
        metadata.title or "",
        metadata.caption or "",
        metadata.tags,
    )


def with_description(metadata: ImageMetadata, said: Description) -> ImageMetadata:
    """Metadata with another description in place of theirs; the reverse of :func:`described`."""
    return replace(
        metadata,
        rating=said.rating or None,
        label=said.label or None,
        title=said.title or None,
        caption=said.caption or None,
        tags=said.tags,
    )


def colour(label: str | None) -> str:
    """The colour of another program's label; empty for other labels."""
    return _LABELS.get((label or "").casefold(), "")


def folded(tags: Iterable[str]) -> dict[str, str]:
    """Tags by their case-folded names."""
    return {tag.casefold(): tag for tag in tags}


def merge(
    base: Description, mine: Description, theirs: Description, *, theirs_is_newer: bool = False
) -> tuple[Description, list[Conflict]]:
    """Merge what changed in the library (``mine``) and in files (``theirs``) since both were ``base``.

    Of a single value that changed on both sides, the newer one is kept, and a value that is set comes before
    none. Tags have no conflicts: those added on either side are kept, and those removed on one are removed.
    """
    conflicts: list[Conflict] = []
    values: dict[str, int | str] = {}
    for name in SINGLES:
        before, here, there = (getattr(each, name) for each in (base, mine, theirs))
        if here == there or there == before:
            values[name] = here
        elif here == before:
            values[name] = there
        else:
            taken = there if not here or (theirs_is_newer and there) else here
            values[name] = taken
            lost = here if taken == there else there
            if lost:
                conflicts.append(Conflict(name, taken, lost))
    old, here_tags, there_tags = folded(base.tags), folded(mine.tags), folded(theirs.tags)
    kept = {key: tag for key, tag in here_tags.items() if key in there_tags or key not in old}
    kept |= {key: tag for key, tag in there_tags.items() if key not in here_tags and key not in old}
    return Description(**values, tags=tuple(kept.values())), conflicts  # type: ignore[arg-type]
