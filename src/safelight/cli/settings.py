"""``safelight settings``: list all settings, or set one."""

from __future__ import annotations

from safelight.cli import console
from safelight.cli.declarations.library import ChangeSettings
from safelight.core.errors import UsageError
from safelight.core.settings import Settings
from safelight.engine.editor import Editor
from safelight.services import settings
from safelight.store.library import LibraryStore


def run(arguments: ChangeSettings) -> int:
    """List all settings, or set one."""
    name, _, text = arguments.target.partition("=")
    if arguments.target and not text:
        raise UsageError("Write the value too: safelight settings {name}=VALUE", name=name or "NAME")
    if name:
        texts = Editor(arguments.library).change_setting(name.strip(), text)
    elif LibraryStore.exists(arguments.library):
        with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
            texts = settings.read(db).texts()
    else:
        texts = Settings().texts()
    if arguments.json:
        console.emit_json(texts)
        return console.DONE
    for each, value in texts.items():
        console.emit(f"{each}={value}")
    return console.DONE
