"""Adds, removes, excludes and includes folders of the library."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import FolderError
from safelight.core.operations import AddFolder, ExcludeFolder, IncludeFolder, Json, Note, RemoveFolder
from safelight.services.indexing import roots
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import exclusions, folders, pairs
from safelight.store.library import Connection
from safelight.store.rows import below, display_text

_KINDS = ChangeKind.FOLDERS | ChangeKind.FAILURES

_PAIRS_PER_STEP = 500
_MAX_PAIR_STEPS = 8
"""Photos per step whose pairs are found, and the number of steps in one operation. 4,000 photos took one
second on a busy machine."""

_Named = TypeVar("_Named", ExcludeFolder, IncludeFolder)


def _validated(operation: AddFolder) -> AddFolder:
    return replace(operation, path=os.fsdecode(roots.checked_root(operation.path)))


def _add(db: Connection, operation: AddFolder, now: float) -> Applied:
    root = os.fsencode(operation.path)
    excluded = exclusions.covering(db, root)
    if excluded is not None and _is_in_library(db, root):
        if excluded != root:
            raise FolderError(
                "{path} is in {excluded}, which is excluded from the library; include that folder again.",
                path=display_text(root),
                excluded=display_text(excluded),
            )
        included = _include(db, IncludeFolder(operation.path), now)
        return replace(included, undo={"included": root.hex()})
    absorbed = folders.inside(db, root)
    added = folders.add(db, root, roots.volume(root), now)
    shown = display_text(root)
    if not added.created:
        parent = display_text(os.fsencode(added.folder.path))
        code = "folder_known" if parent == shown else "folder_included"
        # Reported as a change, so that the folder is scanned again: that may be why the user added it.
        return Applied(LibraryChanged(_KINDS), notes=(Note(code, {"path": shown, "parent": parent}),))
    inner = [row[2] for row in absorbed]
    notes = (Note("folders_absorbed", {"path": shown, "folders": inner}),) if inner else ()
    # Exclusions that remain from a folder that is no longer in the library do not apply to this one.
    left_out = [path for path in exclusions.all_paths(db) if below(root, path) is not None]
    for path in left_out:
        exclusions.include(db, path)
    undo = {
        "folder": added.folder.id,
        "absorbed": absorbed,
        "left_out": [path.hex() for path in left_out],
    }
    return Applied(LibraryChanged(_KINDS), undo, {"path": shown}, notes)


def _undo_add(db: Connection, undo: Json, now: float) -> Reverted:
    if "included" in undo:
        return _undo_include(db, {"path": undo["included"]}, now)
    if folders.get(db, undo["folder"]) is None:
        return Reverted()  # removed since, or absorbed by another
    orphans = folders.undo_add(db, undo["folder"], undo["absorbed"])
    for path in undo.get("left_out", ()):
        exclusions.exclude(db, bytes.fromhex(path), now)
    return Reverted(LibraryChanged(_KINDS, removed=tuple(orphans)), 1)


def _remove(db: Connection, operation: RemoveFolder, _: float) -> Applied:
    folder = folders.get(db, operation.folder_id)
    if folder is None:
        raise FolderError("This folder is no longer in the library.")
    orphans = folders.remove_undoably(db, folder.id)
    params = {"path": display_text(os.fsencode(folder.path)), "photos": folder.photos}
    return Applied(LibraryChanged(_KINDS, removed=tuple(orphans)), {"folder": folder.id}, params)


def _undo_remove(db: Connection, undo: Json, _: float) -> Reverted:
    back = folders.restore_removed(db, undo["folder"])
    if back is None:
        return Reverted()
    return Reverted(_change_of_restored(db, _KINDS, back), 1)


def _change_of_restored(db: Connection, kinds: ChangeKind, back: Collection[int]) -> LibraryChanged:
    """The change for photos that are visible again.

    Their pairs are found in the same transaction. Otherwise both halves would be visible until the next index
    run, which finds the remaining pairs if there are many.
    """
    changed: set[int] = set()
    for _ in range(_MAX_PAIR_STEPS):
        if not pairs.waiting(db):
            break
        changed.update(pairs.update(db, _PAIRS_PER_STEP))
    updated = tuple(sorted(changed.difference(back)))
    return LibraryChanged(kinds | ChangeKind.FILES, added=tuple(back), updated=updated)


def _resolved(operation: _Named) -> _Named:
    """The operation with the real path of its folder, which may be on a drive that is not connected."""
    if not operation.path.strip():
        raise FolderError("The name of a folder is empty; name the folder.")
    path = os.path.realpath(os.path.expanduser(operation.path))
    if os.path.exists(path) and not os.path.isdir(path):
        raise FolderError(
            "{path} is a file, not a folder. Name the folder that holds it.", path=operation.path
        )
    return replace(operation, path=path)


def _is_in_library(db: Connection, path: bytes) -> bool:
    try:
        folders.covering(db, path)
    except FolderError:
        return False
    return True


def _exclude(db: Connection, operation: ExcludeFolder, now: float) -> Applied:
    path = os.fsencode(operation.path)
    shown = display_text(path)
    root = folders.get(db, folders.covering(db, path))
    assert root is not None
    if os.fsencode(root.path) == path:
        raise FolderError(
            "{path} was added to the library itself; remove it instead of excluding it.", path=shown
        )
    excluded = exclusions.covering(db, path)
    if excluded is not None:
        return Applied(notes=(Note("folder_excluded_already", {"path": display_text(excluded)}),))
    if not os.path.isdir(path) and not exclusions.has_files(db, path):
        raise FolderError("There is no folder {path}. Check the name.", path=shown)
    orphans = exclusions.exclude(db, path, now)
    note = Note("folder_excluded", {"path": shown, "photos": len(orphans)})
    change = LibraryChanged(_KINDS | ChangeKind.FILES, removed=tuple(orphans))
    return Applied(change, {"path": path.hex()}, {"path": shown}, (note,))


def _undo_exclude(db: Connection, undo: Json, _: float) -> Reverted:
    path = bytes.fromhex(undo["path"])
    if path not in exclusions.all_paths(db):
        return Reverted()  # included again since
    return Reverted(_change_of_restored(db, _KINDS, exclusions.include(db, path)), 1)


def _include(db: Connection, operation: IncludeFolder, _: float) -> Applied:
    path = os.fsencode(operation.path)
    shown = display_text(path)
    if path not in exclusions.all_paths(db):
        around = exclusions.covering(db, path)
        if around is not None:
            raise FolderError(
                "{path} is in {excluded}, which is excluded; include that folder.",
                path=shown,
                excluded=display_text(around),
            )
        return Applied(notes=(Note("folder_not_excluded", {"path": shown}),))
    back = exclusions.include(db, path)
    note = Note("folder_included_again", {"path": shown, "photos": len(back)})
    change = _change_of_restored(db, _KINDS, back)
    return Applied(change, {"path": path.hex()}, {"path": shown}, (note,))


def _undo_include(db: Connection, undo: Json, now: float) -> Reverted:
    path = bytes.fromhex(undo["path"])
    if exclusions.covering(db, path) is not None:
        return Reverted()  # excluded again since
    orphans = exclusions.exclude(db, path, now)
    return Reverted(LibraryChanged(_KINDS | ChangeKind.FILES, removed=tuple(orphans)), 1)


HANDLERS = (
    Handler(AddFolder, _add, _undo_add, prepare=_validated),
    Handler(RemoveFolder, _remove, _undo_remove),
    Handler(ExcludeFolder, _exclude, _undo_exclude, prepare=_resolved),
    Handler(IncludeFolder, _include, _undo_include, prepare=_resolved),
)
