"""``safelight settings``: how much of the machine Safelight may use, and which of duplicates it keeps."""

from __future__ import annotations

from safelight.cli import console
from safelight.cli.arguments import Arguments
from safelight.core.errors import UsageError
from safelight.core.preferences import Preferences
from safelight.services import preferences
from safelight.store.library import LibraryStore


def run(arguments: Arguments) -> int:
    """List what is set, or set one of it."""
    name, _, text = arguments.target.partition("=")
    if arguments.target and not text:
        raise UsageError(f"Write what it is to be: safelight settings {name or 'NAME'}=VALUE")
    if name:
        with LibraryStore.create_or_open(arguments.library) as store:
            found = preferences.change(store, name.strip(), text)
    elif LibraryStore.exists(arguments.library):
        with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
            found = preferences.read(db)
    else:
        found = Preferences()
    texts = preferences.as_texts(found)
    if arguments.json:
        console.emit_json(texts)
        return console.DONE
    for each, value in texts.items():
        console.emit(f"{each}={value}")
    return console.DONE
