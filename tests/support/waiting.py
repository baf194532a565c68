"""Waiting for something to become true, with a limit, instead of sleeping and hoping."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds until a test gives up. A busy machine may need many; a test that passes never waits that long."""


def wait_until(condition: Callable[[], bool], what: str, timeout: float = 30.0) -> None:
    """Return as soon as ``condition()`` holds; fail naming ``what`` if it does not in ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:.0f} s in vain: {what}")
        time.sleep(0.01)
