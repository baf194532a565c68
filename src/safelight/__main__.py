"""Which of the two faces to start: the command line for a command, else the window.

Kept light: decode processes import this module again when they start.
"""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """The program. Returns its exit status."""
    multiprocessing.freeze_support()
    from safelight import app

    return app.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
