"""The pool of decode processes outlives a system that refuses processes, and processes that refuse to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import pytest

from safelight.core.errors import FailureKind, ImageError
from safelight.services.indexing import pool_processes, process_pool
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from support import hostile_worker
from support.pictures import encoded, scene
from support.waiting import wait_until

pytestmark = pytest.mark.slow

PNG = encoded(scene(), "PNG")
REFUSED = "could not be started: Resource temporarily unavailable"


class Refusal:
    """The system's answer to the start of a process: refused while ``left`` is above zero."""

    def __init__(self, start: Callable[[SpawnProcess], None]) -> None:
        self._start = start
        self.left = 0
        self.error: Exception = OSError(11, "Resource temporarily unavailable")
        self.refused = 0

    def start(self, process: SpawnProcess) -> None:
        if self.left > 0:
            self.left -= 1
            self.refused += 1
            raise self.error
        self._start(process)


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch) -> Refusal:
    refusal = Refusal(SpawnProcess.start)

    def start(process: SpawnProcess) -> None:
        refusal.start(process)

    monkeypatch.setattr(SpawnProcess, "start", start)
    monkeypatch.setattr(process_pool, "_START_DELAY", 0.01)
    return refusal


@pytest.fixture
def unkillable(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SpawnProcess]]:
    """Processes that were killed in vain. They end with the test."""
    asked: list[SpawnProcess] = []

    def kill(process: SpawnProcess) -> None:
        asked.append(process)

    with monkeypatch.context() as patch:
        patch.setattr(SpawnProcess, "kill", kill)
        patch.setattr(pool_processes, "_KILL_TIMEOUT", 0.05)
        yield asked
    for process in asked:
        if not _closed(process):
            process.kill()
            process.join(30)
            process.close()


def _closed(process: SpawnProcess) -> bool:
    return "closed" in repr(process)


def end(process: SpawnProcess) -> None:
    """As when the disk answers after all, so that the signal is heeded."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)


def fault(future: Future[Any]) -> ImageError:
    error = future.exception(timeout=60)
    assert isinstance(error, ImageError)
    return error


@pytest.mark.expected_log(REFUSED)
def test_one_refused_start_is_tried_again(refusal: Refusal) -> None:
    refusal.left = 1
    with DecodePool() as pool:
        assert pool.load(PNG).result(60)[0].shape == (240, 320, 3)
    assert refusal.refused == 1


@pytest.mark.expected_log("could not be started: (Resource|MemoryError)")
@pytest.mark.parametrize("error", [OSError(11, "Resource temporarily unavailable"), MemoryError()])
def test_without_any_process_what_waits_fails_for_the_moment_only(refusal: Refusal, error: Exception) -> None:
    refusal.left, refusal.error = 1_000_000, error
    with DecodePool(2) as pool:
        waiting = [pool.load(PNG) for _ in range(3)]
        assert all(fault(future).kind.passing for future in waiting)
        refusal.left = 0
        assert pool.load(PNG).result(60)[0].shape == (240, 320, 3)


@pytest.mark.expected_log(REFUSED)
def test_a_pool_continues_with_the_processes_it_has(refusal: Refusal) -> None:
    with DecodePool(2) as pool:
        pool.load(PNG).result(60)
        refusal.left = 1_000_000
        many = [pool.load(PNG) for _ in range(6)]
        assert all(future.result(60)[0].shape == (240, 320, 3) for future in many)
        assert refusal.refused > 0


@pytest.mark.expected_log("ended before it was ready")
def test_processes_that_end_before_they_are_ready_are_not_the_files_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process_pool, "_START_DELAY", 0.01)
    with DecodePool(serve=_ends_at_once) as pool:
        assert fault(pool.load(PNG)).kind.passing


def _ends_at_once(*_: object) -> None:
    os._exit(1)


@pytest.mark.expected_log("the decode pool broke off")
def test_an_error_in_the_pool_is_reported_and_the_next_task_starts_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with DecodePool() as pool:
        pool.load(PNG).result(60)
        with monkeypatch.context() as patch:
            patch.setattr(process_pool, "wait", lambda *_, **__: 1 // 0)
            error = fault(pool.load(PNG))
        assert error.kind.passing
        assert "interrupted" in str(error)
        assert pool.load(PNG).result(60)[0].shape == (240, 320, 3)


def test_a_thread_that_cannot_be_started_fails_the_task_but_not_the_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with DecodePool() as pool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            assert fault(pool.load(PNG)).kind.passing
        assert pool.load(PNG).result(60)[0].shape == (240, 320, 3)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(MemoryError(), FailureKind.OUT_OF_MEMORY), (ValueError("garbled"), FailureKind.CRASHED)],
)
def test_an_answer_that_cannot_be_received_costs_its_process_only(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: FailureKind
) -> None:
    from multiprocessing.connection import Connection

    receive = Connection.recv

    def fail_for_pictures(connection: Connection) -> object:
        answer = receive(connection)
        if isinstance(answer, tuple):
            raise error
        return answer

    with DecodePool() as pool:
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "recv", fail_for_pictures)
            assert fault(pool.load(PNG)).kind is kind
        assert pool.load(PNG).result(60)[0].shape == (240, 320, 3)


def test_a_process_that_cannot_be_killed_holds_up_nothing_but_its_file(
    unkillable: list[SpawnProcess], tmp_path: Path
) -> None:
    (tmp_path / "hang.jpg").write_bytes(encoded(scene(), "JPEG"))
    with DecodePool(1, Limits(seconds=4.0), serve=hostile_worker.run) as pool:
        pool.load(PNG).result(60)
        hanging = pool.load(str(tmp_path / "hang.jpg"))
        behind = pool.load(PNG)
        assert fault(hanging).kind is FailureKind.UNREADABLE
        assert behind.result(60)[0].shape == (240, 320, 3)
        assert len(unkillable) == 1
        end(unkillable[0])

        def reaped() -> bool:
            pool.load(PNG).result(60)
            return _closed(unkillable[0])

        wait_until(reaped, "the ended process is reaped")


@pytest.mark.expected_log("too many that were killed are still alive")
def test_no_more_processes_are_started_than_may_be_left_behind(
    unkillable: list[SpawnProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_processes, "_MAX_ABANDONED", 1)
    monkeypatch.setattr(process_pool, "_START_DELAY", 0.01)
    (tmp_path / "hang.jpg").write_bytes(encoded(scene(), "JPEG"))
    with DecodePool(1, Limits(seconds=4.0), serve=hostile_worker.run) as pool:
        pool.load(PNG).result(60)
        assert fault(pool.load(str(tmp_path / "hang.jpg"))).kind is FailureKind.UNREADABLE
        assert fault(pool.load(PNG)).kind.passing
        end(unkillable[0])
        wait_until(lambda: pool.load(PNG).exception(60) is None, "a process is started again")


PROGRAM = """
import sys
from multiprocessing.popen_spawn_posix import Popen
from safelight.services.indexing.decoding import DecodePool
from support import hostile_worker
from support.waiting import wait_until

if __name__ == "__main__":
    Popen.kill = Popen.terminate = lambda process: None
    pool = DecodePool(1, serve=hostile_worker.run)
    pool.load(sys.argv[1] + "/good.jpg").result(60)
    pool.load(sys.argv[1] + "/hang.jpg")
    wait_until(lambda: bool(pool._workers[0].jobs), "the process has the file")
    pool.close()
    print("closed")
"""


def test_closing_and_the_end_of_the_program_do_not_wait_for_such_a_process(tmp_path: Path) -> None:
    for name in ("good.jpg", "hang.jpg"):
        (tmp_path / name).write_bytes(encoded(scene(), "JPEG"))
    (tmp_path / "program.py").write_text(PROGRAM)
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("closed", 0), done.stderr


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="no /proc to look into a process")
def test_a_decode_process_never_hears_ctrl_c(tmp_path: Path) -> None:
    """It would answer with a traceback while it imports. A fresh program, whose first process this is."""
    program = tmp_path / "program.py"
    program.write_text(
        "import multiprocessing, pathlib\n"
        "from safelight.services.indexing.decoding import DecodePool\n"
        "if __name__ == '__main__':\n"
        "    with DecodePool(1) as pool:\n"
        f"        pool.load({PNG!r}).result(60)\n"
        "        (child,) = multiprocessing.active_children()\n"
        "        for line in pathlib.Path(f'/proc/{child.pid}/status').read_text().splitlines():\n"
        "            if line.startswith('SigBlk'):\n"
        "                print(int(line.split()[1], 16))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=120
    )
    assert int(done.stdout) & 1 << (signal.SIGINT - 1)
