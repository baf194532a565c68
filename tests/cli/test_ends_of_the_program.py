"""How the program itself ends: status and last line, where a command's own answer is not enough."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from safelight.store.library import LibraryStore

pytestmark = pytest.mark.slow

STOPPED = "safelight: Stopped. What was done so far is kept.\n"


def run_program(before: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, after the statements ``before``."""
    program = f"import sys\n{before}\nfrom safelight.__main__ import main\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )


LOADING = """
import atexit, threading
from safelight import app
from safelight.services.models.model import ModelService

def load():
    begun.set()
    if {stays}:
        threading.Event().wait()

def run(argv):
    ModelService(load, None, "key", "name").start()
    begun.wait()
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not {stays}:
            thread.join()
    print("said", end="")
    return 3

begun = threading.Event()
app.run = run
atexit.register(print, " and finalised", end="")
"""


def test_a_model_being_loaded_does_not_see_the_interpreter_taken_down() -> None:
    """Which aborts the process where the loader is inside torch."""
    done = run_program(LOADING.format(stays=True))
    assert (done.returncode, done.stdout, done.stderr) == (3, "said", "")


def test_otherwise_it_ends_as_any_program() -> None:
    done = run_program(LOADING.format(stays=False))
    assert (done.returncode, done.stdout, done.stderr) == (3, "said and finalised", "")


# As a line of a module, and in what a dataclass is made with.
@pytest.mark.parametrize("interrupt", ["raise KeyboardInterrupt", "exec('raise KeyboardInterrupt')"])
def test_ctrl_c_during_the_first_imports_is_one_line(tmp_path: Path, interrupt: str) -> None:
    (tmp_path / "apsw.py").write_text(interrupt, encoding="utf-8")
    known = os.environ.get("PYTHONPATH", "")
    done = subprocess.run(
        [sys.executable, "-m", "safelight", "status"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), known])},
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", STOPPED)


def run_in_shell(line: str, library: Path, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line.replace("safelight", f"'{sys.executable}' -m safelight")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "SAFELIGHT_LIBRARY": str(library), "PYTHONUNBUFFERED": unbuffered},
    )


@pytest.fixture
def library(tmp_path: Path) -> Path:
    LibraryStore.create_or_open(tmp_path / "library").close()
    return tmp_path / "library"


full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
posix = pytest.mark.skipif(os.name != "posix", reason="the streams of a POSIX shell")


@full
@pytest.mark.parametrize(
    ("words", "unbuffered"), [("status", ""), ("status --json", ""), ("status", "1"), ("--help", "")]
)
def test_output_that_cannot_be_written_is_one_line(library: Path, words: str, unbuffered: str) -> None:
    done = run_in_shell(f"safelight {words} >/dev/full", library, unbuffered)
    received = f"safelight: The output could not be written ({os.strerror(errno.ENOSPC)}).\n"
    assert (done.returncode, done.stderr) == (1, received)


@full
def test_a_fault_that_cannot_be_reported_keeps_its_status(tmp_path: Path) -> None:
    done = run_in_shell("safelight status 2>/dev/full", tmp_path / "no library")
    assert (done.returncode, done.stdout) == (1, "")


@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("word", ["status", "--help"])
def test_a_reader_that_has_seen_enough_is_no_fault(library: Path, unbuffered: str, word: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "safelight", word],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "SAFELIGHT_LIBRARY": str(library), "PYTHONUNBUFFERED": unbuffered},
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@posix
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_survived(library: Path, closed: str) -> None:
    done = run_in_shell(f"safelight status {closed}", library)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@posix
def test_a_fault_does_not_go_where_results_belong(tmp_path: Path) -> None:
    done = run_in_shell("safelight status 2>&-", tmp_path / "no library")
    assert (done.returncode, done.stdout) == (1, "")
