"""The rows of the sidebar for folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from safelight.core.photo import Folder, FolderState, Subfolder
from safelight.ui import wording
from safelight.ui.library.places_model import Entry
from safelight.ui.translation import translate
from safelight.ui.view_request import Place, ViewRequest


def folder_entry(folder: Folder) -> Entry:
    """The row of a root. Its subfolders are read when it is opened."""
    name = wording.display_name(folder.path)
    path = wording.display_path(folder.path)
    offline = folder.state is FolderState.OFFLINE
    state = {
        FolderState.ONLINE: "",
        FolderState.OFFLINE: translate(
            "Sidebar", "Offline. Its photos stay in the library and can be opened once it is connected again"
        ),
        FolderState.PAUSED: translate("Sidebar", "Paused. Changes in it are not noticed"),
    }[folder.state]
    return Entry(
        name,
        "folder-offline" if offline else "folder",
        ViewRequest(Place.FOLDER, folder.id),
        count=folder.photos,
        tip=wording.tip(f"{path}\n{state}".rstrip()),
        accessible_text=(
            translate("Sidebar", "{name}, offline").format(name=name)
            if offline
            else f"{name}, {wording.count_of(folder.photos, 'item')}"
        ),
        muted=offline,
        children=None if folder.photos or folder.excluded else (),
    )


def subfolder_entries(folder_id: int, below: str, found: Sequence[Subfolder]) -> tuple[Entry, ...]:
    """The rows of the folders inside another."""
    return tuple(_subfolder_entry(folder_id, str(Path(below, each.name)), each) for each in found)


def _subfolder_entry(folder_id: int, path: str, folder: Subfolder) -> Entry:
    name = wording.display_name(folder.name)
    scope = ViewRequest(Place.FOLDER, folder_id, path)
    if folder.is_excluded:
        return Entry(
            name,
            "folder",
            scope,
            tip=translate("Sidebar", "Excluded from the library. Its menu includes it again."),
            accessible_text=translate("Sidebar", "{name}, excluded").format(name=name),
            muted=True,
        )
    return Entry(
        name,
        "folder",
        scope,
        count=folder.photos,
        accessible_text=f"{name}, {wording.count_of(folder.photos, 'item')}",
        children=None if folder.has_subfolders else (),
    )
