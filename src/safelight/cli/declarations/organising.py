"""The commands that organise and copy photos."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Parser, Report, positive
from safelight.core.exporting import ExportFormat, PrivateInfo
from safelight.core.name_template import DEFAULT, FIELDS
from safelight.core.organising import LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing(Report):
    """A command for photos: those that it names, and those that pass filters."""

    query: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPhotos(Choosing):
    """Copy photos to a folder."""

    paths: tuple[str, ...] = ()
    to: str
    template: str = DEFAULT
    size: int | None = None
    format: str = "original"
    strip: str = ""
    """What to leave out, separated by commas."""
    safe: bool = False
    sidecars: bool = True
    turned: bool = True
    dry_run: bool = False


def add_filters(parser: Parser) -> None:
    parser.add_argument(
        "--query", metavar="FILTERS", help="also the photos that pass filters: date:2019 in:Italy"
    )


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


def _copy(parser: Parser) -> None:
    add_filters(parser)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="photos, or folders of photos")
    parser.add_argument(
        "--to", required=True, metavar="FOLDER", help="the folder for the copies, created if it is missing"
    )
    parser.add_argument(
        "--name", dest="template", metavar="TEMPLATE", help="names of the copies, such as '{date} {name}'"
    )
    parser.add_argument(
        "--format",
        choices=[each.value for each in ExportFormat],
        help="the format of the copies (default: original)",
    )
    parser.add_argument("--size", type=positive, metavar="N", help="reduce the long side to at most N pixels")
    parser.add_argument(
        "--strip",
        metavar="WHAT",
        help="leave out " + ", ".join(PrivateInfo) + " (separated by commas), or all",
    )
    parser.add_argument(
        "--safe", action="store_true", help="make copies that are safe to share: --strip place,names"
    )
    parser.add_argument("--no-sidecars", dest="sidecars", action="store_false", help="copy no XMP sidecars")
    parser.add_argument(
        "--no-turns",
        dest="turned",
        action="store_false",
        help="do not turn the copies of photos that were turned in the library",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="copy nothing; print what the copies would give away"
    )


COMMANDS = (
    Command("tag", Tags, "list, add, remove, rename or delete tags", "safelight.cli.organising:tag", _tag),
    Command(
        "rate",
        Rate,
        "set stars, labels, titles and other marks of photos",
        "safelight.cli.organising:rate",
        _rate,
    ),
    Command(
        "album",
        Albums,
        "list, create, fill, rename, move, order or delete albums",
        "safelight.cli.organising:album",
        _album,
    ),
    Command(
        "stack",
        Stacks,
        "list, create or end stacks: photos that are shown as one",
        "safelight.cli.organising:stack",
        _stack,
        description="A stack is shown as its top photo. create: the first photo becomes the top. top: shows "
        "another photo of a stack on top. end: of a top, ends its stack; otherwise takes the photo out.",
    ),
    Command(
        "copy",
        CopyPhotos,
        "copy photos to a folder, as they are, converted, or without what is private",
        "safelight.cli.copying:run",
        _copy,
        description="Copy photos to a folder. No file is replaced: a copy whose name is taken gets a number. "
        "Each copy is checked after it was written.",
        epilog="Fields of --name: " + ", ".join(f"{{{each}}}" for each in FIELDS) + ". A “/” makes folders.",
    ),
)
