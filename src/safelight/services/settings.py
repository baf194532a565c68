"""Settings as stored in the library, for the window's engine and the command line."""

from __future__ import annotations

from safelight.core.errors import FailureKind, UsageError
from safelight.core.settings import (
    KEEPER_RULES,
    MAX_MEGAPIXELS,
    SETTINGS,
    Settings,
    setting_named,
    setting_text,
)
from safelight.store import decisions, files
from safelight.store import settings as stored
from safelight.store.library import Connection, LibraryStore


def read(db: Connection) -> Settings:
    """The settings of a library. A stored text that cannot be understood counts as not set."""
    found = Settings().with_value(KEEPER_RULES, decisions.keeper_rules(db))
    for setting in SETTINGS:
        text = None if setting.name == KEEPER_RULES.name else stored.get(db, setting.name)
        if text is not None:
            try:
                found = found.with_text(setting.name, text)
            except UsageError:
                continue
    return found


def change(store: LibraryStore, name: str, text: str) -> Settings:
    """Set one setting. Raises UsageError, which says what can be set."""
    with store.read() as db:
        changed = read(db).with_text(name, text)
    with store.write() as db:
        if name == KEEPER_RULES.name:  # stored elsewhere by the store
            decisions.set_keeper_rules(db, changed[KEEPER_RULES])
        else:
            stored.put(db, name, setting_text(changed[setting_named(name)]))
        if name == MAX_MEGAPIXELS.name:
            refused = [each.file_id for each in files.failures(db) if each.kind is FailureKind.TOO_LARGE]
            files.retry(db, refused)
    return changed
