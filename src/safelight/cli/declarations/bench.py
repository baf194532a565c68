"""The command that measures."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Invocation, Parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(Invocation):
    parts: tuple[str, ...] = ()
    """What to measure; empty for everything."""
    file: str = ""
    """Where the figures go as JSON; ``-`` for standard output, empty for none."""
    quick: bool = False
    photos: str = ""
    vectors: str = ""
    inside: str = ""
    """What this process measures for the process that started it."""


def _bench(parser: Parser) -> None:
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help="search, index, start, grid, viewer or duplicates (default: all)",
    )
    # The destination is `file`, because `json` is a flag of every other command.
    parser.add_argument(
        "--json",
        dest="file",
        nargs="?",
        const="-",
        metavar="FILE",
        help="print the figures as JSON, or write them to FILE",
    )
    parser.add_argument(
        "--quick", action="store_true", help="take a few minutes: fewer photos, fewer repeats"
    )
    parser.add_argument("--photos", metavar="DIR", help="index these pictures too, besides generated ones")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument(
        "--vectors", metavar="FILE", help="search these vectors too: a NumPy file, float32 (n, dim)"
    )


COMMANDS = (Command("bench", Bench, "safelight.cli.bench:run", _bench),)
