"""Daily backups while the clock is wrong: ahead, back again, or stuck in the past."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.services.backup import DailyBackup
from safelight.store.library import LibraryStore
from safelight.store.recovery import backup_notes, backups
from support.stored import add_photos_with_vectors

NOON = 1_800_000_000.0
DAY = 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LibraryStore]:
    with LibraryStore.create_or_open(tmp_path / "library") as opened:
        with opened.write() as db:
            add_photos_with_vectors(db, 3)
        yield opened


def make(store: LibraryStore, now: float) -> None:
    """As a program does that is started on that day."""
    DailyBackup(store).make_if_due(now)


def test_a_clock_that_ran_ahead_does_not_end_daily_backups(store: LibraryStore) -> None:
    """Seven backups dated 2040 were always the newest by name, and each new one was removed at once."""
    for day in range(backups.MAX_DAILY_BACKUPS):
        make(store, NOON + 5000 * DAY + day * DAY)
    future = backups.daily(store.directory)
    for day in range(1, 4):
        make(store, NOON + day * DAY)
        newest = backups.all_backups(store.directory)[0]
        assert newest.made_at == NOON + day * DAY
        assert len(backups.daily(store.directory)) == backups.MAX_DAILY_BACKUPS
    assert backups.newest_sound(store.directory) == newest.path
    assert len(set(future) & set(backups.daily(store.directory))) == backups.MAX_DAILY_BACKUPS - 3


def test_a_date_in_the_future_is_reported_once(store: LibraryStore) -> None:
    make(store, NOON + 400 * DAY)
    daily = DailyBackup(store)
    received = str(daily.make_if_due(NOON))
    assert "in the future" in received
    assert "clock" in received
    assert len(backups.daily(store.directory)) == 2
    assert daily.make_if_due(NOON + DAY) is None


def test_a_clock_that_jumps_to_and_fro_keeps_the_latest_work(store: LibraryStore) -> None:
    for turn in range(12):
        make(store, 0.0 if turn % 2 else NOON + turn * DAY)
    numbers = [each.number for each in backups.all_backups(store.directory)]
    assert numbers == list(range(12, 12 - backups.MAX_DAILY_BACKUPS, -1))


def test_two_backups_of_one_second_are_two_files(store: LibraryStore) -> None:
    with store.read() as db:
        made = [backups.make(db, store.directory, NOON) for _ in range(3)]
    assert len(set(made)) == 3
    assert backups.daily(store.directory) == made[::-1]


def test_backups_of_older_versions_come_before_numbered_ones(store: LibraryStore) -> None:
    """Those have no number; among themselves the date in the name decides."""
    folder = store.directory / backups.FOLDER
    with store.read() as db:
        made = backups.make(db, store.directory, NOON)
        plain = store.directory.parent / "plain.db"
        backups.copy_to(db, plain, NOON)
    import apsw

    db2 = apsw.Connection(str(plain))
    db2.execute("DELETE FROM meta WHERE key LIKE 'backup_%'")
    db2.close()
    for name in ("library-20400101-000000.db", "library-20250101-000000.db"):
        shutil.copy(plain, folder / name)
    found = backups.daily(store.directory)
    assert found[0] == made
    assert [path.name for path in found[1:]] == ["library-20400101-000000.db", "library-20250101-000000.db"]
    assert backup_notes.describe(found[1]).number == 0
    assert time.localtime(backup_notes.describe(found[1]).made_at).tm_year == 2040


@pytest.mark.parametrize("content", [b"", b"junk" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_notes_of_a_damaged_file_are_read_without_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "library-20200101-000000.db"
    path.write_bytes(content)
    assert backup_notes.describe(path).number == 0
    assert not backup_notes.is_marked(path)


def test_a_clock_that_was_ahead_while_the_program_ran_delays_nothing(store: LibraryStore) -> None:
    """The next attempt was due an hour after the last one, which was years ahead."""
    daily = DailyBackup(store)
    daily.make_if_due(NOON + 5000 * DAY)
    daily.make_if_due(NOON)
    assert [each.made_at for each in backups.all_backups(store.directory)] == [NOON, NOON + 5000 * DAY]
