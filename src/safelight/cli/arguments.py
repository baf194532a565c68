"""The command line parser."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from safelight import __version__, paths
from safelight.cli.declarations import COMMANDS
from safelight.cli.declarations.command import Command, Invocation, Parser, Report, made
from safelight.cli.declarations.window import OpenWindow


def parse(argv: Sequence[str]) -> Invocation:
    """Read ``argv``. Exits with status 2 and a line on standard error if it makes no sense."""
    command = COMMANDS.get(next((word for word in _plain_words(argv)), ""))
    argv, literal = _parted(argv) if command is not None and command.name == "search" else (argv, [])
    parser = _window() if command is None else _parser_of(command)
    values = vars(parser.parse_args(argv))
    library = values.get("library") or paths.default_library()
    values["library"] = Path(library).expanduser().absolute()
    if command is not None and command.name == "search":
        values["query"] = " ".join([*(values["query"] or ()), *literal])
        if values.pop("open"):
            for option in ("count", "why", "json", "like"):
                if values[option]:
                    parser.error(f"--open does not go with --{option}")
            return made(OpenWindow, values)
    return made(OpenWindow if command is None else command.kind, values)


def _plain_words(argv: Sequence[str]) -> list[str]:
    """The words of ``argv`` that are neither options nor values of options."""
    words, skip = [], False
    for word in argv:
        if skip:
            skip = False
        elif word in ("--library", "--model"):
            skip = True
        elif word == "--":
            break
        elif not word.startswith("-"):
            words.append(word)
    return words


def _parted(argv: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What is before ``--`` and after it.

    Divided here because argparse takes no more words after ``--`` once an option has followed a word.
    """
    end = list(argv).index("--") if "--" in argv else len(argv)
    return argv[:end], argv[end + 1 :]


def _common(*, top: bool) -> Parser:
    # Accepted before and after the command. After it, a missing option must not reset the one before.
    default = None if top else argparse.SUPPRESS
    common = Parser(add_help=False)
    common.add_argument(
        "--library", metavar="DIR", default=default, help="the library's folder (or SAFELIGHT_LIBRARY)"
    )
    common.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0 if top else argparse.SUPPRESS,
        help="print more (-vv: everything)",
    )
    return common


def _window() -> Parser:
    parser = Parser(
        "safelight",
        parents=[_common(top=True)],
        description="A photo library that finds pictures by what is in them. Without a command, the window\n"
        "opens. It adds the folders and shows the picture that are named.",
        epilog="\n".join(
            [
                "commands that need no window (see: safelight COMMAND --help):",
                *(f"  {command.name:<12} {command.help}" for command in COMMANDS.values()),
            ]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a folder to add, or a picture to show")
    parser.add_argument("--model", help="the model to use (see: safelight models)")
    parser.add_argument("--version", action="version", version=f"safelight {__version__}")
    return parser


def _parser_of(command: Command) -> Parser:
    """The parser of a command line with this command. Others would only cost time."""
    parser = Parser("safelight", parents=[_common(top=True)])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    own = commands.add_parser(
        command.name,
        parents=[_common(top=False)],
        help=command.help,
        description=command.description or f"{command.help[0].upper()}{command.help[1:]}.",
        epilog=command.epilog,
    )
    if issubclass(command.kind, Report):
        own.add_argument("--json", action="store_true", help="machine-readable, on standard output")
    command.arguments(own)
    return parser
