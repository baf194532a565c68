"""A process that compares photos and crashes at some of them."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from safelight.services.duplicates import pair_tasks
from safelight.services.duplicates.pair_comparison import PairComparison
from safelight.services.indexing.worker_process import Limits

CRASHES = "crashes"
"""A file in the library's folder that names the photo whose comparison ends the process."""


def run(directory: Path, connection: Connection, limits: Limits) -> None:
    """As :func:`pair_tasks.run`, except for one photo."""
    bad = int((directory / CRASHES).read_text())
    ordinary = PairComparison.have_equal_pixels

    def hostile(comparison: PairComparison, first: int, second: int) -> bool:
        if bad in (first, second):
            os.kill(os.getpid(), signal.SIGKILL)
        return ordinary(comparison, first, second)

    vars(pair_tasks)["PairComparison"].have_equal_pixels = hostile
    pair_tasks.run(directory, connection, limits)
