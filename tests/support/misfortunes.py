"""What may go wrong while files are moved to the trash and back, each as it would happen."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from safelight.core.errors import NoSpaceError
from safelight.services.review.trash import TrashError
from safelight.store.library import LibraryStore
from support.trash_world import World
from support.trashing import FaultyTrash

Mishap = Callable[[World], None]


def _keeper(world: World) -> Path:
    return world.paths[world.rng.choice([each for group in world.groups for each in group.keep])]


def _victim(world: World) -> Path:
    return world.paths[world.rng.choice([each for group in world.groups for each in group.going])]


def _hide(world: World, path: Path, mode: int) -> None:
    before = path.stat().st_mode
    path.chmod(mode)
    world.repairs.append(lambda: path.chmod(before))


# --- before -----------------------------------------------------------------------------------------------


def nothing(world: World) -> None:
    pass


def keeper_gone(world: World) -> None:
    world.destroy(_keeper(world))


def every_keeper_gone(world: World) -> None:
    for file_id in world.rng.choice(world.groups).keep:
        world.destroy(world.paths[file_id])


def keeper_changed(world: World) -> None:
    world.write(_keeper(world), b"edited " + world.rng.randbytes(20))


def keeper_changed_behind_its_dates(world: World) -> None:
    path = _keeper(world)
    if path.is_file():
        status = path.stat()
        world.write(path, world.rng.randbytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def keeper_is_a_link_to_a_victim(world: World) -> None:
    path = _keeper(world)
    world.destroy(path)
    path.symlink_to(_victim(world))


def keeper_is_a_folder(world: World) -> None:
    path = _keeper(world)
    world.destroy(path)
    path.mkdir()


def keeper_unreadable(world: World) -> None:
    _hide(world, _keeper(world), 0)


def victim_changed(world: World) -> None:
    world.write(_victim(world), b"edited " + world.rng.randbytes(20))


def victim_gone(world: World) -> None:
    world.destroy(_victim(world))


def victim_protected(world: World) -> None:
    world.protect(_victim(world))


def folder_read_only(world: World) -> None:
    _hide(world, world.folder, 0o500)


def drive_away(world: World) -> None:
    elsewhere = world.place / "unplugged"
    world.root.rename(elsewhere)
    if world.rng.random() < 0.5:
        world.root.mkdir()  # the empty mount point

    def back() -> None:
        if world.root.exists():
            world.root.rmdir()
        elsewhere.rename(world.root)

    world.repairs.append(back)


def trash_is_a_file(world: World) -> None:
    trash = world.data / "Trash"
    if trash.exists():
        return
    trash.write_bytes(b"")
    world.repairs.append(trash.unlink)


def trash_read_only(world: World) -> None:
    for name in ("files", "info"):
        folder = world.data / "Trash" / name
        folder.mkdir(parents=True, exist_ok=True)
        _hide(world, folder, 0o500)


BEFORE: tuple[Mishap, ...] = (
    *(keeper_gone, every_keeper_gone, keeper_changed, keeper_changed_behind_its_dates),
    *(keeper_is_a_link_to_a_victim, keeper_is_a_folder, keeper_unreadable),
    *(victim_changed, victim_gone, victim_protected, folder_read_only, drive_away),
    *(trash_is_a_file, trash_read_only),
)

# --- meanwhile --------------------------------------------------------------------------------------------

Trashing = Callable[[World], FaultyTrash]


def _once(world: World, act: Callable[[Path], None]) -> Callable[[bytes], None]:
    """At one of the first three files."""
    left = world.rng.randint(0, 2)

    def maybe(path: bytes) -> None:
        nonlocal left
        if left == 0:
            with contextlib.suppress(PermissionError):  # a folder that holds others back, too
                act(Path(os.fsdecode(path)))
        left -= 1

    return maybe


def disk_error(world: World) -> FaultyTrash:
    def fail(_: Path) -> None:
        raise TrashError("the system did not move it to the trash (input/output error)")

    return FaultyTrash(before=_once(world, fail))


def keepers_go_before(world: World) -> FaultyTrash:
    return FaultyTrash(before=_once(world, lambda path: _lose_keepers(world, path)))


def keepers_go_after(world: World) -> FaultyTrash:
    return FaultyTrash(after=_once(world, lambda path: _lose_keepers(world, path)))


def victim_changes(world: World) -> FaultyTrash:
    return FaultyTrash(before=_once(world, lambda _: _edit_a_victim(world)))


def _edit_a_victim(world: World) -> None:
    path = _victim(world)
    if path.is_file():
        world.write(path, b"edited meanwhile " + world.rng.randbytes(9))


def full_disk(world: World) -> FaultyTrash:
    """The library cannot be written any more, until it is opened again."""
    return FaultyTrash(after=_once(world, lambda _: _fill_disk(world.store)))


def _fill_disk(store: LibraryStore) -> None:
    def full(*, durable: bool = False) -> object:
        raise NoSpaceError("The disk is full.")

    store.write = full  # type: ignore[assignment, method-assign]


def _lose_keepers(world: World, path: Path) -> None:
    """All that are to be kept of the group that this file, or companion, is of."""
    for group in world.groups:
        if path.with_suffix(".jpg") in (world.paths[file_id] for file_id in group.everyone):
            for file_id in group.keep:
                world.destroy(world.paths[file_id])


MEANWHILE: tuple[Trashing, ...] = (
    *(disk_error, keepers_go_before, keepers_go_after, victim_changes, full_disk),
)

# --- before the undo --------------------------------------------------------------------------------------


def trash_emptied(world: World) -> None:
    for path in (world.data / "Trash" / "files").glob("*"):
        world.destroy(path)


def trash_partly_emptied(world: World) -> None:
    for path in sorted((world.data / "Trash" / "files").glob("*"))[::2]:
        world.destroy(path)


def trashed_file_changed(world: World) -> None:
    for path in sorted((world.data / "Trash" / "files").glob("*"))[:1]:
        world.write(path, b"another that got its name")


def trash_notes_lost(world: World) -> None:
    for path in (world.data / "Trash" / "info").glob("*"):
        path.unlink()


def renamed_in_the_trash(world: World) -> None:
    for path in sorted((world.data / "Trash" / "files").glob("*"))[:1]:
        path.rename(path.with_name(f"renamed {path.name}"))


def place_taken(world: World) -> None:
    path = _victim(world)
    if not path.exists():
        world.write(path, b"new under an old name")


def put_back_by_hand(world: World) -> None:
    """… by a file manager, for one of the files."""
    for trashed in sorted((world.data / "Trash" / "files").glob("*"))[:1]:
        content = trashed.read_bytes()
        homes = [path for path, was in world.contents.items() if was == content and not path.exists()]
        if homes and homes[0].parent.is_dir():
            trashed.rename(homes[0])


def keepers_lost_since(world: World) -> None:
    for group in world.groups:
        for file_id in group.keep:
            world.destroy(world.paths[file_id])


def photos_forgotten(world: World) -> None:
    world.forget_unseen_photos()


def folder_deleted(world: World) -> None:
    if world.folder.is_dir() and not any(world.folder.iterdir()):
        world.folder.rmdir()


def restarted(world: World) -> None:
    world.restart()


SINCE: tuple[Mishap, ...] = (
    *(trash_emptied, trash_partly_emptied, trashed_file_changed, trash_notes_lost, renamed_in_the_trash),
    *(place_taken, put_back_by_hand, keepers_lost_since, photos_forgotten, folder_deleted, restarted),
    *(folder_read_only, drive_away),
)
