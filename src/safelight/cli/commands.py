"""Runs commands: the same services as in the window's engine, in this process."""

from __future__ import annotations

from importlib import import_module

from safelight.cli.declarations import COMMANDS
from safelight.cli.declarations.command import Invocation
from safelight.cli.reporting import reported

_BY_KIND = {command.kind: command for command in COMMANDS.values()}


def run_command(arguments: Invocation) -> int:
    """Run one command; its module is imported first. Known errors become one line and an exit status."""
    module, _, function = _BY_KIND[type(arguments)].run.partition(":")
    return reported(arguments, lambda: int(getattr(import_module(module), function)(arguments)))
