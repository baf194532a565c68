"""However much happens at once, and whatever becomes of the folders: the library ends as the disk is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from safelight.core.changes import RemovalsHeld
from safelight.core.photo import FolderState
from safelight.imaging.formats import is_photo_name
from safelight.services.indexing import mounts
from safelight.services.indexing.found_files import FoundFile
from safelight.services.indexing.scanner import walk
from safelight.services.indexing.watcher import FolderWatcher
from safelight.services.library import Library
from safelight.store import files, folders, photos
from support.fake_encoder import FakeEncoder
from support.listening import failures_into
from support.reliable import add_root, assert_sound, draw, opened, small_picture
from support.waiting import wait_until

SECONDS = 120.0
"""Within which the library has caught up with a burst. It takes 15 s at most on an idle machine."""


class Followed:
    def __init__(self, library: Library, root: Path) -> None:
        self.library = library
        self.root = root
        self.failed: list[str] = []
        self.held: list[RemovalsHeld] = []
        self.live = library.live(failures_into(self.failed, self.held.append))

    def equals_disk(self) -> bool:
        there = {
            (found.path, found.stat)
            for found in walk(os.fsencode(self.root), is_photo_name)
            if isinstance(found, FoundFile)
        }
        with self.library.store.read() as db:
            (folder,) = folders.all_folders(db)
            known = {(row.path, row.stat) for row in files.in_folder(db, folder.id)}
            return known == there and not files.pending_ids(db)

    def state(self) -> FolderState:
        with self.library.store.read() as db:
            (folder,) = folders.all_folders(db)
            return folder.state

    def shown(self) -> int:
        with self.library.store.read() as db:
            return photos.counts(db).photos


@contextmanager
def following(place: Path, begin_with: int) -> Iterator[Followed]:
    root = (place / "Pictures").resolve()
    draw(root, range(begin_with))
    encoder = FakeEncoder(batch_size=64)
    with opened(place / "library", encoder) as library:
        add_root(library, root)
        library.model.wait()
        followed = Followed(library, root)
        followed.live.start()
        try:
            assert followed.live.wait_until_idle(60)
            yield followed
            assert followed.live.wait_until_idle(60)
        finally:
            followed.live.close()
        assert followed.failed == []
        assert_sound(library, encoder)


def test_a_burst_of_events(tmp_path: Path, nightly: bool) -> None:
    scale = 7 if nightly else 1
    with following(tmp_path, 50) as followed:
        root = followed.root
        for number in range(7_000 * scale):  # three events each: created, modified, closed
            place = root / f"notes {number % 50}"
            place.mkdir(exist_ok=True)
            (place / f"{number}.txt").write_bytes(b"x")
        for number in range(1_000 * scale):  # and these five, and some a sixth
            place = root / f"shots {number % 20}"
            place.mkdir(exist_ok=True)
            (place / f"{number}.tmp").write_bytes(small_picture(100 + number))
            (place / f"{number}.tmp").rename(place / f"{number}.jpg")
            if number % 5 == 4:
                (place / f"{number}.jpg").unlink()
        (root / "shots 3").rename(root / "notes 3" / "renamed")
        (root / "00007.jpg").unlink()
        wait_until(followed.equals_disk, "the library to equal the disk", SECONDS * scale)
        assert followed.shown() == 49 + 800 * scale


def test_a_root_that_goes_and_comes_back(tmp_path: Path, nightly: bool) -> None:
    with following(tmp_path, 40) as followed:
        root, away = followed.root, tmp_path / "unplugged"
        for turn in range(20 if nightly else 2):
            root.rename(away)
            wait_until(lambda: followed.state() is FolderState.OFFLINE, "the folder to be away")
            assert followed.shown() == 40 + turn
            root.mkdir()  # the empty mount point
            followed.live.scan()
            assert followed.live.wait_until_idle(60)
            assert followed.shown() == 40 + turn
            root.rmdir()
            draw(away, [500 + turn])
            away.rename(root)
            wait_until(followed.equals_disk, "the library to equal the disk")
            wait_until(lambda: followed.state() is FolderState.ONLINE, "the folder to be back")
            assert followed.shown() == 41 + turn
        assert followed.held == []


def test_another_disk_in_its_place_is_asked_about(tmp_path: Path) -> None:
    with following(tmp_path, 40) as followed:
        followed.root.rename(tmp_path / "unplugged")
        draw(followed.root, range(900, 905))
        wait_until(lambda: bool(followed.held), "the question")
        assert followed.held[0].missing == 40
        assert followed.live.wait_until_idle(60)
        assert followed.shown() == 45


def mounted_inside(followed: Followed) -> set[bytes]:
    """The drives inside the root of which the watcher knows. It looks every two seconds."""
    assert followed.live._watched is not None
    (watched,) = followed.live._watched._watcher._folders.values()
    return {mount.place for mount in watched.mounts}


def unlisted_paths(followed: Followed) -> list[bytes]:
    with followed.library.store.read() as db:
        return [path for (path,) in db.execute("SELECT path FROM unlisted")]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount file systems")
def test_a_drive_inside_a_root_that_comes_back_changed(tmp_path: Path, nightly: bool) -> None:
    drive = tmp_path / "drive"
    draw(drive, range(100, 130))
    with following(tmp_path, 40) as followed:
        place = followed.root / "card"
        place.mkdir()
        for turn in range(10 if nightly else 2):
            done = subprocess.run(
                ["mount", "--bind", str(drive), str(place)], check=False, capture_output=True
            )
            if done.returncode:
                pytest.skip("mounting is not allowed here")
            try:
                wait_until(lambda: mounted_inside(followed) == {b"card"}, "the watcher to see the drive")
                wait_until(followed.equals_disk, "the photos of the drive")
                assert followed.shown() == 70 + turn
            finally:
                subprocess.run(["umount", "--lazy", str(place)], check=True)
            wait_until(lambda: not mounted_inside(followed), "the watcher to miss the drive")
            wait_until(lambda: unlisted_paths(followed) == [b"card"], "the drive to be away")
            assert followed.live.wait_until_idle(60)
            assert followed.shown() == 70 + turn
            draw(drive, [200 + turn])  # another computer adds a photo and deletes one
            draw(drive, [300 + turn])
            (drive / f"{100 + turn:05d}.jpg").unlink()
        assert followed.held == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount file systems")
@pytest.mark.parametrize("folder", [".", "card"], ids=["the root", "a folder in it"])
def test_a_card_exchanged_at_once(tmp_path: Path, folder: str) -> None:
    """Another card is mounted in a few milliseconds, with the device, inode and mount number of the first."""
    with following(tmp_path, 40 if folder != "." else 0) as followed:
        place = followed.root / folder
        place.mkdir(exist_ok=True)

        def mount() -> bool:
            command = ["mount", "-t", "tmpfs", "-o", "size=4M", "card", str(place)]
            return subprocess.run(command, check=False, capture_output=True).returncode == 0

        def unmount() -> bool:
            return subprocess.run(["umount", str(place)], check=False, capture_output=True).returncode == 0

        if not mount():
            pytest.skip("mounting is not allowed here")
        try:
            draw(place, range(100, 105))
            wait_until(lambda: followed.shown() >= 5 and followed.equals_disk(), "the first card's photos")
            for turn in range(3):
                wait_until(unmount, "the card to be free")
                assert mount()
                draw(place / "new", range(200 + 5 * turn, 205 + 5 * turn))
                wait_until(followed.equals_disk, "the next card's photos", SECONDS)
                draw(place / "new", [500 + turn])
                wait_until(followed.equals_disk, "a photo that is added later")
        finally:
            wait_until(unmount, "the card to be free")


# Without a free descriptor there are no watches, as where other programs have used up the system's share.
LIMITED = """
import os, resource, sys, threading
from pathlib import Path
from safelight.services.indexing.watcher import FolderWatcher
root = Path(sys.argv[1])
whole, seen = threading.Semaphore(0), threading.Event()
def note(_, paths):
    if paths is None:
        whole.release()
    elif b"new.jpg" in paths:
        seen.set()
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
taken = []
try:
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
watcher = FolderWatcher(note, settle=0.05, heartbeat=0.05, poll=0.1)
watcher.watch(1, os.fsencode(root))
for _ in range(3):
    assert whole.acquire(timeout=30), "it is not polled"
for descriptor in taken:
    os.close(descriptor)
for number in range(300):
    (root / "new.jpg").write_bytes(b"x")
    if seen.wait(0.1):
        break
else:
    raise SystemExit("it is not watched once it can be")
watcher.close()
print("polled, then watched")
"""


@pytest.mark.skipif(os.name == "nt", reason="descriptors")
def test_where_no_watch_is_left_the_folder_is_polled_until_there_is(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stdout == "polled, then watched\n", ended.stderr


def test_a_network_share_is_looked_at_again_and_again(tmp_path: Path) -> None:
    """Another machine's changes make no events here; nothing changes in this folder at all."""
    looked: list[int] = []

    def note(folder_id: int, paths: frozenset[bytes] | None) -> None:
        if paths is None:
            looked.append(folder_id)

    share, disk = tmp_path / "share", tmp_path / "disk"
    share.mkdir()
    disk.mkdir()
    watcher = FolderWatcher(
        note, settle=0.05, heartbeat=0.05, remote_poll=0.1, remote=lambda root: root.endswith(b"share")
    )
    try:
        watcher.watch(1, os.fsencode(share))
        watcher.watch(2, os.fsencode(disk))
        wait_until(lambda: looked.count(1) >= 3, "three looks at the share")
        assert 2 not in looked
    finally:
        watcher.close()


MOUNTINFO = rb"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid shared:2 - proc proc rw
90 22 0:50 / /mnt/nas rw,relatime shared:9 - nfs4 nas:/photos rw,vers=4.2
91 90 8:1 / /mnt/nas/local rw - xfs /dev/sdb rw
92 22 0:51 / /mnt/My\040Share rw - cifs //server/share rw
93 22 0:52 / /home/me/phone rw - fuse.sshfs phone:/ rw
94 22 8:17 / /media/stick rw - fuseblk /dev/sdc1 rw
95 22 8:18 / /mnt/over rw - ext4 /dev/sdd rw
96 22 0:53 / /mnt/over rw - smb3 //server/other rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "remote"),
    [
        (b"/home/me", b"ext4", False),
        (b"/mnt/nas", b"nfs4", True),
        (b"/mnt/nas/2024", b"nfs4", True),
        (b"/mnt/nasty", b"ext4", False),
        (b"/mnt/nas/local/x", b"xfs", False),
        (b"/mnt/My Share/x", b"cifs", True),
        (b"/home/me/phone/DCIM", b"fuse.sshfs", True),
        (b"/media/stick", b"fuseblk", False),
        (b"/mnt/over/x", b"smb3", True),
    ],
)
def test_which_folders_are_on_other_machines(path: bytes, kind: bytes, remote: bool) -> None:
    assert mounts.file_system_of(path, MOUNTINFO) == kind
    assert mounts.is_remote_type(kind) is remote


def test_this_folder_is_local(tmp_path: Path) -> None:
    assert not mounts.is_remote(os.fsencode(tmp_path))
    if sys.platform == "linux":
        assert mounts.file_system_of(os.fsencode(tmp_path), Path("/proc/self/mountinfo").read_bytes())
