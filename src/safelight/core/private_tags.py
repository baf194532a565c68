"""Tags that say where a photo was taken or who is in it.

Programs that know places and people as such, among them Safelight's import from other programs, put their
names below a common first level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PLACES = frozenset(
    (
        "place",
        "places",
        "location",
        "locations",
        "ort",
        "orte",
        "lieux",
        "luoghi",
        "lugares",
        "locais",
        "plaatsen",
        "locaties",
        "platser",
        "steder",
        "miejsca",
        "места",
        "場所",
        "地点",
    )
)
PEOPLE = frozenset(
    (
        "people",
        "person",
        "persons",
        "faces",
        "personen",
        "leute",
        "personnes",
        "persone",
        "personas",
        "pessoas",
        "personer",
        "osoby",
        "ludzie",
        "lidé",
        "люди",
        "人物",
        "사람",
    )
)
"""First levels of tags, in lower case, that digiKam, Lightroom and Picasa use for places and people. They
translate them."""

PERSON_LEVEL = "People"
"""The first level of tags that Safelight makes of the names of people, as digiKam does."""


def is_below(tag: str, levels: frozenset[str]) -> bool:
    """Whether the first level of a tag is one of these."""
    return tag.partition("/")[0].strip().casefold() in levels


def person_tag(levels: Sequence[str]) -> str:
    """The tag of a person whose name is the last of ``levels``; empty if no level has text."""
    names = [name for level in levels if (name := level.replace("/", "-").replace("|", "-").strip(" -"))]
    if len(names) > 1 and names[0].casefold() in PEOPLE:
        del names[0]
    return "/".join((PERSON_LEVEL, *names)) if names else ""


def people_in(tags: Iterable[str]) -> frozenset[str]:
    """The people that tags name, for :func:`is_named`."""
    return frozenset(tag.rpartition("/")[2].casefold() for tag in tags if is_below(tag, PEOPLE))


def is_named(name: str, people: frozenset[str]) -> bool:
    """Whether a person is one of ``people``."""
    return person_tag((name,)).rpartition("/")[2].casefold() in people


def with_people(tags: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """``tags`` and a tag for each person that none of them names.

    A keyword that is just the name, as Lightroom writes it, becomes the tag of the person, so that it is as
    private as the others.
    """
    found = {tag.casefold(): tag for tag in tags}
    known = people_in(found)
    for name in names:
        tag = person_tag((name,))
        if not tag or is_named(name, known):
            continue
        key = tag.casefold()
        found.pop(name.strip().casefold(), None)
        found[key] = tag
    return tuple(found.values())
