"""Stacks and unstacks photos that the user chose."""

from __future__ import annotations

from collections.abc import Collection

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import Json, SetStackTop, StackPhotos, UnstackPhotos
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import stacks
from safelight.store.library import Connection
from safelight.store.rows import existing


def _stack(db: Connection, operation: StackPhotos, _: float) -> Applied:
    chosen = existing(db, dict.fromkeys(operation.photo_ids))
    photo_ids = list(dict.fromkeys([*chosen, *stacks.below(db, chosen)]))
    if len(photo_ids) < 2:
        raise UsageError("A stack needs at least two photos.")
    top = operation.top_id if operation.top_id is not None else chosen[0]
    if top not in photo_ids:
        raise UsageError("The top of a stack must be one of its photos.")
    return put(db, {photo: None if photo == top else top for photo in photo_ids}, top)


def _unstack(db: Connection, operation: UnstackPhotos, _: float) -> Applied:
    """Take photos out of their stacks. If a photo is the top of a stack, this ends the whole stack."""
    chosen = existing(db, operation.photo_ids)
    return put(db, dict.fromkeys([*chosen, *stacks.below(db, chosen)]), None)


def _set_top(db: Connection, operation: SetStackTop, _: float) -> Applied:
    photo = operation.photo_id
    old = stacks.tops_of(db, [photo]).get(photo)
    if old is None:
        if stacks.below(db, [photo]):
            return Applied()  # it is the top already
        raise SafelightError("This photo is in no stack.")
    wanted: dict[int, int | None] = dict.fromkeys([old, *stacks.below(db, [old])], photo)
    return put(db, {**wanted, photo: None}, photo)


def put(db: Connection, wanted: dict[int, int | None], top: int | None) -> Applied:
    """Put each photo below a top, or take it out of its stack if the top is None. ``top`` is a photo that
    changes too, because the number of photos below it changes."""
    known = stacks.tops_of(db, wanted)
    before = {photo: known.get(photo) for photo in wanted}
    if before == wanted:
        return Applied()
    stacks.put(db, wanted.items())
    rows = [[photo, before[photo], wanted[photo]] for photo in wanted]
    change = _changed(before, wanted, () if top is None else (top,))
    return Applied(change, {"rows": rows}, {"photos": len(rows)})


def undo(db: Connection, stored: Json, _: float = 0.0) -> Reverted:
    """Restore the stacks of the photos that were not stacked or unstacked again since."""
    now = stacks.tops_of(db, [photo for photo, _, _ in stored["rows"]])
    restored = {photo: old for photo, old, new in stored["rows"] if old != new and now.get(photo) == new}
    if not restored:
        return Reverted()
    before = {photo: now.get(photo) for photo in restored}
    stacks.put(db, restored.items())
    return Reverted(_changed(before, _tops(db, restored), ()), len(restored))


def _tops(db: Connection, photo_ids: Collection[int]) -> dict[int, int | None]:
    """The top of each photo; None for a photo that is below no other."""
    known = stacks.tops_of(db, photo_ids)
    return {photo: known.get(photo) for photo in photo_ids}


def _changed(
    before: dict[int, int | None], after: dict[int, int | None], tops: tuple[int, ...]
) -> LibraryChanged:
    """The change of stacks. Photos that are now below another one are removed from all views, and photos that
    are not any more are added."""
    removed = tuple(sorted(photo for photo, top in after.items() if top and not before[photo]))
    added = tuple(sorted(photo for photo, top in after.items() if not top and before[photo]))
    named = {top for each in (before, after) for top in each.values() if top} | {*tops, *after}
    return LibraryChanged(ChangeKind.FILES, added=added, updated=tuple(sorted(named)), removed=removed)


HANDLERS = (
    Handler(StackPhotos, _stack, undo),
    Handler(UnstackPhotos, _unstack, undo),
    Handler(SetStackTop, _set_top, undo),
)
