"""Opens a library for a server and runs it. Importing this needs pydantic, and each function its extra."""

from __future__ import annotations

from pathlib import Path

from safelight.api import Access
from safelight.servers.desk import Desk


def serve_mcp(directory: Path, access: Access, allow_edits: bool) -> None:
    """Serve an assistant on standard input and output until it closes them.

    Raises ImportError without the extra, and as :meth:`Library.open`.
    """
    from safelight.servers.mcp import serve

    desk = Desk.open(directory, access, allow_edits=allow_edits)
    try:
        serve(desk)
    finally:
        desk.close()
