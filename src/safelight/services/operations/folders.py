"""Folders of the library."""

from __future__ import annotations

import os
from dataclasses import replace

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import FolderError
from safelight.core.operations import AddFolder, Json, Note, RemoveFolder
from safelight.services.indexing import roots
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import folders
from safelight.store.library import Connection
from safelight.store.rows import display_text

_KINDS = ChangeKind.FOLDERS | ChangeKind.FAILURES


def _checked(operation: AddFolder) -> AddFolder:
    return replace(operation, path=os.fsdecode(roots.checked_root(operation.path)))


def _add(db: Connection, operation: AddFolder, now: float) -> Applied:
    root = os.fsencode(operation.path)
    absorbed = folders.inside(db, root)
    added = folders.add(db, root, roots.volume(root), now)
    shown = display_text(root)
    if not added.created:
        parent = display_text(os.fsencode(added.folder.path))
        code = "folder_known" if parent == shown else "folder_included"
        # It is scanned again anyway, which may be why the user added it.
        return Applied(LibraryChanged(_KINDS), notes=(Note(code, {"path": shown, "parent": parent}),))
    inner = [row[2] for row in absorbed]
    notes = (Note("folders_absorbed", {"path": shown, "folders": inner}),) if inner else ()
    undo = {"folder": added.folder.id, "absorbed": absorbed}
    return Applied(LibraryChanged(_KINDS), undo, {"path": shown}, notes)


def _undo_add(db: Connection, undo: Json, _: float) -> Reverted:
    if folders.get(db, undo["folder"]) is None:
        return Reverted()  # removed since, or absorbed by another
    orphans = folders.split(db, undo["folder"], undo["absorbed"])
    return Reverted(LibraryChanged(_KINDS, removed=tuple(orphans)), 1)


def _remove(db: Connection, operation: RemoveFolder, _: float) -> Applied:
    folder = folders.get(db, operation.folder_id)
    if folder is None:
        raise FolderError("This folder is no longer in the library.")
    orphans = folders.set_aside(db, folder.id)
    params = {"path": display_text(os.fsencode(folder.path)), "photos": folder.photos}
    return Applied(LibraryChanged(_KINDS, removed=tuple(orphans)), {"folder": folder.id}, params)


def _undo_remove(db: Connection, undo: Json, _: float) -> Reverted:
    back = folders.put_back(db, undo["folder"])
    if back is None:
        return Reverted()
    return Reverted(LibraryChanged(_KINDS, added=tuple(back)), 1)


HANDLERS = (
    Handler(AddFolder, _add, _undo_add, prepare=_checked),
    Handler(RemoveFolder, _remove, _undo_remove),
)
