"""Keeping open_clip's own log out of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath


@contextmanager
def quiet_open_clip() -> Iterator[None]:
    """Drop what open_clip logs inside the block; other records pass.

    It logs through the root logger: every step at INFO with the model's path in it, which is private,
    and the first such call installs a handler on a root logger that has none. What matters of it
    (weights missing, a preprocessing left to defaults) is checked by us and raised as ModelError.
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
