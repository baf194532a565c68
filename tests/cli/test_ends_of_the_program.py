"""How the program itself ends: status and last line, where a command's own answer is not enough."""

from __future__ import annotations

import subprocess
import sys

STOPPED = "safelight: Stopped. What was done so far is kept.\n"


def run_program(before: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, after the statements ``before``."""
    program = f"import sys\n{before}\nfrom safelight.__main__ import main\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, timeout=60
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


def test_ctrl_c_during_the_first_imports_is_one_line() -> None:
    interrupted = """
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "safelight.cli.commands":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
"""
    done = run_program(interrupted, "status")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", STOPPED)
