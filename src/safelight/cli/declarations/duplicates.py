"""The commands for duplicates, protected files and undo."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Parser, Report
from safelight.core.duplicates import DuplicateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates(Report):
    kind: str | None = None
    """None for all kinds."""
    video_parts: bool = False
    """First read the videos in which parts of longer videos have not been looked for."""
    apply: str = ""
    """What to do with them; empty to list them."""
    act: bool = False
    """Do it, instead of printing what would be done."""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoStep(Report):
    step: int | None = None
    """None for the latest."""
    steps: bool = False
    """List what can be undone, instead of undoing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protect(Report):
    """Protect paths, or (without any) list those that are."""

    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprotect(Report):
    paths: tuple[str, ...]


def _duplicates(parser: Parser) -> None:
    parser.add_argument(
        "--kind", choices=[str(kind) for kind in DuplicateKind], help="only duplicates of this kind"
    )
    parser.add_argument(
        "--apply",
        choices=["keep-best"],
        help="move all but the best of each group to the trash; needs --kind",
    )
    parser.add_argument(
        "--video-parts",
        action="store_true",
        help="first read all videos closely, to find parts of longer ones; the window does this when idle",
    )
    # Two names for the same: other commands use --yes.
    parser.add_argument(
        "--dry-run",
        dest="act",
        action="store_false",
        default=False,
        help="only print what would be done (the default)",
    )
    parser.add_argument("--no-dry-run", "--yes", dest="act", action="store_true", help="move the files")
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="FILE",
        help="with --apply: move only these files of such groups; required for kinds that are not certain",
    )


def _undo(parser: Parser) -> None:
    parser.add_argument(
        "step",
        nargs="?",
        type=int,
        metavar="STEP",
        help="a step of safelight undo --list (default: the latest)",
    )
    parser.add_argument("--list", dest="steps", action="store_true", help="list what can be undone")


def _protect(parser: Parser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders; without one, list what is protected"
    )


def _unprotect(parser: Parser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders that are protected")


COMMANDS = (
    Command(
        "duplicates",
        Duplicates,
        "safelight.cli.duplicates:run",
        _duplicates,
        description="List photos that the library has more than once, from identical files to look-alikes.",
        epilog="--apply prints what would be done, and does it only with --yes. Files go to the system's "
        "trash; safelight undo restores them.",
    ),
    Command("undo", UndoStep, "safelight.cli.undo:undo", _undo),
    Command(
        "protect",
        Protect,
        "safelight.cli.undo:protect",
        _protect,
    ),
    Command(
        "unprotect",
        Unprotect,
        "safelight.cli.undo:unprotect",
        _unprotect,
    ),
)
