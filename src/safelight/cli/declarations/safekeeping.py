"""The commands for backups, exports, repairs and sidecars, and for the data of other programs."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Parser, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class BackUp(Report):
    file: str
    yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Report):
    file: str = ""
    """Empty for the newest daily backup."""
    yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Report):
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Report):
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Report):
    """Read photos again, repair damaged ones, or take a repair back."""

    percent: float | None = None
    """The share of the library's bytes to verify; None for every file."""
    repair: bool = False
    undo: bool = False
    yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Report):
    """Remove what the library holds of photos that are gone."""

    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSidecars(Report):
    action: str = "status"
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor(Report):
    mend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrate(Report):
    """Import what another program knows about photos."""

    source: str = ""
    """A catalogue, or the folder of an export; empty to list what can be imported."""
    program: str | None = None
    """The name of a source; None for the one that recognises ``source``."""
    mappings: tuple[str, ...] = ()
    """Each as ``FROM=TO``."""
    dry_run: bool = False
    theirs: bool = False
    """Take the other program's value where it differs."""
    listing: str = ""
    """A new file for the list of conflicts and of photos that were not found."""


def _backup(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--yes", action="store_true", help="replace an older backup of that name")


def _restore(parser: Parser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="without one, the newest daily backup")
    parser.add_argument("--yes", action="store_true", help="even if newer changes are lost")


def _export(parser: Parser) -> None:
    parser.add_argument("file", metavar="DIR")


def _import_(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE")


def _verify(parser: Parser) -> None:
    parser.add_argument("--percent", type=float, metavar="N", help="percent of the library; else all of it")
    parser.add_argument(
        "--repair",
        action="store_true",
        help="replace damaged files by intact copies; lists them, and replaces them only with --yes",
    )
    parser.add_argument("--undo", action="store_true", help="take the latest repair back")
    parser.add_argument("--yes", action="store_true", help="replace the files")


def _forget(parser: Parser) -> None:
    parser.add_argument("--marked", action="store_true", help="also of photos with marks, tags or albums")


def _sidecars(parser: Parser) -> None:
    parser.add_argument("action", nargs="?", choices=("status", "write"), default="status")
    parser.add_argument("--all", action="store_true", help="write: of every photo with a rating, tag or text")


def _doctor(parser: Parser) -> None:
    parser.add_argument("--mend", action="store_true", help="repair what can be rebuilt")


def _migrate(parser: Parser) -> None:
    parser.add_argument(
        "source",
        nargs="?",
        metavar="SOURCE",
        help="its catalogue or export; without one, list what can be read",
    )
    parser.add_argument("--from", dest="program", metavar="NAME", help="what SOURCE is, if not recognised")
    parser.add_argument(
        "--map",
        dest="mappings",
        action="append",
        metavar="FROM=TO",
        help="a folder of the other program, and where it is now; may be repeated",
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would be imported")
    parser.add_argument(
        "--theirs", action="store_true", help="where a value differs, take the other program's"
    )
    parser.add_argument(
        "--list",
        dest="listing",
        metavar="FILE",
        help="write conflicts and photos that were not found to a new .csv or .json file",
    )


COMMANDS = (
    Command(
        "backup",
        BackUp,
        "a checked copy of the library, in one file",
        "safelight.cli.backups:back_up",
        _backup,
    ),
    Command(
        "restore", Restore, "replace the library with a backup", "safelight.cli.backups:restore", _restore
    ),
    Command(
        "export", Export, "your marks, tags and decisions as JSON", "safelight.cli.backups:export", _export
    ),
    Command("import", Import, "add the contents of an export", "safelight.cli.backups:import_", _import_),
    Command("doctor", Doctor, "check the library, and repair it", "safelight.cli.backups:doctor", _doctor),
    Command(
        "verify",
        Verify,
        "read photos again to find files that the disk damaged silently",
        "safelight.cli.maintenance:verify",
        _verify,
    ),
    Command(
        "forget",
        Forget,
        "remove thumbnails, places and vectors of photos that are gone",
        "safelight.cli.maintenance:forget",
        _forget,
    ),
    Command(
        "sidecars",
        WriteSidecars,
        "XMP files beside the pictures: how many are to be written, and write",
        "safelight.cli.sidecars:run",
        _sidecars,
    ),
    Command(
        "migrate",
        Migrate,
        "import ratings, tags, albums and texts from another program",
        "safelight.cli.migrating:run",
        _migrate,
        description="Import what another program knows about photos of the library, as one step that "
        "safelight undo takes back. The other program's files are only read. See docs/migrating.md.",
    ),
)
