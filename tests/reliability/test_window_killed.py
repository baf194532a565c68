"""The window, its engine and their helpers are killed while command lines change the library beside them."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from safelight.core.errors import LibraryInUseError
from safelight.services.operations.runner import OperationRunner
from safelight.store import photos
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.originals import differences, taken_stock
from support.processes import family
from support.reliable import add_root, draw, index, opened
from support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

PATIENCE = 120.0


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """An environment without a screen, and with a folder for sockets, whose names must be short."""
    runtime = tempfile.mkdtemp(prefix="sl-")
    try:
        yield {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": runtime}
    finally:
        shutil.rmtree(runtime)


def test_what_was_acknowledged_is_there_after_kills(tmp_path: Path, nightly: bool) -> None:
    pytest.importorskip("PySide6.QtWidgets")
    chance = random.Random("window")
    root, directory = (tmp_path / "Pictures").resolve(), tmp_path / "library"
    draw(root, range(12))
    with opened(directory) as library:
        add_root(library, root)
        index(library)
    before = taken_stock(root)
    acknowledged: set[str] = set()
    with surroundings() as environment:
        for turn in range(60 if nightly else 2):
            program = [sys.executable, "-m", "safelight", "--library", str(directory)]
            window = subprocess.Popen(
                program, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                wait_until(lambda: bool(family(window.pid)), "the engine", PATIENCE)  # noqa: B023
                for number in range(3):
                    name = f"tag {turn} {number}"
                    if tagged(program, environment, name, root, chance, window.pid):
                        acknowledged.add(name)
            finally:
                window.kill()
                window.wait()
            check(directory, acknowledged)
    assert differences(before, taken_stock(root)) == []


def tagged(
    program: list[str],
    environment: dict[str, str],
    name: str,
    root: Path,
    chance: random.Random,
    window: int,
) -> bool:
    """Add a tag to all photos while one of the window's processes is killed; return whether it was
    acknowledged.
    """
    words = [*program, "tag", "add", name, str(root)]
    command = subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with command:
        with suppress(subprocess.TimeoutExpired):
            command.wait(chance.uniform(0, 1.5))
        victims = family(window) or [window]
        with suppress(ProcessLookupError):
            os.kill(chance.choice([window, *victims]), signal.SIGKILL)
        out, errors = command.communicate(timeout=PATIENCE)
    assert "Traceback" not in errors
    if command.returncode == 0:
        assert out.startswith("12 photos changed")
        return True
    assert len(errors.splitlines()) == 1, errors
    return False


def check(directory: Path, acknowledged: set[str]) -> None:
    """Open the library as the next start does."""
    stores: list[LibraryStore] = []

    def is_free() -> bool:
        try:
            stores.append(LibraryStore.create_or_open(directory))
        except LibraryInUseError:
            return False  # the engine has not noticed yet that its window is gone
        return True

    wait_until(is_free, "the engine to end", PATIENCE)
    with stores[0] as store:
        OperationRunner(store).recover()
        with store.read() as db:
            assert [finding.problem for finding in health.examine(db)] == []
            assert photos.counts(db).photos == 12
            rows = db.execute(
                "SELECT t.name, count(*) FROM tag AS t JOIN photo_tag AS x ON x.tag_id = t.id GROUP BY t.id"
            )
            tags = dict(rows)
    assert acknowledged <= tags.keys()
    assert set(tags.values()) <= {12}  # each tag is on all photos or on none
