"""Suppresses open_clip's own log messages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath


@contextmanager
def quiet_open_clip() -> Iterator[None]:
    """Drop the records that open_clip logs inside the block; others pass.

    It logs every step at INFO through the root logger, with the model's path, which is private. The first
    call also installs a handler on a root logger that has none. What matters (missing weights, default
    preprocessing) is checked by Safelight and raised as ModelError.
    """

    def foreign(record: logging.LogRecord) -> bool:
        return "open_clip" not in PurePath(record.pathname).parts

    root, placeholder = logging.getLogger(), logging.NullHandler()
    root.addHandler(placeholder)
    root.addFilter(foreign)
    try:
        yield
    finally:
        root.removeFilter(foreign)
        root.removeHandler(placeholder)
