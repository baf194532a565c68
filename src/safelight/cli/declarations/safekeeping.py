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
    parser.add_argument("file", metavar="FILE", help="the new backup")
    parser.add_argument("--yes", action="store_true", help="replace an older backup of that name")


def _restore(parser: Parser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the backup (default: the newest daily one)")
    parser.add_argument("--yes", action="store_true", help="do not ask, even if newer changes are lost")


def _export(parser: Parser) -> None:
    parser.add_argument("file", metavar="DIR", help="the folder for the export, created if it is missing")


def _import_(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="the JSON file of an export")


def _verify(parser: Parser) -> None:
    parser.add_argument(
        "--percent", type=float, metavar="N", help="read N percent of the library (default: all)"
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="list damaged files that have an intact copy, and replace them with --yes",
    )
    parser.add_argument("--undo", action="store_true", help="undo the latest repair")
    parser.add_argument("--yes", action="store_true", help="repair: replace the files")


def _forget(parser: Parser) -> None:
    parser.add_argument(
        "--marked", action="store_true", help="also those of photos with marks, tags or albums"
    )


def _sidecars(parser: Parser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("status", "write"),
        default="status",
        help="what to do (default: status)",
    )
    parser.add_argument(
        "--all", action="store_true", help="write: those of all photos with a rating, tag or text"
    )


def _doctor(parser: Parser) -> None:
    parser.add_argument("--mend", action="store_true", help="repair what can be rebuilt")


def _migrate(parser: Parser) -> None:
    parser.add_argument(
        "source",
        nargs="?",
        metavar="SOURCE",
        help="its catalogue or export; without one, list what can be read",
    )
    parser.add_argument(
        "--from", dest="program", metavar="NAME", help="the program that SOURCE is from (default: recognised)"
    )
    parser.add_argument(
        "--map",
        dest="mappings",
        action="append",
        metavar="FROM=TO",
        help="a folder of the other program, and where it is now; can be repeated",
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
        "safelight.cli.backups:back_up",
        _backup,
    ),
    Command("restore", Restore, "safelight.cli.backups:restore", _restore),
    Command(
        "export",
        Export,
        "safelight.cli.backups:export",
        _export,
    ),
    Command("import", Import, "safelight.cli.backups:import_", _import_),
    Command(
        "doctor",
        Doctor,
        "safelight.cli.backups:doctor",
        _doctor,
    ),
    Command(
        "verify",
        Verify,
        "safelight.cli.maintenance:verify",
        _verify,
    ),
    Command(
        "forget",
        Forget,
        "safelight.cli.maintenance:forget",
        _forget,
    ),
    Command(
        "sidecars",
        WriteSidecars,
        "safelight.cli.sidecars:run",
        _sidecars,
    ),
    Command(
        "migrate",
        Migrate,
        "safelight.cli.migrating:run",
        _migrate,
        description="Import what another program knows about photos of the library, as one step that "
        "safelight undo takes back. The other program's files are only read. See docs/migrating.md.",
    ),
)
