"""Work that is killed in the middle, each kind a function of a place. Run in processes of their own.

A place holds ``Pictures`` and ``library``. Each function works until it is killed, and goes on where an
earlier one was.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from safelight.core.duplicates import DuplicateGroup, Verdict
from safelight.core.jobs import JobControl
from safelight.services.backup import back_up
from safelight.services.duplicates.comparing import FINGERPRINT_VERSION, Comparer, model_for_comparing
from safelight.services.duplicates.grouping import find_groups, identical_files
from safelight.services.duplicates.qualities import Qualities
from safelight.store import decisions, likeness, marks, photos, settings, vectors
from safelight.store.library import LibraryStore
from safelight.store.recovery import backups
from support.fake_encoder import FakeEncoder
from support.reliable import add_root, draw, index, opened

SAVED_V1 = Path(__file__).resolve().parents[1] / "data" / "library-v1.db"


def indexing(place: Path) -> None:
    """New files come, others change and go, and all of it is indexed."""
    root = place / "Pictures"
    root.mkdir(exist_ok=True)
    with opened(place / "library", FakeEncoder(batch_size=8)) as library:
        add_root(library, root)
        for turn in itertools.count(os.getpid() % 1000 * 100):
            draw(root / f"{turn % 7}", range(turn, turn + 12))
            if turn % 3 == 0:
                shutil.rmtree(root / f"{(turn + 3) % 7}", ignore_errors=True)
            index(library, confirm=True)


def grouping(place: Path) -> None:
    """Copies are found, judged, and judged otherwise."""
    root = place / "Pictures"
    draw(root / "once", range(20))
    draw(root / "again", range(20))
    with opened(place / "library") as library:
        add_root(library, root)
        index(library)
        for turn in itertools.count():
            with library.store.read() as db:
                assert len(identical_files(db)) >= 20
                ids = photos.ids(db)
            with library.store.write() as db:
                marks.set_rating(db, ids, turn % 6)
                marks.add_tag(db, ids[: turn % len(ids)], f"turn {turn % 5}")
                verdict = Verdict.NOT_DUPLICATES if turn % 2 else Verdict.KEEP_BOTH
                for pair in itertools.pairwise(ids):
                    decisions.store_verdict(db, pair, verdict, time.time())


def comparing(place: Path) -> None:
    """Every photo is compared again with every other, as when the rules change, and put into groups."""
    root = place / "Pictures"
    draw(root, range(40))
    with opened(place / "library") as library:
        add_root(library, root)
        index(library)
        while True:
            forget_comparisons(library.store)
            groups_of(library.store)


def forget_comparisons(store: LibraryStore) -> None:
    """Leave the photos as if they had been compared by older rules."""
    with store.write() as db:
        likeness.put_fingerprints(db, FINGERPRINT_VERSION - 1, [(photo, 0, 0.0) for photo in photos.ids(db)])


def groups_of(store: LibraryStore) -> list[DuplicateGroup]:
    """Compare what is not compared, and group."""
    with store.read() as db:
        model_id = model_for_comparing(db)
    for _ in Comparer(store).run(model_id, JobControl()):
        pass
    with store.read() as db:
        return find_groups(db, Qualities())


def migrating(place: Path) -> None:
    """A library of the first version is brought up to date, again and again."""
    directory = place / "library"
    directory.mkdir(exist_ok=True)
    while True:
        shutil.copyfile(SAVED_V1, directory / "older.db")
        (directory / "older.db").replace(directory / "library.db")
        LibraryStore.create_or_open(directory).close()


def backing_up(place: Path) -> None:
    """Copies of the library, of both kinds, while its marks change."""
    root = place / "Pictures"
    draw(root, range(30))
    with opened(place / "library") as library:
        add_root(library, root)
        index(library)
        for turn in itertools.count():
            with library.store.write() as db:
                marks.set_favourite(db, photos.ids(db), turn % 2 == 0)
            with library.store.read() as db:
                backups.make(db, library.store.directory, time.time())
            back_up(library.store, place / "copy.db", replace=True)


def changing_models(place: Path) -> None:
    """Each photo gets a vector of another model in each turn, and the former vectors go."""
    root = place / "Pictures"
    draw(root, range(60))
    for turn in itertools.count(os.getpid() % 2):
        encoder = FakeEncoder(f"model-{turn % 2}", batch_size=4)
        with opened(place / "library", encoder) as library:
            add_root(library, root)
            with library.store.write() as db:
                settings.put(db, settings.MODEL, encoder.info.name)
            index(library)
            with library.store.write() as db:
                for model in vectors.models(db):
                    if model.key != encoder.info.key:
                        vectors.delete_model(db, model.id)


KINDS: dict[str, Callable[[Path], None]] = {
    "index": indexing,
    "grouping": grouping,
    "comparing": comparing,
    "migration": migrating,
    "backup": backing_up,
    "model change": changing_models,
}


def work(kind: str, place: Path, connection: Connection) -> None:
    """The entry of the process: says when it begins."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    connection.send("begun")
    KINDS[kind](place)
