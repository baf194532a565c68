"""Imports from another program: read its catalogue, recognise the photos, plan one operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from safelight.core.errors import UsageError
from safelight.core.jobs import JobControl, Phase, Progress
from safelight.core.user_paths import exists, expanded
from safelight.services.migration.matching import Matcher
from safelight.services.migration.planning import Plan, planned
from safelight.services.migration.record import Record
from safelight.services.migration.source import Reading, Source, SourceError
from safelight.services.migration.sources import SOURCES
from safelight.store import known_files, photos
from safelight.store.library import LibraryStore

MOST_RECORDS = 5_000_000

READING, RECOGNISING = "Reading", "Recognising photos"


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
    count = 0

    def read_one() -> None:
        on_progress(Progress(Phase.PROCESSING, count, 0, activity=READING))

    reading = Reading(control, on_step=read_one)
    records: list[Record] = []
    for record in chosen.read(path, reading):
        records.append(record)
        count += 1
        reading.step()
        if count > MOST_RECORDS:
            raise SourceError(
                "{path} has more than {limit:,} photos; it cannot be imported at once.",
                path=path,
                limit=MOST_RECORDS,
            )
    steps = 0

    def recognised_one() -> None:
        nonlocal steps
        steps += 1
        done = min(steps, len(records))
        on_progress(Progress(Phase.PROCESSING, done, len(records), activity=RECOGNISING))

    def by_content(digest: bytes) -> int | None:
        with store.read() as db:
            return photos.find_by_content(db, digest)

    # Comparing contents may take long, so that no transaction is open meanwhile.
    with store.read() as db:
        matcher = Matcher(
            known_files.all_files(db),
            by_content,
            mappings=mappings,
            control=control,
            on_step=recognised_one,
        )
    result = matcher.match(records)
    with store.read() as db:
        return planned(db, chosen.program, records, result, reading)
