"""Photos that are gone leave nothing behind after their time, or at once when the user says so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from safelight.core.settings import FORGET_DAYS, VERIFY_PERCENT
from safelight.services import forgetting, settings
from safelight.store import files, marks, photos, vectors
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.stored import add_photos_with_vectors

DAY = 86_400.0
SECRET = b"jpeg of (1, '2.jpg')"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "library"


def library(directory: Path) -> LibraryStore:
    store = LibraryStore.create_or_open(directory)
    with store.write() as db:
        _, ids, _ = add_photos_with_vectors(db, 6)
        marks.set_favourite(db, ids[:1], True)
        db.execute("UPDATE photo SET latitude = 12.3456789, camera = 'Secret Camera' WHERE id = ?", (ids[2],))
        files.remove(db, [1, 3, 4])
    return store


def held(store: LibraryStore) -> tuple[int, int, int]:
    """(photos, vectors, thumbnails), hidden ones included."""
    with store.read() as db:
        return (
            db.execute("SELECT count(*) FROM photo").get,
            len(vectors.stored_ids(db, 1)),
            db.execute("SELECT count(*) FROM thumbs.thumbnail").get,
        )


def on_disk(directory: Path, text: bytes) -> list[str]:
    return [path.name for path in directory.iterdir() if path.is_file() and text in path.read_bytes()]


def test_what_went_thirty_days_ago_is_removed(directory: Path) -> None:
    """Nothing called prune_orphans: thumbnails, places and vectors of deleted photos stayed for ever."""
    with library(directory) as store:
        now = time.time()
        assert forgetting.forget_old(store, 30, now + 29 * DAY) == 0
        assert held(store) == (6, 6, 6)
        assert forgetting.forget_old(store, 0, now + 1000 * DAY) == 0
        assert forgetting.forget_old(store, 30, now + 31 * DAY) == 2
        assert held(store) == (4, 4, 4)
        with store.read() as db:
            assert health.check(db) == []
            assert photos.counts(db).photos == 3
        assert forgetting.forget_old(store, 30, now + 31 * DAY) == 0


def test_forget_now_leaves_no_trace_in_the_library(directory: Path) -> None:
    with library(directory) as store:
        assert on_disk(directory, b"Secret Camera")
        assert on_disk(directory, SECRET)
        done = forgetting.forget_now(store)
        assert (done.photos, done.kept) == (2, 1)
        with store.read() as db:
            assert health.check(db) == []
        assert on_disk(directory, b"Secret Camera") == []
        assert on_disk(directory, SECRET) == []
        done = forgetting.forget_now(store, marked=True)
        assert (done.photos, done.kept) == (1, 0)
        assert held(store) == (3, 3, 3)
        with store.read() as db:
            assert health.check(db) == []


def test_the_settings_are_checked(directory: Path) -> None:
    with library(directory) as store:
        assert settings.change(store, "forget-days", "7")[FORGET_DAYS] == 7
        assert settings.change(store, "verify-percent", "0")[VERIFY_PERCENT] == 0
        with store.read() as db:
            assert settings.read(db)[FORGET_DAYS] == 7


def test_a_clock_that_ran_ahead_keeps_nothing_for_ever(directory: Path) -> None:
    """Photos that went "in 2040" stayed until then, also after the user said to forget them now."""
    with library(directory) as store:
        now = time.time()
        with store.write() as db:
            db.execute("UPDATE photo SET orphaned_at = ? WHERE orphaned_at IS NOT NULL", (now + 5000 * DAY,))
        assert forgetting.forget_old(store, 30, now) == 0
        assert forgetting.forget_old(store, 30, now + 29 * DAY) == 0
        assert forgetting.forget_old(store, 30, now + 31 * DAY) == 2
        with store.write() as db:
            files.remove(db, [5])
            db.execute("UPDATE photo SET orphaned_at = ? WHERE orphaned_at IS NOT NULL", (now + 5000 * DAY,))
        assert forgetting.forget_now(store).photos == 1
