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
    except UsageError as error:
        console.error(str(error))
        return console.USAGE
    except SafelightError as error:
        console.error(str(error))
        return console.FAILED
    except (KeyboardInterrupt, CancelledError):
        console.error(STOPPED)
        return console.FAILED
    except console.ReaderGoneError:
        return console.DONE
