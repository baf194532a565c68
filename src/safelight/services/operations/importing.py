"""Imports what another program has recorded about photos, as one step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import UsageError
from safelight.core.migration import MARKS
from safelight.core.operations import ImportFromProgram, Json
from safelight.core.organising_rules import LABELS, MAX_TEXT_LENGTH, REJECTED, clean_album_name, clean_tag
from safelight.core.photo import FaceRegion
from safelight.services.operations import stacks
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import albums, given, imported_faces, marks, tags
from safelight.store.given import Change, Override, ShownValues
from safelight.store.library import Connection
from safelight.store.marks import UNSET, MarkColumn, MarkValue
from safelight.store.recovery import foreign_tables


class _ChangeCollector:
    """Collects the photos that an import changes, by kind of change."""

    def __init__(self) -> None:
        self.photos: set[int] = set()
        self.kinds = ChangeKind.NONE
        self.hidden: set[int] = set()
        self.shown: set[int] = set()

    def add(self, kind: ChangeKind, photo_ids: Sequence[int] | set[int]) -> None:
        self.photos.update(photo_ids)
        self.kinds |= kind

    def add_marks(self, column: MarkColumn, after: dict[int, MarkValue]) -> None:
        if after:
            self.add(ChangeKind.MARKS, set(after))
        if column == "hidden":
            self.hidden.update(photo for photo, hidden in after.items() if hidden)
            self.shown.update(photo for photo, hidden in after.items() if not hidden)

    def add_stacked(self, changed: LibraryChanged | None) -> None:
        """Add photos that were put into a stack or taken out of one."""
        if changed is not None:
            self.add(changed.kinds, set(changed.updated))
            self.hidden.update(changed.removed)
            self.shown.update(changed.added)

    def collected(self) -> LibraryChanged:
        return LibraryChanged(
            self.kinds,
            added=tuple(sorted(self.shown)),
            updated=tuple(sorted(self.photos)),
            removed=tuple(sorted(self.hidden)),
        )


def _apply(db: Connection, operation: ImportFromProgram, now: float) -> Applied:
    change = _ChangeCollector()
    values: list[Json] = []
    for column, pairs in operation.values:
        wanted = {photo: _validated(column, value) for photo, value in pairs}
        before = marks.set_each(db, column, wanted)
        values += [[column, photo, old, wanted[photo]] for photo, old in before.items()]
        change.add_marks(column, {photo: wanted[photo] for photo in before})
    tagged: list[Json] = []
    wanted_tags: dict[str, list[int]] = {}
    for tag, ids in operation.tags:
        wanted_tags.setdefault(clean_tag(tag), []).extend(ids)
    for tag, (photo_ids, is_new) in marks.add_tags(db, wanted_tags).items():
        if photo_ids:
            tagged.append([tag, photo_ids, is_new])
            change.add(ChangeKind.TAGS, photo_ids)
        elif is_new:
            tags.discard_unused(db, tag)  # the photos are gone
    filled: list[Json] = []
    for album in operation.albums:
        names = [clean_album_name(name) for name in album.path]
        album_id, created = albums.ensure_path(db, names, now)
        if album_id is None:
            raise UsageError("An album needs a name.")
        added = albums.add_photos(db, album_id, album.photo_ids)
        cover = _cover(db, album_id, album.cover)
        filled.append([album_id, added, created, cover])
        change.add(ChangeKind.ALBUMS, added)
    stacked: list[Json] = []
    for top, *below in operation.stacks:
        put = stacks.put(db, dict.fromkeys(below, top), top)
        if put.undo is not None:
            stacked.append(put.undo)
            change.add_stacked(put.change)
    changes = given.put(db, _dates_and_places(operation))
    if changes:
        change.add(ChangeKind.FILES, {each.photo_id for each in changes})
    found = {photo: imported_faces.read(_checked_faces(faces)) for photo, faces in operation.faces}
    faced = imported_faces.put(db, operation.program, found)
    if faced:
        change.add(ChangeKind.FILES, {each.photo_id for each in faced})
    if change.kinds is ChangeKind.NONE:
        return Applied()
    params = {"photos": len(change.photos), "program": operation.program}
    undo: Json = {"values": values, "tags": tagged, "albums": filled, "given": changes, "stacks": stacked}
    undo |= {"program": operation.program, "faces": faced}
    return Applied(change.collected(), undo, params)


def _cover(db: Connection, album_id: int, photo: int | None) -> int | None:
    """Set the cover of an album, unless it has one. Returns the cover if it was set."""
    album = albums.get(db, album_id)
    if album is None or photo is None or album.cover_id is not None:
        return None
    if photo not in albums.photo_ids(db, album_id):
        return None
    albums.update(db, replace(album, cover_id=photo))
    return photo


def _dates_and_places(operation: ImportFromProgram) -> dict[int, Override]:
    """The dates and places of an import, by photo. Raises UsageError for invalid values."""
    wanted = {photo: Override(date) for photo, date in operation.dates}
    for photo, latitude, longitude in operation.places:
        wanted[photo] = Override(wanted.get(photo, Override()).date, latitude, longitude)
    for each in wanted.values():
        try:
            foreign_tables.COPIED["photo"]["date"](each.date or "2000-01-01T00:00:00")
        except ValueError as error:
            raise UsageError("A date cannot be {date}.", date=str(each.date)[:40]) from error
        if not -90 <= (each.latitude or 0) <= 90 or not -180 <= (each.longitude or 0) <= 180:
            raise UsageError(
                "A place cannot be {latitude}, {longitude}.", latitude=each.latitude, longitude=each.longitude
            )
    return wanted


def _checked_faces(faces: Sequence[FaceRegion]) -> Json:
    """Raises UsageError for faces that the library cannot hold."""
    try:
        return json.loads(foreign_tables.FACES(json.dumps(imported_faces.as_json(faces))))
    except ValueError as error:
        raise UsageError("A face has a name that is too long, or is outside of the picture.") from error


def _validated(column: MarkColumn, value: MarkValue) -> MarkValue:
    """The value. Raises UsageError for one that the library cannot store."""
    match column:
        case "rating":
            fits = isinstance(value, int) and REJECTED <= value <= 5
        case "favourite" | "hidden":
            fits = value in (0, 1)
        case "label":
            fits = value in ("", *LABELS)
        case _:
            fits = isinstance(value, str) and len(value) <= MAX_TEXT_LENGTH and "\0" not in value
    if not fits:
        raise UsageError("{column} cannot be {value}.", column=column, value=str(value)[:40])
    return value


def _undo(db: Connection, undo: Json, _: float) -> Reverted:
    """Revert values, tags and albums, except those that the user has changed since."""
    change = _ChangeCollector()
    for column in MARKS:
        imported = [(photo, old, new) for name, photo, old, new in undo["values"] if name == column]
        now = marks.values(db, [photo for photo, _, _ in imported], column)
        back = {photo: old for photo, old, new in imported if now.get(photo, UNSET[column]) == new}
        marks.set_each(db, column, back)
        change.add_marks(column, back)
    changes = [
        Change(photo, None if before is None else Override(*before), ShownValues(*stated), Override(*after))
        for photo, before, stated, after in undo.get("given", ())
    ]
    dated = given.undo_put(db, changes)
    if dated:
        change.add(ChangeKind.FILES, dated)
    faces = [imported_faces.Change(*each) for each in undo.get("faces", ())]
    faced = imported_faces.take_back(db, undo.get("program", ""), faces)
    if faced:
        change.add(ChangeKind.FILES, faced)
    untagged = marks.remove_tags(db, {tag: ids for tag, ids, _ in undo["tags"]})
    if untagged:
        change.add(ChangeKind.TAGS, untagged)
    for tag, _, is_new in undo["tags"]:
        if is_new:
            tags.discard_unused(db, tag)
    for stacked in reversed(undo.get("stacks", ())):
        change.add_stacked(stacks.undo(db, stacked).change)
    for album_id, added, _, *covers in undo["albums"]:
        album = albums.get(db, album_id)
        if album is not None and album.cover_id is not None and album.cover_id in covers:
            albums.update(db, replace(album, cover_id=None))
        removed = [photo for photo, _ in albums.remove_photos(db, album_id, added)]
        if removed:
            change.add(ChangeKind.ALBUMS, removed)
    for _, _, created, *_ in reversed(undo["albums"]):
        for album_id in reversed(created):
            if albums.with_descendants(db, album_id) == [album_id] and not albums.photo_ids(db, album_id):
                albums.delete(db, album_id)
                change.kinds |= ChangeKind.ALBUMS
    if change.kinds is ChangeKind.NONE:
        return Reverted()
    return Reverted(change.collected(), len(change.photos))


HANDLERS = (Handler(ImportFromProgram, _apply, _undo),)
