"""Favourites, ratings and tags."""

from __future__ import annotations

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import UsageError
from safelight.core.operations import AddTag, Json, RemoveTag, SetFavourite, SetRating
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import marks
from safelight.store.library import Connection
from safelight.store.marks import MarkColumn


def _set(db: Connection, photo_ids: tuple[int, ...], column: MarkColumn, value: int) -> Applied:
    """Set one column of the marks of photos, remembering what each had before."""
    if column == "rating" and not 0 <= value <= 5:
        raise UsageError(f"A rating is 0 to 5 stars, not {value}.")
    before = marks.values(db, photo_ids, column)
    changed = marks.set_value(db, photo_ids, column, value)
    if not changed:
        return Applied()
    groups: dict[int, list[int]] = {}
    for photo_id in changed:
        groups.setdefault(before.get(photo_id, 0), []).append(photo_id)
    undo = {"column": column, "after": value, "before": [[old, ids] for old, ids in groups.items()]}
    params = {"photos": len(changed), column: value}
    return Applied(LibraryChanged(ChangeKind.MARKS, updated=tuple(changed)), undo, params)


def _restore(db: Connection, undo: Json, _: float) -> Reverted:
    """Give each photo back what it had, unless the mark was changed again since."""
    column: MarkColumn = undo["column"]
    restored: list[int] = []
    for old, photo_ids in undo["before"]:
        now = marks.values(db, photo_ids, column)
        same = [photo_id for photo_id in photo_ids if now.get(photo_id, 0) == undo["after"]]
        restored += marks.set_value(db, same, column, old)
    return _reverted(ChangeKind.MARKS, restored)


def _add_tag(db: Connection, operation: AddTag, _: float) -> Applied:
    tag = _cleaned(operation.tag)
    return _tagged(marks.add_tag(db, operation.photo_ids, tag), tag)


def _remove_tag(db: Connection, operation: RemoveTag, _: float) -> Applied:
    tag = _cleaned(operation.tag)
    return _tagged(marks.remove_tag(db, operation.photo_ids, tag), tag)


def _cleaned(tag: str) -> str:
    name = " ".join(tag.split())
    if not name:
        raise UsageError("A tag needs a name.")
    return name


def _tagged(changed: list[int], tag: str) -> Applied:
    if not changed:
        return Applied()
    params = {"photos": len(changed), "tag": tag}
    change = LibraryChanged(ChangeKind.TAGS, updated=tuple(changed))
    return Applied(change, {"tag": tag, "photos": changed}, params)


def _undo_add_tag(db: Connection, undo: Json, _: float) -> Reverted:
    return _reverted(ChangeKind.TAGS, marks.remove_tag(db, undo["photos"], undo["tag"]))


def _undo_remove_tag(db: Connection, undo: Json, _: float) -> Reverted:
    return _reverted(ChangeKind.TAGS, marks.add_tag(db, undo["photos"], undo["tag"]))


def _reverted(kind: ChangeKind, photo_ids: list[int]) -> Reverted:
    if not photo_ids:
        return Reverted()
    return Reverted(LibraryChanged(kind, updated=tuple(sorted(photo_ids))), len(photo_ids))


HANDLERS = (
    Handler(SetFavourite, lambda db, op, _: _set(db, op.photo_ids, "favourite", op.favourite), _restore),
    Handler(SetRating, lambda db, op, _: _set(db, op.photo_ids, "rating", op.rating), _restore),
    Handler(AddTag, _add_tag, _undo_add_tag),
    Handler(RemoveTag, _remove_tag, _undo_remove_tag),
)
