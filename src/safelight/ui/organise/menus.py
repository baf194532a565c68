"""The context menus of tags and albums in the sidebar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from safelight.core.operations import DeleteTag, MoveAlbum, SetAlbumCover
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.store.albums import AlbumSummary
    from safelight.ui.organise.controller import OrganiseController


def fill_tag_menu(menu: QMenu, tag: str, organise: OrganiseController) -> None:
    """Add the commands for a tag."""
    rename = menu.addAction(translate("Organise", "Rename, move or merge …"))
    rename.triggered.connect(lambda: organise.rename_tag(tag))
    delete = menu.addAction(translate("Organise", "Delete"))
    text = translate("Organise", "Deleted the tag “{tag}”").format(tag=tag)
    delete.triggered.connect(lambda: organise.run(DeleteTag(tag), text))


def fill_album_menu(
    menu: QMenu, summary: AlbumSummary, organise: OrganiseController, *, can_set_cover: bool
) -> None:
    """Add the commands for an album. ``can_set_cover``: one photo of the album is selected."""
    album = summary.album
    new = menu.addAction(translate("Organise", "New album inside …"))
    new.triggered.connect(lambda: organise.ask_for_new_album(album.id))
    rename = menu.addAction(translate("Organise", "Rename …"))
    rename.triggered.connect(lambda: organise.rename_album(album))
    if album.parent_id is not None:
        up = menu.addAction(translate("Organise", "Move to the top level"))
        up.triggered.connect(lambda: organise.run(MoveAlbum(album.id, None)))
    if can_set_cover:
        cover = menu.addAction(translate("Organise", "Use the selected photo as cover"))
        cover.triggered.connect(organise.set_album_cover)
    if album.cover_id is not None:
        first = menu.addAction(translate("Organise", "Use the first photo as cover"))
        first.triggered.connect(lambda: organise.run(SetAlbumCover(album.id, None)))
    menu.addSeparator()
    delete = menu.addAction(translate("Organise", "Delete"))
    delete.triggered.connect(lambda: organise.delete_album(album))
