"""The command line's grammar."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelight import __version__, paths
from safelight.core.duplicates import DuplicateKind

COMMANDS = (
    *("index", "search", "similar", "duplicates", "status", "failures", "folders", "models", "settings"),
    *("undo", "protect", "unprotect"),
    *("backup", "restore", "export", "import", "doctor", "bench"),
)


@dataclass(frozen=True, slots=True)
class Arguments:
    """A command line, read. ``command`` is None for the window."""

    command: str | None
    library: Path
    folders: tuple[str, ...] = ()
    model: str | None = None
    json: bool = False
    watch: bool = False
    query: str = ""
    image: str = ""
    like: str | None = None
    why: bool = False
    limit: int = 20
    file: str = ""
    """What to write or read: a backup, an export's folder."""
    action: str = "list"
    """What ``models`` is to do."""
    target: str = ""
    """The model, or the folder that holds one; of ``settings``, what to set."""
    more: tuple[str, ...] = ()
    """The other model, and the queries to compare them by."""
    name: str | None = None
    accept_licence: bool = False
    yes: bool = False
    mend: bool = False
    confirm_removals: bool = False
    kind: str | None = None
    """Of the duplicates to list or act on; None for all."""
    apply: str = ""
    """What to do with duplicates; nothing is to list them."""
    act: bool = False
    """Do it, rather than say what would be done."""
    paths: tuple[str, ...] = ()
    step: int | None = None
    parts: tuple[str, ...] = ()
    """What ``bench`` is to measure; nothing is everything."""
    quick: bool = False
    photos: str = ""
    vectors: str = ""
    inside: str = ""
    """What this process is to measure for the ``bench`` that started it."""
    verbose: int = 0

    @property
    def log_level(self) -> int:
        return (logging.WARNING, logging.INFO, logging.DEBUG)[min(self.verbose, 2)]


def parse(argv: Sequence[str]) -> Arguments:
    """Read ``argv``. Exits with status 2 and a line on standard error where it makes no sense."""
    command = next((word for word in _plain_words(argv)), None)
    is_command = command in COMMANDS
    argv, literal = _parted(argv) if command == "search" else (argv, [])
    read = (_commands() if is_command else _window()).parse_args(argv)
    values = vars(read)
    library = values.get("library") or paths.default_library()
    return Arguments(
        command=values.get("command"),
        library=Path(library).expanduser().absolute(),
        folders=tuple(values.get("folders") or ()),
        model=values.get("model"),
        json=bool(values.get("json")),
        watch=bool(values.get("watch")),
        query=" ".join([*(values.get("query") or ()), *literal]),
        image=values.get("image") or "",
        like=values.get("like"),
        why=bool(values.get("why")),
        limit=values.get("limit") or 20,
        file=values.get("file") or "",
        action=values.get("action") or "list",
        target=values.get("target") or "",
        more=tuple(values.get("more") or ()),
        name=values.get("name"),
        accept_licence=bool(values.get("accept_licence")),
        yes=bool(values.get("yes")),
        mend=bool(values.get("mend")),
        confirm_removals=bool(values.get("confirm_removals")),
        kind=values.get("kind"),
        apply=values.get("apply") or "",
        act=bool(values.get("act")),
        paths=tuple(values.get("paths") or ()),
        step=values.get("step"),
        parts=tuple(values.get("parts") or ()),
        quick=bool(values.get("quick")),
        photos=values.get("photos") or "",
        vectors=values.get("vectors") or "",
        inside=values.get("inside") or "",
        verbose=int(values.get("verbose") or 0),
    )


def _plain_words(argv: Sequence[str]) -> list[str]:
    """The words of ``argv`` that are neither options nor an option's value."""
    words, skip = [], False
    for word in argv:
        if skip:
            skip = False
        elif word in ("--library", "--model"):
            skip = True
        elif word == "--":
            break
        elif not word.startswith("-"):
            words.append(word)
    return words


def _parted(argv: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What stands before ``--`` and after it.

    Parted here since argparse, once an option has followed a word, takes no more words after ``--``.
    """
    end = list(argv).index("--") if "--" in argv else len(argv)
    return argv[:end], argv[end + 1 :]


class _Parser(argparse.ArgumentParser):
    """Takes whole names of options only: an abbreviation's value would pass for the command, and a script
    that abbreviates breaks with the next option there is. Its sub-parsers are of its kind."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "allow_abbrev": False})


def _common(*, top: bool) -> _Parser:
    # Accepted before and after the command; after it, silence must not undo what stood before.
    default = None if top else argparse.SUPPRESS
    common = _Parser(add_help=False)
    common.add_argument(
        "--library", metavar="DIR", default=default, help="where the library lies (or SAFELIGHT_LIBRARY)"
    )
    common.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0 if top else argparse.SUPPRESS,
        help="say more (-vv: all)",
    )
    return common


def _window() -> _Parser:
    parser = _Parser(
        "safelight",
        parents=[_common(top=True)],
        description="A photo library that finds pictures by what is in them. Without a command, the window "
        "opens; folders named are added to it.",
        epilog="Commands that need no window: " + ", ".join(COMMANDS) + ". See: safelight COMMAND --help",
    )
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="a folder to add")
    parser.add_argument("--model", help="the model to use (see: safelight models)")
    parser.add_argument("--version", action="version", version=f"safelight {__version__}")
    return parser


def _commands() -> _Parser:
    parser = _Parser("safelight", parents=[_common(top=True)])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    after = _common(top=False)
    as_json = _Parser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="machine-readable, on standard output")
    model = _Parser(add_help=False)
    model.add_argument("--model", help="the model to use (see: safelight models)")
    count = _Parser(add_help=False)
    count.add_argument("-n", dest="limit", type=_positive, default=20, metavar="N", help="how many (20)")

    index = commands.add_parser(
        "index", parents=[after, as_json, model], help="bring the library up to date with folders"
    )
    index.add_argument(
        "folders", nargs="*", metavar="FOLDER", help="a folder to add; without one, all known ones"
    )
    index.add_argument("--watch", action="store_true", help="go on and follow changes until Ctrl+C")
    index.add_argument(
        "--confirm-removals", action="store_true", help="forget files that are gone, however many they are"
    )
    search = commands.add_parser(
        "search",
        parents=[after, as_json, model, count],
        help="photos that fit a description",
        description="Photos that fit a description, and filters: dog date:2019 is:favourite",
        epilog="What begins with a minus excludes; it stands after -- or within one argument: "
        'safelight search dog -- -grass, safelight search "dog -grass"',
    )
    search.add_argument("query", nargs="*", metavar="QUERY")
    search.add_argument("--like", metavar="IMAGE", help="… and look like this picture")
    search.add_argument("--why", action="store_true", help="say of each photo what speaks for it")
    similar = commands.add_parser(
        "similar", parents=[after, as_json, model, count], help="photos like a picture"
    )
    similar.add_argument("image", metavar="IMAGE")
    for name, text in (
        ("status", "what the library holds"),
        ("failures", "files that could not be read, and why"),
        ("folders", "the folders of the library"),
    ):
        commands.add_parser(name, parents=[after, as_json], help=text)
    _add_duplicates(commands, [after, as_json])
    _add_keeping(commands, [after, as_json])
    _add_models(commands, [after, as_json])
    _add_bench(commands, [after])
    settings = commands.add_parser(
        "settings",
        parents=[after, as_json],
        help="how much of the machine to use, which of duplicates to keep: list, or set one",
    )
    settings.add_argument("target", nargs="?", metavar="NAME=VALUE", help="e.g. machine-share=gentle")
    return parser


def _add_duplicates(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    kinds = [str(kind) for kind in DuplicateKind]
    duplicates = commands.add_parser(
        "duplicates",
        parents=parents,
        help="photos that lie in the library more than once, and what to do with them",
        description="Photos that lie in the library more than once, from identical files to look-alikes.",
        epilog="--apply says what would be done, and does it only with --yes. What goes lies in the system's "
        "trash; safelight undo brings it back.",
    )
    duplicates.add_argument("--kind", choices=kinds, help="only these")
    duplicates.add_argument(
        "--apply",
        choices=["keep-best"],
        help="move all but the best of each group to the trash; needs --kind",
    )
    # Two names for one thing: --yes is how other commands are told to go ahead.
    duplicates.add_argument(
        "--dry-run",
        dest="act",
        action="store_false",
        default=False,
        help="only say what would be done (so it is anyway)",
    )
    duplicates.add_argument("--no-dry-run", "--yes", dest="act", action="store_true", help="do it")
    duplicates.add_argument(
        "paths",
        nargs="*",
        metavar="FILE",
        help="with --apply: move these only, where they are of such a group; needed for kinds that are not "
        "certain",
    )
    undo = commands.add_parser(
        "undo", parents=parents, help="take back what was last moved to the trash or decided"
    )
    undo.add_argument("step", nargs="?", type=int, metavar="STEP", help="that step; else the latest")
    undo.add_argument("--list", dest="action", action="store_const", const="steps", help="what can be undone")
    for name, text in (
        ("protect", "never propose files, or all in a folder, for the trash; without a name, list them"),
        ("unprotect", "propose them again"),
    ):
        commands.add_parser(name, parents=parents, help=text).add_argument(
            "paths", nargs="*" if name == "protect" else "+", metavar="PATH"
        )


def _add_models(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    models = commands.add_parser(
        "models", parents=parents, help="list, download, import, use, compare, delete models"
    )
    models.add_argument(
        "action",
        nargs="?",
        choices=("list", "download", "import", "use", "delete", "compare"),
        default="list",
    )
    models.add_argument(
        "target",
        nargs="?",
        metavar="MODEL",
        help="its name, hf-hub:owner/name, open_clip's NAME/TAG, or a folder to import",
    )
    models.add_argument(
        "more", nargs="*", metavar="QUERY", help="compare: another model, then what to look for"
    )
    models.add_argument(
        "-n", dest="limit", type=_positive, default=10, metavar="N", help="compare: how many (10)"
    )
    models.add_argument("--name", help="what to call an imported model; else as its folder")
    models.add_argument("--accept-licence", action="store_true", help="for models under a special licence")
    models.add_argument("--yes", action="store_true", help="delete without asking")


def _add_keeping(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    """The commands that keep and mend what there is."""
    backup = commands.add_parser("backup", parents=parents, help="a checked copy of the library, in one file")
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--yes", action="store_true", help="replace an older backup of that name")
    restore = commands.add_parser("restore", parents=parents, help="put a backup in the library's place")
    restore.add_argument("file", nargs="?", metavar="FILE", help="without one, the newest daily backup")
    restore.add_argument("--yes", action="store_true", help="even if something newer is lost by it")
    export = commands.add_parser("export", parents=parents, help="what you made, as plain JSON")
    export.add_argument("file", metavar="DIR")
    bring = commands.add_parser("import", parents=parents, help="add what an export holds")
    bring.add_argument("file", metavar="FILE")
    doctor = commands.add_parser("doctor", parents=parents, help="check the library, and mend it")
    doctor.add_argument("--mend", action="store_true", help="repair what can be made anew")


def _add_bench(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    bench = commands.add_parser("bench", parents=parents, help="measure the program on this machine")
    bench.add_argument(
        "parts", nargs="*", metavar="PART", help="search, index, start, grid or duplicates; else all"
    )
    # In `file`, since `json` is a flag of every other command.
    bench.add_argument(
        "--json", dest="file", nargs="?", const="-", metavar="FILE", help="the figures as JSON, for programs"
    )
    bench.add_argument("--quick", action="store_true", help="a few minutes: fewer photos, fewer repeats")
    bench.add_argument("--photos", metavar="DIR", help="index these pictures too, beside those made up")
    bench.add_argument("--inside", help=argparse.SUPPRESS)
    bench.add_argument("--vectors", metavar="FILE", help="search these too: a NumPy file, float32 (n, dim)")


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of results, which is 1 or more")
    return number
