"""How commands report known errors."""

from __future__ import annotations

import logging
from collections.abc import Callable

from safelight.cli import console
from safelight.cli.declarations.command import Invocation
from safelight.core.errors import CancelledError, SafelightError, UsageError
from safelight.process_exit import STOPPED


def reported(arguments: Invocation, work: Callable[[], int]) -> int:
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
