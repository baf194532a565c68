"""``safelight themes``: groups of photos that show similar things."""

from __future__ import annotations

from dataclasses import asdict

from safelight import paths
from safelight.api import Library as Reader
from safelight.api import ThemeInfo
from safelight.cli import console
from safelight.cli.declarations.themes import Themes
from safelight.core.errors import SafelightError, UsageError
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.message import Message
from safelight.core.operations import HideThemes, MergeThemes, Operation, Outcome, RenameTheme
from safelight.core.themes import MIN_PHOTOS, Theme
from safelight.engine.editor import Editor
from safelight.services.library import Library
from safelight.services.understanding.themes import State
from safelight.store import themes
from safelight.store.library import LibraryStore


def run(arguments: Themes) -> int:
    match arguments.action:
        case "list":
            return _list(arguments)
        case "refresh":
            return _refresh(arguments)
        case _:
            return _change(arguments)


def _list(arguments: Themes) -> int:
    if arguments.names:
        raise UsageError("safelight themes list takes no names.")
    with Reader.open(arguments.library, hidden=True, ask_engine=True) as library:
        found = library.themes()
    if arguments.json:
        console.emit_json([asdict(theme) for theme in found])
        return console.DONE
    for theme in found:
        _show(theme, 0)
        for part in theme.parts:
            _show(part, 1)
    if not found:
        console.emit("No themes have been found yet; run: safelight themes refresh")
    return console.DONE


def _show(theme: ThemeInfo, depth: int) -> None:
    years = theme.first[:4] if theme.first[:4] == theme.last[:4] else f"{theme.first[:4]}–{theme.last[:4]}"
    note = "  hidden" if theme.hidden else ""
    console.emit(f"{theme.photos:>7,}  {'    ' * depth}{theme.name}  {years}{note}")


def _refresh(arguments: Themes) -> int:
    if arguments.names:
        raise UsageError("safelight themes refresh takes no names.")
    LibraryStore.check_exists(arguments.library)
    line = console.ProgressLine()
    with Library.open(arguments.library, paths.models_dir()) as library:
        finder = library.themes()
        status = finder.status()
        if status.state is State.TOO_SMALL:
            raise SafelightError(
                "Themes need at least {fewest} searchable photos, and the library has {photos}; "
                "index more photos first.",
                fewest=MIN_PHOTOS,
                photos=status.photos,
            )
        try:
            finder.find(JobControl(), lambda done: line(_progress(done)))
        finally:
            line.finish()
        with library.store.read() as db:
            found = themes.all_themes(db)
    tops = sum(theme.parent_id is None for theme in found)
    if arguments.json:
        console.emit_json({"themes": tops, "parts": len(found) - tops, "photos": status.photos})
    else:
        console.emit(f"{console.count(tops, 'theme')} of {console.count(status.photos, 'photo')}.")
    return console.DONE


def _progress(share: float) -> Progress:
    return Progress(Phase.PROCESSING, round(100 * share), 100, activity=Message("Finding themes"))


def _change(arguments: Themes) -> int:
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        operation = _operation(store, arguments)
    console.emit_step(Editor(arguments.library).run(operation), as_json=arguments.json)
    return console.DONE


def _operation(store: LibraryStore, arguments: Themes) -> Operation[Outcome]:
    names = arguments.names
    if arguments.action == "rename":
        if len(names) != 2:
            raise UsageError("Name the theme and its new name; an empty one restores the automatic name.")
        return RenameTheme(_theme(store, names[0]).id, names[1])
    if arguments.action == "merge":
        if len(names) < 2:
            raise UsageError("Name the theme that stays, and those that become a part of it.")
        into, *others = [_theme(store, name).id for name in names]
        return MergeThemes(tuple(others), into)
    if not names:
        raise UsageError("Name the themes.")
    return HideThemes(tuple(_theme(store, name).id for name in names), arguments.action == "hide")


def _theme(store: LibraryStore, name: str) -> Theme:
    """Raises SafelightError unless exactly one theme has this name or path."""
    with store.read() as db:
        found = themes.find(db, name)
    if not found:
        raise SafelightError("There is no theme “{name}”; see: safelight themes", name=name)
    if len(found) > 1:
        listed = ", ".join(theme.path for theme in found)
        raise UsageError("Several themes are called “{name}”; name one of: {names}", name=name, names=listed)
    return found[0]
