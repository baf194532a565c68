"""What describes a photo and is shared with other programs, and how two changed versions are merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from safelight.core.photo import ImageMetadata
from safelight.core.private_tags import is_named, people_in, with_people

SingleField = Literal["rating", "label", "title", "caption"]
SINGLE_FIELDS: tuple[SingleField, ...] = ("rating", "label", "title", "caption")

_NAMES_OF_LABELS = {
    "red": "red, rot, rouge, rosso, rojo, vermelho, rood, "
    "röd, rød, czerwony, красный, レッド, 빨강, 红色, 紅色",
    "yellow": "yellow, gelb, jaune, giallo, amarillo, amarelo, geel, "
    "gul, żółty, жёлтый, желтый, イエロー, 노랑, 黄色, 黃色",
    "green": "green, grün, vert, verde, groen, grön, grøn, "
    "grønn, zielony, зелёный, зеленый, グリーン, 녹색, 绿色, 綠色",
    "blue": "blue, blau, bleu, blu, azul, blauw, blå, niebieski, синий, ブルー, 파랑, 蓝色, 藍色",
    "purple": "purple, magenta, lila, violett, violet, viola, púrpura, "
    "morado, roxo, paars, purpurowy, фиолетовый, パープル, 자주, 紫色",
}
"""The names that Lightroom and Bridge give the colours in several languages. They store the text."""

_LABELS = {name: label for label, names in _NAMES_OF_LABELS.items() for name in names.split(", ")} | {
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
        singles = all(getattr(self, name) == getattr(other, name) for name in SINGLE_FIELDS)
        return singles and tags_by_folded_name(self.tags).keys() == tags_by_folded_name(other.tags).keys()


EMPTY_DESCRIPTION = Description()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that was changed on both sides."""

    field: SingleField
    kept: int | str
    lost: int | str


def people_of(metadata: ImageMetadata) -> tuple[str, ...]:
    """The names of the people in a picture, as regions of faces and lists of people state them."""
    return (*(each.name for each in metadata.regions if each.is_person), *metadata.people)


def description_of(metadata: ImageMetadata) -> Description:
    """The description in the metadata of a file.

    People are tags below “People”. A label that is none of the known colours is left out.
    """
    return Description(
        metadata.rating or 0,
        label_colour(metadata.label),
        metadata.title or "",
        metadata.caption or "",
        with_people(metadata.tags, people_of(metadata)),
    )


def with_description(metadata: ImageMetadata, said: Description) -> ImageMetadata:
    """Metadata with another description in place of theirs; the reverse of :func:`description_of`.

    Faces and people whose tags the description does not have are left out.
    """
    named = people_in(said.tags)
    return replace(
        metadata,
        rating=said.rating or None,
        label=said.label or None,
        title=said.title or None,
        caption=said.caption or None,
        tags=said.tags,
        regions=tuple(each for each in metadata.regions if not each.is_person or is_named(each.name, named)),
        people=tuple(name for name in metadata.people if is_named(name, named)),
    )


def label_colour(label: str | None) -> str:
    """The colour of another program's label; empty for other labels."""
    return _LABELS.get((label or "").casefold(), "")


def tags_by_folded_name(tags: Iterable[str]) -> dict[str, str]:
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
    for name in SINGLE_FIELDS:
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
    old, here_tags, there_tags = (
        tags_by_folded_name(base.tags),
        tags_by_folded_name(mine.tags),
        tags_by_folded_name(theirs.tags),
    )
    kept = {key: tag for key, tag in here_tags.items() if key in there_tags or key not in old}
    kept |= {key: tag for key, tag in there_tags.items() if key not in here_tags and key not in old}
    return Description(**values, tags=tuple(kept.values())), conflicts  # type: ignore[arg-type]
