"""What passes is tried again, and not too often."""

from __future__ import annotations

import time
from concurrent.futures import Future
from pathlib import Path

from safelight.core.encoder import InputSpec
from safelight.core.errors import FailureKind, ImageError
from safelight.core.jobs import JobControl
from safelight.core.photo import DecodedPhoto
from safelight.store import files, photos
from support.reliable import DecodingHere, add_root, draw, opened


class LittleMemory(DecodingHere):
    """Memory for small pictures only, until there is more."""

    enough = False

    def decode(self, path: str, spec: InputSpec | None) -> Future[DecodedPhoto]:
        if self.enough or "00003" not in path:
            return super().decode(path, spec)
        future: Future[DecodedPhoto] = Future()
        future.set_exception(ImageError(FailureKind.OUT_OF_MEMORY, "There is not enough memory."))
        return future


def test_no_memory_is_tried_again_ever_less_often_and_in_the_end_read(tmp_path: Path) -> None:
    draw(tmp_path / "Pictures", range(6))
    pool = LittleMemory()
    with opened(tmp_path / "library", pool=pool) as library:
        root = add_root(library, tmp_path / "Pictures")
        indexer = library.indexer()

        def run() -> float:
            indexer.run({root: None}, JobControl(), wait_for_model=True)
            return time.time()

        failed = run()
        waits = []
        for _ in range(9):
            wait = next(
                seconds for seconds in range(60, 10_000, 60) if indexer.retry_transient(failed + seconds + 5)
            )
            waits.append(wait)
            failed = run()
        assert waits == [60, 120, 240, 480, 960, 1920, 3840, 3840, 3840]
        with library.store.read() as db:
            assert [failure.kind for failure in files.failures(db)] == [FailureKind.OUT_OF_MEMORY]
            assert photos.counts(db).photos == 5
        # The person need not wait.
        assert indexer.retry_transient(failed, at_once=True) == 1
        pool.enough = True
        run()
        with library.store.read() as db:
            assert files.failures(db) == []
            assert photos.counts(db).photos == 6


def test_a_failure_of_the_future_is_tried_again(tmp_path: Path) -> None:
    """The clock was ahead when the file failed. It waited until that date came."""
    draw(tmp_path / "Pictures", range(4))
    pool = LittleMemory()
    with opened(tmp_path / "library", pool=pool) as library:
        root = add_root(library, tmp_path / "Pictures")
        indexer = library.indexer()
        indexer.run({root: None}, JobControl(), wait_for_model=True)
        assert indexer.retry_transient(time.time() - 5000 * 86_400.0) == 1
