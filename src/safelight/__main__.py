"""Which of the two faces to start: the command line for a command, else the window.

Kept light: decode processes import this module again when they start.
"""

from __future__ import annotations

import multiprocessing
import sys

from safelight.process_exit import STOPPED, leave, leave_if_loading

_FAILED = 1
"""The exit status after Ctrl+C, as a command's own."""


def main() -> int:
    """The program. Returns its exit status."""
    multiprocessing.freeze_support()
    try:
        from safelight import app

        status = app.run(sys.argv[1:])
    except KeyboardInterrupt:  # before a command had begun, which answers for itself
        if sys.stderr is not None:
            sys.stderr.write(f"safelight: {STOPPED}\n")
        # Not by the usual end: with -m, Python remembers an interrupt that fell into exec(), as where a
        # dataclass is made, though it was caught, and would end the process by that signal.
        leave(_FAILED)
    leave_if_loading(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
