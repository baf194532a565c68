"""Commands for photos that are named by path or by filters."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Parser, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing(Report):
    """A command for photos: those that it names, and those that pass filters."""

    query: str = ""


def add_filters(parser: Parser) -> None:
    parser.add_argument(
        "--query", metavar="FILTERS", help="also the photos that pass filters: date:2019 in:Italy"
    )
