from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from safelight.store import photos, stored_thumbnails, vectors
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.stored import MODEL, digest

pytestmark = pytest.mark.slow

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from support.stored import MODEL, add_folder, add_photo, unit_vectors
from safelight.store import files, photos, vectors
from safelight.store.library import LibraryStore
with LibraryStore.create_or_open(Path(sys.argv[1])) as store:
    with store.write() as db:
        folder_id = add_folder(db)
        model_id = vectors.register(db, MODEL, 1.0)
        start = photos.counts(db).photos
    for batch in range(start, start + 5000, 8):
        with store.write() as db:
            names = [str(number) for number in range(batch, batch + 8)]
            ids = [add_photo(db, folder_id, name + ".jpg", content=name) for name in names]
            rows = unit_vectors(batch, 8)
            vectors.put(db, model_id, ids, rows)
            # Some work that undoes and replaces, not only adds.
            vectors.put(db, model_id, ids[:2], rows[:2][::-1])
            files.remove(db, [files.of_photo(db, ids[0])[0].id])
            add_photo(db, folder_id, "again " + names[0], content=names[0])
        print(batch + 8, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_writer_killed_at_any_instant_loses_at_most_its_last_batch(directory: Path) -> None:
    chance = random.Random(1)
    committed = 0
    for _ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, directory, Path(__file__).parents[1]],
            stdout=subprocess.PIPE,
            text=True,
        )
        with writer:
            assert writer.stdout is not None
            for _ in range(chance.randint(3, 25)):
                committed = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            last = writer.stdout.read().split()
        committed = int(last[-1]) if last else committed

        # As the window sees it: reading only, with what the dead writer left lying about.
        with LibraryStore.open_read_only(directory) as reader, reader.read() as db:
            found = photos.counts(db).photos
            assert found in (committed, committed + 8)
            assert health.check(db) == []
        with LibraryStore.create_or_open(directory) as store, store.read() as db:
            assert health.check(db) == []
            model_id = vectors.model_id(db, MODEL.key)
            assert model_id is not None
            assert photos.counts(db, model_id).embedded == found
            assert sum(len(ids) for ids, _ in vectors.all_vectors(db, model_id)) == found
            lengths = [np.linalg.norm(rows, axis=1) for _, rows in vectors.all_vectors(db, model_id)]
            np.testing.assert_allclose(np.concatenate(lengths), 1, atol=1e-5)
            # A photo's thumbnail is its own or none.
            lacking = set(stored_thumbnails.missing(db))
            for name in map(str, range(found)):
                photo = photos.find_by_content(db, digest(name))
                assert photo is not None
                jpeg = stored_thumbnails.get_many(db, [photo]).get(photo)
                assert jpeg == f"jpeg of {name}".encode() or photo in lacking
