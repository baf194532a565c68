"""How a process of the program ends."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import NoReturn

STOPPED = "Stopped. What was done so far is kept."
"""Said after Ctrl+C."""

LOADER = "model-loader"
"""The thread that may be deep in an import when the program is to end."""


def leave_if_loading(status: int) -> None:
    """As :func:`leave` while a model is being loaded, which cannot be broken off."""
    if any(thread.name == LOADER for thread in threading.enumerate()):
        leave(status)


def leave(status: int) -> NoReturn:
    """End at once. Python's own end unwinds the threads that are left, and C++ aborts the whole process where
    that meets one inside torch. Library and decode processes are closed by now, by whoever opened them."""
    for stream in (sys.stdout, sys.stderr):
        # Where there is none, or nobody reads it, nothing is left to tell.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(status)
