"""Wiring: parses the command line, builds the objects, and shuts them down."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from safelight import paths
from safelight.cli import console
from safelight.cli.arguments import parse
from safelight.cli.commands import run_command, run_reporting_errors
from safelight.cli.declarations.window import OpenWindow
from safelight.core.errors import SafelightError

if TYPE_CHECKING:
    from safelight.cli.declarations.command import Invocation
    from safelight.cli.declarations.programs import DesktopSearch, Server

NO_DISPLAY = (
    "There is no display here for the window. These work without one: "
    "safelight index FOLDER, safelight search QUERY, safelight similar IMAGE, safelight status."
)


def run(argv: Sequence[str]) -> int:
    """Run ``argv`` (without the program name). Returns the exit status."""
    console.open_missing_streams()
    try:
        status = _carried_out(parse(argv))
    except SystemExit as end:  # argparse has printed help or an error
        status = end.code if isinstance(end.code, int) else console.FAILED
    return console.flush_at_exit(status)


def _carried_out(arguments: Invocation) -> int:
    if isinstance(arguments, OpenWindow):
        return _run_window(arguments)
    if arguments.command == "bench":
        return _run_bench(arguments)
    if arguments.command in ("mcp", "serve", "desktop-search"):
        return _run_program(arguments)
    return run_command(arguments)


def _run_bench(arguments: Invocation) -> int:
    from safelight.cli.declarations.bench import Bench

    if isinstance(arguments, Bench) and arguments.inside:
        from safelight.ui.bench.run import run as measure

        return measure(arguments.inside)
    return run_command(arguments)


def _run_program(arguments: Invocation) -> int:
    from safelight.cli.declarations.programs import DesktopSearch, Server

    match arguments:
        case Server():
            return run_reporting_errors(arguments, lambda: _run_server(arguments))
        case DesktopSearch():
            return run_reporting_errors(arguments, lambda: _run_desktop_search(arguments))
        case _:
            raise TypeError(f"{type(arguments).__name__} is no server")


def _run_server(arguments: Server) -> int:
    from safelight.api import Access  # loads NumPy and SQLite, which the window loads later
    from safelight.cli.declarations.programs import Serve

    access = Access(
        arguments.only, places=arguments.allow_places, people=arguments.allow_people, outside=False
    )
    try:
        from safelight.servers import running

        if isinstance(arguments, Serve):
            place = running.HttpPlace(arguments.port, arguments.token_file)
            running.serve_http(arguments.library, access, arguments.allow_edits, place, console.error)
        else:
            if sys.stdin.isatty():
                console.error(
                    "Waiting for an assistant on standard input (see docs/assistants.md). Ctrl+D ends it."
                )
            running.serve_mcp(arguments.library, access, arguments.allow_edits)
    except ImportError as error:
        raise _extra_missing("serve" if isinstance(arguments, Serve) else "mcp", error) from error
    return console.DONE


def _run_desktop_search(arguments: DesktopSearch) -> int:
    try:
        from safelight.servers.desktop_search import BUS_NAME, OBJECT_PATH, serve
    except ImportError as error:
        raise _extra_missing("desktop", error) from error
    from safelight.servers import desktop_files

    match arguments.action:
        case "install":
            lines = desktop_files.install(arguments.library, BUS_NAME, OBJECT_PATH)
        case "remove":
            lines = desktop_files.remove(BUS_NAME)
        case _:
            serve(arguments.library)
            lines = []
    for line in lines:
        console.emit(line)
    return console.DONE


def _extra_missing(extra: str, error: ImportError) -> SafelightError:
    return SafelightError(
        "This command needs the extra “{extra}” ({module} is missing): pip install 'safelight[{extra}]'",
        extra=extra,
        module=error.name,
    )


def _run_window(arguments: OpenWindow) -> int:
    if not has_display():
        console.error(NO_DISPLAY)
        return console.FAILED
    try:
        from safelight.ui.window.run import run_window
    except ImportError as error:
        # A bare Debian lacks libraries that Qt needs. Qt's message names the file but not the package.
        console.error(
            f"The window cannot start: {error}. On Debian or Ubuntu: apt install "
            "libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3"
        )
        return console.FAILED
    return run_window(
        arguments.library,
        paths.models_dir(),
        named_paths=[str(Path(path).absolute()) for path in arguments.paths],
        query=arguments.query,
        model=arguments.model,
        log_level=arguments.log_level,
    )


def has_display() -> bool:
    """Whether a window can be shown. Only X11 and Wayland systems may lack a display."""
    if sys.platform in ("win32", "darwin"):
        return True
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if named and named not in ("xcb", "wayland"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
