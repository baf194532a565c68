"""The commands of the command line. Adding one takes its declaration here and its function."""

from __future__ import annotations

from safelight.cli.declarations import (
    bench,
    concepts,
    duplicates,
    library,
    models,
    organising,
    programs,
    safekeeping,
    search,
    themes,
)
from safelight.cli.declarations.command import Command

COMMANDS: dict[str, Command] = {
    command.name: command
    for area in (
        library,
        search,
        duplicates,
        organising,
        themes,
        concepts,
        models,
        safekeeping,
        programs,
        bench,
    )
    for command in area.COMMANDS
}
"""The commands by their word on the command line."""
