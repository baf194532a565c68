"""Where the engine process begins. Whoever starts one loads this, and nothing of the engine itself."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from safelight.engine.options import EngineOptions

if TYPE_CHECKING:
    from safelight.engine.server import Opener


def run(connection: Connection, options: EngineOptions, opener: Opener | None) -> None:
    """Be an engine until told to stop. ``opener`` opens the library where that is not to be done as usual."""
    from safelight.engine import server

    server.main(connection, options, opener or server.open_library)
