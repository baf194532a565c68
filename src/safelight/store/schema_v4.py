"""The fourth schema. Not released yet.

Each area of the library has its own tuple of statements.
"""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = ()
