"""How a process of the program ends."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from multiprocessing import parent_process
from typing import NoReturn

STOPPED = "Stopped. What was done so far is kept."
"""Printed after Ctrl+C."""

LOADER = "model-loader"
"""The thread that may be importing torch when the program has to end."""


def is_loading_model() -> bool:
    """Whether a thread of this process loads a model, which takes up to minutes."""
    return any(thread.name == LOADER for thread in threading.enumerate())


def leave_if_loading(status: int) -> None:
    """Like :func:`leave`, if a model is being loaded, which cannot be interrupted."""
    if is_loading_model():
        leave(status)


def leave(status: int) -> NoReturn:
    """Exit at once. Python's normal exit unwinds the remaining threads, and C++ aborts the process if one of
    them is inside torch. The caller has closed the library and the decode processes.
    """
    for stream in (sys.stdout, sys.stderr):
        # Without a reader there is nothing left to report.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(status)


def end_with_parent() -> None:
    """Wait for the parent process to end, and then exit at once. For a daemon thread of a child process.

    A parent that is killed cannot end its children, and a child may be inside a call that does not return.
    """
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
