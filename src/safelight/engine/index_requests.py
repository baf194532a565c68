"""``safelight index`` beside a window: the running engine adds and scans the folders."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import count
from pathlib import Path
from typing import Any

from safelight.core.errors import SafelightError, UsageError
from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.core.operations import AddFolder, Operation, Outcome
from safelight.engine.local_socket import EngineAbsentError, ask
from safelight.services.indexing.indexer import IndexReport
from safelight.services.indexing.live import LiveIndexer
from safelight.store import files, folders, skipped_videos, unlisted
from safelight.store.library import LibraryStore

Json = Any

_LOOK_SECONDS = 1.0
"""How long one look at an unfinished request waits. Progress is shown that often."""

_ADD_SECONDS, _ANSWER_SECONDS = 600.0, 610.0
"""How long adding a folder may take, which waits for the end of an index run, and any answer."""


@dataclass(slots=True)
class _Running:
    """A request that is not finished, and what index runs did since it came."""

    folder_ids: list[int]
    begun: float
    looked_at: float
    """Monotonic, as ``begun``."""
    runs: int = 0
    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    last: IndexReport | None = None


@dataclass(slots=True)
class IndexRequests:
    """Answers on the threads of the local socket."""

    store: LibraryStore
    live: LiveIndexer
    write: Callable[[Operation[Outcome]], Future[Outcome]]
    _running: dict[int, _Running] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _progress: Progress = field(default_factory=lambda: Progress(Phase.IDLE))

    def note_progress(self, progress: Progress) -> None:
        """Called by the indexer."""
        self._progress = progress

    def note_report(self, report: IndexReport) -> None:
        """Called by the indexer after each run. A run scans for all requests at once."""
        with self._lock:
            for running in self._running.values():
                running.runs += 1
                running.added += report.added
                running.updated += report.updated
                running.moved += report.moved
                running.removed += report.removed
                running.last = report

    def begin(self, paths: list[str], *, confirmed: bool) -> Json:
        """Scan these folders, which are added if they are new, or all. Returns the number of the request.

        With ``confirmed``, files that are missing are forgotten without a question. Raises SafelightError.
        """
        now = time.monotonic()
        running = _Running([], now, now)
        with self._lock:
            for left in [n for n, each in self._running.items() if now - each.looked_at > _ADD_SECONDS]:
                del self._running[left]  # its command was ended
            number = next(self._numbers)
            self._running[number] = running
        try:
            for path in paths:
                self.write(AddFolder(path)).result(_ADD_SECONDS)
            with self.store.read() as db:
                running.folder_ids = (
                    [folders.covering(db, os.fsencode(path)) for path in paths]
                    if paths
                    else [folder.id for folder in folders.all_folders(db)]
                )
            if not running.folder_ids:
                raise UsageError("There is no folder in the library yet. Name one: safelight index FOLDER")
        except BaseException as error:
            del self._running[number]
            if isinstance(error, TimeoutError):
                raise SafelightError("The engine is busy; try again.") from None
            raise
        for folder_id in running.folder_ids if confirmed else ():
            self.live.confirm_removals(folder_id)
        self.live.scan(tuple(running.folder_ids))
        return {"number": number}

    def look(self, number: int) -> Json:
        """The progress of a request, or its report if it is finished, which ends it."""
        with self._lock:
            running = self._running.get(number)
        if running is None:
            raise ValueError("no such request")
        running.looked_at = time.monotonic()
        if not self.live.wait_until_idle(_LOOK_SECONDS):
            progress = self._progress
            return {
                "progress": {
                    **asdict(replace(progress, reason=None, activity=None)),
                    "activity": None if progress.activity is None else str(progress.activity),
                }
            }
        with self._lock:
            self._running.pop(number, None)
        return {"report": self._report(running)}

    def _report(self, running: _Running) -> Json:
        if running.last is None:
            return None
        with self.store.read() as db:
            failed = files.failed_count(db, running.folder_ids)
            not_listed = unlisted.count(db, running.folder_ids)
            left_out = skipped_videos.count(db, running.folder_ids)
        seconds = time.monotonic() - running.begun
        read = running.added + running.updated
        return asdict(
            replace(
                running.last,
                added=running.added,
                updated=running.updated,
                moved=running.moved,
                removed=running.removed,
                failed=failed,
                unlisted=not_listed,
                skipped_videos=left_out,
                seconds=round(seconds, 3),
                images_per_second=round(read / seconds, 1) if seconds else 0.0,
            )
        )


def index_by_engine(
    library: Path, paths: list[str], on_progress: Callable[[Progress], None], *, confirmed: bool
) -> IndexReport:
    """Let the engine of an open window index, and wait until it is done.

    Raises EngineAbsentError if there is no engine, SafelightError if it refuses, ends or is cancelled.
    """
    begun = ask(library, {"ask": "index", "paths": paths, "confirmed": confirmed}, _ANSWER_SECONDS)
    request = {"ask": "indexing", "number": begun["number"]}
    while True:
        try:
            answer = ask(library, request, _ANSWER_SECONDS)
        except EngineAbsentError:
            raise SafelightError(
                "The window was closed before it had indexed the folders. Run the command again."
            ) from None
        if "progress" not in answer:
            break
        on_progress(_read_progress(answer["progress"]))
    if answer["report"] is None:
        raise SafelightError("Indexing was cancelled or has failed; the window says why.")
    return IndexReport(**{each.name: answer["report"][each.name] for each in fields(IndexReport)})


def _read_progress(data: Mapping[str, Json]) -> Progress:
    activity = data["activity"]
    return Progress(
        Phase(data["phase"]),
        data["done"],
        data["total"],
        data["failed"],
        data["rate"],
        activity=None if activity is None else Message("{text}", text=activity),
    )
