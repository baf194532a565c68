"""Which of the two faces to start: the command line for a command, else the window.

Kept light: decode processes import this module again when they start.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from typing import NoReturn

_STOPPED = 1
"""The exit status after Ctrl+C, as a command's own."""

_UNSTOPPABLE = "model-loader"
"""The thread that may be deep in an import when the program is to end."""


def main() -> int:
    """The program. Returns its exit status."""
    multiprocessing.freeze_support()
    try:
        from safelight import app

        status = app.run(sys.argv[1:])
    except KeyboardInterrupt:  # before a command had begun, which answers for itself
        if sys.stderr is not None:
            sys.stderr.write("safelight: Stopped. What was done so far is kept.\n")
        # Not by the usual end: with -m, Python remembers an interrupt that fell into exec(), as where a
        # dataclass is made, though it was caught, and would end the process by that signal.
        _leave(_STOPPED)
    if any(thread.name == _UNSTOPPABLE for thread in threading.enumerate()):
        _leave(status)
    return status


def _leave(status: int) -> NoReturn:
    """End at once. Python's own end unwinds the threads that are left, and C++ aborts the whole process where
    that meets one inside torch. Library and decode processes are closed by now, by whoever opened them."""
    for stream in (sys.stdout, sys.stderr):
        # Where there is none, or nobody reads it, nothing is left to tell.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
