"""The second schema: what duplicates, backups and changes of model need to remember."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = ()
