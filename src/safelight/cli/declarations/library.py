"""The commands that fill the library and say what it contains."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Parser, Report, add_model


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Report):
    folders: tuple[str, ...] = ()
    model: str | None = None
    watch: bool = False
    confirm_removals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Report):
    """What the library contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures(Report):
    """Files that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders(Report):
    """The folders of the library, and leaving out folders inside them."""

    action: str = ""
    """``exclude`` or ``include``; empty to list them."""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings(Report):
    """List all settings, or set one."""

    target: str = ""
    """``NAME=VALUE``; empty to list."""


def _index(parser: Parser) -> None:
    add_model(parser)
    parser.add_argument(
        "folders",
        nargs="*",
        metavar="FOLDER",
        help="folders to add or scan again (default: all in the library)",
    )
    parser.add_argument("--watch", action="store_true", help="continue and follow changes until Ctrl+C")
    parser.add_argument(
        "--confirm-removals", action="store_true", help="forget missing files, however many they are"
    )


def _folders(parser: Parser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=("exclude", "include"), help="what to do (default: list)"
    )
    parser.add_argument("paths", nargs="*", metavar="FOLDER", help="folders inside those of the library")


def _settings(parser: Parser) -> None:
    parser.add_argument(
        "target", nargs="?", metavar="NAME=VALUE", help="the setting to change, such as machine-share=gentle"
    )


COMMANDS = (
    Command("index", Index, "safelight.cli.indexing:run", _index),
    Command("status", Status, "safelight.cli.status:status"),
    Command("failures", Failures, "safelight.cli.status:failures"),
    Command(
        "folders",
        Folders,
        "safelight.cli.folders:run",
        _folders,
        description="List the folders of the library. exclude leaves out folders inside them, with their "
        "subfolders: their photos leave the library, the files stay as they are. include takes them back.",
    ),
    Command("settings", ChangeSettings, "safelight.cli.settings:run", _settings),
)
