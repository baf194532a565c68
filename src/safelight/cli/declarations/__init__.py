"""The commands of the command line.

Every start of the program imports this module. It has only what ``safelight --help`` prints: the names of
the commands and a line about each. The module of an area declares the rest: the options, the dataclass that
they become, and the function that runs the command. :func:`load_declaration` imports it for one of its
commands, and :mod:`safelight.cli.commands` imports the function that runs it. So no command waits for modules
that only others need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safelight.cli.declarations.command import Command

_AREAS = {
    "library": {
        "index": "add folders, and bring the library up to date",
        "status": "show what the library contains",
        "failures": "list files that could not be read, and why",
        "folders": "list the folders of the library, or leave out folders inside them",
        "settings": "list the settings, or set one",
    },
    "search": {
        "search": "find photos that match a description or filters",
        "similar": "find photos that look like a picture",
        "find-for": "find photos for each paragraph of a text",
    },
    "duplicates": {
        "duplicates": "list photos that the library has more than once, and keep the best of each",
        "undo": "undo the latest change",
        "protect": "protect files and folders: duplicates there are never proposed for the trash",
        "unprotect": "end the protection of files and folders",
    },
    "organising": {
        "tag": "list, add, remove, rename or delete tags",
        "rate": "set stars, labels, titles and other marks of photos",
        "album": "list, create, fill, rename, move, order or delete albums",
        "stack": "list, create or end stacks: photos that are shown as one",
    },
    "copying": {
        "copy": "copy photos to a folder, as they are, converted, or without what is private",
    },
    "themes": {
        "themes": "list, find, rename, merge or hide themes: groups of photos that show similar things",
    },
    "concepts": {
        "suggest": "suggest tags for photos, and accept or refuse suggestions",
        "concept": "teach what you call something by photos of it",
    },
    "models": {
        "models": "list, download, import, use, compare or delete models",
    },
    "safekeeping": {
        "backup": "write a checked copy of the library to one file",
        "restore": "replace the library with a backup",
        "export": "write your marks, tags and decisions as JSON",
        "import": "add the contents of an export",
        "doctor": "check the library, and repair what can be rebuilt",
        "verify": "read photos again to find files that the disk damaged silently",
        "forget": "remove thumbnails, places and vectors of photos that are gone",
        "sidecars": "write XMP files beside the pictures, or count those that are to be written",
        "migrate": "import ratings, tags, albums and texts from another program",
    },
    "programs": {
        "mcp": "let an assistant use the library (Model Context Protocol on standard input and output)",
        "serve": "let programs on this machine use the library over HTTP",
        "desktop-search": "show photos in the search of GNOME and KDE",
    },
    "bench": {
        "bench": "measure the program on this machine",
    },
}
"""The modules in this package, and the help of the commands that each declares."""

HELP = {name: line for commands in _AREAS.values() for name, line in commands.items()}
"""One line about each command, by its word on the command line."""

_AREA_OF = {name: area for area, commands in _AREAS.items() for name in commands}


def load_declaration(name: str) -> Command:
    """The declaration of the command ``name``, one of :data:`HELP`."""
    area = import_module(f"{__name__}.{_AREA_OF[name]}")
    found: Command = next(command for command in area.COMMANDS if command.name == name)
    return found
