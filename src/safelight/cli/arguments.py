"""The command line parser."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safelight import __version__, paths
from safelight.cli.invocations import COMMANDS, Invocation, OpenWindow, made
from safelight.core.duplicates import DuplicateKind
from safelight.core.exporting import ExportFormat, Private
from safelight.core.name_template import FIELDS
from safelight.core.organising import LABELS


def parse(argv: Sequence[str]) -> Invocation:
    """Read ``argv``. Exits with status 2 and a line on standard error if it makes no sense."""
    command = next((word for word in _plain_words(argv)), None)
    argv, literal = _parted(argv) if command == "search" else (argv, [])
    parser = _commands() if command in COMMANDS else _window()
    values = vars(parser.parse_args(argv))
    library = values.get("library") or paths.default_library()
    values["library"] = Path(library).expanduser().absolute()
    if command == "search":
        values["query"] = " ".join([*(values["query"] or ()), *literal])
        if values.pop("open"):
            for option in ("count", "why", "json", "like"):
                if values[option]:
                    parser.error(f"--open does not go with --{option}")
            return made(OpenWindow, values)
    return made(COMMANDS.get(values.get("command") or "", OpenWindow), values)


def _plain_words(argv: Sequence[str]) -> list[str]:
    """The words of ``argv`` that are neither options nor values of options."""
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
    """What is before ``--`` and after it.

    Divided here because argparse takes no more words after ``--`` once an option has followed a word.
    """
    end = list(argv).index("--") if "--" in argv else len(argv)
    return argv[:end], argv[end + 1 :]


class _Parser(argparse.ArgumentParser):
    """Takes options by their full names only: the value of an abbreviated option would be taken for the
    command, and a script with abbreviations breaks when an option is added. Sub-parsers do the same."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "allow_abbrev": False})


def _common(*, top: bool) -> _Parser:
    # Accepted before and after the command. After it, a missing option must not reset the one before.
    default = None if top else argparse.SUPPRESS
    common = _Parser(add_help=False)
    common.add_argument(
        "--library", metavar="DIR", default=default, help="the library's folder (or SAFELIGHT_LIBRARY)"
    )
    common.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0 if top else argparse.SUPPRESS,
        help="print more (-vv: everything)",
    )
    return common


def _window() -> _Parser:
    parser = _Parser(
        "safelight",
        parents=[_common(top=True)],
        description="A photo library that finds pictures by what is in them. Without a command, the window "
        "opens. It adds the folders and shows the picture that are named.",
        epilog="Commands that need no window: " + ", ".join(COMMANDS) + ". See: safelight COMMAND --help",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a folder to add, or a picture to show")
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
    index.add_argument("--watch", action="store_true", help="continue and follow changes until Ctrl+C")
    index.add_argument(
        "--confirm-removals", action="store_true", help="forget missing files, however many they are"
    )
    search = commands.add_parser(
        "search",
        parents=[after, as_json, model, count],
        help="photos that match a description",
        description="Photos that match a description and filters: dog date:2019 is:favourite. Alternatives: "
        "'(beach OR lake) -people'. See docs/search-language.md.",
        epilog="A leading minus excludes; write it after -- or inside one argument: "
        'safelight search dog -- -grass, safelight search "dog -grass"',
    )
    search.add_argument("query", nargs="*", metavar="QUERY")
    search.add_argument("--like", metavar="IMAGE", help="… and look like this picture")
    search.add_argument("--why", action="store_true", help="print why each photo matches")
    search.add_argument(
        "--count", action="store_true", help="print about how many photos match, with a range"
    )
    search.add_argument("--open", action="store_true", help="show the result in the window")
    similar = commands.add_parser(
        "similar", parents=[after, as_json, model, count], help="photos like a picture"
    )
    similar.add_argument("image", metavar="IMAGE")
    find_for = commands.add_parser(
        "find-for",
        parents=[after, as_json, model],
        help="propose photos for each paragraph of a text",
        description="For each paragraph of a Markdown or plain text, the photos that match one of its "
        "sentences strongly, or none.",
    )
    find_for.add_argument("file", metavar="FILE", help="a text in UTF-8; - for standard input")
    find_for.add_argument(
        "-n", dest="limit", type=_positive, default=3, metavar="N", help="how many for each paragraph (3)"
    )
    for name, text in (
        ("status", "what the library holds"),
        ("failures", "files that could not be read, and why"),
    ):
        commands.add_parser(name, parents=[after, as_json], help=text)
    folders = commands.add_parser(
        "folders",
        parents=[after, as_json],
        help="the folders of the library; leave out folders inside them",
        description="List the folders of the library. exclude leaves out folders inside them, with their "
        "subfolders: their photos leave the library, the files stay as they are. include takes them back.",
    )
    folders.add_argument("action", nargs="?", choices=("exclude", "include"))
    folders.add_argument("paths", nargs="*", metavar="FOLDER")
    _add_duplicates(commands, [after, as_json])
    _add_keeping(commands, [after, as_json])
    _add_organising(commands, [after, as_json])
    _add_copying(commands, [after, as_json])
    _add_themes(commands, [after, as_json])
    _add_concepts(commands, [after, as_json])
    _add_models(commands, [after, as_json])
    _add_servers(commands, [after])
    _add_bench(commands, [after])
    settings = commands.add_parser(
        "settings",
        parents=[after, as_json],
        help="list the settings, or set one",
    )
    settings.add_argument("target", nargs="?", metavar="NAME=VALUE", help="e.g. machine-share=gentle")
    return parser


def _add_duplicates(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    kinds = [str(kind) for kind in DuplicateKind]
    duplicates = commands.add_parser(
        "duplicates",
        parents=parents,
        help="photos that are in the library more than once, and what to do with them",
        description="Photos that are in the library more than once, from identical files to look-alikes.",
        epilog="--apply prints what would be done, and does it only with --yes. Files go to the system's "
        "trash; safelight undo restores them.",
    )
    duplicates.add_argument("--kind", choices=kinds, help="only these")
    duplicates.add_argument(
        "--apply",
        choices=["keep-best"],
        help="move all but the best of each group to the trash; needs --kind",
    )
    # Two names for the same: other commands use --yes.
    duplicates.add_argument(
        "--dry-run",
        dest="act",
        action="store_false",
        default=False,
        help="only print what would be done (the default)",
    )
    duplicates.add_argument("--no-dry-run", "--yes", dest="act", action="store_true", help="do it")
    duplicates.add_argument(
        "paths",
        nargs="*",
        metavar="FILE",
        help="with --apply: move only these files of such groups; required for kinds that are not certain",
    )
    undo = commands.add_parser("undo", parents=parents, help="undo the latest change")
    undo.add_argument("step", nargs="?", type=int, metavar="STEP", help="this step instead of the latest")
    undo.add_argument("--list", dest="steps", action="store_true", help="what can be undone")
    for name, text in (
        (
            "protect",
            "never propose files, or all in a folder, for the trash; without a name, list them",
        ),
        ("unprotect", "propose them again"),
    ):
        commands.add_parser(name, parents=parents, help=text).add_argument(
            "paths", nargs="*" if name == "protect" else "+", metavar="PATH"
        )


def _add_organising(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    choosing = _Parser(add_help=False)
    choosing.add_argument(
        "--query", metavar="FILTERS", help="also the photos that pass filters: date:2019 in:Italy"
    )
    tag = commands.add_parser(
        "tag", parents=[*parents, choosing], help="list, add, remove, rename, delete tags"
    )
    tag.add_argument(
        "action", nargs="?", choices=("list", "add", "remove", "rename", "delete"), default="list"
    )
    tag.add_argument("name", nargs="?", metavar="TAG", help="for example animals/dog")
    tag.add_argument("rest", nargs="*", metavar="PATH", help="photos or folders; for rename, the new name")
    rate = commands.add_parser(
        "rate", parents=[*parents, choosing], help="set stars, labels, titles and other marks of photos"
    )
    rate.add_argument("targets", nargs="*", metavar="RATING|PATH", help="0 to 5 or reject, then the photos")
    rate.add_argument("--label", choices=(*LABELS, "none"))
    rate.add_argument("--title")
    rate.add_argument("--caption")
    rate.add_argument("--favourite", action=argparse.BooleanOptionalAction)
    rate.add_argument("--hide", dest="hidden", action="store_true", default=None, help="hide the photos")
    rate.add_argument("--show", dest="hidden", action="store_false", help="show hidden photos again")
    album = commands.add_parser(
        "album", parents=[*parents, choosing], help="list, create, fill, rename, move, delete albums"
    )
    album.add_argument(
        "action",
        nargs="?",
        choices=("list", "show", "create", "add", "remove", "first", "cover", "rename", "move", "delete"),
        default="list",
    )
    album.add_argument("name", nargs="?", metavar="ALBUM", help="for example Trips/Italy")
    album.add_argument(
        "rest",
        nargs="*",
        metavar="PATH",
        help="photos or folders; for rename, the new name; for move, the album to move it into, or /",
    )


def _add_copying(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    copy = commands.add_parser(
        "copy",
        parents=parents,
        help="copy photos to a folder, as they are, converted, or without what is private",
        description="Copies photos and never replaces a file: a copy whose name is taken gets a number. "
        "Each copy is checked after it was written.",
        epilog="Fields of --name: " + ", ".join(f"{{{each}}}" for each in FIELDS) + ". A “/” makes folders.",
    )
    copy.add_argument("paths", nargs="*", metavar="PATH", help="photos, or folders of photos")
    copy.add_argument("--query", metavar="FILTERS", help="also the photos that pass filters: album:Italy")
    copy.add_argument("--to", required=True, metavar="FOLDER", help="where the copies go")
    copy.add_argument(
        "--name", dest="template", metavar="TEMPLATE", help="names of the copies, e.g. '{date} {name}'"
    )
    copy.add_argument("--format", choices=[each.value for each in ExportFormat], help="original by default")
    copy.add_argument("--size", type=_positive, metavar="N", help="at most N pixels on the long side")
    copy.add_argument(
        "--strip", metavar="WHAT", help="leave out " + ", ".join(Private) + " (with commas), or all"
    )
    copy.add_argument("--safe", action="store_true", help="safe to share: as --strip place,names")
    copy.add_argument("--no-sidecars", dest="sidecars", action="store_false", help="copy no XMP sidecars")
    copy.add_argument(
        "--dry-run", action="store_true", help="copy nothing; print what the copies would give away"
    )


def _add_themes(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    themes = commands.add_parser(
        "themes",
        parents=parents,
        help="list, find, rename, merge, hide themes: groups of photos that show similar things",
    )
    themes.add_argument(
        "action",
        nargs="?",
        choices=("list", "refresh", "rename", "merge", "hide", "show"),
        default="list",
        help="refresh finds them again; merge makes the others a part of the first (default: list)",
    )
    themes.add_argument(
        "names",
        nargs="*",
        metavar="THEME",
        help="such as Beach or Beach/Coast; for rename, then the new name",
    )


def _add_concepts(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    concept = commands.add_parser(
        "concept",
        parents=parents,
        help="teach what you call something, by photos: my:bruno then finds it",
        description="Teaches concepts by photos that show them. See docs/concepts.md.",
    )
    concept.add_argument(
        "action",
        nargs="?",
        choices=("list", "teach", "propose", "rename", "merge", "delete"),
        default="list",
    )
    concept.add_argument("name", nargs="?", metavar="CONCEPT", help="for example bruno")
    concept.add_argument(
        "rest",
        nargs="*",
        metavar="PATH",
        help="photos or folders that show it; for rename, the new name; for merge, the concept that stays",
    )
    concept.add_argument("--query", metavar="FILTERS", help="teach: also the photos that pass filters")
    concept.add_argument(
        "--not",
        dest="without",
        action="append",
        metavar="PATH",
        help="teach: a photo or folder that does not show it; can be repeated",
    )
    concept.add_argument("--forget", action="store_true", help="teach: these photos are no examples any more")
    concept.add_argument(
        "--words", metavar="TEXT", help="teach: words that describe it, such as “a brown dog”; else its name"
    )
    concept.add_argument(
        "-n", dest="limit", type=_positive, default=10, metavar="N", help="propose: how many (10)"
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
        "more", nargs="*", metavar="QUERY", help="compare: another model, then what to search for"
    )
    models.add_argument(
        "-n", dest="limit", type=_positive, default=10, metavar="N", help="compare: how many (10)"
    )
    models.add_argument("--name", help="the name of an imported model; by default that of its folder")
    models.add_argument("--accept-licence", action="store_true", help="for models under a special licence")
    models.add_argument("--yes", action="store_true", help="delete without asking")


def _add_keeping(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    """The commands for backups and repairs."""
    backup = commands.add_parser("backup", parents=parents, help="a checked copy of the library, in one file")
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--yes", action="store_true", help="replace an older backup of that name")
    restore = commands.add_parser("restore", parents=parents, help="replace the library with a backup")
    restore.add_argument("file", nargs="?", metavar="FILE", help="without one, the newest daily backup")
    restore.add_argument("--yes", action="store_true", help="even if newer changes are lost")
    export = commands.add_parser("export", parents=parents, help="your marks, tags and decisions as JSON")
    export.add_argument("file", metavar="DIR")
    bring = commands.add_parser("import", parents=parents, help="add the contents of an export")
    bring.add_argument("file", metavar="FILE")
    verify = commands.add_parser(
        "verify", parents=parents, help="read photos again to find files that the disk damaged silently"
    )
    verify.add_argument("--percent", type=float, metavar="N", help="so much of the library; else all of it")
    verify.add_argument(
        "--repair",
        action="store_true",
        help="replace damaged files by intact copies; lists them, and replaces them only with --yes",
    )
    verify.add_argument("--undo", action="store_true", help="take the latest repair back")
    verify.add_argument("--yes", action="store_true", help="replace the files")
    forget = commands.add_parser(
        "forget", parents=parents, help="remove thumbnails, places and vectors of photos that are gone"
    )
    forget.add_argument("--marked", action="store_true", help="also of photos with marks, tags or albums")
    _add_migrating(commands, parents)
    sidecars = commands.add_parser(
        "sidecars",
        parents=parents,
        help="XMP files beside the pictures: how many are to be written, and write",
    )
    sidecars.add_argument("action", nargs="?", choices=("status", "write"), default="status")
    sidecars.add_argument(
        "--all", action="store_true", help="write: of every photo with a rating, tag or text"
    )
    doctor = commands.add_parser("doctor", parents=parents, help="check the library, and repair it")
    doctor.add_argument("--mend", action="store_true", help="repair what can be rebuilt")


def _add_migrating(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    migrate = commands.add_parser(
        "migrate",
        parents=parents,
        help="import ratings, tags, albums and texts from another program",
        description="Import what another program knows about photos of the library, as one step that "
        "safelight undo takes back. The other program's files are only read. See docs/migrating.md.",
    )
    migrate.add_argument(
        "source",
        nargs="?",
        metavar="SOURCE",
        help="its catalogue or export; without one, list what can be read",
    )
    migrate.add_argument("--from", dest="program", metavar="NAME", help="what SOURCE is, if not recognised")
    migrate.add_argument(
        "--map",
        dest="mappings",
        action="append",
        metavar="FROM=TO",
        help="a folder of the other program, and where it is now; may be repeated",
    )
    migrate.add_argument("--dry-run", action="store_true", help="only print what would be imported")
    migrate.add_argument(
        "--theirs", action="store_true", help="where a value differs, take the other program's"
    )
    migrate.add_argument(
        "--list",
        dest="listing",
        metavar="FILE",
        help="write conflicts and photos that were not found to a new .csv or .json file",
    )


def _add_servers(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    """The commands by which other programs use the library."""
    limits = _Parser(add_help=False)
    limits.add_argument(
        "--only",
        metavar="WHAT",
        help="only these photos exist for its clients: a folder (absolute path), an album, or filters",
    )
    limits.add_argument(
        "--allow-edits", action="store_true", help="let clients tag, rate and collect photos; undo reverts it"
    )
    limits.add_argument("--allow-places", action="store_true", help="let clients see where photos were taken")
    limits.add_argument("--allow-people", action="store_true", help="let clients search by people")
    commands.add_parser(
        "mcp",
        parents=[*parents, limits],
        help="let an assistant use the library (Model Context Protocol on standard input and output)",
        description="A server of the Model Context Protocol, which an assistant starts. It only reads, "
        "unless edits are allowed. See docs/assistants.md.",
    )
    serve = commands.add_parser(
        "serve",
        parents=[*parents, limits],
        help="let programs on this machine use the library over HTTP",
        description="An HTTP server for programs of this user on this machine, until Ctrl+C. "
        "See docs/http.md.",
    )
    serve.add_argument("--port", type=_port, default=0, metavar="N", help="by default a free one")
    serve.add_argument(
        "--token-file", metavar="FILE", help="where the token goes; by default in the library's folder"
    )


def _add_bench(commands: argparse._SubParsersAction[_Parser], parents: list[_Parser]) -> None:
    bench = commands.add_parser("bench", parents=parents, help="measure the program on this machine")
    bench.add_argument(
        "parts", nargs="*", metavar="PART", help="search, index, start, grid or duplicates; else all"
    )
    # The destination is `file`, because `json` is a flag of every other command.
    bench.add_argument(
        "--json", dest="file", nargs="?", const="-", metavar="FILE", help="the figures as JSON, for programs"
    )
    bench.add_argument("--quick", action="store_true", help="a few minutes: fewer photos, fewer repeats")
    bench.add_argument("--photos", metavar="DIR", help="index these pictures too, besides generated ones")
    bench.add_argument("--inside", help=argparse.SUPPRESS)
    bench.add_argument("--vectors", metavar="FILE", help="search these too: a NumPy file, float32 (n, dim)")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port, which is 0 to 65535")
    return int(text)


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of results, which is 1 or more")
    return number
