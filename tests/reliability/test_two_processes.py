"""Two programs at one library: one writes, the other waits or says why not, and no write is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.errors import SafelightError
from safelight.core.jobs import Phase
from safelight.core.operations import AddFolder
from safelight.engine import client as engine_client
from safelight.engine.client import EngineClient
from safelight.engine.events import EngineStopped, IndexProgress
from safelight.engine.requests import PauseIndexing, ResumeIndexing, RunOperation
from safelight.engine.server import EngineOptions
from safelight.services.indexing.live import LiveIndexer
from safelight.services.library import Library
from safelight.store import folders, marks, photos
from safelight.store.library import LibraryStore
from support.engine_talk import EngineTalk
from support.fake_encoder import FakeEncoder
from support.listening import failures_into
from support.reliable import add_root, assert_equals_disk, assert_sound, draw, index, opened
from support.waiting import wait_until

HOLDER = """
import sys, apsw
db = apsw.Connection(sys.argv[1])
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def locked_by_another(database: Path) -> Iterator[Callable[[], None]]:
    """Another program (a backup tool, a browser of databases) writes; gives a function that ends it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def let_go() -> None:
        assert holder.stdin is not None
        if not holder.stdin.closed:
            holder.stdin.close()
        holder.wait(30)

    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield let_go
        let_go()


def seconds_of(nightly: bool) -> list[float]:
    return [0.5, 5.0, 60.0] if nightly else [0.5, 6.0]


def test_a_lock_held_by_another_program(tmp_path: Path, nightly: bool) -> None:
    root = (tmp_path / "Pictures").resolve()
    draw(root, range(10))
    encoder = FakeEncoder()
    received: list[str] = []
    with opened(tmp_path / "library", encoder) as library:
        add_root(library, root)
        library.model.wait()
        listener = failures_into(received)
        live = LiveIndexer(library.store, library.indexer(), listener, retry_seconds=0.2)
        live.start()
        try:
            assert live.wait_until_idle(60)
            for turn, seconds in enumerate(seconds_of(nightly), start=1):
                with locked_by_another(tmp_path / "library" / "library.db") as let_go:
                    draw(root, range(turn * 100, turn * 100 + 10))
                    started = time.monotonic()
                    while time.monotonic() - started < seconds:
                        # As the window does. The lock is held, so a read that needed it would fail.
                        with library.store.read() as db:
                            assert photos.counts(db).photos == turn * 10
                        time.sleep(0.05)
                    let_go()
                expected = turn * 10 + 10
                wait_until(partial(shows, library, expected), "the new photos")
            assert live.wait_until_idle(60)
        finally:
            live.close()
        assert_equals_disk(library)
        assert_sound(library, encoder)
    # Said once each time that it lasted longer than a writer waits, and not again at each attempt.
    assert len(received) <= len(seconds_of(nightly))
    assert all("Another program is busy" in line for line in received)


def shows(library: Library, count: int) -> bool:
    with library.store.read() as db:
        return photos.counts(db).photos == count


def test_a_mark_waits_for_a_short_lock_and_is_refused_by_a_long_one(tmp_path: Path) -> None:
    draw(tmp_path / "Pictures", range(3))
    with opened(tmp_path / "library") as library:
        add_root(library, tmp_path / "Pictures")
        index(library)
        with library.store.read() as db:
            ids = photos.ids(db)

        def mark(photo: int) -> None:
            with library.store.write() as db:
                marks.set_favourite(db, [photo], True)

        database = tmp_path / "library" / "library.db"
        with locked_by_another(database) as let_go, pytest.raises(SafelightError, match="try again"):
            mark(ids[0])
        with locked_by_another(database) as let_go:
            threading.Timer(0.5, let_go).start()
            mark(ids[1])
        with library.store.read() as db:
            assert photos.ids(db, favourites=True) == [ids[1]]


def safelight(library: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "safelight", "--library", str(library), *words]
    return subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_line_beside_a_running_engine(tmp_path: Path) -> None:
    root = (tmp_path / "Pictures").resolve()
    draw(root, range(5))
    with EngineTalk(tmp_path) as talk:
        talk.client.send(RunOperation(901, AddFolder(str(root))))
        talk.hear(LibraryChanged, lambda change: bool(change.added))

        for more in (["--watch"], ["--model", "starter"]):
            refused = safelight(talk.library, "index", str(root), *more)
            assert refused.returncode == 1
            assert refused.stdout == ""
            (line,) = refused.stderr.splitlines()
            assert line.startswith("safelight: Another Safelight is using the library at ")
        assert talk.restarts == 0

        # The engine does what else is asked for.
        new = (tmp_path / "New").resolve()
        draw(new, range(10, 17))
        report = json.loads(safelight(talk.library, "index", "--json", str(new)).stdout)
        assert (report["photos"], report["added"], report["failed"]) == (12, 7, 0)
        draw(root, [5])
        (new / "broken.jpg").write_bytes(b"no picture")
        (new / "00010.jpg").unlink()
        wait_until(
            lambda: json.loads(safelight(talk.library, "index", "--json").stdout)["photos"] == 12,
            "the changes",
        )
        report = json.loads(safelight(talk.library, "index", "--json", str(new)).stdout)
        assert (report["photos"], report["failed"]) == (12, 1)
        missing = safelight(talk.library, "index", str(tmp_path / "missing"))
        assert (missing.returncode, missing.stdout) == (1, "")
        assert "missing" in missing.stderr
        for command, said in (
            ("protect", "is protected"),
            ("protect", "was protected already"),
            ("unprotect", "is no longer protected"),
        ):
            assert safelight(talk.library, command, str(new)).stdout == f"{new} {said}.\n"
        inner = root / "below"
        draw(inner, range(20, 24))
        wait_until(
            lambda: json.loads(safelight(talk.library, "index", "--json").stdout)["photos"] == 16,
            "the photos below",
        )
        for action, said in (
            ("exclude", "is excluded; 4 photos left the library. The files stay as they are."),
            ("exclude", "is already excluded."),
            ("include", "is in the library again, with 4 photos. The next scan finds what is new in it."),
        ):
            named = os.path.relpath(inner)  # the engine has another current folder, perhaps
            assert safelight(talk.library, "folders", action, named).stdout == f"{inner} {said}\n"
        assert talk.restarts == 0

        # What only reads is not kept out.
        assert safelight(talk.library, "status").returncode == 0
        assert safelight(talk.library, "backup", str(tmp_path / "copy.db")).returncode == 0
        refused = safelight(talk.library, "restore", str(tmp_path / "copy.db"))
        assert refused.returncode == 1
        assert "Another Safelight is using" in refused.stderr
        with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
            assert {folder.path for folder in folders.all_folders(db)} == {str(root), str(new)}
    assert safelight(talk.library, "doctor").returncode == 0


def test_an_index_command_waits_while_the_window_pauses(tmp_path: Path) -> None:
    root = (tmp_path / "Pictures").resolve()
    draw(root, range(5))
    with EngineTalk(tmp_path) as talk:
        talk.client.send(PauseIndexing())
        talk.hear(IndexProgress, lambda event: event.progress.phase is Phase.PAUSED)
        program = [sys.executable, "-m", "safelight", "--library", str(talk.library), "index", str(root)]
        with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
            assert command.stderr is not None
            assert command.stdout is not None
            said = command.stderr.readline()
            assert (
                said
                == "safelight: Indexing is paused in the window, and continues when you resume it there.\n"
            )
            talk.client.send(ResumeIndexing())
            assert command.stdout.read().startswith("5 photos, 5 added")
        assert command.returncode == 0


def test_an_engine_that_dies_five_times_is_explained_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(engine_client._RESTART_DELAYS) == 4
    monkeypatch.setattr(engine_client, "_RESTART_DELAYS", (0.0,) * 4)
    client = EngineClient(EngineOptions(tmp_path / "library", tmp_path / "models"), _die)
    client.start()
    try:
        stops = [client.receive(60) for _ in range(5)]
        assert all(isinstance(stop, EngineStopped) for stop in stops)
        assert [stop.will_restart for stop in stops if isinstance(stop, EngineStopped)] == [True] * 4 + [
            False
        ]
        last = stops[-1]
        assert isinstance(last, EngineStopped)
        assert "5 times within a minute" in str(last.message)
        assert "Your photos are not affected" in str(last.message)
        assert client.receive(1) is None
        assert client.pid is None
    finally:
        client.close()


def _die(options: EngineOptions) -> Library:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError(options)


def test_a_second_window_hands_its_folders_to_the_first_and_ends(tmp_path: Path) -> None:
    pytest.importorskip("PySide6.QtWidgets")
    runtime = Path(tempfile.mkdtemp(prefix="sl-"))  # a socket's name has room for about a hundred bytes
    draw(tmp_path / "Pictures", range(3))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(runtime)}
    library = tmp_path / "library"
    program = [sys.executable, "-m", "safelight", "--library", str(library)]
    first = subprocess.Popen(program, env=environment)
    try:
        wait_until(lambda: any(runtime.glob("*.sock")), "the first window", 60)
        wait_until(lambda: LibraryStore.exists(library), "its engine", 60)
        second = subprocess.run(
            [*program, "Pictures"],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (second.returncode, second.stdout, second.stderr) == (0, b"", b"")
        wait_until(lambda: roots_of(library) == [str((tmp_path / "Pictures").resolve())], "the folder", 60)
        assert first.poll() is None
    finally:
        first.terminate()  # as politely as closing the window
        assert first.wait(60) == 0
        shutil.rmtree(runtime)


def roots_of(library: Path) -> list[str]:
    try:
        with LibraryStore.open_read_only(library) as store, store.read() as db:
            return [folder.path for folder in folders.all_folders(db)]
    except SafelightError:  # still being made
        return []
