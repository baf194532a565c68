"""Listens to a live index."""

from __future__ import annotations

from collections.abc import Callable

from safelight.core.changes import RemovalsHeld
from safelight.services.indexing.live import Listener


def failures_into(failed: list[str], held: Callable[[RemovalsHeld], None] = lambda _: None) -> Listener:
    """A listener that appends what failed to a list, as the user reads it."""
    return Listener(
        progress=lambda _: None,
        changed=lambda _: None,
        failed=lambda message: failed.append(str(message)),
        held=held,
    )
