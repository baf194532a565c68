"""Starts the command line for a command, otherwise the window.

Kept light, because decode processes import this module when they start.
"""

from __future__ import annotations

import multiprocessing
import os
import sys

from safelight.core.private_files import UMASK
from safelight.process_exit import STOPPED, leave, leave_if_loading

_FAILED = 1
"""The exit status after Ctrl+C."""


def main() -> int:
    """Run the program. Returns its exit status."""
    multiprocessing.freeze_support()
    # Also for files that Qt and other libraries create. Child processes inherit it.
    os.umask(UMASK)
    try:
        from safelight import app

        status = app.run(sys.argv[1:])
    except KeyboardInterrupt:  # before a command started; commands handle it themselves
        if sys.stderr is not None:
            sys.stderr.write(f"safelight: {STOPPED}\n")
        # Exit directly: with -m, Python remembers an interrupt that arrived inside exec(), as when a
        # dataclass is created, and would end the process by that signal although it was caught.
        leave(_FAILED)
    leave_if_loading(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
