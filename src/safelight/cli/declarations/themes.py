"""The command for themes."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Parser, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Themes(Report):
    action: str = "list"
    names: tuple[str, ...] = ()
    """Themes; for a rename, one theme and its new name."""


def _themes(parser: Parser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "refresh", "rename", "merge", "hide", "show"),
        default="list",
        help="what to do (default: list); refresh finds themes again, merge makes the others a part of "
        "the first",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="THEME",
        help="its name, such as Beach or Beach/Coast; for rename, then the new name",
    )


COMMANDS = (
    Command(
        "themes",
        Themes,
        "safelight.cli.themes:run",
        _themes,
    ),
)
