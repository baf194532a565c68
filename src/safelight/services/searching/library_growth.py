"""Whether a library has changed so much that it has to be measured again."""

from __future__ import annotations

_MIN_CHANGE = 16
"""Small libraries change by a tenth with every few photos."""


def has_changed_much(measured: int, now: int) -> bool:
    """Whether a library that had ``measured`` photos has grown or shrunk by more than a tenth."""
    return abs(now - measured) > max(_MIN_CHANGE, measured // 10)
