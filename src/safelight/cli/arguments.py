"""The command line parser."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from safelight import __version__, paths
from safelight.cli.declarations import HELP, load_declaration
from safelight.cli.declarations.command import Command, Invocation, Parser, Report, make_invocation
from safelight.cli.declarations.window import OpenWindow
from safelight.core.user_paths import expanded

_FILTERS = ("--only", "--query")
"""Options whose value is a query of filters."""


def parse(argv: Sequence[str]) -> Invocation:
    """Read ``argv``. Exits with status 2 and a line on standard error if it makes no sense."""
    word = _first_word(argv)
    if word not in HELP:
        return make_invocation(OpenWindow, _with_library(vars(_window().parse_args(argv))))
    command = load_declaration(word)
    own, literal = _split_at_double_dash(list(argv)) if command.name == "search" else (list(argv), [])
    parser = _parser_of(command)
    # Options may stand between words: safelight tag add --library DIR TAG PATH
    values = _with_library(vars(parser.parse_intermixed_args(_with_exclusions(own))))
    if command.name == "search":
        values["query"] = " ".join([*(values["query"] or ()), *literal])
        if values.pop("open"):
            for option in ("count", "why", "json", "like"):
                if values[option]:
                    parser.error(f"--open does not go with --{option}")
            return make_invocation(OpenWindow, {**values, "command": ""})
    return make_invocation(command.kind, values)


def _with_library(values: dict[str, Any]) -> dict[str, Any]:
    library = values["library"] or paths.default_library()
    return {**values, "library": expanded(library).absolute()}


def _first_word(argv: Sequence[str]) -> str:
    """The first word that is neither an option nor the value of one; empty if there is none."""
    skip = False
    for word in argv:
        if skip:
            skip = False
        elif word in ("--library", "--model"):
            skip = True
        elif word == "--":
            break
        elif not word.startswith("-"):
            return word
    return ""


def _with_exclusions(argv: list[str]) -> list[str]:
    """The words with filters that begin with an exclusion joined to their option, as in --only=-tag:private,
    because argparse takes them for an option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in _FILTERS and word.startswith("-") and ":" in word:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _split_at_double_dash(argv: list[str]) -> tuple[list[str], list[str]]:
    """What is before ``--`` and after it. A second ``--`` is a word of the query, which argparse drops."""
    end = argv.index("--") if "--" in argv else len(argv)
    return argv[:end], argv[end + 1 :]


def _common() -> Parser:
    common = Parser(add_help=False)
    common.add_argument(
        "--library", metavar="DIR", help="the library's folder (default: SAFELIGHT_LIBRARY, or your own)"
    )
    common.add_argument("-v", "--verbose", action="count", default=0, help="print more (-vv: everything)")
    return common


def _window() -> Parser:
    parser = Parser(
        "safelight",
        parents=[_common()],
        description="A photo library that finds pictures by what is in them. Without a command, the window\n"
        "opens, adds the folders that are named, and shows the picture.",
        epilog="\n".join(
            [
                "commands that need no window (see: safelight COMMAND --help):",
                *(f"  {name:<14} {line}" for name, line in HELP.items()),
            ]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a folder to add, or a picture to show")
    parser.add_argument("--model", help="the model to use (see: safelight models)")
    parser.add_argument("--version", action="version", version=f"safelight {__version__}")
    return parser


def _parser_of(command: Command) -> Parser:
    line = HELP[command.name]
    parser = Parser(
        f"safelight {command.name}",
        parents=[_common()],
        description=command.description or f"{line[0].upper()}{line[1:]}.",
        epilog=command.epilog,
    )
    parser.add_argument("command", help=argparse.SUPPRESS)
    if issubclass(command.kind, Report):
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    command.arguments(parser)
    return parser
