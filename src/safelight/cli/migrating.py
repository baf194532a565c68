"""``safelight migrate``: import what another program knows about photos."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from safelight.cli import console
from safelight.cli.declarations.safekeeping import Migrate
from safelight.core.errors import UsageError
from safelight.core.migration import ImportPreview, LeftOut, MatchMethod
from safelight.core.user_paths import expanded, is_folder
from safelight.engine.editor import Edited, Editor
from safelight.services.migration import listing
from safelight.services.migration.migration import plan
from safelight.services.migration.planning import Plan
from safelight.services.migration.sources import SOURCES
from safelight.store.library import LibraryStore

_MATCH_TEXTS = {
    MatchMethod.PATH: "by path",
    MatchMethod.CONTENT: "by content",
    MatchMethod.FACTS: "by name, time and size",
}
_LEFT_OUT = {
    LeftOut.FACE_REGION: ("face region", "face regions"),
    LeftOut.LABEL: ("unknown label", "unknown labels"),
    LeftOut.VIRTUAL_COPY: ("virtual copy", "virtual copies"),
    LeftOut.UNREADABLE: ("unreadable entry", "unreadable entries"),
    LeftOut.VALUE: ("invalid value", "invalid values"),
    LeftOut.EDIT: ("edit of a photo", "edits of photos"),
    LeftOut.TRASHED: ("photo in the trash", "photos in the trash"),
    LeftOut.SHARED: ("photo that others share", "photos that others share"),
}


def run(arguments: Migrate) -> int:
    if not arguments.source:
        return _list_sources(arguments)
    mappings = dict(_mapping(each) for each in arguments.mappings)
    with LibraryStore.open_up_to_date_read_only(arguments.library) as store:
        line = console.ProgressLine(quiet=arguments.json)
        try:
            found = plan(
                store, Path(arguments.source), source=arguments.program, mappings=mappings, on_progress=line
            )
        finally:
            line.finish()
        if arguments.listing:
            listing.write(found, Path(arguments.listing))
    edited = Edited(None, 0)
    if not arguments.dry_run:
        edited = Editor(arguments.library).apply(found.operation(all_theirs=arguments.theirs))
    if arguments.json:
        console.emit_json(_as_json(found.preview, edited, arguments))
    else:
        _print(found, edited, arguments)
    return console.DONE


def _mapping(text: str) -> tuple[str, str]:
    """``FROM=TO``. Where folders contain ``=``, the division with an existing folder TO counts."""
    places = [place for place, character in enumerate(text) if character == "="]
    divided = [(text[:place], text[place + 1 :]) for place in places]
    divided = [(source, target) for source, target in divided if source and target]
    if not divided:
        raise UsageError("--map takes two folders as FROM=TO, not {text}.", text=text)
    existing = (pair for pair in divided if is_folder(expanded(pair[1])))
    source, target = next(existing, divided[0])
    return source, str(expanded(target).absolute())


def _list_sources(arguments: Migrate) -> int:
    if arguments.json:
        console.emit_json([{"name": s.name, "program": s.program, "source": s.what} for s in SOURCES])
        return console.DONE
    console.emit("Can be imported:")
    for source in SOURCES:
        console.emit(f"  {source.name:<16} {source.program}: {source.what}")
    return console.DONE


def _as_json(preview: ImportPreview, edited: Edited, arguments: Migrate) -> dict[str, object]:
    return {
        **asdict(preview),
        "problems": [str(each) for each in preview.problems],
        "recognised": preview.recognised,
        "dry_run": arguments.dry_run,
        "step": edited.step,
        "changed": edited.photos,
    }


def _print(found: Plan, edited: Edited, arguments: Migrate) -> None:
    preview = found.preview
    for problem in preview.problems:
        console.report(problem)
    ways = ", ".join(
        f"{preview.matched[way]:,} {text}" for way, text in _MATCH_TEXTS.items() if way in preview.matched
    )
    console.emit(
        f"{preview.program}: {console.count(preview.records, 'photo')}, {preview.recognised:,} recognised"
        + (f" ({ways})" if ways else "")
    )
    for mapping in preview.mappings:
        console.emit(f"  {mapping.source} is now {mapping.target} ({console.count(mapping.photos, 'photo')})")
    if preview.counts:
        console.emit(f"{'':<12}{'found':>9}{'new':>9}{'same':>9}{'differ':>9}")
    for each in preview.counts:
        console.emit(
            f"{each.kind.value:<12}{each.found:>9,}{each.new:>9,}{each.same:>9,}{each.conflicts:>9,}"
        )
    if preview.missing:
        console.emit(f"Not in the library: {console.count(preview.missing, 'photo')}.")
    if preview.ambiguous:
        console.emit(f"May be one of several: {console.count(preview.ambiguous, 'photo')}; left alone.")
    for kind, number in preview.left_out.items():
        console.emit(f"Not taken over: {number:,} {_LEFT_OUT[kind][number != 1]}.")
    if preview.conflict_count:
        whose = preview.program if arguments.theirs else "the library"
        console.emit(f"Where values differ, those of {whose} {'are taken' if arguments.theirs else 'stay'}.")
    if arguments.dry_run:
        console.emit(
            f"Nothing was changed; {console.count(preview.photos, 'photo')} would get something new."
        )
    elif edited.step is None:
        console.emit("Nothing changed.")
    else:
        changed = console.count(edited.photos, "photo")
        console.emit(f"{changed} changed; to undo: safelight undo {edited.step}")
