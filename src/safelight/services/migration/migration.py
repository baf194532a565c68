"""Imports from another program: read its catalogue, recognise the photos, plan one operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from safelight.core.errors import UsageError
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.message import Message
from safelight.core.user_paths import exists, expanded
from safelight.services.migration.matching import Matched, Matcher, Result
from safelight.services.migration.planning import Plan, planned
from safelight.services.migration.record import Record
from safelight.services.migration.source import Reading, Source, SourceError
from safelight.services.migration.sources import SOURCES
from safelight.store import known_files, pairs, photos
from safelight.store.library import Connection, LibraryStore

MOST_RECORDS = 5_000_000

READING, RECOGNISING = Message("Reading"), Message("Recognising photos")


def source_for(path: Path, name: str | None = None) -> Source:
    """The source that reads a file or folder: the one named, or the first that recognises it.

    Raises UsageError where there is none.
    """
    if not exists(path):
        raise UsageError("There is no file or folder {path}. Check the name.", path=path)
    if name is not None:
        for source in SOURCES:
            if source.name == name:
                return source
        raise UsageError(
            "There is no source “{name}”; known are {names}.",
            name=name,
            names=", ".join(each.name for each in SOURCES),
        )
    for source in SOURCES:
        if source.recognises(path):
            return source
    raise UsageError(
        "{path} is not a catalogue or export that Safelight knows; “safelight migrate” lists what it can "
        "import.",
        path=path,
    )


def plan(
    store: LibraryStore,
    path: Path,
    *,
    source: str | None = None,
    mappings: Mapping[str, str] | None = None,
    control: JobControl | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Plan:
    """Find out what importing a catalogue or export would change. Changes nothing.

    ``source`` is the name of one in :data:`SOURCES`; by default the one that recognises ``path``.
    ``mappings`` name folders of the other program and where they are now. Raises UsageError, SourceError,
    CancelledError.
    """
    control = control or JobControl()
    path = expanded(path).absolute()
    chosen = source_for(path, source)
    reading = Reading(control)
    records = _read(chosen, path, reading, on_progress)
    result = _recognise(store, records, mappings, control, on_progress)
    with store.read() as db:
        return planned(db, chosen.program, records, result, reading)


def _read(
    source: Source, path: Path, reading: Reading, on_progress: Callable[[Progress], None]
) -> list[Record]:
    """All photos of a source. Raises SourceError where they are too many."""
    records: list[Record] = []
    reading.on_step = lambda: on_progress(Progress(Phase.PROCESSING, len(records), 0, activity=READING))
    for record in source.read(path, reading):
        records.append(record)
        reading.step()
        if len(records) > MOST_RECORDS:
            raise SourceError(
                "{path} has more than {limit:,} photos; it cannot be imported at once.",
                path=path,
                limit=MOST_RECORDS,
            )
    return records


def _recognise(
    store: LibraryStore,
    records: Sequence[Record],
    mappings: Mapping[str, str] | None,
    control: JobControl,
    on_progress: Callable[[Progress], None],
) -> Result:
    """Find the photos of the library. Comparing contents may take long, so that no transaction is open
    meanwhile."""
    steps = 0

    def recognised_one() -> None:
        nonlocal steps
        steps += 1
        done = min(steps, len(records))
        on_progress(Progress(Phase.PROCESSING, done, len(records), activity=RECOGNISING))

    def by_content(digest: bytes) -> int | None:
        with store.read() as db:
            return photos.find_by_content(db, digest)

    with store.read() as db:
        files = known_files.all_files(db)
        matcher = Matcher(files, by_content, mappings=mappings, control=control, on_step=recognised_one)
    result = matcher.match(records)
    with store.read() as db:
        return _for_whole_shots(db, result)


def _for_whole_shots(db: Connection, result: Result) -> Result:
    """What the other program says of the second half of a pair counts for the photo that represents the pair,
    if the program says nothing about that one. Apple Photos, for example, lists the JPEG of a RAW and a JPEG.
    """
    matched = {each.photo_id for each in result.matches if isinstance(each, Matched)}
    owners = pairs.owners_of(db, matched)
    for place, each in enumerate(result.matches):
        owner = owners.get(each.photo_id) if isinstance(each, Matched) else None
        if isinstance(each, Matched) and owner is not None and owner not in matched:
            matched.add(owner)
            result.matches[place] = replace(each, photo_id=owner)
            result.paths[owner] = result.paths[each.photo_id]
    return result
