"""Trash across mounts: a folder mounted twice, a disk with a trash of its own, shared and hostile trashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.duplicates import GroupAction
from safelight.core.jobs import JobControl
from safelight.services.review import freedesktop_trash
from safelight.services.review.trash import SystemTrash, TrashError
from safelight.services.review.trash_executor import TrashExecutor
from support.trashing import Reviewed, content_hash, png, some_stat, undo

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts need Linux and root"
)

A = png(70)


class Mounts:
    def __init__(self) -> None:
        self._mounted: list[Path] = []

    def mount(self, *arguments: str, at: Path) -> Path:
        at.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", *arguments, str(at)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"this system does not let root mount: {done.stderr.strip()}")
        self._mounted.append(at)
        return at

    def end(self) -> None:
        for place in reversed(self._mounted):
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    found = Mounts()
    yield found
    found.end()


@pytest.fixture
def disk(mounts: Mounts, tmp_path: Path) -> Path:
    return mounts.mount("-t", "tmpfs", "-o", "size=1m", "none", at=tmp_path / "disk")


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[Reviewed]:
    found = Reviewed(tmp_path)
    yield found
    found.store.close()


def put(path: Path, content: bytes = A) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def round_trip(path: Path) -> Path:
    """Where the file was in the trash."""
    status, content = some_stat(path), path.read_bytes()
    trashed = SystemTrash().send(os.fsencode(path))
    assert trashed is not None
    assert not path.exists()
    assert freedesktop_trash.origin(trashed) == os.fsencode(path)
    SystemTrash().put_back(os.fsencode(path), trashed, status, content_hash(content))
    assert path.read_bytes() == content
    return Path(os.fsdecode(trashed))


def test_a_file_of_another_disk_stays_on_it(disk: Path) -> None:
    trashed = round_trip(put(disk / "sub" / "a.jpg"))
    assert trashed.parent == disk / ".Trash-0" / "files"
    assert (disk / ".Trash-0").stat().st_mode & 0o777 == 0o700


def test_a_sticky_trash_of_all_users_is_used_and_no_other(disk: Path) -> None:
    (disk / ".Trash").mkdir()
    (disk / ".Trash").chmod(0o777)
    assert round_trip(put(disk / "a.jpg")).is_relative_to(disk / ".Trash-0")
    (disk / ".Trash").chmod(0o1777)
    assert round_trip(put(disk / "a.jpg")).is_relative_to(disk / ".Trash" / "0")


@pytest.mark.parametrize("hostile", ["link", "somebody else's"])
def test_a_trash_that_is_not_ours_is_not_used(disk: Path, tmp_path: Path, hostile: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if hostile == "link":
        (disk / ".Trash-0").symlink_to(elsewhere)
    else:
        (disk / ".Trash-0").mkdir()
        os.chown(disk / ".Trash-0", 12345, 12345)
    trashed = round_trip(put(disk / "a.jpg"))
    assert trashed.is_relative_to(os.environ["XDG_DATA_HOME"])
    assert list(elsewhere.iterdir()) == []


def test_a_full_disk_keeps_the_file_and_leaves_no_fragments(
    mounts: Mounts, disk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = mounts.mount("-t", "tmpfs", "-o", "size=64k", "none", at=tmp_path / "small")
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    (disk / ".Trash-0").write_bytes(b"in the way")
    path = put(disk / "a.jpg", os.urandom(200_000))
    with pytest.raises(TrashError, match="no space left"):
        SystemTrash().send(os.fsencode(path))
    assert path.stat().st_size == 200_000
    assert [each for each in (data / "Trash").rglob("*") if not each.is_dir()] == []


def test_one_folder_mounted_twice_keeps_its_only_file(mounts: Mounts, reviewed: Reviewed) -> None:
    kept = reviewed.add("one/a.jpg", A)
    second = mounts.mount("--bind", str(reviewed.folder / "one"), at=reviewed.folder / "two")
    other = reviewed.note(second / "a.jpg", A)
    action = GroupAction("identical-1", (kept,), (other,))
    settled = TrashExecutor(reviewed.store).trash_duplicates([action], JobControl())
    assert settled.trashed == 0
    assert "under another name" in str(settled.spared[0][1])
    assert (reviewed.folder / "one/a.jpg").read_bytes() == A


def test_a_file_goes_from_a_bind_mount_and_comes_back(mounts: Mounts, reviewed: Reviewed) -> None:
    kept = reviewed.add("keep.jpg", A)
    reviewed.add("real/a.jpg", A)
    bound = mounts.mount("--bind", str(reviewed.folder / "real"), at=reviewed.folder / "bound")
    other = reviewed.note(bound / "a.jpg", A)
    action = GroupAction("identical-1", (kept,), (other,))
    settled = TrashExecutor(reviewed.store).trash_duplicates([action], JobControl())
    assert settled.moved == [str(bound / "a.jpg")]
    assert undo(reviewed.store).restored == 1
    assert (bound / "a.jpg").read_bytes() == A


@pytest.mark.skipif(shutil.which("bindfs") is None, reason="bindfs is not installed")
def test_one_folder_through_bindfs_comes_back_at_once(mounts: Mounts, reviewed: Reviewed) -> None:
    """Other device and inode numbers, so nothing tells that both paths lead to one file."""
    kept = reviewed.add("one/a.jpg", A)
    second = mounts.mount("-t", "fuse.bindfs", str(reviewed.folder / "one"), at=reviewed.folder / "two")
    other = reviewed.note(second / "a.jpg", A)
    action = GroupAction("identical-1", (kept,), (other,))
    settled = TrashExecutor(reviewed.store).trash_duplicates([action], JobControl())
    assert settled.trashed == 0
    assert (reviewed.folder / "one/a.jpg").read_bytes() == A
