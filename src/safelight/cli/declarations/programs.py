"""The commands by which other programs use the library."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Invocation, Parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Invocation):
    """What a server lets its clients see and do."""

    only: str = ""
    allow_edits: bool = False
    allow_places: bool = False
    allow_people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mcp(Server):
    """Serve assistants over standard input and output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve(Server):
    """Serve programs on this machine over HTTP."""

    port: int = 0
    token_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopSearch(Invocation):
    """Answer the search of the desktop, or install the files by which the desktop finds it."""

    action: str = "run"


def _limits(parser: Parser) -> None:
    parser.add_argument(
        "--only",
        metavar="WHAT",
        help="only these photos exist for its clients: a folder (absolute path), an album, or filters",
    )
    parser.add_argument(
        "--allow-edits", action="store_true", help="let clients tag, rate and collect photos; undo reverts it"
    )
    parser.add_argument("--allow-places", action="store_true", help="let clients see where photos were taken")
    parser.add_argument("--allow-people", action="store_true", help="let clients search by people")


def _serve(parser: Parser) -> None:
    _limits(parser)
    parser.add_argument(
        "--port", type=port, default=0, metavar="N", help="the TCP port (default: a free one)"
    )
    parser.add_argument(
        "--token-file", metavar="FILE", help="the file for the token (default: in the library's folder)"
    )


def _desktop_search(parser: Parser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("run", "install", "remove"),
        default="run",
        help="install or remove the files by which the desktop finds Safelight; run (the default) is what "
        "the desktop calls",
    )


def port(text: str) -> int:
    """The type of a TCP port."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port, which is 0 to 65535")
    return int(text)


COMMANDS = (
    Command(
        "mcp",
        Mcp,
        arguments=_limits,
        description="Run a server of the Model Context Protocol, which an assistant starts. It only reads, "
        "unless edits are allowed. See docs/assistants.md.",
    ),
    Command(
        "serve",
        Serve,
        arguments=_serve,
        description="Run an HTTP server for programs of this user on this machine, until Ctrl+C. "
        "See docs/http.md.",
    ),
    Command(
        "desktop-search",
        DesktopSearch,
        arguments=_desktop_search,
        description="Answer the searches of GNOME Shell and KRunner over D-Bus. See docs/desktop-search.md.",
    ),
)
