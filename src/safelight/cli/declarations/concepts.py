"""The command for taught concepts."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.choosing import Choosing, add_filters
from safelight.cli.declarations.command import Command, Parser, add_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Concepts(Choosing):
    """Taught concepts."""

    action: str = "list"
    name: str = ""
    rest: tuple[str, ...] = ()
    """Files and folders, the new name, or another concept."""
    without: tuple[str, ...] = ()
    """To teach: files and folders that do not show it."""
    forget: bool = False
    """To teach: the photos are no examples any more."""
    words: str | None = None
    limit: int = 10


def _concept(parser: Parser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "teach", "propose", "rename", "merge", "delete"),
        default="list",
        help="what to do (default: list)",
    )
    parser.add_argument("name", nargs="?", metavar="CONCEPT", help="its name, such as bruno")
    parser.add_argument(
        "rest",
        nargs="*",
        metavar="PATH",
        help="photos or folders that show it; for rename, the new name; for merge, the concept that stays",
    )
    add_filters(parser)
    parser.add_argument(
        "--not",
        dest="without",
        action="append",
        metavar="PATH",
        help="teach: a photo or folder that does not show it; can be repeated",
    )
    parser.add_argument("--forget", action="store_true", help="teach: these photos are no examples any more")
    parser.add_argument(
        "--words",
        metavar="TEXT",
        help="teach: words that describe it, such as “a brown dog” (default: its name)",
    )
    add_limit(parser, 10, "propose: how many photos")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestTags(Choosing):
    """Suggested tags."""

    action: str = "list"
    paths: tuple[str, ...] = ()
    tag: str = ""
    """To accept or refuse: only this one."""


def _suggest(parser: Parser) -> None:
    parser.add_argument(
        "action",
        choices=("list", "accept", "refuse", "words"),
        help="what to do; words writes the list of words to a file that you can edit",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="photos or folders")
    add_filters(parser)
    parser.add_argument("--tag", metavar="TAG", help="accept, refuse: only this tag (default: all)")


COMMANDS = (
    Command(
        "suggest",
        SuggestTags,
        "safelight.cli.suggesting:run",
        _suggest,
        description="Suggest tags for photos by what they show. See docs/concepts.md.",
    ),
    Command(
        "concept",
        Concepts,
        "safelight.cli.concepts:run",
        _concept,
        description="Teach concepts by photos that show them: my:bruno then finds Bruno. "
        "See docs/concepts.md.",
    ),
)
