"""The command that copies photos."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.choosing import Choosing, add_filters
from safelight.cli.declarations.command import Command, Parser, positive
from safelight.core.exporting import ExportFormat, PrivateInfo
from safelight.core.name_template import DEFAULT, FIELDS


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
        "--dry-run", action="store_true", help="copy nothing; print what the copies would reveal"
    )


COMMANDS = (
    Command(
        "copy",
        CopyPhotos,
        "safelight.cli.copying:run",
        _copy,
        description="Copy photos to a folder. No file is replaced: a copy whose name is taken gets a number. "
        "Each copy is checked after it was written.",
        epilog="Fields of --name: " + ", ".join(f"{{{each}}}" for each in FIELDS) + ". A “/” makes folders.",
    ),
)
