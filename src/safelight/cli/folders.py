"""``safelight folders``: the folders of the library, and leaving out folders inside them."""

from __future__ import annotations

import os
from pathlib import Path

from safelight.cli import console
from safelight.cli.declarations.library import Folders
from safelight.core.errors import UsageError
from safelight.core.operations import ExcludeFolder, IncludeFolder, Note
from safelight.core.photo import FolderState
from safelight.core.user_paths import expanded
from safelight.engine.editor import Editor
from safelight.store import folders
from safelight.store.library import LibraryStore


def run(arguments: Folders) -> int:
    if not arguments.action:
        return _list(arguments)
    if not arguments.paths:
        raise UsageError("Name the folder: safelight folders {action} FOLDER", action=arguments.action)
    operation = ExcludeFolder if arguments.action == "exclude" else IncludeFolder
    notes: list[Note] = []
    with LibraryStore.open_up_to_date_read_only(arguments.library):
        editor = Editor(arguments.library)  # which would create a library where there is none
    for path in arguments.paths:
        # A running engine has another current folder. It refuses an empty name.
        notes += editor.apply(operation(os.path.realpath(expanded(path)) if path.strip() else path)).notes
    if arguments.json:
        console.emit_json([{"result": note.code, **note.params} for note in notes])
        return console.DONE
    for note in notes:
        console.emit(_in_words(note))
    return console.DONE


def _in_words(note: Note) -> str:
    path = note.params["path"]
    match note.code:
        case "folder_excluded":
            photos = console.count(note.params["photos"], "photo")
            return f"{path} is excluded; {photos} left the library. The files stay as they are."
        case "folder_excluded_already":
            return f"{path} is already excluded."
        case "folder_included_again":
            photos = console.count(note.params["photos"], "photo")
            return f"{path} is in the library again, with {photos}. The next scan finds what is new in it."
        case "folder_not_excluded":
            return f"{path} is not excluded."
    return note.code


def _list(arguments: Folders) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store, store.read() as db:
        known = folders.all_folders(db)
    if arguments.json:
        console.emit_json(
            [
                {
                    "path": f.path,
                    "online": f.state is not FolderState.OFFLINE,
                    "photos": f.photos,
                    "excluded": [str(Path(f.path, below)) for below in f.excluded],
                }
                for f in known
            ]
        )
        return console.DONE
    for folder in known:
        away = "  (not there now)" if folder.state is FolderState.OFFLINE else ""
        console.emit(f"{folder.photos:>8,}  {folder.path}{away}")
        for below in folder.excluded:
            console.emit(f"          {Path(folder.path, below)}  (excluded)")
    return console.DONE
