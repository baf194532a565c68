"""What the person set, kept in the library and read by the window's engine and the command line alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safelight.core.errors import FailureKind, UsageError
from safelight.core.keeper import DEFAULT_RULES, KeeperRule, rules_in_order
from safelight.core.preferences import MachineShare, Preferences
from safelight.store import decisions, files, settings
from safelight.store.library import Connection, LibraryStore

KEEPER_RULES = "keeper-rules"
_PLAIN = ("machine-share", "pause-on-battery", "idle-minutes", "max-megapixels")
NAMES = (*_PLAIN, KEEPER_RULES)
_YES, _NO = ("on", "yes", "true", "1"), ("off", "no", "false", "0")
_LONGEST = 24 * 60
_MOST_MEGAPIXELS = 4000


def read(db: Connection) -> Preferences:
    """What cannot be understood counts as never set."""
    found = Preferences(keeper_rules=_ordered(decisions.keeper_rules(db)))
    for name in _PLAIN:
        text = settings.get(db, name)
        if text is not None:
            try:
                found = _with(found, name, text)
            except UsageError:
                continue
    return found


def change(store: LibraryStore, name: str, text: str) -> Preferences:
    """Set one of :data:`NAMES`. Raises UsageError, which says what would do."""
    with store.read() as db:
        changed = _with(read(db), name, text)
    with store.write() as db:
        if name == KEEPER_RULES:
            decisions.set_keeper_rules(db, changed.keeper_rules or DEFAULT_RULES)
        else:
            settings.put(db, name, as_texts(changed)[name])
        if name == "max-megapixels":
            refused = [f.file_id for f in files.failures(db) if f.kind is FailureKind.TOO_LARGE]
            files.retry(db, refused)
    return changed


def as_texts(preferences: Preferences) -> dict[str, str]:
    """By name, as :func:`change` takes them."""
    return {
        "machine-share": str(preferences.machine_share),
        "pause-on-battery": "on" if preferences.pause_on_battery else "off",
        "idle-minutes": str(preferences.idle_minutes),
        "max-megapixels": str(preferences.max_megapixels),
        KEEPER_RULES: ",".join(preferences.keeper_rules or DEFAULT_RULES),
    }


def _with(preferences: Preferences, name: str, text: str) -> Preferences:
    said = text.strip().lower()
    match name:
        case "machine-share":
            if said not in set(MachineShare):
                raise UsageError(f"machine-share is one of: {', '.join(MachineShare)}.")
            return replace(preferences, machine_share=MachineShare(said))
        case "pause-on-battery":
            if said not in (*_YES, *_NO):
                raise UsageError("pause-on-battery is on or off.")
            return replace(preferences, pause_on_battery=said in _YES)
        case "idle-minutes":
            if not (said.isascii() and said.isdigit() and int(said) <= _LONGEST):
                raise UsageError(f"idle-minutes is a number of minutes up to {_LONGEST}; 0 means never.")
            return replace(preferences, idle_minutes=int(said))
        case "max-megapixels":
            if not (said.isascii() and said.isdigit() and 1 <= int(said) <= _MOST_MEGAPIXELS):
                raise UsageError(f"max-megapixels is a number from 1 to {_MOST_MEGAPIXELS}.")
            return replace(preferences, max_megapixels=int(said))
        case "keeper-rules":
            names = [part.strip() for part in said.split(",")]
            if not set(names) <= set(KeeperRule):
                raise UsageError(
                    "keeper-rules are some of these, the most important first and with commas between: "
                    f"{', '.join(DEFAULT_RULES)}."
                )
            return replace(preferences, keeper_rules=_ordered(rules_in_order(names)))
        case _:
            raise UsageError(f"There is no setting “{name}”. There are: {', '.join(NAMES)}.")


def _ordered(rules: Sequence[KeeperRule]) -> tuple[KeeperRule, ...]:
    return () if tuple(rules) == DEFAULT_RULES else tuple(rules)
