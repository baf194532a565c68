"""The rows of tags and albums in the sidebar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from safelight.core.query import ValueCondition, condition_text
from safelight.ui import wording
from safelight.ui.library.places_model import Entry
from safelight.ui.translation import translate
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from safelight.store.albums import AlbumSummary


def tag_entries(tags: Sequence[str], counts: Mapping[str, int]) -> list[Entry]:
    """A tree of tags. Levels without a tag of their own (``animals`` of ``animals/dog``) have a row too.

    ``counts``: numbers of photos by names in lower case.
    """
    names: dict[str, str] = {}
    below: dict[str, dict[str, None]] = {}
    for name in tags:
        levels = name.split("/")
        for end in range(1, len(levels) + 1):
            path = "/".join(levels[:end])
            names.setdefault(path.lower(), path)
            below.setdefault("/".join(levels[: end - 1]).lower(), {})[path.lower()] = None

    def entry(key: str) -> Entry:
        name = names[key]
        return Entry(
            name.rpartition("/")[2],
            "tag",
            ViewRequest(Place.TAG, tag=name),
            count=counts.get(key),
            tip=wording.tip(name),
            accessible_text=translate("Sidebar", "{name}, tag").format(name=name),
            children=tuple(entry(child) for child in sorted(below.get(key, ()))),
        )

    return [entry(key) for key in sorted(below.get("", ()))]


def concept_entries(names: Sequence[str]) -> list[Entry]:
    """Taught concepts. Choosing one searches for it."""
    return [
        Entry(
            name,
            "concept",
            query=condition_text(ValueCondition("my", name)),
            tip=wording.tip(name),
            accessible_text=translate("Sidebar", "{name}, concept").format(name=name),
        )
        for name in names
    ]


def album_entries(albums: Sequence[AlbumSummary]) -> list[Entry]:
    """A tree of albums."""
    known = {each.album.id for each in albums}
    inside: dict[int | None, list[AlbumSummary]] = {}
    for each in albums:
        parent = each.album.parent_id if each.album.parent_id in known else None
        inside.setdefault(parent, []).append(each)

    def entry(each: AlbumSummary) -> Entry:
        return Entry(
            each.album.name,
            "album",
            ViewRequest(Place.ALBUM, album_id=each.album.id),
            count=each.photos,
            cover=each.cover,
            path=each.path,
            tip=wording.tip(each.path),
            accessible_text=translate("Sidebar", "{name}, album").format(name=each.path),
            children=tuple(entry(child) for child in inside.get(each.album.id, ())),
        )

    return [entry(each) for each in inside.get(None, ())]
