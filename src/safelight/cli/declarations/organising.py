"""The commands that organise photos."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from safelight.cli.declarations.choosing import Choosing, add_filters
from safelight.cli.declarations.command import Command, Parser
from safelight.core.organising_rules import LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags(Choosing):
    action: str = "list"
    name: str = ""
    rest: tuple[str, ...] = ()
    """Files and folders, or the new name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Choosing):
    targets: tuple[str, ...] = ()
    """A rating, if one is set, and then files and folders."""
    label: str | None = None
    title: str | None = None
    caption: str | None = None
    favourite: bool | None = None
    hidden: bool | None = None
    turn: str | None = None
    """``right``, ``left`` or ``around``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Albums(Choosing):
    action: str = "list"
    name: str = ""
    """The album's path, ``Trips/Italy``."""
    rest: tuple[str, ...] = ()
    """Files and folders, the new name, or another album."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks(Choosing):
    action: str = "list"
    paths: tuple[str, ...] = ()


def _tag(parser: Parser) -> None:
    add_filters(parser)
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "add", "remove", "rename", "delete"),
        default="list",
        help="what to do (default: list)",
    )
    parser.add_argument("name", nargs="?", metavar="TAG", help="its name, such as animals/dog")
    parser.add_argument("rest", nargs="*", metavar="PATH", help="photos or folders; for rename, the new name")


def _rate(parser: Parser) -> None:
    add_filters(parser)
    parser.add_argument("targets", nargs="*", metavar="RATING|PATH", help="0 to 5 or reject, then the photos")
    parser.add_argument("--label", choices=(*LABELS, "none"), help="set or remove the colour label")
    parser.add_argument("--title", help="set the title; '' removes it")
    parser.add_argument("--caption", help="set the caption; '' removes it")
    parser.add_argument(
        "--favourite", action=argparse.BooleanOptionalAction, help="make the photos favourites, or not"
    )
    parser.add_argument("--hide", dest="hidden", action="store_true", default=None, help="hide the photos")
    parser.add_argument("--show", dest="hidden", action="store_false", help="show hidden photos again")
    parser.add_argument(
        "--turn", choices=("right", "left", "around"), help="show the photos turned; the files do not change"
    )


def _album(parser: Parser) -> None:
    add_filters(parser)
    parser.add_argument(
        "action",
        nargs="?",
        choices=(
            *("list", "show", "create", "add", "remove", "first", "cover", "rename", "move", "order"),
            "delete",
        ),
        default="list",
        help="what to do (default: list)",
    )
    parser.add_argument("name", nargs="?", metavar="ALBUM", help="its path, such as Trips/Italy")
    parser.add_argument(
        "rest",
        nargs="*",
        metavar="PATH",
        help="photos or folders; for rename, the new name; for move, the album to move it into, or /; "
        "for order, the album to put it in front of, or none to put it last",
    )


def _stack(parser: Parser) -> None:
    add_filters(parser)
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "create", "top", "end"),
        default="list",
        help="what to do (default: list)",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="photos, or folders of photos")


COMMANDS = (
    Command("tag", Tags, "safelight.cli.organising:tag", _tag),
    Command(
        "rate",
        Rate,
        "safelight.cli.organising:rate",
        _rate,
    ),
    Command(
        "album",
        Albums,
        "safelight.cli.organising:album",
        _album,
    ),
    Command(
        "stack",
        Stacks,
        "safelight.cli.organising:stack",
        _stack,
        description="A stack is shown as its top photo. create: the first photo becomes the top. top: shows "
        "another photo of a stack on top. end: of a top, ends its stack; otherwise takes the photo out.",
    ),
)
