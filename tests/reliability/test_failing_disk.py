"""Whichever write, open or rename fails: nothing is damaged, the user is informed, and it continues later."""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from safelight.core.errors import NoSpaceError, SafelightError
from safelight.services.backup import EXPORT_NAME, DailyBackup, back_up, export
from safelight.store import marks, photos
from safelight.store.library import LibraryStore
from safelight.store.recovery import backups, health
from support.failing_disk import FailingDisk, failing_disk
from support.fake_encoder import FakeEncoder
from support.originals import differences, taken_stock
from support.reliable import add_root, assert_equals_disk, assert_sound, draw, index, opened

pytestmark = pytest.mark.skipif(os.name == "nt", reason="replaces POSIX system calls")

CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)
FOREVER = 10**9


@dataclass
class Account:
    """What was promised to the person while the disk failed."""

    favourites: set[int] = field(default_factory=set)
    received: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of ten photos, one of them a favourite, to be copied for each fault."""
    place = tmp_path_factory.mktemp("template")
    draw(place / "Pictures", range(10))
    with opened(place / "library") as library:
        add_root(library, place / "Pictures")
        index(library)
        with library.store.write() as db:
            marks.set_favourite(db, photos.ids(db)[:1], True)
    return place


def a_day(place: Path, account: Account) -> None:
    """What a library goes through: opened, indexed, marked, backed up, exported, closed."""
    with opened(place / "library") as library:
        attempt(account, lambda: index(library))

        def mark() -> None:
            with library.store.write() as db:
                chosen = photos.ids(db)[:3]
                marks.set_favourite(db, chosen, True)
            account.favourites.update(chosen)

        attempt(account, mark)
        trouble = DailyBackup(library.store).make_if_due(time.time())
        if trouble is not None:
            account.received.append(str(trouble))
        attempt(account, lambda: back_up(library.store, place / "copy.db"))
        attempt(account, lambda: export(library.store, place / "export"))


def attempt(account: Account, act: object) -> None:
    assert callable(act)
    try:
        act()
    except SafelightError as error:
        account.received.append(str(error))


def one_fault(place: Path, disk: FailingDisk, fail_at: int, length: int, code: int) -> int:
    """Returns how many calls failed."""
    account = Account()
    draw(place / "Pictures", range(10, 16))
    (place / "Pictures" / "00003.jpg").unlink()
    before = taken_stock(place / "Pictures")
    disk.arm(fail_at, length, code)
    attempt(account, lambda: a_day(place, account))
    disk.disarm()
    failed = disk.failed

    for line in account.received:
        assert line
        assert "\n" not in line
    assert differences(before, taken_stock(place / "Pictures")) == []
    for backup in [*(each.path for each in backups.all_backups(place / "library")), *place.glob("copy.db")]:
        with backups.opened(backup):
            pass
    if (place / "export" / EXPORT_NAME).exists():
        json.loads((place / "export" / EXPORT_NAME).read_text())

    encoder = FakeEncoder()
    with opened(place / "library", encoder) as library:
        with library.store.read() as db:
            assert account.favourites <= set(photos.ids(db, favourites=True))
            assert photos.ids(db, favourites=True)
        index(library)
        assert_sound(library, encoder)
        assert_equals_disk(library)
        with library.store.read() as db:
            assert photos.counts(db).photos == 15
    assert not [path for path in (place / "library").rglob("*.part*") if path.parent.name != "backups"]
    return failed


@pytest.mark.slow
def test_the_nth_call_that_changes_the_disk_fails(template: Path, tmp_path: Path, nightly: bool) -> None:
    most = 1_000 if nightly else 100
    reached = 0
    with failing_disk() as disk:
        for number in range(1, most + 1):
            for code in CODES if nightly else CODES[number % 3 : number % 3 + 1]:
                place = tmp_path / f"{number} {code}"
                shutil.copytree(template, place, copy_function=shutil.copy2)
                relocate(place)
                failed = one_fault(place, disk, number, 1 if number % 2 else FOREVER, code)
                shutil.rmtree(place)
            if not failed:
                break
            reached = number
    assert reached > 50


def relocate(place: Path, pictures: Path | None = None) -> None:
    """The copied library's folder is the copied folder."""
    root = (pictures or place / "Pictures").resolve()
    with LibraryStore.create_or_open(place / "library") as store, store.write() as db:
        db.execute("UPDATE folder SET path = ?", (os.fsencode(root),))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own. :func:`resize` gives it its size."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "small", str(place)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a file system takes root on Linux")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("room", [0, 16, 32, 64, 128, 300, 800, 2000])
def test_a_disk_that_is_really_full(template: Path, tmp_path: Path, small_disk: Path, room: int) -> None:
    """``room`` kilobytes are left. The kernel, not a replaced call, refuses what does not fit."""
    shutil.copytree(template / "Pictures", tmp_path / "Pictures")
    shutil.copytree(template / "library", small_disk / "library")
    relocate(small_disk, tmp_path / "Pictures")
    draw(tmp_path / "Pictures", range(10, 60))
    account = Account()
    before = taken_stock(tmp_path / "Pictures")
    resize(small_disk, f"{shutil.disk_usage(small_disk).used // 1024 + room}k")
    attempt(account, lambda: a_day(small_disk, account))
    assert account.received
    for line in account.received:
        assert re.search(r"disk .*full|No space left on device", line), line
    assert differences(before, taken_stock(tmp_path / "Pictures")) == []
    assert not list(small_disk.rglob("*.part*"))
    resize(small_disk, "64m")
    encoder = FakeEncoder()
    with opened(small_disk / "library", encoder) as library:
        with library.store.read() as db:
            assert account.favourites <= set(photos.ids(db, favourites=True))
        index(library)
        assert_sound(library, encoder)
        assert_equals_disk(library)
        with library.store.read() as db:
            assert photos.counts(db).photos == 60


@pytest.mark.slow
@pytest.mark.parametrize("version", [2, 3, 4])
def test_an_upgrade_on_a_full_disk(tmp_path: Path, small_disk: Path, version: int) -> None:
    source = Path(__file__).parents[1] / "data" / f"library-v{version}.db"
    refused = 0
    for size in range(240, 1200, 40):
        resize(small_disk, "64m")
        library = small_disk / f"library {size}"
        library.mkdir()
        shutil.copy(source, library / "library.db")
        resize(small_disk, f"{size}k")
        try:
            LibraryStore.create_or_open(library).close()
        except NoSpaceError:
            refused += 1
            resize(small_disk, "64m")
        with LibraryStore.open_up_to_date_read_only(library) as store, store.read() as db:
            assert health.check(db) == []
            assert photos.counts(db).photos > 0
        shutil.rmtree(library)
    assert 5 < refused < 20


# From the filter on, the kernel answers every fsync with EIO (seccomp(2)).
UNSYNCED = """
import ctypes, errno, platform, struct, sys, time
from pathlib import Path
from safelight.core.errors import SafelightError
from safelight.services.backup import DailyBackup, back_up
from safelight.store import marks, photos
from support.reliable import add_root, draw, index, opened
place = Path(sys.argv[1])
calls = {"x86_64": (74, 75), "aarch64": (82, 83)}[platform.machine()]
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
steps = [(LOAD, 0, 0, 0), (EQUAL, 1, 0, calls[0]), (EQUAL, 0, 1, calls[1]),
         (RETURN, 0, 0, 0x00050000 | errno.EIO), (RETURN, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
draw(place / "Pictures", range(10))
told = []
with opened(place / "library") as library:
    add_root(library, place / "Pictures")
    index(library)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program):
        sys.exit("no filter")
    for act in (
        lambda: draw(place / "Pictures", range(10, 20)),
        lambda: index(library),
        lambda: back_up(library.store, place / "copy.db"),
    ):
        try:
            act()
        except SafelightError as error:
            told.append(str(error))
    told.append(str(DailyBackup(library.store).make_if_due(time.time()) or ""))
    with library.store.write() as db:
        marks.set_favourite(db, photos.ids(db), True)
print([bool(line) and "disk" in line or "written" in line for line in told])
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="seccomp by number"
)
def test_nothing_reaches_the_disk_for_certain(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", UNSYNCED, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "no filter" in ended.stderr:
        pytest.skip("this system allows no filter")
    assert ended.stderr == ""
    assert "True" in ended.stdout  # no backup is taken for one that is not on the disk
    assert not (tmp_path / "copy.db").exists()
    assert not backups.all_backups(tmp_path / "library")
    encoder = FakeEncoder()
    with opened(tmp_path / "library", encoder) as library:
        index(library)
        assert_sound(library, encoder)
        assert_equals_disk(library)
        with library.store.read() as db:
            assert len(photos.ids(db, favourites=True)) >= 10
