"""Ten changes, a kill -9 between any two of them, and all is undone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from safelight.core.operations import Undo
from safelight.services.operations.runner import OperationRunner
from safelight.store import journal, marks
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery import health
from support.filled_library import FilledLibrary

pytestmark = pytest.mark.slow

CHANGES = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from safelight.core.operations import *
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums, stacks
from safelight.store.library import LibraryStore
with LibraryStore.create_or_open(Path(sys.argv[1])) as store:
    with store.read() as db:
        a, b, c, d = (row for (row,) in db.execute("SELECT id FROM photo ORDER BY id"))
        done = db.execute("SELECT count(*) FROM journal WHERE undone_at IS NULL").get
    run = OperationRunner(store).run
    makers = [
        lambda: SetRating((a, b), 4),
        lambda: AddTag((a, c), "animals/dog"),
        lambda: CreateAlbum("Trips", None, (c, b, a)),
        lambda: SetCaption((b,), "by the lake"),
        lambda: RenameTag("animals", "pets"),
        lambda: SetHidden((c,), True),
        lambda: StackPhotos((a, d)),
        lambda: CompositeOperation((SetLabel((d,), "red"), SetFavourite((a, d), True))),
        lambda: ArrangeAlbum(1, (a,), c),
        lambda: DeleteTag("pets"),
    ]
    for make in makers[done:]:
        run(make())
        print("done", flush=True)
"""

TABLES = ("mark", "tag", "photo_tag", "album", "album_photo", "stack_photo", "saved_search", "decision")


def state(db: Connection) -> dict[str, list[str]]:
    found = {table: sorted(map(repr, db.execute(f"SELECT * FROM {table}"))) for table in TABLES}
    # An operation on marks leaves rows without any mark behind, and an undone album takes its number along.
    marked = f"SELECT m.* FROM mark AS m WHERE {marks.HAS_MARK}"
    found["mark"] = sorted(map(repr, db.execute(marked)))
    return found


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_ten_changes_with_kills_between_are_undone(tmp_path: Path) -> None:
    filled = FilledLibrary(tmp_path)
    filled.add(*((f"{name}.jpg", "2024-01-01T00:00:00") for name in "abcd"))
    with filled.store.read() as db:
        before = state(db)
    filled.close()
    chance, done = random.Random(3), 0
    while done < 10:
        worker = subprocess.Popen(
            [sys.executable, "-c", CHANGES, filled.directory, Path(__file__).parents[2]],
            stdout=subprocess.PIPE,
            text=True,
        )
        with worker:
            assert worker.stdout is not None
            for _ in range(chance.randint(1, 4)):
                if worker.stdout.readline() != "done\n":
                    break
                done += 1
            worker.send_signal(signal.SIGKILL)
            done += worker.stdout.read().count("done")
        with LibraryStore.create_or_open(filled.directory) as store, store.read() as db:
            kept = [each.step.id for each in journal.steps(db) if each.step.undone_at is None]
            assert health.check(db) == []
        # What was acknowledged is there; one more may be, whose acknowledgement was on its way.
        assert len(kept) in (done, done + 1)
        done = len(kept)
    with LibraryStore.create_or_open(filled.directory) as store:
        for _ in range(10):
            assert OperationRunner(store).run(Undo()).reverted
        assert OperationRunner(store).run(Undo()).undone is None
        with store.read() as db:
            assert state(db) == before
