"""Creates, arranges and deletes albums."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, replace

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import (
    AddToAlbum,
    ArrangeAlbum,
    CreateAlbum,
    DeleteAlbum,
    Json,
    MoveAlbum,
    OrderAlbum,
    RemoveFromAlbum,
    RenameAlbum,
    SetAlbumCover,
)
from safelight.core.organising_rules import clean_album_name
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.store import albums
from safelight.store.albums import Album
from safelight.store.library import Connection

# --- albums ---------------------------------------------------------------------------------------------


def _create(db: Connection, operation: CreateAlbum, now: float) -> Applied:
    name = clean_album_name(operation.name)
    if operation.parent_id is not None:
        _get(db, operation.parent_id)
    outer_names = [clean_album_name(each) for each in operation.inside]
    parent_id, made = albums.ensure_path(db, outer_names, now, operation.parent_id)
    _check_free(db, name, parent_id)
    album_id = albums.create(db, name, parent_id, now)
    added = albums.add_photos(db, album_id, operation.photo_ids)
    undo = {"id": album_id, "around": made}
    return Applied(_changed(added), undo, {"album": name, "photos": len(added)}, created=album_id)


def _undo_create(db: Connection, undo: Json, _: float) -> Reverted:
    """Delete the album, and the outer albums created with it that are empty. Does nothing if other albums
    were put into it since."""
    album_id = undo["id"]
    if albums.get(db, album_id) is None or len(albums.with_descendants(db, album_id)) > 1:
        return Reverted()
    photo_ids = albums.photo_ids(db, album_id)
    albums.delete(db, album_id)
    for outer in reversed(undo.get("around", ())):
        if len(albums.with_descendants(db, outer)) == 1 and not albums.photo_ids(db, outer):
            albums.delete(db, outer)
    return Reverted(_changed(photo_ids), 1)


def _rename(db: Connection, operation: RenameAlbum, _: float) -> Applied:
    album, name = _get(db, operation.album_id), clean_album_name(operation.name)
    _check_free(db, name, album.parent_id, album.id)
    return _update(db, album, replace(album, name=name))


def _move(db: Connection, operation: MoveAlbum, _: float) -> Applied:
    album = _get(db, operation.album_id)
    if operation.parent_id is not None:
        _get(db, operation.parent_id)
        if operation.parent_id in albums.with_descendants(db, album.id):
            raise UsageError("The album “{name}” cannot be moved into itself.", name=album.name)
    _check_free(db, album.name, operation.parent_id, album.id)
    if operation.parent_id == album.parent_id:
        return Applied()
    return _update(db, album, replace(album, parent_id=operation.parent_id, position=None))


def _order(db: Connection, operation: OrderAlbum, _: float) -> Applied:
    album = _get(db, operation.album_id)
    if operation.before == album.id:
        return Applied()
    siblings = albums.siblings(db, album.parent_id)
    others = [each for each in siblings if each.id != album.id]
    ids = [each.id for each in others]
    if operation.before is not None and operation.before not in ids:
        raise UsageError("Albums can only be ordered among those of the same parent.")
    place = len(others) if operation.before is None else ids.index(operation.before)
    ordered = [*others[:place], album, *others[place:]]
    if ordered == siblings:
        return Applied()
    albums.set_positions(db, ((each.id, number) for number, each in enumerate(ordered, 1)))
    rows = [[each.id, each.position, number] for number, each in enumerate(ordered, 1)]
    return Applied(_changed(()), {"rows": rows}, {"album": album.name})


def _undo_order(db: Connection, undo: Json, _: float) -> Reverted:
    """Restore the positions of the albums that were not ordered or moved again since."""
    restored: list[tuple[int, int | None]] = []
    for album_id, before, after in undo["rows"]:
        album = albums.get(db, album_id)
        if album is not None and album.position == after != before:
            restored.append((album_id, before))
    albums.set_positions(db, restored)
    return Reverted(_changed(()), len(restored)) if restored else Reverted()


def _set_cover(db: Connection, operation: SetAlbumCover, _: float) -> Applied:
    album = _get(db, operation.album_id)
    if operation.photo_id is not None and operation.photo_id not in albums.photo_ids(db, album.id):
        raise UsageError("The cover of the album “{name}” must be one of its photos.", name=album.name)
    return _update(db, album, replace(album, cover_id=operation.photo_id))


def _update(db: Connection, before: Album, after: Album) -> Applied:
    if after == before:
        return Applied()
    albums.update(db, after)
    undo = {"before": list(astuple(before)), "after": list(astuple(after))}
    return Applied(_changed(()), undo, {"album": after.name, "before": before.name})


def _undo_update(db: Connection, undo: Json, _: float) -> Reverted:
    """Restore each property that the step changed and that was not changed again since."""
    before, after = Album(*undo["before"]), Album(*undo["after"])
    now = albums.get(db, before.id)
    if now is None:
        return Reverted()
    wanted = now
    if before.name != after.name == now.name:
        wanted = replace(wanted, name=before.name)
    if before.parent_id != after.parent_id == now.parent_id:
        outside = before.parent_id is None or (
            albums.get(db, before.parent_id) is not None
            and before.parent_id not in albums.with_descendants(db, now.id)
        )
        if outside:
            wanted = replace(wanted, parent_id=before.parent_id, position=before.position)
    if before.cover_id != after.cover_id == now.cover_id:
        wanted = replace(wanted, cover_id=before.cover_id)
    if wanted == now:
        return Reverted()
    albums.update(db, replace(wanted, name=_free_name(db, wanted)))
    return Reverted(_changed(()), 1)


def _delete(db: Connection, operation: DeleteAlbum, _: float) -> Applied:
    album = _get(db, operation.album_id)
    deleted: list[Json] = []
    changed: set[int] = set()
    for album_id in albums.with_descendants(db, album.id):
        each = _get(db, album_id)
        places = albums.remove_photos(db, album_id, albums.photo_ids(db, album_id))
        changed.update(photo for photo, _ in places)
        deleted.append({"album": list(astuple(each)), "photos": places})
        albums.delete(db, album_id)
    return Applied(_changed(changed), deleted, {"album": album.name, "photos": len(changed)})


def _undo_delete(db: Connection, undo: Json, _: float) -> Reverted:
    changed: set[int] = set()
    for each in undo:
        album = Album(*each["album"])
        if album.parent_id is not None and albums.get(db, album.parent_id) is None:
            album = replace(album, parent_id=None)
        albums.restore(db, replace(album, name=_free_name(db, album)))
        changed.update(albums.restore_photos(db, album.id, each["photos"]))
    return Reverted(_changed(changed), len(undo))


# --- photos in albums -----------------------------------------------------------------------------------


def _add(db: Connection, operation: AddToAlbum, _: float) -> Applied:
    album = _get(db, operation.album_id)
    added = albums.add_photos(db, album.id, operation.photo_ids)
    return _photos_applied(album, added, {"id": album.id, "photos": added})


def _undo_add(db: Connection, undo: Json, _: float) -> Reverted:
    removed = [photo for photo, _ in albums.remove_photos(db, undo["id"], undo["photos"])]
    return _reverted(removed)


def _remove(db: Connection, operation: RemoveFromAlbum, _: float) -> Applied:
    album = _get(db, operation.album_id)
    places = albums.remove_photos(db, album.id, operation.photo_ids)
    return _photos_applied(album, [photo for photo, _ in places], {"id": album.id, "places": places})


def _undo_remove(db: Connection, undo: Json, _: float) -> Reverted:
    if albums.get(db, undo["id"]) is None:
        return Reverted()
    return _reverted(albums.restore_photos(db, undo["id"], undo["places"]))


def _arrange(db: Connection, operation: ArrangeAlbum, _: float) -> Applied:
    album = _get(db, operation.album_id)
    before = albums.photo_ids(db, album.id)
    in_album = set(before)
    moved = [photo for photo in dict.fromkeys(operation.photo_ids) if photo in in_album]
    moved_ids = set(moved)
    after = [photo for photo in before if photo not in moved_ids]
    place = after.index(operation.before) if operation.before in after else len(after)
    after[place:place] = moved
    if after == before:
        return Applied()
    albums.set_order(db, album.id, after)
    return _photos_applied(album, sorted(moved), {"id": album.id, "before": before, "after": after})


def _undo_arrange(db: Connection, undo: Json, _: float) -> Reverted:
    """Restore the order, unless it was changed again since. Photos added since come last."""
    now = albums.photo_ids(db, undo["id"])
    here, known = set(now), set(undo["after"])
    if [photo for photo in now if photo in known] != [photo for photo in undo["after"] if photo in here]:
        return Reverted()
    albums.set_order(
        db,
        undo["id"],
        [*(photo for photo in undo["before"] if photo in here), *(p for p in now if p not in known)],
    )
    return _reverted([photo for photo in undo["after"] if photo in here])


def _photos_applied(album: Album, photo_ids: list[int], undo: Json) -> Applied:
    if not photo_ids:
        return Applied()
    return Applied(_changed(photo_ids), undo, {"photos": len(photo_ids), "album": album.name})


# --- shared ---------------------------------------------------------------------------------------------


def _get(db: Connection, album_id: int) -> Album:
    found = albums.get(db, album_id)
    if found is None:
        raise SafelightError("This album no longer exists.")
    return found


def _check_free(db: Connection, name: str, parent_id: int | None, own: int | None = None) -> None:
    """Raise UsageError if another album in the same place has this name."""
    if albums.find_child(db, name, parent_id) not in (None, own):
        raise UsageError("There is an album “{name}” already.", name=name)


def _free_name(db: Connection, album: Album) -> str:
    """The album's name, with a number if another album has taken the name."""
    name, number = album.name, 2
    while albums.find_child(db, name, album.parent_id) not in (None, album.id):
        name, number = f"{album.name} ({number})", number + 1
    return name


def _changed(photo_ids: Collection[int]) -> LibraryChanged:
    return LibraryChanged(ChangeKind.ALBUMS, updated=tuple(sorted(photo_ids)))


def _reverted(photo_ids: list[int]) -> Reverted:
    return Reverted(_changed(photo_ids), len(photo_ids)) if photo_ids else Reverted()


HANDLERS = (
    Handler(CreateAlbum, _create, _undo_create),
    Handler(RenameAlbum, _rename, _undo_update),
    Handler(MoveAlbum, _move, _undo_update),
    Handler(OrderAlbum, _order, _undo_order),
    Handler(SetAlbumCover, _set_cover, _undo_update),
    Handler(DeleteAlbum, _delete, _undo_delete),
    Handler(AddToAlbum, _add, _undo_add),
    Handler(RemoveFromAlbum, _remove, _undo_remove),
    Handler(ArrangeAlbum, _arrange, _undo_arrange),
)
