"""``safelight tag``, ``safelight rate`` and ``safelight album``: organising photos by path or by filters."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.cli import console, words
from safelight.cli.choosing import ChosenPhotos, open_library, report_unknown
from safelight.cli.declarations.choosing import Choosing
from safelight.cli.declarations.organising import Albums, Rate, Stacks, Tags
from safelight.core.errors import SafelightError, UsageError
from safelight.core.operations import (
    AddTag,
    AddToAlbum,
    ArrangeAlbum,
    CompositeOperation,
    CreateAlbum,
    DeleteAlbum,
    DeleteTag,
    MoveAlbum,
    Operation,
    OrderAlbum,
    Outcome,
    RemoveFromAlbum,
    RemoveTag,
    RenameAlbum,
    RenameTag,
    SetAlbumCover,
    SetCaption,
    SetFavourite,
    SetHidden,
    SetLabel,
    SetRating,
    SetStackTop,
    SetTitle,
    StackPhotos,
    TurnPhotos,
    UnstackPhotos,
)
from safelight.core.organising_rules import REJECTED
from safelight.core.user_paths import exists
from safelight.engine.editor import Editor
from safelight.store import albums, photos, stacks, tags
from safelight.store.library import LibraryStore

_TURNS = {"right": 1, "around": 2, "left": 3}
"""Clockwise quarter turns."""


def tag(arguments: Tags) -> int:
    if arguments.action == "list":
        return _list_tags(arguments)
    if arguments.action in ("rename", "delete") and arguments.query:
        raise UsageError(
            "tag {action} changes a tag of the whole library and takes no --query.", action=arguments.action
        )
    name = words.required(arguments.name, UsageError("Name the tag."))
    with open_library(arguments) as store:
        match arguments.action:
            case "rename":
                operation: Operation[Outcome] = RenameTag(
                    name, words.only(arguments.rest, UsageError("Name the new name, once."))
                )
                return _run_operation(arguments, operation)
            case "delete":
                words.none(arguments.rest)
                return _run_operation(arguments, DeleteTag(name))
        chosen = ChosenPhotos(store, arguments, arguments.rest, may_be_empty=arguments.action == "add")
        if chosen.unknown and not chosen.ids:  # adding would create a tag that no photo has
            report_unknown(chosen.unknown)
            if arguments.json:
                console.emit_json({"photos": 0, "steps": [], "unknown": chosen.unknown})
            return console.FAILED
        kind = AddTag if arguments.action == "add" else RemoveTag
        return _run_operation(arguments, kind(chosen.ids, name), chosen.unknown)


def rate(arguments: Rate) -> int:
    targets = list(arguments.targets)
    rating: int | None = None
    # The rating comes first, as in "rate 4 beach.jpg", unless only other marks are set.
    if targets and (targets[0].isdecimal() or targets[0] == "reject") and not exists(targets[0]):
        word = targets.pop(0)
        rating = REJECTED if word == "reject" else int(word)
    marks = (
        rating,
        arguments.label,
        arguments.title,
        arguments.caption,
        arguments.favourite,
        arguments.hidden,
        arguments.turn,
    )
    if all(mark is None for mark in marks):
        raise UsageError("Say what to set: 0 to 5 stars, reject, or an option such as --label red.")
    with open_library(arguments) as store:
        chosen = ChosenPhotos(store, arguments, targets)
        ids = chosen.ids
        wanted: list[Operation[Outcome]] = []
        if rating is not None:
            wanted.append(SetRating(ids, rating))
        if arguments.label is not None:
            wanted.append(SetLabel(ids, "" if arguments.label == "none" else arguments.label))
        if arguments.title is not None:
            wanted.append(SetTitle(ids, arguments.title))
        if arguments.caption is not None:
            wanted.append(SetCaption(ids, arguments.caption))
        if arguments.favourite is not None:
            wanted.append(SetFavourite(ids, arguments.favourite))
        if arguments.hidden is not None:
            wanted.append(SetHidden(ids, arguments.hidden))
        if arguments.turn is not None:
            wanted.append(TurnPhotos(ids, _TURNS[arguments.turn]))
        operation = wanted[0] if len(wanted) == 1 else CompositeOperation(tuple(wanted))
        return _run_operation(arguments, operation, chosen.unknown)


def album(arguments: Albums) -> int:
    if arguments.action == "list":
        return _list_albums(arguments)
    path = words.required(arguments.name, UsageError("Name the album, for example Trips/Italy."))
    if arguments.action == "show":
        return _show_album(arguments, path)
    with open_library(arguments) as store:
        if arguments.action == "create":
            return _create(store, arguments, path)
        album_id = _album_at(store, path)
        if arguments.action in ("rename", "move", "order", "delete"):
            return _run_operation(arguments, _change_of_album(store, arguments, album_id))
        chosen = ChosenPhotos(store, arguments, arguments.rest)
        return _run_operation(
            arguments, _change_of_its_photos(store, arguments, album_id, chosen.ids), chosen.unknown
        )


def _change_of_album(store: LibraryStore, arguments: Albums, album_id: int) -> Operation[Outcome]:
    if arguments.query:
        raise UsageError(
            "album {action} changes a whole album and takes no --query.", action=arguments.action
        )
    match arguments.action:
        case "rename":
            return RenameAlbum(album_id, words.only(arguments.rest, UsageError("Name the new name, once.")))
        case "move":
            parent = words.only(arguments.rest, UsageError("Name the album to move it into, or /, once."))
            return MoveAlbum(album_id, None if parent == "/" else _album_at(store, parent))
        case "order":
            if len(arguments.rest) > 1:
                raise UsageError("Name one album to put it in front of, or none to put it last.")
            return OrderAlbum(album_id, _album_at(store, arguments.rest[0]) if arguments.rest else None)
        case _:
            words.none(arguments.rest)
            return DeleteAlbum(album_id)


def _change_of_its_photos(
    store: LibraryStore, arguments: Albums, album_id: int, ids: tuple[int, ...]
) -> Operation[Outcome]:
    match arguments.action:
        case "add":
            return AddToAlbum(album_id, ids)
        case "remove":
            return RemoveFromAlbum(album_id, ids)
        case "first":
            with store.read() as db:
                others = [each for each in albums.photo_ids(db, album_id) if each not in ids]
            return ArrangeAlbum(album_id, ids, others[0] if others else None)
        case "cover":
            if len(ids) != 1:
                raise UsageError("Name one photo for the cover.")
            return SetAlbumCover(album_id, ids[0])
        case _:
            raise UsageError("There is no action {action}.", action=arguments.action)


def stack(arguments: Stacks) -> int:
    if arguments.action == "list":
        return _list_stacks(arguments)
    with open_library(arguments) as store:
        chosen = ChosenPhotos(store, arguments, arguments.paths)
        match arguments.action:
            case "create":
                operation: Operation[Outcome] = StackPhotos(chosen.ids)
            case "end":
                operation = UnstackPhotos(chosen.ids)
            case _:
                if len(chosen.ids) != 1:
                    raise UsageError("Name one photo for the top.")
                operation = SetStackTop(chosen.ids[0])
        return _run_operation(arguments, operation, chosen.unknown)


# --- listing --------------------------------------------------------------------------------------------


def _list_tags(arguments: Tags) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        known = tags.all_tags(db)
    if arguments.json:
        console.emit_json([{"tag": each.name, "photos": each.photos} for each in known])
        return console.DONE
    for each in known:
        console.emit(f"{each.photos:>7,}  {each.name}")
    if not known:
        console.emit("There are no tags yet.")
    return console.DONE


def _list_albums(arguments: Albums) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        known = albums.all_albums(db)
    if arguments.json:
        console.emit_json([{"album": each.path, "photos": each.photos} for each in known])
        return console.DONE
    for each in known:
        console.emit(f"{each.photos:>7,}  {each.path}")
    if not known:
        console.emit("There are no albums yet.")
    return console.DONE


def _show_album(arguments: Albums, path: str) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        album_id = _album_at(store, path)
        with store.read() as db:
            shown = photos.get_many(db, albums.photo_ids(db, album_id, visible=True))
    files = [photo.files[0].path for photo in shown if photo.files]
    if arguments.json:
        console.emit_json(files)
        return console.DONE
    for file in files:
        console.emit(file)
    return console.DONE


def _list_stacks(arguments: Stacks) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        found = stacks.all_stacks(db)
        known = photos.get_many(db, [photo for top, below in found.items() for photo in (top, *below)])
    path_of = {photo.id: photo.files[0].path for photo in known if photo.files}
    listed = [[path_of[photo] for photo in (top, *below) if photo in path_of] for top, below in found.items()]
    if arguments.json:
        console.emit_json(listed)
        return console.DONE
    for paths in listed:
        console.emit(paths[0] if paths else "(no file)")
        for path in paths[1:]:
            console.emit(f"    {path}")
    if not listed:
        console.emit("There are no stacks yet.")
    return console.DONE


# --- changing -------------------------------------------------------------------------------------------


def _create(store: LibraryStore, arguments: Albums, path: str) -> int:
    *around, name = path.strip("/").split("/")
    chosen = ChosenPhotos(store, arguments, arguments.rest, may_be_empty=True)
    return _run_operation(
        arguments, CreateAlbum(name, photo_ids=chosen.ids, inside=tuple(around)), chosen.unknown
    )


def _album_at(store: LibraryStore, path: str) -> int:
    with store.read() as db:
        found = albums.find_path(db, path.strip("/"))
    if found is None:
        raise SafelightError("There is no album “{path}”; see: safelight album list", path=path)
    return found


def _run_operation(arguments: Choosing, operation: Operation[Outcome], unknown: Sequence[str] = ()) -> int:
    """Apply an operation, through the engine of an open window if there is one, and report it."""
    report_unknown(unknown)
    edited = Editor(arguments.library).apply(operation)
    steps = [] if edited.step is None else [edited.step]
    if arguments.json:
        console.emit_json({"photos": edited.photos, "steps": steps, "unknown": list(unknown)})
    elif edited.step is None:
        console.emit("Nothing changed.")
    else:
        changed = console.count(edited.photos, "photo")
        console.emit(f"{changed} changed; to undo: safelight undo {edited.step}")
    return console.FAILED if unknown else console.DONE
