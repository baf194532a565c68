"""Killed at any instant, whatever it was doing: it opens again at once, whole, and goes on."""

from __future__ import annotations

import multiprocessing
import os
import random
from pathlib import Path

import pytest

from safelight.store import files, photos, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery import backups, health
from support import killable
from support.fake_encoder import FakeEncoder
from support.reliable import assert_equals_disk, assert_sound, index, opened, small_picture
from support.stored import without_vector

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="SIGKILL")]


@pytest.mark.parametrize("kind", killable.KINDS)
def test_killed(kind: str, tmp_path: Path, nightly: bool) -> None:
    cycles = 200 if nightly else 10
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["support.killable"])
    chance = random.Random(f"killed {kind}")
    for _ in range(cycles):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=killable.work, args=(kind, tmp_path, theirs))
        process.start()
        theirs.close()
        assert ours.recv() == "begun"
        process.join(chance.uniform(0, 0.4))
        assert process.exitcode is None, "it ended by itself"
        process.kill()
        process.join()
        process.close()
        ours.close()
        look_after(kind, tmp_path)
    go_on(tmp_path)
    if kind == "comparing":
        nothing_missed(tmp_path)


def look_after(kind: str, place: Path) -> None:
    """What the next start finds."""
    directory = place / "library"
    if LibraryStore.exists(directory):
        with LibraryStore.create_or_open(directory) as store:
            with store.write() as db:
                files.retry(db, unless_decoder="")
            with store.read() as db:
                assert [finding.problem for finding in health.examine(db)] == []
                for model in vectors.models(db):
                    # Each photo that counts as embedded has a vector, and each vector has a photo.
                    assert vectors.stored_ids(db, model.id) == set(photos.ids(db)) - set(
                        without_vector(db, model.id)
                    ) | orphans(db, model.id)
    for backup in [*(each.path for each in backups.all_backups(directory)), *place.glob("copy.db")]:
        with backups.opened(backup):
            pass
    for picture in (place / "Pictures").rglob("*.jpg"):
        assert picture.read_bytes() == small_picture(int(picture.stem))
    if kind == "migration" and (directory / "library.db").exists():
        with LibraryStore.open_read_only(directory) as store, store.read() as db:
            assert photos.counts(db).photos > 0


def nothing_missed(place: Path) -> None:
    """What was compared between kills and after is what one undisturbed comparison finds."""
    with LibraryStore.create_or_open(place / "library") as store:
        resumed = killable.groups_of(store)
        killable.forget_comparisons(store)
        assert resumed
        assert resumed == killable.groups_of(store)


def orphans(db: Connection, model_id: int) -> set[int]:
    """Photos that lie nowhere just now keep their vectors for a while."""
    return {photo for photo in vectors.stored_ids(db, model_id) if not photos.visible(db, [photo])}


def go_on(place: Path) -> None:
    encoder = FakeEncoder()
    with opened(place / "library", encoder) as library:
        index(library, confirm=True)
        assert_sound(library)
        if (place / "Pictures").exists():
            assert_sound(library, encoder)
            assert_equals_disk(library)
