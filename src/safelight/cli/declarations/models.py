"""The command for models."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Parser, Report, add_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Models(Report):
    action: str = "list"
    target: str = ""
    """A model, or the folder of one."""
    more: tuple[str, ...] = ()
    """To compare: another model, and the queries."""
    limit: int = 10
    name: str | None = None
    accept_licence: bool = False
    yes: bool = False


def _models(parser: Parser) -> None:
    add_limit(parser, 10, "compare: how many photos")
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "download", "import", "use", "delete", "compare"),
        default="list",
        help="what to do (default: list)",
    )
    parser.add_argument(
        "target",
        nargs="?",
        metavar="MODEL",
        help="its name, hf-hub:owner/name, open_clip's NAME/TAG, or a folder to import",
    )
    parser.add_argument(
        "more", nargs="*", metavar="QUERY", help="compare: another model, then what to search for"
    )
    parser.add_argument(
        "--name", metavar="NAME", help="import: the name of the model (default: that of its folder)"
    )
    parser.add_argument("--accept-licence", action="store_true", help="download: accept a special licence")
    parser.add_argument("--yes", action="store_true", help="delete: do not ask")


COMMANDS = (
    Command(
        "models",
        Models,
        "safelight.cli.models:run",
        _models,
    ),
)
