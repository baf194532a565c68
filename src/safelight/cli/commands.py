"""Runs commands, which use the same services as the window's engine, in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module

from safelight.cli import console
from safelight.cli.declarations import load_declaration
from safelight.cli.declarations.command import Invocation
from safelight.core.errors import CancelledError, SafelightError, UsageError
from safelight.process_exit import STOPPED


def run_command(arguments: Invocation) -> int:
    """Run one command; its module is imported first. Known errors become one line and an exit status."""
    module, _, function = load_declaration(arguments.command).run.partition(":")
    # Before the command starts, because main() handles Ctrl+C during imports.
    run: Callable[[Invocation], int] = getattr(import_module(module), function)
    return run_reporting_errors(arguments, lambda: run(arguments))


def run_reporting_errors(arguments: Invocation, work: Callable[[], int]) -> int:
    """Do what ``arguments`` ask for. Known errors become one line and an exit status."""
    logging.basicConfig(level=arguments.log_level, format="%(levelname)s %(name)s: %(message)s")
    try:
        return work()
    except SafelightError as error:
        console.report(error)
        return console.USAGE if isinstance(error, UsageError) else console.FAILED
    except (KeyboardInterrupt, CancelledError):
        console.error(STOPPED)
        return console.FAILED
    except console.ReaderGoneError:
        return console.DONE
