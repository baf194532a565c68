from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from safelight.services.review import freedesktop_trash
from safelight.services.review.trash import SystemTrash, TrashError, move_without_replacing
from support.trashing import content_hash, some_stat
from support.unprivileged import as_nobody, nobodys_place

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="the trash of freedesktop.org's specification"
)


@pytest.fixture
def data() -> Path:
    """The data folder that holds this test's trash."""
    return Path(os.environ["XDG_DATA_HOME"])


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


def put(path: Path, content: bytes = b"picture") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "name",
    [
        b"a.jpg",
        "Straße mit 100 % %41 #1.jpg".encode(),
        b"no utf-8 \xff\xfe.jpg",
        b"-rf.jpg",
        b"a\nb.jpg",
        b".jpg",
    ],
)
def test_a_file_goes_to_the_trash_and_comes_back(tmp_path: Path, data: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    put(Path(os.fsdecode(path)), b"x")
    os.utime(path, ns=(1, 1_600_000_000_123_456_789))
    status = some_stat(Path(os.fsdecode(path)))
    trash = SystemTrash()
    trashed = trash.send(path)
    assert trashed is not None
    assert not os.path.lexists(path)
    assert trashed.startswith(os.fsencode(data / "Trash" / "files"))
    assert freedesktop_trash.origin(trashed) == path
    assert trash.find(path, status) == trashed
    assert trash.put_back(path, trashed, status, content_hash(b"x")) == path
    assert some_stat(Path(os.fsdecode(path))) == status
    assert not os.path.lexists(trashed)
    assert list((data / "Trash" / "info").iterdir()) == []


def test_files_of_one_name_are_distinguished(tmp_path: Path) -> None:
    trash = SystemTrash()
    paths = [put(tmp_path / folder / "a.jpg", folder.encode()) for folder in "abc"]
    stats = [some_stat(path) for path in paths]
    for path in paths:
        trash.send(os.fsencode(path))
    for path, status in zip(paths, stats, strict=True):
        trash.put_back(os.fsencode(path), None, status, content_hash(path.parent.name.encode()))
        assert path.read_bytes() == path.parent.name.encode()


def test_a_folder_that_went_meanwhile_is_made_again(tmp_path: Path) -> None:
    path = put(tmp_path / "folder" / "a.jpg")
    status = some_stat(path)
    trash = SystemTrash()
    trashed = trash.send(os.fsencode(path))
    path.parent.rmdir()
    trash.put_back(os.fsencode(path), trashed, status, content_hash(b"picture"))
    assert path.read_bytes() == b"picture"


def test_another_file_in_its_place_is_never_overwritten(tmp_path: Path) -> None:
    trash = SystemTrash()
    path = put(tmp_path / "a.jpg")
    status = some_stat(path)
    trashed = trash.send(os.fsencode(path))
    put(path, b"another")
    put(tmp_path / "a (restored).jpg", b"a third")
    where = trash.put_back(os.fsencode(path), trashed, status, content_hash(b"picture"))
    assert where == os.fsencode(tmp_path / "a (restored 2).jpg")
    assert path.read_bytes() == b"another"
    assert Path(os.fsdecode(where)).read_bytes() == b"picture"


def test_what_was_put_back_by_hand_is_back(tmp_path: Path) -> None:
    trash = SystemTrash()
    path = put(tmp_path / "a.jpg")
    status = some_stat(path)
    trashed = trash.send(os.fsencode(path))
    put(path)
    assert trash.put_back(os.fsencode(path), trashed, status, content_hash(b"picture")) == os.fsencode(path)


def test_a_move_back_that_was_interrupted_between_its_two_names_is_finished(tmp_path: Path) -> None:
    trash = SystemTrash()
    path = put(tmp_path / "a.jpg")
    status = some_stat(path)
    trashed = trash.send(os.fsencode(path))
    assert trashed is not None
    os.link(trashed, path)
    assert trash.put_back(os.fsencode(path), trashed, status, content_hash(b"picture")) == os.fsencode(path)
    assert not os.path.lexists(trashed)
    assert path.stat().st_nlink == 1


def test_an_emptied_trash_says_so_even_if_the_name_is_taken_again(tmp_path: Path) -> None:
    trash = SystemTrash()
    path = put(tmp_path / "a.jpg")
    status = some_stat(path)
    trashed = trash.send(os.fsencode(path))
    assert trashed is not None
    os.unlink(trashed)
    with pytest.raises(TrashError, match="no longer in the trash"):
        trash.put_back(os.fsencode(path), trashed, status, content_hash(b"picture"))
    put(Path(os.fsdecode(trashed)), b"another file of that name")
    with pytest.raises(TrashError, match="no longer in the trash"):
        trash.put_back(os.fsencode(path), trashed, status, content_hash(b"picture"))
    assert not path.exists()


def test_what_the_system_refuses_stays_where_it_was(tmp_path: Path, data: Path) -> None:
    path = put(tmp_path / "a.jpg")
    put(data / "Trash", b"a file where the trash should be")
    with pytest.raises(TrashError, match="did not move it"):
        SystemTrash().send(os.fsencode(path))
    assert path.read_bytes() == b"picture"
    with pytest.raises(TrashError, match="did not move it"):
        SystemTrash().send(os.fsencode(tmp_path / "missing.jpg"))


def test_a_read_only_file_goes_and_a_file_in_a_read_only_folder_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with nobodys_place() as place:
        monkeypatch.setenv("XDG_DATA_HOME", str(place / "data"))
        with as_nobody():
            path = put(place / "a.jpg")
            path.chmod(0o444)
            status = some_stat(path)
            trashed = SystemTrash().send(os.fsencode(path))
            assert not path.exists()
            SystemTrash().put_back(os.fsencode(path), trashed, status, content_hash(b"picture"))
            assert path.read_bytes() == b"picture"
            locked = put(place / "locked" / "a.jpg")
            locked.parent.chmod(0o555)
            with pytest.raises(TrashError, match="permission denied"):
                SystemTrash().send(os.fsencode(locked))
            assert locked.exists()
            assert notes_without_files(place / "data") == []
            locked.parent.chmod(0o755)


def notes_without_files(data: Path) -> list[str]:
    files = data / "Trash" / "files"
    notes = (data / "Trash" / "info").glob("*.trashinfo")
    return [note.name for note in notes if not (files / note.stem).exists()]


# --- other programs that use the trash ---------------------------------------------------------------------


def test_a_program_that_only_checks_the_name_replaces_nothing(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program finds a name free; our file arrives; the other program uses the name it checked."""
    ours, theirs = put(tmp_path / "a" / "x.jpg", b"ours"), put(tmp_path / "b" / "x.jpg", b"theirs")
    real = os.rename

    def rename(source: bytes, target: bytes) -> None:
        real(source, target)
        real(theirs, data / "Trash" / "files" / "x.jpg")

    monkeypatch.setattr(os, "rename", rename)
    trashed = SystemTrash().send(os.fsencode(ours))
    assert trashed is not None
    assert sorted(path.read_bytes() for path in (data / "Trash" / "files").iterdir()) == [b"ours", b"theirs"]
    assert Path(os.fsdecode(trashed)).read_bytes() == b"ours"


def test_files_that_many_threads_trash_under_one_name_all_arrive(tmp_path: Path, data: Path) -> None:
    paths = [put(tmp_path / f"{number}" / "x.jpg", b"%d" % number) for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        trashed = list(pool.map(SystemTrash().send, map(os.fsencode, paths)))
    assert len(set(trashed)) == len(paths)
    assert {path.read_bytes() for path in (data / "Trash" / "files").iterdir()} == {
        b"%d" % number for number in range(64)
    }
    assert notes_without_files(data) == []


def test_a_name_whose_note_is_taken_is_not_used(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = iter(["taken", "orphan", "free"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(tokens))
    put(data / "Trash" / "info" / "x.taken.jpg.trashinfo", b"another program's")
    put(data / "Trash" / "files" / "x.orphan.jpg", b"another file")
    trashed = SystemTrash().send(os.fsencode(put(tmp_path / "x.jpg")))
    assert trashed == os.fsencode(data / "Trash" / "files" / "x.free.jpg")
    assert (data / "Trash" / "files" / "x.orphan.jpg").read_bytes() == b"another file"
    assert (data / "Trash" / "info" / "x.taken.jpg.trashinfo").read_bytes() == b"another program's"
    assert not (data / "Trash" / "info" / "x.orphan.jpg.trashinfo").exists()


def test_the_note_says_where_the_file_was_and_when_it_went(tmp_path: Path) -> None:
    path = put(tmp_path / "a b%.jpg")
    trashed = SystemTrash().send(os.fsencode(path))
    assert trashed is not None
    note = Path(os.fsdecode(trashed)).parents[1] / "info" / (Path(os.fsdecode(trashed)).name + ".trashinfo")
    lines = note.read_text().splitlines()
    assert lines[:2] == ["[Trash Info]", f"Path={tmp_path}/a%20b%25.jpg"]
    assert re.fullmatch(r"DeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", lines[2])
    assert note.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = put(tmp_path / "a.jpg")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(TrashError, match="no space left"):
        SystemTrash().send(os.fsencode(path))
    assert path.read_bytes() == b"picture"
    assert [each for each in (data / "Trash").rglob("*") if not each.is_dir()] == []


def test_a_note_that_a_killed_process_left_is_removed(tmp_path: Path, data: Path) -> None:
    path = put(tmp_path / "a.jpg")
    own = put(data / "Trash/info/a.0a0a.jpg.trashinfo", f"[Trash Info]\nPath={path}\n".encode())
    other = put(data / "Trash/info/a.0b0b.jpg.trashinfo", b"[Trash Info]\nPath=/elsewhere/a.jpg\n")
    freedesktop_trash.remove_orphaned_info(os.fsencode(path))
    assert (own.exists(), other.exists()) == (False, True)


def test_a_file_copied_into_the_trash_is_found_by_where_it_came_from(tmp_path: Path, data: Path) -> None:
    path = put(tmp_path / "a.jpg")
    status = some_stat(path)
    trashed = data / "Trash" / "files" / "a 1.jpg"
    put(trashed)
    os.utime(trashed, ns=(status.mtime_ns, status.mtime_ns))
    put(data / "Trash" / "info" / "a 1.jpg.trashinfo", f"[Trash Info]\nPath={path}\n".encode())
    put(data / "Trash" / "files" / "a.jpg", b"from elsewhere")
    put(data / "Trash" / "info" / "a.jpg.trashinfo", b"[Trash Info]\nPath=/elsewhere/a.jpg\n")
    path.unlink()
    assert SystemTrash().find(os.fsencode(path), status) == os.fsencode(trashed)


def test_damaged_notes_in_the_trash_are_passed_over(data: Path) -> None:
    for number, note in enumerate((b"", b"Path=x", b"\xff\xfe", b"[Trash Info]\nDeletionDate=x\n")):
        trashed = data / "Trash" / "files" / str(number)
        put(trashed)
        put(data / "Trash" / "info" / f"{number}.trashinfo", note)
        assert freedesktop_trash.origin(os.fsencode(trashed)) is None


def test_the_trash_of_a_mount_is_at_its_top() -> None:
    found = list(freedesktop_trash.directories(b"/proc/self/x.jpg"))
    user = str(os.getuid()).encode()
    assert b"/proc/.Trash/" + user in found
    assert b"/proc/.Trash-" + user in found
    assert b"/.Trash-" + user in found
    assert freedesktop_trash.origin(b"/proc/.Trash/0/files/x.jpg") is None


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_programs_cannot_restore_it_says_where_the_file_is(tmp_path: Path, platform: str) -> None:
    path = tmp_path / "a.jpg"
    status = some_stat(put(path))
    path.unlink()
    trash = SystemTrash(platform)
    assert trash.find(os.fsencode(path), status) is None
    with pytest.raises(TrashError, match=r"it is in the (Trash|Recycle Bin)"):
        trash.put_back(os.fsencode(path), None, status, content_hash(b"picture"))
    put(path)
    assert trash.put_back(os.fsencode(path), None, status, content_hash(b"picture")) == os.fsencode(path)


def test_a_move_never_replaces_even_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)  # as on FAT
    source, taken, free = put(tmp_path / "s", b"s"), put(tmp_path / "t", b"t"), tmp_path / "f"
    with pytest.raises(FileExistsError):
        move_without_replacing(os.fsencode(source), os.fsencode(taken))
    assert (source.read_bytes(), taken.read_bytes()) == (b"s", b"t")
    move_without_replacing(os.fsencode(source), os.fsencode(free))
    assert free.read_bytes() == b"s"
    assert not source.exists()


def test_a_copy_to_another_file_system_is_whole_or_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, free = put(tmp_path / "trash" / "s", b"s" * 5000), tmp_path / "f"
    os.utime(source, ns=(5, 1_600_000_000_000_000_000))
    real = os.link

    def across(a: bytes, b: bytes, **options: bool) -> None:
        if os.path.dirname(a) != os.path.dirname(b):
            raise OSError(18, "Invalid cross-device link")
        real(a, b, **options)

    monkeypatch.setattr(os, "link", across)
    move_without_replacing(os.fsencode(source), os.fsencode(free))
    assert free.read_bytes() == b"s" * 5000
    assert free.stat().st_mtime_ns == 1_600_000_000_000_000_000
    assert not source.exists()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["f"]
    assert stat.S_ISREG(free.lstat().st_mode)
