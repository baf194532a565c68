"""Runs commands: the same services as in the window's engine, in this process."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from safelight.cli.declarations import COMMANDS
from safelight.cli.declarations.command import Invocation
from safelight.cli.reporting import reported

_BY_KIND = {command.kind: command for command in COMMANDS.values()}


def run_command(arguments: Invocation) -> int:
    """Run one command; its module is imported first. Known errors become one line and an exit status."""
    module, _, function = _BY_KIND[type(arguments)].run.partition(":")
    # Before the command starts, because main() handles Ctrl+C during imports.
    run: Callable[[Invocation], int] = getattr(import_module(module), function)
    return reported(arguments, lambda: run(arguments))
