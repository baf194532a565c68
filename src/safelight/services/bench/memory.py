"""Memory use of a process. Imports nothing else, so that it adds little to a small process."""

from __future__ import annotations

import os


def resident(pid: int | None = None) -> int | None:
    """Resident bytes of a process (by default this one), or None if the system does not say."""
    try:
        with open(f"/proc/{pid or 'self'}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return None
