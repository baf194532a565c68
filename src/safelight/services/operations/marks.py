"""Sets favourites, ratings, labels, titles and captions, and hides and turns photos."""

from __future__ import annotations

from collections.abc import Iterable

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import UsageError
from safelight.core.operations import (
    Json,
    SetCaption,
    SetFavourite,
    SetHidden,
    SetLabel,
    SetRating,
    SetTitle,
    TurnPhotos,
)
from safelight.core.organising_rules import LABELS, MAX_TEXT_LENGTH, REJECTED
from safelight.core.plain_text import one_line, several_lines
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import marks
from safelight.store.library import Connection
from safelight.store.marks import UNSET, MarkColumn, MarkValue


def _set(db: Connection, photo_ids: tuple[int, ...], column: MarkColumn, value: MarkValue) -> Applied:
    """Set one mark of photos and remember what each had before."""
    before = marks.values(db, photo_ids, column)
    changed = marks.set_value(db, photo_ids, column, value)
    if not changed:
        return Applied()
    groups: dict[MarkValue, list[int]] = {}
    for photo_id in changed:
        groups.setdefault(before.get(photo_id, UNSET[column]), []).append(photo_id)
    undo = {"column": column, "after": value, "before": [[old, ids] for old, ids in groups.items()]}
    params = {"photos": len(changed), column: value}
    return Applied(_changed(column, changed, value), undo, params)


def _restore(db: Connection, undo: Json, _: float) -> Reverted:
    """Restore each photo's value, unless the mark was changed again since."""
    column: MarkColumn = undo["column"]
    photo_ids = [photo_id for _, ids in undo["before"] for photo_id in ids]
    now = marks.values(db, photo_ids, column)
    restored: list[int] = []
    for old, ids in undo["before"]:
        same = [photo_id for photo_id in ids if now.get(photo_id, UNSET[column]) == undo["after"]]
        restored += marks.set_value(db, same, column, old)
    if not restored:
        return Reverted()
    return Reverted(
        _changed(column, sorted(restored), 1 - undo["after"] if column == "hidden" else 0), len(restored)
    )


def _changed(column: MarkColumn, photo_ids: list[int], value: MarkValue) -> LibraryChanged:
    """The change of a mark. Hiding photos removes them from views, and showing them adds them again."""
    ids = tuple(photo_ids)
    if column != "hidden":
        return LibraryChanged(ChangeKind.MARKS, updated=ids)
    return LibraryChanged(
        ChangeKind.MARKS, updated=ids, added=() if value else ids, removed=ids if value else ()
    )


def _rate(db: Connection, operation: SetRating, _: float) -> Applied:
    if not REJECTED <= operation.rating <= 5:
        raise UsageError("A rating is 0 to 5 stars, not {rating}.", rating=operation.rating)
    return _set(db, operation.photo_ids, "rating", operation.rating)


def _label(db: Connection, operation: SetLabel, _: float) -> Applied:
    label = operation.label.lower()
    if label and label not in LABELS:
        raise UsageError(
            "A label is one of {labels}, not {label}.", labels=", ".join(LABELS), label=operation.label
        )
    return _set(db, operation.photo_ids, "label", label)


def _turn(db: Connection, operation: TurnPhotos, _: float) -> Applied:
    before = marks.turn(db, operation.photo_ids, operation.by % 4)
    if not before:
        return Applied()
    undo = {"by": operation.by % 4, "before": [[photo, turns] for photo, turns in before.items()]}
    return Applied(_turned(before), undo, {"photos": len(before)})


def _turn_back(db: Connection, undo: Json, _: float) -> Reverted:
    """Turn back the photos that were not turned again since."""
    before = dict(undo["before"])
    now = marks.values(db, before, "turns")
    same = [photo for photo, old in before.items() if now.get(photo, 0) == (old + undo["by"]) % 4]
    restored = marks.turn(db, same, 4 - undo["by"])
    return Reverted(_turned(restored), len(restored)) if restored else Reverted()


def _turned(photo_ids: Iterable[int]) -> LibraryChanged:
    """The change of turned photos, whose thumbnails change too."""
    return LibraryChanged(ChangeKind.MARKS | ChangeKind.PIXELS, updated=tuple(sorted(photo_ids)))


def _title(db: Connection, operation: SetTitle, _: float) -> Applied:
    return _set(db, operation.photo_ids, "title", _validated(one_line(operation.title)))


def _caption(db: Connection, operation: SetCaption, _: float) -> Applied:
    return _set(db, operation.photo_ids, "caption", _validated(several_lines(operation.caption)))


def _validated(text: str) -> str:
    if len(text) > MAX_TEXT_LENGTH:
        raise UsageError("A title or caption has at most {limit:,} characters.", limit=MAX_TEXT_LENGTH)
    return text


HANDLERS = (
    Handler(SetFavourite, lambda db, op, _: _set(db, op.photo_ids, "favourite", int(op.favourite)), _restore),
    Handler(SetRating, _rate, _restore),
    Handler(SetLabel, _label, _restore),
    Handler(SetHidden, lambda db, op, _: _set(db, op.photo_ids, "hidden", int(op.hidden)), _restore),
    Handler(TurnPhotos, _turn, _turn_back),
    Handler(SetTitle, _title, _restore),
    Handler(SetCaption, _caption, _restore),
)
