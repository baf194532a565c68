"""What the command palette offers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from safelight.core.query import ValueCondition, condition_text
from safelight.ui import wording
from safelight.ui.organise.palette import Choice
from safelight.ui.pages.declarations import EXPLORE, MIGRATION, SETTINGS
from safelight.ui.translation import translate
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from safelight.core.photo import Folder
    from safelight.store.saved_searches import SavedSearch
    from safelight.ui.library.reads import Organisation


_KEYWORDS = {
    MIGRATION: translate(
        "Palette",
        "migrate migration Lightroom digiKam darktable Shotwell Picasa Apple Takeout immich PhotoPrism CSV",
    ),
    SETTINGS: translate("Palette", "preferences options"),
    EXPLORE: translate("Palette", "themes"),
    "export": translate("Palette", "export copy"),
    "trash": translate("Palette", "delete remove"),
    "rescan": translate("Palette", "refresh update"),
    "hide": translate("Palette", "hidden"),
    "tag": translate("Palette", "keyword"),
    "teach": translate("Palette", "concept"),
    "open_stack": translate("Palette", "expand collapse"),
}
"""Other words by which commands are found."""


def of_actions(actions: Mapping[str, QAction], icons: Mapping[str, str]) -> Iterator[Choice]:
    """The commands that are enabled now."""
    for name, action in actions.items():
        if action.isEnabled() and action.text():
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            text, _, view_key = action.text().partition("\t")
            yield Choice(
                text.removesuffix(" …"),
                translate("Palette", "Command"),
                action.trigger,
                icons.get(name, ""),
                keys or view_key,
                _KEYWORDS.get(name, ""),
            )


def of_places(
    organisation: Organisation,
    folders: Sequence[Folder],
    show: Callable[[ViewRequest], object],
) -> Iterator[Choice]:
    """Albums, tags and folders."""
    for album in organisation.albums:
        scope = ViewRequest(Place.ALBUM, album_id=album.album.id)
        yield Choice(album.path, translate("Palette", "Album"), partial(show, scope), "album")
    for tag in organisation.tags:
        yield Choice(tag, translate("Palette", "Tag"), partial(show, ViewRequest(Place.TAG, tag=tag)), "tag")
    for folder in folders:
        scope = ViewRequest(Place.FOLDER, folder.id)
        path = wording.display_path(folder.path)
        yield Choice(path, translate("Palette", "Folder"), partial(show, scope), "folder")


def of_concepts(names: Sequence[str], search: Callable[[str], object]) -> Iterator[Choice]:
    """Taught concepts, which are searched for."""
    for name in names:
        query = condition_text(ValueCondition("my", name))
        yield Choice(name, translate("Palette", "Concept"), partial(search, query), "concept")


def of_searches(
    searches: Sequence[SavedSearch], open_search: Callable[[SavedSearch], object]
) -> Iterator[Choice]:
    """Saved searches."""
    for search in searches:
        kind = translate("Palette", "Saved search")
        yield Choice(search.name, kind, partial(open_search, search), "bookmark")
