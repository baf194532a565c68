"""Opens a library for a server and runs it. Importing this needs pydantic, and each function its extra."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from safelight.api import Access
from safelight.servers.served_library import ServedLibrary


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """Where an HTTP server listens, and where its token is written."""

    port: int
    """0 for a free one."""
    token_file: str
    """Empty for a file in the library's folder."""


def serve_mcp(directory: Path, access: Access, allow_edits: bool) -> None:
    """Serve an assistant on standard input and output until it closes them.

    Raises ImportError without the extra, and as :meth:`Library.open`.
    """
    from safelight.servers.mcp import serve

    library = ServedLibrary.open(directory, access, "mcp", allow_edits=allow_edits)
    try:
        serve(library)
    finally:
        library.close()


def serve_http(
    directory: Path, access: Access, allow_edits: bool, place: HttpPlace, show: Callable[[str], None]
) -> None:
    """Serve programs on this machine until SIGINT or SIGTERM. ``show`` shows a line to the user.

    Raises ImportError without the extra, and as :meth:`Library.open`.
    """
    from safelight.servers.http import TOKEN_NAME, serve

    library = ServedLibrary.open(directory, access, "serve", allow_edits=allow_edits)
    try:
        serve(library, place.port, Path(place.token_file or directory / TOKEN_NAME).absolute(), show)
    finally:
        library.close()
