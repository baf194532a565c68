"""Other processes: what Linux reports about them, and stopping them for a moment."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def resident_bytes(pid: int) -> int:
    """Memory held; 0 for a process that is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def family(pid: int) -> list[int]:
    """All processes below one, their children's included."""
    found: list[int] = []
    try:
        threads = [entry.name for entry in Path(f"/proc/{pid}/task").iterdir()]
        for thread in threads:
            children = Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
            found += [int(child) for child in children]
    except OSError:
        return found
    return found + [below for child in list(found) for below in family(child)]


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process does nothing meanwhile. Not on Windows."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
