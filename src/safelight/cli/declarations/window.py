"""The command line of the window, which has no command."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Invocation


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWindow(Invocation):
    """The window, with folders to add, a picture to show or a search: no command, or ``search --open``."""

    paths: tuple[str, ...] = ()
    query: str = ""
    model: str | None = None
