"""A library's own settings: short texts by name."""

from __future__ import annotations

import apsw

MODEL = "model"
"""Name of the model chosen for this library."""


def get(db: apsw.Connection, name: str) -> str | None:
    """A setting; None if it was never set."""
    found = db.execute("SELECT value FROM meta WHERE key = ?", (name,)).fetchone()
    return None if found is None else str(found[0])


def put(db: apsw.Connection, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (name, value),
    )
