"""The parsed command line: one dataclass for each command."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from safelight.core.name_template import DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The options of every command line."""

    library: Path
    """The library's folder, absolute."""
    verbose: int = 0

    @property
    def log_level(self) -> int:
        return (logging.WARNING, logging.INFO, logging.DEBUG)[min(self.verbose, 2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWindow(Invocation):
    """The window, with folders to add, a picture to show or a search: no command, or ``search --open``."""

    paths: tuple[str, ...] = ()
    query: str = ""
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Invocation):
    """A command that prints something, for people or as JSON."""

    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Report):
    folders: tuple[str, ...] = ()
    model: str | None = None
    watch: bool = False
    confirm_removals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Report):
    query: str = ""
    like: str | None = None
    model: str | None = None
    limit: int = 20
    why: bool = False
    count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar(Report):
    image: str
    model: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFor(Report):
    """Propose photos for each paragraph of a document."""

    file: str
    model: str | None = None
    limit: int = 3


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
class Duplicates(Report):
    kind: str | None = None
    """None for all kinds."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Albums(Choosing):
    action: str = "list"
    name: str = ""
    """The album's path, ``Trips/Italy``."""
    rest: tuple[str, ...] = ()
    """Files and folders, the new name, or another album."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concepts(Choosing):
    """Taught concepts."""

    action: str = "list"
    name: str = ""
    rest: tuple[str, ...] = ()
    """Files and folders, the new name, or another concept."""
    without: tuple[str, ...] = ()
    """To teach: files and folders that do not show it."""
    forget: bool = False
    """To teach: the photos are no examples any more."""
    words: str | None = None
    limit: int = 10


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
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Themes(Report):
    action: str = "list"
    names: tuple[str, ...] = ()
    """Themes; for a rename, one theme and its new name."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings(Report):
    """List all settings, or set one."""

    target: str = ""
    """``NAME=VALUE``; empty to list."""


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
class Doctor(Report):
    mend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Report):
    """Read photos again, repair damaged ones, or take a repair back."""

    percent: float | None = None
    """Of the library's bytes; None for every file."""
    repair: bool = False
    undo: bool = False
    yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Report):
    """Remove what the library holds of photos that are gone."""

    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Invocation):
    """What a server lets its clients see and do."""

    only: str = ""
    allow_edits: bool = False
    allow_places: bool = False
    allow_people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mcp(Server):
    """Serve assistants over standard input and output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve(Server):
    """Serve programs on this machine over HTTP."""

    port: int = 0
    token_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSidecars(Report):
    action: str = "status"
    all: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(Invocation):
    parts: tuple[str, ...] = ()
    """What to measure; empty for everything."""
    file: str = ""
    """Where the figures go as JSON; ``-`` for standard output, empty for none."""
    quick: bool = False
    photos: str = ""
    vectors: str = ""
    inside: str = ""
    """What this process measures for the process that started it."""


COMMANDS: dict[str, type[Invocation]] = {
    "index": Index,
    "search": Search,
    "similar": Similar,
    "find-for": FindFor,
    "duplicates": Duplicates,
    "status": Status,
    "failures": Failures,
    "folders": Folders,
    "models": Models,
    "settings": ChangeSettings,
    "tag": Tags,
    "rate": Rate,
    "album": Albums,
    "concept": Concepts,
    "copy": CopyPhotos,
    "themes": Themes,
    "undo": UndoStep,
    "protect": Protect,
    "unprotect": Unprotect,
    "backup": BackUp,
    "restore": Restore,
    "export": Export,
    "import": Import,
    "doctor": Doctor,
    "verify": Verify,
    "forget": Forget,
    "sidecars": WriteSidecars,
    "migrate": Migrate,
    "mcp": Mcp,
    "serve": Serve,
    "bench": Bench,
}
"""By the word on the command line."""

_Kind = TypeVar("_Kind", bound=Invocation)


def made(kind: type[_Kind], values: dict[str, Any]) -> _Kind:
    """An invocation of a class from argparse's result; options that were not given keep their defaults."""
    known = {field.name for field in fields(kind)}
    given = {name: value for name, value in values.items() if name in known and value is not None}
    arguments: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
    return kind(**arguments)
