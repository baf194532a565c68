"""Entry point of the engine process. The parent loads this module without the rest of the engine."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from safelight.engine.options import EngineOptions

if TYPE_CHECKING:
    from safelight.engine.server import Opener


def run(connection: Connection, options: EngineOptions, opener: Opener | None) -> None:
    """Run an engine until it is shut down, and end the process. ``opener`` replaces the usual way to open the
    library."""
    from safelight.engine import server
    from safelight.process_exit import leave

    server.main(connection, options, opener or server.open_library)
    # Not by returning: threads of torch may still run, and Python's normal exit would abort the process.
    leave(0)
